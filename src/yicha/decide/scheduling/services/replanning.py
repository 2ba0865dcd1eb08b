"""What makes a calendar anew after it holds: people are drawn, somebody falls ill, a day is lost, an enterprise asks.

Each yields a calendar that moves as little as possible; a person keeps it.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from yicha.decide.planning import queries as planning_queries
from yicha.decide.scheduling import queries
from yicha.decide.scheduling.models import Schedule
from yicha.decide.scheduling.services.running import ask_schedule
from yicha.decide.scheduling.terms import ScheduleCause, Slot
from yicha.kernel import clock
from yicha.kernel.refusal import Reason, Refused, refuse_if
from yicha.know.catalogue import queries as catalogue
from yicha.know.registry import queries as registry
from yicha.know.registry.terms import DayPart
from yicha.know.visits.terms import ContactState

SLOT_REQUESTS = "slot-requests"


def lose_day(
    *,
    actor: str,
    now: datetime,
    round_: Any,
    day: date,
    because: str,
    part: DayPart | None = None,
    districts: Sequence[str] = (),
) -> Schedule:
    """Nobody goes on a day, or on a half of it, in some districts (codes) or everywhere: its visits move.

    Refused for a day that is over, without a reason, and when no visit stands on the day.
    """
    reasons = []
    if day < clock.today(now):
        reasons.append(
            Reason("schedule.day-over", "%(day)s is over.", facts={"day": day.isoformat()}, at_field="day")
        )
    if not because.strip():
        reasons.append(Reason("schedule.because", "Say why the day is lost.", at_field="because"))
    if not reasons and not queries.count_on_day(round_, day, part, districts):
        reasons.append(
            Reason(
                "schedule.day-empty",
                "No visit of this round stands on %(day)s.",
                facts={"day": day.isoformat()},
                at_field="day",
            )
        )
    refuse_if(reasons)
    params = {
        "lost": day.isoformat(),
        "part": part.value if part else "",
        "districts": sorted(districts),
        "because": because.strip(),
    }
    return ask_schedule(actor=actor, now=now, round_=round_, cause=ScheduleCause.DAY_LOST, params=params)


def officer_absent(*, actor: str, now: datetime, round_: Any, certificate: str) -> Schedule:
    """An officer cannot come, as his absences say: visits that are too few people without him move.

    A visit keeps its day when enough of those who were drawn for it are there. Refused when no visit ahead is his.
    """
    officer = registry.find_officer(certificate)
    if officer is None:
        raise Refused(
            [
                Reason(
                    "schedule.unknown-officer",
                    "Nobody holds the certificate %(certificate)s.",
                    facts={"certificate": certificate},
                )
            ]
        )
    if not queries.count_hit_by_absence(round_, officer, clock.today(now)):
        raise Refused(
            [
                Reason(
                    "schedule.absence-hits-nothing",
                    "No visit of %(name)s in this round lies in his absences.",
                    facts={"name": officer.name},
                )
            ]
        )
    params = {"officer": certificate}
    return ask_schedule(actor=actor, now=now, round_=round_, cause=ScheduleCause.ABSENCE, params=params)


def officers_drawn(*, actor: str, now: datetime, round_: Any, seed: int = 0) -> Schedule:
    """People are drawn: days follow them, as little as possible moves."""
    return ask_schedule(actor=actor, now=now, round_=round_, cause=ScheduleCause.OFFICERS, seed=seed)


def ask_slot(*, actor: str, now: datetime, contact: Any, slot: Slot, because: str) -> Schedule:
    """An enterprise asks for another half day; others may move for it. It may ask as often as `slot-requests` says.

    When the calendar is made, it is proposed with the visit there, or refused with the reasons in words. These are for
    the office: what the enterprise is told is in `queries.list_slot_requests`.
    """
    round_ = planning_queries.find_round(contact.round)
    if round_ is None or contact.state != ContactState.PLANNED or not contact.planned_part:
        raise Refused(
            [Reason("wish.no-visit", "Another day can be asked for once a planned visit has its half day.")]
        )
    most = int(catalogue.get_number(SLOT_REQUESTS, clock.today(now)).value)
    if queries.count_slot_requests(contact) >= most:
        raise Refused(
            [
                Reason(
                    "wish.asked-before",
                    "Another day was asked for %(count)s times already, as often as may be.",
                    facts={"count": most},
                )
            ]
        )
    if slot == Slot(contact.planned_on, DayPart(contact.planned_part)):
        raise Refused(
            [Reason("wish.same-slot", "The visit stands on this half day already.", at_field="slot")]
        )
    params = {
        "contact": str(contact.uuid),
        "slot": [slot.day.isoformat(), slot.part.value],
        "because": because.strip(),
    }
    try:
        return ask_schedule(actor=actor, now=now, round_=round_, cause=ScheduleCause.WISH, params=params)
    except Refused as refused:
        if "schedule.running" not in refused.codes:
            raise
        raise Refused(
            [Reason("wish.busy", "Another change is being looked at just now; ask again in a few minutes.")]
        ) from None
