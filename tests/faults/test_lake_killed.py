"""`kill -9` in the middle of a snapshot: no READY row, and the next one removes what was left."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from django.conf import settings
from django.db import connection

from yicha.base.lake.models import Snapshot
from yicha.base.lake.services.tidying import DIED
from yicha.base.lake.terms import SnapshotState
from yicha.base.lake.tests.factories import drop_tables, make_tables, take

SECONDS = 120
LOCK = 20221
TAKER = """
import django
django.setup()
from django.conf import settings
settings.DATABASES["default"]["NAME"] = "{database}"
from dataclasses import replace
from pathlib import Path
from yicha.base.lake.terms import Place
from yicha.base.lake.terms import TableSpec
settings.YICHA = replace(settings.YICHA, lake=Place(Path("{lake}")))
from yicha.base.lake.tests.factories import FIRMS, NOTES, take
waits = NOTES.statement.replace("WHERE", "WHERE (firm < 5000 OR pg_advisory_xact_lock({lock}) IS NOT NULL) AND")
take(tables=[FIRMS, TableSpec("notes", NOTES.columns, waits)])
"""


@pytest.fixture
def tables(transactional_db: None) -> Iterator[None]:
    make_tables(kind="")
    yield
    drop_tables()


def test_a_killed_taker_leaves_nothing_that_looks_complete(tables: None, tmp_path: Path) -> None:
    root: Path = settings.YICHA.lake.folder
    script = TAKER.format(database=connection.settings_dict["NAME"], lake=root, lock=LOCK)
    with psycopg.connect(**connection.get_connection_params(), autocommit=True) as holder:
        holder.execute("SELECT pg_advisory_lock(%s)", [LOCK])
        taker = subprocess.Popen(
            [sys.executable, "-c", script],
            env={**os.environ, "DJANGO_SETTINGS_MODULE": "yicha.site.settings"},
        )
        try:
            wait_for_parts(root, taker)
        finally:
            os.kill(taker.pid, signal.SIGKILL)
            taker.wait()
    dead = Snapshot.objects.get()
    assert dead.state == SnapshotState.TAKING and dead.manifest == {}
    wait_for_backends()
    after = take()
    dead.refresh_from_db()
    assert (dead.state, dead.failure) == (SnapshotState.FAILED, DIED)
    assert not (root / dead.place).exists()
    assert after.state == SnapshotState.READY


def wait_for_parts(root: Path, taker: subprocess.Popen[bytes]) -> None:
    """Some files are there, and one part is held up."""
    until = time.monotonic() + SECONDS
    while time.monotonic() < until:
        assert taker.poll() is None, "It ended before it could be killed."
        if (
            Snapshot.objects.exists()
            and list((root / Snapshot.objects.get().place).rglob("*.parquet"))
            and waiting()
        ):
            return
        time.sleep(0.05)
    raise AssertionError("It never came to the part that waits.")


def waiting() -> bool:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT EXISTS (SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND objid = %s AND NOT granted)",
            [LOCK],
        )
        return bool(cursor.fetchone()[0])


def wait_for_backends() -> None:
    """PostgreSQL notices that a client is gone when it next speaks to it."""
    until = time.monotonic() + SECONDS
    with connection.cursor() as cursor:
        while time.monotonic() < until:
            cursor.execute(
                "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() "
                "AND pid <> pg_backend_pid() AND state <> 'idle'"
            )
            if cursor.fetchone()[0] == 0:
                return
            time.sleep(0.05)
    raise AssertionError("The connections of the killed process are still there.")
