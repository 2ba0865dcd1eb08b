"""Readies the database for a command: starts it, brings its tables up to date, lets go of it at the end."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings

from yicha.base.database import services
from yicha.kernel.refusal import Reason, Refused

_MIGRATING = 0x59494348
"""Names the lock under which tables are changed, so that two processes do not do it at once."""


@contextmanager
def database(*, up_to_date: bool = True) -> Iterator[None]:
    """The database runs inside; with `up_to_date` its tables are those of this version of the product.

    The embedded one is migrated here; somebody else's is not touched, and refused if it is behind.
    """
    import django
    from django.db import connections

    own = settings.YICHA.database is None
    if settings.YICHA.database is None:
        services.ensure_running(settings.YICHA.var)
    else:
        services.require_usable(settings.YICHA.database)
    try:
        django.setup()
        if up_to_date:
            _bring_up_to_date(own)
        yield
    finally:
        for connection in connections.all(initialized_only=True):
            connection.close()
            connection.close_pool()  # type: ignore[attr-defined]  # PostgreSQL's has one
        services.release(settings.YICHA.var)


def _bring_up_to_date(own: bool) -> None:
    from django.core.management import call_command
    from django.db import connection

    if not is_behind():
        return
    if not own:
        raise Refused(
            [
                Reason(
                    "database.behind",
                    "The tables of the database are older than this version: run “yicha manage migrate”.",
                    "docs/guide/run.md",
                )
            ]
        )
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", [_MIGRATING])
        try:
            if is_behind():
                call_command("migrate", verbosity=0, interactive=False)
        finally:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [_MIGRATING])


def is_behind() -> bool:
    """Whether there are migrations that the database has not seen."""
    from django.db import connection
    from django.db.migrations.executor import MigrationExecutor

    executor = MigrationExecutor(connection)
    return bool(executor.migration_plan(executor.loader.graph.leaf_nodes()))
