"""Why a visit has no place: what is missing on which of its slots, or what bars them."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from datetime import date

from yicha.decide.scheduling.terms import Missing, Problem, Resource, Slot, VisitFacts

TAKEN = "taken"
"""The resource would do for this visit, but others stand there."""
SAME_ENTERPRISE = "same-enterprise"
OFTEN = "often"
OUT_OF_TURN = "out-of-turn"
NO_WINDOW = "no-window"
WINDOW_OVER = "window-over"


def explain(problem: Problem, placed: Mapping[str, Slot]) -> tuple[Missing, ...]:
    """For every visit without a place, all causes with their slots; ascending by visit, kind of cause and resource."""
    use = Use(problem, placed)
    rows: list[Missing] = []
    for visit in sorted(problem.visits, key=lambda visit: visit.key):
        if visit.key not in placed:
            rows += use.causes(visit)
    return tuple(rows)


def explain_one(problem: Problem, placed: Mapping[str, Slot], visit: VisitFacts, slot: Slot) -> list[Missing]:
    """Why this visit could not stand in this slot, all others staying where they are; empty when it could."""
    others = {key: where for key, where in placed.items() if key != visit.key}
    return Use(problem, others).against(visit, slot)


class Use:
    """What a calendar uses, by resource, and where enterprises have their visits."""

    def __init__(self, problem: Problem, placed: Mapping[str, Slot]) -> None:
        self.problem = problem
        self.open = frozenset(problem.slots)
        self.in_slot: Counter[tuple[Resource, Slot]] = Counter()
        self.in_day: Counter[tuple[Resource, date]] = Counter()
        self.days: dict[str, list[date]] = defaultdict(list)
        self.on: dict[str, date] = {}
        self.later: dict[str, list[str]] = defaultdict(list)
        for visit in problem.visits:
            for key in visit.after:
                self.later[key].append(visit.key)
            slot = placed.get(visit.key)
            if slot is not None:
                self.on[visit.key] = slot.day
                self.days[visit.uscc].append(slot.day)
                for resource, n in visit.needs.items():
                    self.in_slot[resource, slot] += n
                    self.in_day[resource, slot.day] += n

    def causes(self, visit: VisitFacts) -> list[Missing]:
        """All causes over all slots of the visit's window, each with its slots."""
        slots: dict[tuple[Resource | None, str], list[Slot]] = defaultdict(list)
        wanted = [visit.fixed] if visit.fixed else sorted({*visit.slots, *visit.barred})
        for slot in wanted:
            for cause in self.against(visit, slot):
                slots[cause.resource, cause.barred].append(slot)
        if not wanted:
            slots[None, NO_WINDOW] = []
        order = sorted(slots, key=lambda cause: (cause[0] is None, cause[0] or (), cause[1]))
        return [
            Missing(visit.key, resource, barred, tuple(slots[resource, barred])) for resource, barred in order
        ]

    def against(self, visit: VisitFacts, slot: Slot) -> list[Missing]:
        """Why a visit that stands nowhere cannot stand here; empty when it can."""
        if slot not in visit.slots or slot not in self.open:
            return [Missing(visit.key, None, visit.barred.get(slot, NO_WINDOW), (slot,))]
        found = [
            Missing(visit.key, resource, cause, (slot,))
            for resource, n in sorted(visit.needs.items())
            if n > 0 and (cause := self._lacks(resource, slot, n)) is not None
        ]
        days = self.days[visit.uscc]
        limits = (limit for limit in self.problem.limits.get(visit.uscc, ()) if limit.holds(slot.day))
        if slot.day in days or any(limit.is_full(days) for limit in limits):
            found.append(Missing(visit.key, None, SAME_ENTERPRISE, (slot,)))
        if self._is_out_of_turn(visit, slot.day):
            found.append(Missing(visit.key, None, OUT_OF_TURN, (slot,)))
        return found

    def _is_out_of_turn(self, visit: VisitFacts, day: date) -> bool:
        return any(self.on.get(key, date.min) >= day for key in visit.after) or any(
            self.on.get(key, date.max) <= day for key in self.later[visit.key]
        )

    def _lacks(self, resource: Resource, slot: Slot, n: int) -> str | None:
        """None: it is there. Empty: not even for this visit alone."""
        there = self.problem.capacity.get((resource, slot), 0)
        a_day = self.problem.per_day.get((resource, slot.day))
        if n > there or (a_day is not None and n > a_day):
            return ""
        short = self.in_slot[resource, slot] + n > there
        return TAKEN if short or (a_day is not None and self.in_day[resource, slot.day] + n > a_day) else None
