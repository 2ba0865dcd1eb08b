"""`yicha demo`: a zone of three districts, one whole supervision round, and the product that shows it."""

from __future__ import annotations

import argparse
from pathlib import Path


def register(sub: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = sub.add_parser(
        "demo",
        help="make a zone with synthetic enterprises, run one round, and serve it",
        description="Makes a zone of three districts (synthetic, 模拟数据), runs one quarter's round from plans to "
        "published results, prints what happened, and serves it. A demonstration that is there already is served "
        "as it is, unless an option asks for another one. A database with anything else in it is left alone.",
    )
    parser.add_argument(
        "--enterprises", type=_count, metavar="N", help="how many synthetic enterprises (23000)"
    )
    parser.add_argument("--seed", type=int, metavar="S", help="the same seed makes the same zone (1)")
    parser.add_argument("--input", type=Path, metavar="FILE", help="a table of real enterprises instead")
    parser.add_argument(
        "--out", type=Path, metavar="DIR", help="write the public files of every draw to DIR/draws/"
    )
    parser.add_argument("--fresh", action="store_true", help="make the demonstration anew in any case")
    parser.add_argument("--no-serve", action="store_true", help="end when the round is done")
    parser.set_defaults(run=run, needs_database=True)


def _count(text: str) -> int:
    number = int(text)
    if not 1 <= number <= 1_000_000:
        raise argparse.ArgumentTypeError("from 1 to 1000000")
    return number


def run(args: argparse.Namespace) -> int:
    from yicha.doors.cli.demo import demonstration

    demonstration.show(
        demonstration.Wish(
            enterprises=args.enterprises, seed=args.seed, given=args.input, fresh=args.fresh, out=args.out
        )
    )
    if args.no_serve:
        return 0
    from yicha.doors.cli.commands import serve

    return serve.run(argparse.Namespace())
