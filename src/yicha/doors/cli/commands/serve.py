"""`yicha serve`: the web server and the worker of long jobs, minded by one process."""

from __future__ import annotations

import argparse
import os


def register(sub: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = sub.add_parser(
        "serve",
        help="serve the product, and run its long jobs",
        description="Serves the product and runs its long jobs until it is stopped (Ctrl-C, or SIGTERM).",
    )
    parser.add_argument("--host", default="127.0.0.1", help="the address to listen on (127.0.0.1)")
    parser.add_argument("--port", type=_port, default=8000, help="the port to listen on (8000)")
    parser.add_argument(
        "--workers",
        type=_workers,
        default=None,
        help="processes that answer requests (one per processor, at most 8)",
    )
    parser.set_defaults(run=run, needs_database=True)


def run(args: argparse.Namespace) -> int:
    """Serve until a signal; `host`, `port` and `workers` may be missing in `args`."""
    from yicha.doors.cli import serving

    return serving.serve(
        host=getattr(args, "host", "127.0.0.1"),
        port=getattr(args, "port", 8000),
        workers=getattr(args, "workers", None) or min(8, len(os.sched_getaffinity(0))),
    )


def _port(text: str) -> int:
    if not (text.isascii() and text.isdigit() and 1 <= int(text) <= 65535):
        raise argparse.ArgumentTypeError("a port is a number from 1 to 65535")
    return int(text)


def _workers(text: str) -> int:
    if not (text.isascii() and text.isdigit() and 1 <= int(text) <= 64):
        raise argparse.ArgumentTypeError("a number from 1 to 64")
    return int(text)
