"""One embedded PostgreSQL for the whole run of tests; workers of pytest-xdist share it (see base/database)."""

from __future__ import annotations

import pytest
from django.conf import settings

from yicha.base.database import services


def pytest_configure(config: pytest.Config) -> None:
    """Start the database, unless DATABASE_URL names another; hold it until this process has finished."""
    if settings.YICHA.database is None:
        services.ensure_running(settings.YICHA.var)
    else:
        services.require_usable(settings.YICHA.database)


def pytest_unconfigure(config: pytest.Config) -> None:
    """Let go of it: who leaves last stops it."""
    services.release(settings.YICHA.var)


pytest_plugins = ["tests.cast"]
