"""One embedded PostgreSQL for the whole run of tests; workers of pytest-xdist share it (see base/database)."""

from __future__ import annotations

from collections.abc import Iterator

import pgtrigger
import pytest
from django.conf import settings
from django.db import connection
from django.db.backends.postgresql.operations import DatabaseOperations
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings
from pytest_django import DjangoDbBlocker
from pytest_django.fixtures import Settings

from yicha.base.database import services

# Machines are shared: how long an example takes decides nothing.
hypothesis_settings.register_profile("yicha", deadline=None, suppress_health_check=[HealthCheck.too_slow])
hypothesis_settings.load_profile("yicha")


def pytest_configure(config: pytest.Config) -> None:
    """Start the database, unless DATABASE_URL names another; hold it until this process has finished."""
    if settings.YICHA.database is None:
        services.ensure_running(settings.YICHA.var)
    else:
        services.require_usable(settings.YICHA.database)


@pytest.fixture(autouse=True)
def _quick_passwords(settings: Settings) -> None:
    """Hashing a password well takes a third of a second, on purpose; the cast has six."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """After pytest-django's own: a test with a server leaves the tables as the migrations made them.

    Such a test ends by emptying every table: triggers forbid that, as they should, and rows of migrations go.
    So triggers are not asked there, and those rows are written again.
    """
    empty = DatabaseOperations.execute_sql_flush
    with django_db_blocker.unblock():
        made = connection.creation.serialize_db_to_string()

    def emptied(operations: DatabaseOperations, sql_list: list[str]) -> None:
        with pgtrigger.ignore():
            empty(operations, sql_list)
            operations.connection.creation.deserialize_db_from_string(made)
        with (
            operations.connection.cursor() as cursor
        ):  # no trigger has told who keeps reference tables in memory
            cursor.execute("UPDATE yicha_stamp SET version = gen_random_uuid()")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(DatabaseOperations, "execute_sql_flush", emptied)
        yield
    with django_db_blocker.unblock(), connection.cursor() as cursor:
        # Threads of servers and browsers may still hold a session; a database in use cannot be dropped.
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'"
        )


def pytest_unconfigure(config: pytest.Config) -> None:
    """Let go of it: who leaves last stops it."""
    services.release(settings.YICHA.var)


pytest_plugins = ["tests.cast", "tests.browser", "tests.lake"]
