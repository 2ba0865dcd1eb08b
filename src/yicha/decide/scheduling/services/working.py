"""Whoever makes a calendar holds a lock on it while the process lives: so others see when it has died."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from uuid import UUID

from django.db import connection, transaction

from yicha.decide.scheduling.models import Schedule
from yicha.decide.scheduling.rules import life
from yicha.decide.scheduling.rules.life import SCHEDULE_LIFE
from yicha.decide.scheduling.terms import ScheduleState
from yicha.kernel.refusal import Reason

DIED = Reason(
    life.DIED,
    "The process that made this calendar ended before it was complete. Nothing was changed; have it made again.",
)
BEGUN = "facts"
"""The phase of a calendar that a worker has taken up: from then on its lock is held, or it is dead."""


@contextmanager
def at_work(uuid: UUID) -> Iterator[bool]:
    """Be the one who makes a calendar, until the block ends; False: somebody else is at it."""
    key = _key(uuid)
    alone = _ask("SELECT pg_try_advisory_lock(hashtextextended(%s, 0))", key)
    try:
        yield alone
    finally:
        if alone:
            _ask("SELECT pg_advisory_unlock(hashtextextended(%s, 0))", key)


def bury(now: datetime) -> int:
    """Refuse the calendars whose maker has died, so that others can be asked for; how many."""
    making = [ScheduleState.RUNNING.value, ScheduleState.STOPPING.value]
    found = Schedule.objects.filter(state__in=making).exclude(phase="").order_by("pk")
    return sum(_bury(row, now) for row in found)


@transaction.atomic
def _bury(candidate: Schedule, now: datetime) -> bool:
    if not _ask("SELECT pg_try_advisory_xact_lock(hashtextextended(%s, 0))", _key(candidate.uuid)):
        return False
    row = Schedule.objects.select_for_update(of=("self",)).get(pk=candidate.pk)
    if row.state not in (ScheduleState.RUNNING, ScheduleState.STOPPING):
        return False
    row.state = SCHEDULE_LIFE.after(ScheduleState(row.state), "refuse").value
    row.reasons, row.ended_at = [{"code": DIED.code, "sentence": DIED.sentence}], now
    row.save(update_fields=["state", "reasons", "ended_at"])
    return True


def _key(uuid: UUID) -> str:
    return f"scheduling.schedule {uuid}"


def _ask(sql: str, key: str) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(sql, [key])
        return bool(cursor.fetchone()[0])
