"""Whether a calendar keeps all rules of its problem. It shares nothing with the solver that it checks."""

from __future__ import annotations

from collections import Counter, defaultdict
from itertools import pairwise

from yicha.decide.scheduling.terms import Broken, Problem, Slot, Solution, VisitFacts
from yicha.kernel.refusal import Reason


def check(problem: Problem, solution: Solution) -> list[Broken]:
    """All rules that a calendar breaks: slots, pins, limits, rest; and visits without a place that nothing explains."""
    placed = solution.placed
    standing = [(visit, placed[visit.key]) for visit in problem.visits if visit.key in placed]
    explained = {row.visit for row in solution.missing}
    broken = [row for visit, slot in standing for row in _check_slot(problem, visit, slot)]
    broken += [
        _broken(visit, "calendar.not-explained", sentence="The visit has no place, and it is not said why.")
        for visit in problem.visits
        if visit.key not in placed and visit.key not in explained
    ]
    return broken + _check_limits(problem, standing) + _check_families(problem, standing)


def _broken(visit: VisitFacts, code: str, *, sentence: str, **facts: object) -> Broken:
    return Broken(Reason(code, sentence, facts=facts), visit.key)


def _check_slot(problem: Problem, visit: VisitFacts, slot: Slot) -> list[Broken]:
    facts = {"day": slot.day.isoformat(), "part": slot.part.value}
    found = []
    if slot not in visit.slots or slot not in problem.slots:
        found.append(
            _broken(
                visit,
                "calendar.slot-not-allowed",
                sentence="The visit stands on %(day)s (%(part)s), which is none of its slots.",
                **facts,
            )
        )
    if visit.fixed is not None and visit.fixed != slot:
        found.append(
            _broken(
                visit,
                "calendar.pin-moved",
                sentence="The visit must not move, and stands on %(day)s (%(part)s) now.",
                **facts,
            )
        )
    return found


def _check_limits(problem: Problem, standing: list[tuple[VisitFacts, Slot]]) -> list[Broken]:
    in_slot, in_day = Counter[object](), Counter[object]()
    for visit, slot in standing:
        for resource, n in visit.needs.items():
            in_slot[resource, slot] += n
            in_day[resource, slot.day] += n
    found = []
    for visit, slot in standing:
        for resource, n in visit.needs.items():
            facts = {"resource": f"{resource.agency} {resource.code}".strip(), "day": slot.day.isoformat()}
            if n > 0 and in_slot[resource, slot] > problem.capacity.get((resource, slot), 0):
                found.append(
                    _broken(
                        visit,
                        "calendar.too-many-in-slot",
                        sentence="More of %(resource)s is needed on %(day)s (%(part)s) than there is.",
                        **facts,
                        part=slot.part.value,
                    )
                )
            if n > 0 and in_day[resource, slot.day] > problem.per_day.get((resource, slot.day), 1 << 30):
                found.append(
                    _broken(
                        visit,
                        "calendar.too-many-a-day",
                        sentence="%(resource)s has more visits on %(day)s than a day may have.",
                        **facts,
                    )
                )
    return found


def _check_families(problem: Problem, standing: list[tuple[VisitFacts, Slot]]) -> list[Broken]:
    """Visits to one enterprise: days of their own, no week or month with too many, and in their turn."""
    families = defaultdict(list)
    for visit, slot in standing:
        families[visit.uscc].append((slot.day, visit.key, visit))
    found = []
    for uscc, family in families.items():
        own = sorted(family, key=lambda row: row[:2])
        near = [row for earlier, row in pairwise(own) if earlier[0] == row[0]]
        for limit in problem.limits.get(uscc, ()):
            near += [row for row in own if limit.first <= row[0] <= limit.last][limit.most :]
        found += [
            _broken(
                visit,
                "calendar.no-rest",
                sentence="On %(day)s the enterprise has too many visits: on the day, in its week or in its month.",
                day=day.isoformat(),
            )
            for day, _, visit in near
        ]
        on = {key: day for day, key, _ in own}
        found += [
            _broken(
                visit,
                "calendar.out-of-turn",
                sentence="On %(day)s it is not its turn: officers were drawn for visits in another order.",
                day=day.isoformat(),
            )
            for day, _, visit in own
            if any(key in on and on[key] >= day for key in visit.after)
        ]
    return found
