"""Visits that cannot be placed whole are made in parts, where the gate lets each part be a visit of its own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Any

from yicha.decide.planning import queries as planning_queries
from yicha.decide.planning import services as planning
from yicha.decide.scheduling import queries
from yicha.decide.scheduling.models import Answer, Placement, Schedule
from yicha.decide.scheduling.rules import laying
from yicha.decide.scheduling.rules import splitting as rules
from yicha.decide.scheduling.terms import CalendarFacts, ContactFacts, Problem, Slot, Solution
from yicha.kernel import clock
from yicha.know.registry.terms import DayPart
from yicha.know.visits import services as visits

MOST_TRIED = 60
"""So many visits without a place are tried at most: where there are more, it is people that are missing."""


def try_splits(schedule: Schedule, problem: Problem, solution: Solution, now: datetime) -> dict[str, Any]:
    """For visits without a place, the fewest parts that have one: visit (uuid) → rows of agencies, day and half."""
    fixed = {visit.key for visit in problem.visits if visit.fixed is not None}
    homeless = [row for row in dict.fromkeys(one.visit for one in solution.missing) if row not in fixed]
    if not homeless:
        return {}
    facts = _facts(schedule, solution, now)
    wanted = [contact for contact in facts.moving if contact.key in homeless[:MOST_TRIED]]
    groups = [group for contact in wanted for group in rules.list_groups(contact)]
    if not groups:
        return {}
    laid = laying.lay(replace(facts, moving=tuple(groups)), keep=False)
    taken: dict[str, Slot] = {}
    splits = {}
    for contact in wanted:
        found = rules.split(laid, taken, contact, _gate_of(contact, laid, now))
        if found is None:
            continue
        taken |= {rules.key_of(contact.key, group): slot for group, slot in found.items()}
        splits[contact.key] = [
            {"agencies": sorted(group), "day": slot.day.isoformat(), "part": slot.part.value}
            for group, slot in found.items()
        ]
    return splits


def _gate_of(contact: ContactFacts, laid: Problem, now: datetime) -> rules.Accepts:
    """Asks the gate about a part once, for all days on which it could be: asked by half days, it would never end."""
    days = {visit.key: sorted({slot.day for slot in visit.slots}) for visit in laid.visits}
    known: dict[rules.Group, set[date]] = {}

    def accepts(group: rules.Group, slot: Slot) -> bool:
        if group not in known:
            own = days[rules.key_of(contact.key, group)]
            known[group] = planning_queries.list_days_of_own_visit(contact.id, group, own, now)
        return slot.day in known[group]

    return accepts


def _facts(schedule: Schedule, solution: Solution, now: datetime) -> CalendarFacts:
    """The facts with all placed visits standing where the calendar puts them."""
    facts = queries.get_facts(
        schedule.round,
        clock.today(now),
        lost=queries.read_lost(schedule.params),
        asked_on=clock.today(schedule.asked_at),
    )
    placed = [contact for contact in facts.moving if contact.key in solution.placed]
    taken = {enterprise: list(days) for enterprise, days in facts.taken.items()}
    for contact in placed:
        taken.setdefault(contact.enterprise, []).append(solution.placed[contact.key].day)
    return replace(
        facts,
        taken={enterprise: tuple(days) for enterprise, days in taken.items()},
        moving=tuple(contact for contact in facts.moving if contact.key not in solution.placed),
        standing=(*facts.standing, *(_at(contact, solution.placed[contact.key]) for contact in placed)),
    )


def _at(contact: ContactFacts, slot: Slot) -> ContactFacts:
    return replace(contact, on=slot.day, now=slot)


def keep_splits(
    actor: str,
    now: datetime,
    schedule: Schedule,
    problem: Problem,
    solution: Solution,
    homeless: Sequence[Placement],
) -> set[int]:
    """Make the parts that a calendar proposes for visits without a place; returns the visits (ids) that were split.

    They are looked for anew: what comes out otherwise than it was proposed is left alone.
    """
    proposed: Mapping[str, list[dict[str, Any]]] = schedule.report.get("splits", {})
    if not proposed:
        return set()
    possible = try_splits(schedule, problem, solution, now)
    done = set()
    for row in homeless:
        parts = proposed.get(str(row.contact.uuid))
        if parts and possible.get(str(row.contact.uuid)) == parts:
            _split(actor, now, schedule.round, row.contact, parts)
            done.add(row.contact_id)
    return done


def _split(actor: str, now: datetime, round_: Any, contact: Any, parts: Sequence[Mapping[str, Any]]) -> None:
    groups = [frozenset(part["agencies"]) for part in parts]
    made = planning.split_visit(actor=actor, now=now, round_=round_, contact=contact, groups=groups)
    for row, agencies in zip(made[1:], groups[1:], strict=True):
        Answer.objects.filter(contact=contact, agency__code__in=agencies).update(contact=row)
    slots = {
        row.pk: (date.fromisoformat(part["day"]), DayPart(part["part"]))
        for row, part in zip(made, parts, strict=True)
    }
    visits.reschedule(actor=actor, now=now, slots=slots, because="split")
