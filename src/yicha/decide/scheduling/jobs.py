"""Jobs of calendars, found by procrastinate."""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta
from uuid import UUID

from django.db import transaction
from procrastinate.contrib.django import app
from procrastinate.exceptions import AlreadyEnqueued

from yicha.decide.scheduling import queries, services
from yicha.decide.scheduling.services.answers import settle_silence
from yicha.decide.scheduling.terms import ScheduleState
from yicha.kernel import clock

ACTOR = "yicha"
PATIENCE = timedelta(minutes=5)


def start_schedule(uuid: UUID | str) -> None:
    """Hand a calendar that was asked for to a worker; once is enough while it waits."""
    with suppress(AlreadyEnqueued), transaction.atomic():
        make_schedule.configure(queueing_lock=f"scheduling.make {uuid}").defer(uuid=str(uuid))


@app.task(name="scheduling.make", queue="default")
def make_schedule(uuid: str) -> None:
    """Make a calendar that waits, also one that was asked to stop before it began; all others stay as they are."""
    found = queries.find_schedule(uuid)
    if found is not None and found.state in (ScheduleState.QUEUED, ScheduleState.STOPPING):
        services.run_schedule(schedule=found, now=clock.now())


@app.periodic(cron="*/5 * * * *")
@app.task(name="scheduling.look_after", queue="default", queueing_lock="scheduling.look_after")
def look_after(timestamp: int) -> None:
    """Every five minutes: refuse calendars whose worker died, hand over those that nobody was told of."""
    now = clock.now()
    services.bury(now)
    for schedule in queries.list_waiting(now - PATIENCE):
        start_schedule(schedule.uuid)


@app.periodic(cron="15 16 * * *")  # UTC: 00:15 in Beijing
@app.task(name="scheduling.turn_day", queue="default", queueing_lock="scheduling.turn_day")
def turn_day(timestamp: int) -> None:
    """Every night: settle the parts of visits that nobody answered in time."""
    settle_silence(actor=ACTOR, now=clock.now())
