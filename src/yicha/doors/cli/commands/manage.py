"""`yicha manage …`: Django's own commands."""

from __future__ import annotations

import argparse


def register(sub: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = sub.add_parser(
        "manage", help="run a command of Django (`yicha manage help` lists them)", add_help=False
    )
    parser.add_argument("arguments", nargs=argparse.REMAINDER)
    parser.set_defaults(run=run, needs_database=True, up_to_date=False)


def run(args: argparse.Namespace) -> int:
    from django.core.management import ManagementUtility

    ManagementUtility(["yicha manage", *(args.arguments or ["help"])]).execute()
    return 0
