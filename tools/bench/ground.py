"""A database of its own for a benchmark, so that it neither finds nor leaves anything."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout

from tools.bench import Bench

BENCHES: dict[str, Bench] = {}


@contextmanager
def empty_database() -> Iterator[None]:
    """An empty, migrated database inside; dropped at the end, whatever happens. Sets Django up."""
    import django
    from django.conf import settings

    from yicha.base.database import services

    if settings.YICHA.database is None:
        services.ensure_running(settings.YICHA.var)
    try:
        django.setup()
        from django.db import connection

        name = connection.settings_dict["NAME"]
        connection.settings_dict["TEST"]["NAME"] = f"bench_{name}"
        with redirect_stdout(io.StringIO()):  # it says that the cache's table is there already
            connection.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)
        try:
            yield
        finally:
            connection.creation.destroy_test_db(name, verbosity=0)
            connection.close()
            connection.close_pool()  # type: ignore[attr-defined]
    finally:
        services.release(settings.YICHA.var)
