"""Keeping a calendar: its days become the days of the visits, in one transaction with the ledger."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.conf import settings
from django.utils import translation

from yicha.base.ledger import services as ledger
from yicha.base.ledger.terms import JSON
from yicha.decide.gate import services as gate
from yicha.decide.planning import services as planning
from yicha.decide.scheduling import queries
from yicha.decide.scheduling.models import Placement, Schedule
from yicha.decide.scheduling.rules import words
from yicha.decide.scheduling.rules.checking import check
from yicha.decide.scheduling.rules.life import OVERTAKEN, SCHEDULE_LIFE
from yicha.decide.scheduling.services.asking import ask_answers
from yicha.decide.scheduling.services.running import make_problem
from yicha.decide.scheduling.services.splitting import keep_splits
from yicha.decide.scheduling.terms import (
    Kept,
    Missing,
    Problem,
    ScheduleState,
    Slot,
    Solution,
)
from yicha.kernel import clock
from yicha.kernel.refusal import Reason, refuse_if
from yicha.know.registry.terms import DayPart
from yicha.know.visits import services as visits
from yicha.know.visits.terms import ContactState

MOST_NAMED = 10


def keep(*, actor: str, now: datetime, schedule: Schedule) -> Kept:
    """Write the days of a calendar that was proposed; it holds until the next one is kept.

    Visits that were cancelled, made or begun meanwhile are left out and named. Visits without a place are given up, and
    their demands wait again; pinned and announced ones stay where they are. Agencies are asked about their parts, anew
    where a part has another half day. Refused when facts have changed under it: a visit was moved by somebody, or a day
    no longer keeps a rule. Codes, notices and approvals are not touched: whoever dispatches sees that the day has
    changed.
    """
    return gate.in_turn(None, lambda: _keep(actor, now, schedule))


def _keep(actor: str, now: datetime, schedule: Schedule) -> Kept:
    round_ = planning.hold_round(schedule.round)
    locked = Schedule.objects.select_for_update(of=("self",)).select_related("round").get(pk=schedule.pk)
    state = SCHEDULE_LIFE.after(ScheduleState(locked.state), "keep").value
    rows = list(queries.list_placements(locked).order_by("contact_id"))
    gate.take_turns(row.contact.enterprise_id for row in rows)
    rows = list(queries.list_placements(locked).order_by("contact_id"))
    here = [row for row in rows if _may_change(row.contact)]
    left_out = [row for row in rows if not _may_change(row.contact)]
    placed = {row.contact_id: Slot(row.day, DayPart(row.part)) for row in here if row.day}
    problem = make_problem(locked, clock.today(now))
    refuse_if(_changed(here))
    solution = _solution(problem, here, placed)
    refuse_if(_broken(problem, solution, here))
    moved = visits.reschedule(actor=actor, now=now, slots=placed, because=_because(locked))
    fixed = {visit.key for visit in problem.visits if visit.fixed is not None}
    homeless = [row for row in here if row.day is None and str(row.contact.uuid) not in fixed]
    split = keep_splits(actor, now, locked, problem, solution, homeless)
    returned = _give_back(actor, now, round_, [row for row in homeless if row.contact_id not in split])
    supersede(round_, but=locked.pk)
    locked.state, locked.kept_by = state, actor
    locked.report = {**locked.report, "left_out": [str(row.contact.uuid) for row in left_out]}
    locked.save(update_fields=["state", "kept_by", "report"])
    ask_answers(actor=actor, now=now, round_=round_, because=_said(locked))
    kept = Kept(len(moved), returned, tuple(locked.report["left_out"]))
    _append(actor, now, locked, kept)
    return kept


def supersede(round_: Any, but: int = 0) -> None:
    """The calendar that held until now holds no longer, and proposals made from older days are put aside."""
    rows = Schedule.objects.filter(round=round_).exclude(pk=but)
    held, waited = ScheduleState.KEPT, ScheduleState.PROPOSED
    rows.filter(state=held.value).update(state=SCHEDULE_LIFE.after(held, "supersede").value)
    rows.filter(state=waited.value).update(
        state=SCHEDULE_LIFE.after(waited, "overtake").value, phase=OVERTAKEN
    )


def _may_change(contact: Any) -> bool:
    return contact.state == ContactState.PLANNED and contact.begun_on is None


def _changed(rows: Sequence[Placement]) -> list[Reason]:
    """Visits that stand elsewhere than where the calendar was made from."""
    moved = [
        row.contact.enterprise.name
        for row in rows
        if row.contact.planned_part
        and (row.contact.planned_on, row.contact.planned_part) != (row.was_day, row.was_part)
    ]
    if not moved:
        return []
    return [
        Reason(
            "schedule.stale",
            "Meanwhile %(count)s visits were moved: %(names)s. Have the calendar made again.",
            facts={"count": len(moved), "names": ", ".join(moved[:MOST_NAMED])},
        )
    ]


def _solution(problem: Problem, rows: Sequence[Placement], placed: Mapping[int, Slot]) -> Solution:
    """The calendar as it was proposed, for the problem as it is now; why visits have no place was said then."""
    slots = {str(row.contact.uuid): placed[row.contact_id] for row in rows if row.day}
    missing = tuple(Missing(visit.key, None, "", ()) for visit in problem.visits if visit.key not in slots)
    return Solution(placed=slots, missing=missing, objectives={})


def _broken(problem: Problem, solution: Solution, rows: Sequence[Placement]) -> list[Reason]:
    """Rules that the days break by now: somebody fell ill, a day was closed, a visit was pinned, an agency joined."""
    names = {str(row.contact.uuid): row.contact.enterprise.name for row in rows}
    broken = check(problem, solution)
    known = {visit.key for visit in problem.visits}
    gone = [str(row.contact.uuid) for row in rows if row.day and _moves(row)]
    gone = [key for key in gone if key not in known]
    if not broken and not gone:
        return []
    hurt = list(dict.fromkeys([*(row.visit for row in broken), *gone]))
    return [
        Reason(
            "schedule.overtaken",
            "Meanwhile the days of %(count)s visits became impossible: %(names)s. Have the calendar made again.",
            facts={"count": len(hurt), "names": ", ".join(names.get(key, key) for key in hurt[:MOST_NAMED])},
        )
    ]


def _moves(row: Placement) -> bool:
    return (row.day, row.part) != (row.was_day, row.was_part)


def _give_back(actor: str, now: datetime, round_: Any, rows: Sequence[Placement]) -> int:
    if not rows:
        return 0
    missing = {row.contact_id: [words.from_row("", one) for one in row.why] for row in rows}
    names = queries.get_names([one for own in missing.values() for one in own])
    because = {
        contact: " ".join(str(words.to_reason(one, names)) for one in own)[:300] or "no place"
        for contact, own in missing.items()
    }
    planning.return_visits(actor=actor, now=now, round_=round_, because=because)
    return len(because)


def _because(schedule: Schedule) -> str:
    return str(schedule.params.get("because", "")) or schedule.cause


def _said(schedule: Schedule) -> str:
    """Why days change, as agencies are told it. Of an absence not whose: leave is nobody's business."""
    with translation.override(settings.LANGUAGE_CODE):
        said = str(schedule.params.get("because", ""))
        cause = str(schedule.get_cause_display())
        return f"{cause}: {said}" if said else cause


def _append(actor: str, now: datetime, schedule: Schedule, kept: Kept) -> None:
    body: dict[str, JSON] = {
        "number": schedule.number,
        "cause": schedule.cause,
        "moved": kept.moved,
        "returned": kept.returned,
        "left-out": len(kept.left_out),
    }
    ledger.append(
        actor=actor, now=now, act="schedule.kept", subject=f"round:{schedule.round.code}", body=body
    )
