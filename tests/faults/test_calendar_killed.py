"""`kill -9` while a calendar is made or kept: what was said to be kept is kept, all else is as it was before."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import connection

from tests.cast import NOW
from tests.faults.test_import import eventually, others_are_at_work
from yicha.base.ledger.models import Entry
from yicha.decide.planning.models import Demand, Round
from yicha.decide.scheduling import queries, services
from yicha.decide.scheduling.models import Answer, Schedule
from yicha.decide.scheduling.terms import ScheduleState
from yicha.decide.scheduling.tests import stage
from yicha.kernel.refusal import Refused
from yicha.know.registry.models import Officer
from yicha.know.visits.models import Contact

pytestmark = pytest.mark.slow

SCRIPT = """
import os, sys, time
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "yicha.site.settings")
from django.conf import settings
settings.DATABASES["default"]["NAME"] = sys.argv[1]
import django
django.setup()
from tests.cast import NOW
from yicha.decide.scheduling import queries, services
from yicha.decide.scheduling.services import keeping, running

def wait(*args, **more):
    print("waiting", flush=True)
    time.sleep(60)

act, at = sys.argv[3], sys.argv[4]
schedule = queries.get_schedule(sys.argv[2])
if at:
    setattr({"keep": keeping, "run": running}[act], at, wait)
if act == "keep":
    kept = services.keep(actor="office", now=NOW, schedule=schedule)
    print("kept", kept.moved, flush=True)
else:
    services.run_schedule(schedule=schedule, now=NOW)
time.sleep(60)
"""


@pytest.fixture
def round_(
    transactional_db: None, django_db_serialized_rollback: None, request: pytest.FixtureRequest
) -> Round:
    """A matched round; the fire brigade of one region is competent for nothing, so that some visits have no place."""
    request.getfixturevalue("cast")
    found = stage.matched_round()
    Officer.objects.filter(certificate__in=["D-0001", "D-0002"]).update(competences=["fire-99"])
    return found


@contextmanager
def killed_at_end(schedule: Schedule, act: str, at: str = "") -> Iterator[str]:
    """What a process says first that keeps or makes a calendar; it is killed at the end of the block."""
    name = str(connection.settings_dict["NAME"])
    with subprocess.Popen(
        [sys.executable, "-c", SCRIPT, name, str(schedule.uuid), act, at],
        stdout=subprocess.PIPE,
        text=True,
        env=os.environ.copy(),
    ) as process:
        try:
            assert process.stdout is not None
            yield process.stdout.readline()
        finally:
            process.send_signal(signal.SIGKILL)
            process.wait(timeout=30)
    eventually(lambda: not others_are_at_work())


def everything() -> dict[str, list[Any]]:
    """What keeping writes."""
    return {
        "visits": list(
            Contact.objects.order_by("pk").values_list("pk", "state", "planned_on", "planned_part")
        ),
        "demands": list(Demand.objects.order_by("pk").values_list("pk", "state", "contact")),
        "answers": list(Answer.objects.order_by("pk").values_list("contact", "agency", "state")),
        "calendars": list(Schedule.objects.order_by("pk").values_list("number", "state")),
        "acts": list(Entry.objects.order_by("seq").values_list("act", "subject")),
    }


def test_killed_while_it_keeps_it_leaves_nothing_and_killed_after_it_leaves_all(round_: Round) -> None:
    schedule = stage.proposed(round_)
    before = everything()
    for at in ("keep_splits", "supersede", "ask_answers", "_append"):
        with killed_at_end(schedule, "keep", at) as said:
            assert said == "waiting\n"
        assert everything() == before, at
    with killed_at_end(schedule, "keep") as said:
        word, moved = said.split()
    assert word == "kept"
    placed = Contact.objects.filter(state="planned").exclude(planned_part="")
    assert placed.count() == int(moved) == schedule.placements.filter(day__isnull=False).count() > 0
    assert queries.get_schedule(str(schedule.uuid)).state == ScheduleState.KEPT
    assert Entry.objects.filter(act="visit.rescheduled").count() == int(moved)
    assert Answer.objects.exists() and Demand.objects.filter(state="waiting", contact=None).exists()
    assert Entry.objects.order_by("-seq").values_list("act", flat=True)[0] == "schedule.kept"


def test_a_maker_that_is_killed_is_found_and_another_calendar_can_be_asked_for(round_: Round) -> None:
    schedule = services.ask_schedule(actor="office", now=NOW, round_=round_)
    with killed_at_end(schedule, "run", "solve") as said:
        assert said == "waiting\n"
        assert services.bury(NOW) == 0, "it is alive"
        with pytest.raises(Refused) as caught:
            services.ask_schedule(actor="office", now=NOW, round_=round_)
        assert caught.value.codes == ("schedule.running",)
        beside = services.run_schedule(schedule=queries.get_schedule(str(schedule.uuid)), now=NOW)
        assert beside.state == ScheduleState.RUNNING, "nobody makes it twice at a time"
    assert queries.get_schedule(str(schedule.uuid)).state == ScheduleState.RUNNING
    again = services.ask_schedule(actor="office", now=NOW, round_=round_)
    dead = queries.get_schedule(str(schedule.uuid))
    assert (dead.state, [reason.code for reason in dead.reason_list]) == ("refused", ["schedule.died"])
    assert not dead.placements.exists()
    assert stage.made(again).state == ScheduleState.PROPOSED
    assert services.bury(NOW) == 0
