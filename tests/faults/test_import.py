"""A process that is killed while it applies an import leaves all of it or nothing, and the next one can go on."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from django.db import connection

from yicha.ingest.exchange import queries, services
from yicha.ingest.exchange.models import Import, ImportProgress
from yicha.ingest.exchange.tests.files import NOW, check, code, put, row, text
from yicha.know.registry.models import Enterprise

SCRIPT = """
import os, sys, time
from datetime import datetime
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "yicha.site.settings")
from django.conf import settings
settings.DATABASES["default"]["NAME"] = sys.argv[1]
import django
django.setup()
from yicha.ingest.exchange import queries, services
from yicha.ingest.exchange.services import applying
from yicha.kernel import clock
from uuid import UUID

def wait(*args):
    print("waiting", flush=True)
    time.sleep(60)

if sys.argv[3]:
    setattr(applying, sys.argv[3], wait)
services.apply(queries.find_import(UUID(sys.argv[2])), actor="test", now=clock.now())
print("waiting", flush=True)
time.sleep(60)
"""


@pytest.fixture
def entry(places_of_the_cast: None, tmp_path: Path) -> Import:
    entry: Import = check(put(tmp_path, text([row(number) for number in range(11, 61)])))
    return entry


@pytest.fixture
def places_of_the_cast(transactional_db: None, django_db_serialized_rollback: None) -> None:
    from tests.cast import places

    places()


def kill_when_it_waits(entry: Import, at: str) -> None:
    name = str(connection.settings_dict["NAME"])
    with subprocess.Popen(
        [sys.executable, "-c", SCRIPT, name, str(entry.uuid), at],
        stdout=subprocess.PIPE,
        env=os.environ.copy(),
    ) as process:
        try:
            assert process.stdout is not None
            assert process.stdout.readline() == b"waiting\n"
        finally:
            process.send_signal(signal.SIGKILL)
            process.wait(timeout=30)
    eventually(lambda: not others_are_at_work())


def others_are_at_work() -> bool:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() "
            "AND xact_start IS NOT NULL AND backend_type = 'client backend'"
        )
        return bool(cursor.fetchone()[0])


def eventually(holds: Callable[[], bool]) -> None:
    for _ in range(1200):
        if holds():
            return
        time.sleep(0.1)
    raise AssertionError("it did not come about within two minutes")


@pytest.mark.parametrize("at", ["_insert", "_remember", "drop_staging", "_record"])
def test_killed_before_the_end_it_leaves_nothing_and_can_be_applied_again(entry: Import, at: str) -> None:
    kill_when_it_waits(entry, at)
    entry.refresh_from_db()
    assert (entry.state, Enterprise.objects.count()) == ("checked", 0)
    assert queries.has_staging(entry)
    assert services.apply(entry, actor="test", now=NOW).rows_new == 50
    assert Enterprise.objects.count() == 50


def test_killed_after_the_end_it_leaves_all(entry: Import) -> None:
    kill_when_it_waits(entry, "")
    entry.refresh_from_db()
    assert (entry.state, Enterprise.objects.count()) == ("applied", 50)
    assert services.undo(entry, actor="test", now=NOW).state == "undone"


def test_a_job_tells_how_far_it_is_and_why_it_failed(entry: Import) -> None:
    from yicha.ingest.exchange import jobs

    ImportProgress.objects.create(source=entry, act="apply")
    Enterprise.objects.create(uscc=code(11), name="先来", kind="company")
    jobs.apply_import(str(entry.uuid), "test")
    progress = queries.find_progress(entry)
    assert progress is not None and progress.act == ""
    assert [reason.code for reason in queries.failure_of(progress)] == ["import.check-again"]
    Enterprise.objects.all().delete()
    jobs.apply_import(str(entry.uuid), "test")
    entry.refresh_from_db()
    progress.refresh_from_db()
    assert (entry.state, progress.failure, progress.share) == ("applied", [], 1.0)
    jobs.undo_import(str(entry.uuid), "test")
    entry.refresh_from_db()
    assert entry.state == "undone"


def test_an_order_becomes_a_job_and_is_refused_out_of_turn(entry: Import) -> None:
    from procrastinate.contrib.django.models import ProcrastinateJob

    from yicha.kernel.refusal import Refused

    services.order(entry, "apply", actor="test", now=NOW)
    job = ProcrastinateJob.objects.get()
    assert (job.task_name, job.args) == ("exchange.apply", {"uuid": str(entry.uuid), "actor": "test"})
    with pytest.raises(Refused):
        services.order(entry, "undo", actor="test", now=NOW)
