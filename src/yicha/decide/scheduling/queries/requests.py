"""Reading what enterprises asked for: another half day for a visit that they were told of."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.db.models import Q, QuerySet

from yicha.decide.scheduling.models import Schedule
from yicha.decide.scheduling.rules import requests as rules
from yicha.decide.scheduling.rules.life import DIED, OVERTAKEN
from yicha.decide.scheduling.terms import ScheduleCause, ScheduleState, Slot, SlotRequest
from yicha.kernel import clock
from yicha.know.registry.terms import DayPart


def _list_asked(contact: Any) -> QuerySet[Schedule]:
    return Schedule.objects.filter(cause=ScheduleCause.WISH.value, params__contact=str(contact.uuid))


def count_slot_requests(contact: Any) -> int:
    """How often another half day was asked for a visit by its enterprise.

    What was overtaken by another calendar, or ended before it was looked at, may be asked for again.
    """
    unseen = Q(state=ScheduleState.REFUSED.value) & (Q(reasons=[]) | Q(reasons__contains=[{"code": DIED}]))
    return _list_asked(contact).exclude(phase=OVERTAKEN).exclude(unseen).count()


def list_slot_requests(contact: Any, today: date) -> list[SlotRequest]:
    """What an enterprise asked for a visit, the latest first, with as much of the answer as it may know."""
    found = []
    for row in _list_asked(contact).order_by("-asked_at"):
        day, part = row.params["slot"]
        outcome = rules.tell(
            ScheduleState(row.state),
            phase=row.phase,
            was_looked_at=any(reason["code"] != DIED for reason in row.reasons),
            ended_on=clock.today(row.ended_at) if row.ended_at else None,
            today=today,
        )
        found.append(SlotRequest(Slot(date.fromisoformat(day), DayPart(part)), outcome))
    return found
