"""`yicha database status|start|stop`: the embedded PostgreSQL."""

from __future__ import annotations

import argparse
from pathlib import Path


def register(sub: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = sub.add_parser(
        "database",
        help="show, start or stop the embedded PostgreSQL",
        description="The embedded PostgreSQL starts by itself when a command needs it and stops with the last "
        "command that used it. `start` makes it stay until `stop`.",
    )
    actions = parser.add_subparsers(title="actions", metavar="ACTION", required=True)
    actions.add_parser("status", help="whether it runs, and where its files are").set_defaults(run=status)
    actions.add_parser("start", help="start it and let it stay").set_defaults(run=start)
    stopping = actions.add_parser("stop", help="stop it")
    stopping.add_argument("--now", action="store_true", help="even while other processes use it")
    stopping.set_defaults(run=stop)


def status(args: argparse.Namespace) -> int:
    from django.conf import settings

    from yicha.base.database import queries

    if settings.YICHA.database is not None:
        print("DATABASE_URL is set: the embedded PostgreSQL is not used.")
        return 0
    found = queries.get_status(queries.get_location(settings.YICHA.var))
    print(f"running: {'yes, process ' + str(found.pid) if found.running else 'no'}")
    print(f"version: {found.version}")
    print(f"data:    {found.location.data}")
    print(f"log:     {found.location.log}")
    print(f"socket:  {found.location.socket}")
    print(f"user:    {found.location.run_as.name}")
    return 0


def start(args: argparse.Namespace) -> int:
    from yicha.base.database import services

    var = _var()
    services.ensure_running(var)
    services.stay(var)
    services.release(var)
    print("The database runs and stays until `yicha database stop`.")
    return 0


def stop(args: argparse.Namespace) -> int:
    from yicha.base.database import services

    print("Stopped." if services.stop(_var(), now=args.now) else "It was not running.")
    return 0


def _var() -> Path:
    from django.conf import settings

    from yicha.kernel.refusal import Reason, Refused

    if settings.YICHA.database is not None:
        sentence = "DATABASE_URL is set: the embedded PostgreSQL is not used."
        raise Refused([Reason("database.external", sentence, "docs/guide/run.md")])
    return Path(settings.YICHA.var)
