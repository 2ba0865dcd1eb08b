"""`yicha`: finds the commands in `commands/`, readies what they need, and turns refusals into sentences.

A command file declares `register(sub)`: it adds a parser and calls
`parser.set_defaults(run=run)`, and if it needs the database also `needs_database=True`.
`run(args)` returns the exit code: 0 done, 1 refused or failed. Wrong usage is 2.
"""

from __future__ import annotations

import argparse
import os
import pkgutil
import sys
from collections.abc import Sequence
from importlib import import_module

from yicha.doors.cli import commands
from yicha.kernel.refusal import NotFound, Refused


def build_parser() -> argparse.ArgumentParser:
    """The parser with every command that stands in `commands/`."""
    parser = argparse.ArgumentParser(
        prog="yicha",
        description="One gate, one visit, one record: supervision of enterprises across departments and regions.",
        epilog="Exit code: 0 done, 1 refused or failed, 2 wrong usage.",
    )
    sub = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    for module in sorted(pkgutil.iter_modules(commands.__path__), key=lambda module: module.name):
        import_module(f"{commands.__name__}.{module.name}").register(sub)
    return parser


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit code."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "yicha.site.settings")
    args = build_parser().parse_args(argv)
    try:
        return _run(args)
    except Refused as refused:
        for reason in refused.reasons:
            print(reason, file=sys.stderr)
    except NotFound as missing:
        print(missing or "There is no such thing, or it is not yours.", file=sys.stderr)
    except KeyboardInterrupt:
        print("Interrupted.", file=sys.stderr)
        return 130
    return 1


def _run(args: argparse.Namespace) -> int:
    if not getattr(args, "needs_database", False):
        return int(args.run(args))
    from django.conf import settings

    from yicha.base.database import services

    if settings.YICHA.database is None:
        services.ensure_running(settings.YICHA.var)
    else:
        services.require_usable(settings.YICHA.database)
    import django

    django.setup()
    try:
        return int(args.run(args))
    finally:
        from django.db import connections

        connections.close_all()
        services.release(settings.YICHA.var)


if __name__ == "__main__":
    raise SystemExit(main())
