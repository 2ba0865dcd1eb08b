"""One embedded PostgreSQL for the whole run of tests; workers of pytest-xdist share it (see base/database)."""

from __future__ import annotations

from collections.abc import Iterator

import pgtrigger
import pytest
from django.conf import settings
from django.db.backends.postgresql.operations import DatabaseOperations
from pytest_django.fixtures import Settings

from yicha.base.database import services


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


@pytest.fixture(scope="session", autouse=True)
def _a_test_with_a_server_leaves_the_tables_as_they_were_made() -> Iterator[None]:
    """Such a test ends by emptying every table: triggers forbid that, as they should, and rows of migrations go.

    So triggers are not asked there, and what the migrations wrote is written again.
    """
    empty = DatabaseOperations.execute_sql_flush

    def emptied(operations: DatabaseOperations, sql_list: list[str]) -> None:
        with pgtrigger.ignore():
            empty(operations, sql_list)
            connection = operations.connection
            connection.creation.deserialize_db_from_string(connection._test_serialized_contents)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(DatabaseOperations, "execute_sql_flush", emptied)
        yield


def pytest_unconfigure(config: pytest.Config) -> None:
    """Let go of it: who leaves last stops it."""
    services.release(settings.YICHA.var)


pytest_plugins = ["tests.cast", "tests.browser"]
