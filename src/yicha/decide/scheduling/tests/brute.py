"""The best calendar found by trying every calendar: slow, short, and sharing nothing with the solver."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from itertools import combinations

from yicha.decide.scheduling.terms import Problem, ResourceKind, Slot, VisitFacts

Calendar = dict[str, Slot]


def best_score(problem: Problem) -> tuple[int, int, int, int, int, int]:
    """Held visits that move, then objectives in their order: the least over all calendars that break no rule."""
    return min(score(problem, calendar) for calendar in every_calendar(problem))


def every_calendar(problem: Problem) -> Iterator[Calendar]:
    """Every calendar that breaks no rule; a visit may always be left out."""

    def go_on(number: int, calendar: Calendar) -> Iterator[Calendar]:
        if number == len(problem.visits):
            yield calendar
            return
        visit = problem.visits[number]
        yield from go_on(number + 1, calendar)
        for slot in set(visit.slots) & set(problem.slots):
            if visit.fixed in (None, slot):
                longer = {**calendar, visit.key: slot}
                if keeps_limits(problem, longer):
                    yield from go_on(number + 1, longer)

    return go_on(0, {})


def keeps_limits(problem: Problem, calendar: Calendar) -> bool:
    """Limits of slots and days, of weeks of an enterprise, and turns."""
    standing = [(visit, calendar[visit.key]) for visit in problem.visits if visit.key in calendar]
    slots, days = Counter[object](), Counter[object]()
    for visit, slot in standing:
        for resource, n in visit.needs.items():
            slots[resource, slot] += n
            days[resource, slot.day] += n
    if any(n > problem.capacity.get(key, 0) for key, n in slots.items()):  # type: ignore[call-overload]
        return False
    if any(n > problem.per_day.get(key, n) for key, n in days.items()):  # type: ignore[call-overload]
        return False
    if any(a.uscc == b.uscc and on.day == then.day for (a, on), (b, then) in combinations(standing, 2)):
        return False
    if any(
        sum(visit.uscc == uscc and first <= slot.day <= last for visit, slot in standing) > most
        for uscc, limits in problem.limits.items()
        for first, last, most in limits
    ):
        return False
    on_days = {visit.key: slot.day for visit, slot in standing}
    return all(on_days[key] < slot.day for visit, slot in standing for key in visit.after if key in on_days)


def score(problem: Problem, calendar: Calendar) -> tuple[int, int, int, int, int, int]:
    """What a calendar is worth, as the words of the objectives say."""
    standing = [(visit, calendar[visit.key]) for visit in problem.visits if visit.key in calendar]
    load = Counter((agency, slot.day) for visit, slot in standing for agency in set(visit.agencies))
    planned = [visit for visit in problem.visits if visit.now is not None]
    wishing = [visit for visit in problem.visits if visit.preferred & set(problem.slots)]
    return (
        sum(visit.held and calendar.get(visit.key) != visit.now for visit in planned),
        len(problem.visits) - len(standing),
        sum(calendar.get(visit.key) != visit.now for visit in planned) if problem.keep else 0,
        sum(n * n for n in load.values()),
        len({(who, slot.day, visit.district) for visit, slot in standing for who in who_goes(visit)}),
        sum(calendar.get(visit.key) not in visit.preferred for visit in wishing),
    )


def who_goes(visit: VisitFacts) -> set[str]:
    """The drawn officers; for an agency without any, the agency."""
    officers = {resource for resource in visit.needs if resource.kind == ResourceKind.OFFICER}
    drawn = {officer.agency for officer in officers}
    return {f"{o.agency}/{o.code}" for o in officers} | {a for a in visit.agencies if a not in drawn}
