"""One embedded PostgreSQL for the whole run of tests; workers of pytest-xdist share it (see base/database)."""

from __future__ import annotations

import pytest
from django.conf import settings
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


def pytest_unconfigure(config: pytest.Config) -> None:
    """Let go of it: who leaves last stops it."""
    services.release(settings.YICHA.var)


pytest_plugins = ["tests.cast"]
