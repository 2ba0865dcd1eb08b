"""One visit by hand: whether it may stand in a slot, moving it there, pinning it."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

from django.db import transaction

from yicha.base.ledger import services as ledger
from yicha.decide.gate import services as gate
from yicha.decide.planning import queries as planning_queries
from yicha.decide.planning import services as planning
from yicha.decide.scheduling import queries
from yicha.decide.scheduling.models import Pin, Placement, Schedule
from yicha.decide.scheduling.rules.explaining import explain_one
from yicha.decide.scheduling.services.asking import ask_answers
from yicha.decide.scheduling.services.keeping import supersede
from yicha.decide.scheduling.terms import ScheduleCause, ScheduleState, Slot
from yicha.kernel import clock
from yicha.kernel.refusal import Reason, Refused, refuse_if
from yicha.know.visits import queries as visit_queries
from yicha.know.visits import services as visits
from yicha.know.visits.terms import ContactState

BY_HAND = "moved by hand"
_NO_REASON = Reason("pin.because", "Say why the visit must stay where it is.", at_field="because")


def try_move(*, now: datetime, contact: Any, slot: Slot) -> list[Reason]:
    """Why a planned visit may not stand in a slot, in words; empty: it may. Reads a few rows, writes nothing.

    By the same rules as the solver's, with all other visits where they are planned.
    """
    if contact.state != ContactState.PLANNED:
        return [Reason("calendar.not-planned", "This visit is not planned any more.")]
    if contact.begun_on:
        return [Reason("calendar.begun", "The officers are there already; the visit stays where it is.")]
    round_ = planning_queries.find_round(contact.round)
    if round_ is None:
        return [
            Reason("calendar.no-round", "This visit is of no round: who applied for it asks the gate again.")
        ]
    today = clock.today(now)
    problem = queries.get_problem(round_, today, keep=True, contacts=[contact.pk], only=slot.day)
    (visit,) = problem.visits
    if visit.fixed == slot:
        return []
    return queries.to_reasons(explain_one(problem, {}, visit, slot))


def move(
    *, actor: str, now: datetime, contact: Any, slot: Slot, because: str = "", agency: str = ""
) -> Schedule:
    """Put a visit of a round on another half day, and pin it there. Refused when that breaks a rule.

    It is a calendar of one visit: kept at once, listed among the changes of the round. Its agencies are told and asked
    anew, but for `agency` (code), whose wish it is: it has accepted the half day that it chose.
    """
    return gate.in_turn(None, lambda: _move(actor, now, contact, slot, because, agency))


def _move(actor: str, now: datetime, contact: Any, slot: Slot, because: str, agency: str) -> Schedule:
    round_ = planning.hold_round(planning_queries.get_round(contact.round))
    gate.take_turns([contact.enterprise_id])
    contact = visit_queries.list_contacts().get(pk=contact.pk)
    refuse_if(try_move(now=now, contact=contact, slot=slot))
    was = (contact.planned_on if contact.planned_part else None, contact.planned_part)
    visits.reschedule(actor=actor, now=now, slots={contact.pk: slot}, because=because or BY_HAND)
    supersede(round_)
    schedule = Schedule.objects.create(
        round=round_,
        number=queries.next_number(round_),
        cause=ScheduleCause.MOVE.value,
        state=ScheduleState.KEPT.value,
        actor=actor,
        asked_at=now,
        ended_at=now,
        kept_by=actor,
        params={"contact": str(contact.uuid), "slot": [*map(str, slot)], "because": because},
    )
    Placement.objects.create(
        schedule=schedule,
        contact=contact,
        day=slot.day,
        part=slot.part.value,
        was_day=was[0],
        was_part=was[1],
    )
    _pin(actor, now, contact, because or BY_HAND)
    ask_answers(actor=actor, now=now, round_=round_, contacts=[contact.pk], because=because, agreed=agency)
    return schedule


@transaction.atomic
def pin(*, actor: str, now: datetime, contact: Any, because: str) -> Pin:
    """Keep a visit where it is, whatever else moves. Refused when no calendar has given it a half day yet."""
    locked = visit_queries.list_contacts().select_for_update(of=("self",)).get(pk=contact.pk)
    reasons = [] if because.strip() else [_NO_REASON]
    if locked.state != ContactState.PLANNED or not locked.planned_part:
        reasons.append(
            Reason("pin.no-place", "Only a planned visit that has its half day can be kept there.")
        )
    refuse_if(reasons)
    return _pin(actor, now, locked, because.strip())


def _pin(actor: str, now: datetime, contact: Any, because: str) -> Pin:
    row, _ = Pin.objects.update_or_create(
        contact=contact, defaults={"because": because[:200], "pinned_by": actor, "pinned_at": now}
    )
    subject, body = f"visit:{contact.uuid}", {"because": because}
    ledger.append(actor=actor, now=now, act="visit.pinned", subject=subject, body=body)
    return row


@transaction.atomic
def unpin(*, actor: str, now: datetime, contact: Any) -> None:
    """Let a visit move again."""
    row = Pin.objects.select_for_update().filter(contact=contact).first()
    if row is None:
        raise Refused([Reason("pin.none", "This visit is not pinned.")])
    row.delete()
    ledger.append(actor=actor, now=now, act="visit.unpinned", subject=f"visit:{contact.uuid}", body={})


def list_free_slots(*, now: datetime, contact: Any, leave_out: Collection[int] = ()) -> list[Slot]:
    """The half days on which a planned visit may stand, all others staying: where it may be dragged to.

    `leave_out`: visits (ids) that the reader must not know of; it is as if they were not there.
    """
    round_ = planning_queries.find_round(contact.round)
    if round_ is None or contact.state != ContactState.PLANNED or contact.begun_on:
        return []
    problem = queries.get_problem(
        round_, clock.today(now), keep=True, contacts=[contact.pk], leave_out=leave_out
    )
    (visit,) = problem.visits
    return [slot for slot in visit.slots if not explain_one(problem, {}, visit, slot)]
