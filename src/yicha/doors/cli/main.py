"""`yicha`: finds the commands in `commands/`, readies what they need, and turns refusals into sentences.

A command file declares `register(sub)`: it adds a parser and calls `parser.set_defaults(run=run)`, and if it
needs the database also `needs_database=True`: Django is set up and the tables are up to date when `run` is
called. A command imports nothing of Django at the top of its file, so that `yicha --help` is quick.
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
    except KeyboardInterrupt:
        print("Interrupted.", file=sys.stderr)
        return 1
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # the reader has gone: nothing to tell
        return 1
    except Exception as error:
        for sentence in sentences(error):
            print(sentence, file=sys.stderr)
        if os.environ.get("YICHA_DEBUG", "0") not in {"", "0"}:
            raise
        return 1


def sentences(error: Exception) -> list[str]:
    """What is said about an error: every reason of a refusal, else one sentence."""
    if isinstance(error, Refused):
        return [str(reason) for reason in error.reasons]
    if isinstance(error, NotFound):
        return [str(error) or "There is no such thing, or it is not yours."]
    if isinstance(error, OSError) and error.strerror:
        return [f"{error.filename or 'The system'}: {error.strerror}."]
    text = " ".join(str(error).split()) or "no message"
    return [f"Failed: {text} ({type(error).__name__}; set YICHA_DEBUG=1 to see where)."]


def _run(args: argparse.Namespace) -> int:
    if not getattr(args, "needs_database", False):
        return int(args.run(args))
    from yicha.doors.cli import ready

    with ready.database(up_to_date=getattr(args, "up_to_date", True)):
        return int(args.run(args))


if __name__ == "__main__":
    raise SystemExit(main())
