"""A visit that cannot be placed whole: the fewest parts that can, each of some of its agencies."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from functools import cache
from itertools import chain, combinations

from yicha.decide.scheduling.rules.explaining import Use
from yicha.decide.scheduling.terms import ContactFacts, Limit, Problem, Slot

MOST_AGENCIES = 6
"""Visits of more agencies are not tried: their parts are too many to look at."""
JOINT = "|"

Group = frozenset[str]
Accepts = Callable[[Group, Slot], bool]


def list_groups(contact: ContactFacts) -> list[ContactFacts]:
    """A visit for every true part of the agencies, within the days that their own checks share."""
    agencies = [part.agency for part in contact.parts]
    if not 1 < len(agencies) <= MOST_AGENCIES:
        return []
    sizes = range(1, len(agencies))
    return [_part(contact, frozenset(own)) for size in sizes for own in combinations(agencies, size)]


def key_of(contact: str, group: Group) -> str:
    """The key of a part's visit."""
    return JOINT.join([contact, *sorted(group)])


def _part(contact: ContactFacts, group: Group) -> ContactFacts:
    parts = tuple(part for part in contact.parts if part.agency in group)
    windows = [part.window or (contact.first, contact.last) for part in parts]
    return replace(
        contact,
        key=key_of(contact.key, group),
        parts=parts,
        first=max(window[0] for window in windows),
        last=min(window[1] for window in windows),
        now=None,
        pinned=False,
        announced=False,
    )


def split(
    problem: Problem, taken: Mapping[str, Slot], contact: ContactFacts, accepts: Accepts
) -> dict[Group, Slot] | None:
    """The fewest parts of a visit that all have a place beside what is `taken`, each with its slot; None: no way.

    `problem` has a visit for every part. The part that keeps the visit comes first: it is the largest. Of the others,
    `accepts` says whether the gate lets them be a visit of their own.
    """
    visits = {visit.key: visit for visit in problem.visits}
    agencies = [part.agency for part in contact.parts]
    use = Use(problem, taken)
    limits, days = problem.limits.get(contact.uscc, ()), frozenset(use.days[contact.uscc])

    @cache
    def find_free(group: Group) -> Mapping[date, Slot]:
        visit = visits[key_of(contact.key, group)]
        free: dict[date, Slot] = {}
        for slot in visit.slots:
            if slot.day not in free and not use.against(visit, slot):
                free[slot.day] = slot
        return free

    @cache
    def find_own(group: Group) -> Mapping[date, Slot]:
        return {day: slot for day, slot in find_free(group).items() if accepts(group, slot)}

    for count in range(2, len(agencies) + 1):
        for groups in _partitions(agencies, count):
            largest, *others = sorted(groups, key=lambda group: (-len(group), sorted(group)))
            free = [find_free(largest), *map(find_own, others)]
            found = _seat(free, limits, days) if all(free) else None
            if found is not None:
                return dict(zip((largest, *others), found, strict=True))
    return None


def _partitions(agencies: Sequence[str], count: int) -> Iterator[list[Group]]:
    """All ways to put agencies into so many groups, in a fixed order."""
    if count == 1:
        yield [frozenset(agencies)]
        return
    first, rest = agencies[0], agencies[1:]
    for size in range(len(rest) - count + 1, -1, -1):
        for chosen in combinations(rest, size):
            others = [agency for agency in rest if agency not in chosen]
            for groups in _partitions(others, count - 1):
                yield [frozenset([first, *chosen]), *groups]


def _seat(
    free: Sequence[Mapping[date, Slot]], limits: Sequence[Limit], days: frozenset[date]
) -> list[Slot] | None:
    """A slot for each part, the earliest that is free; a part that finds none gives the one before it another.

    Parts have agencies of their own and stand on days of their own: only the enterprise's days (`days` has those of its
    other visits), weeks and months come between them. What failed once is not tried again: without that, six parts of
    which the last two want one day would be tried on every choice of days for the others.
    """
    wanted = [frozenset(chain.from_iterable(free[number:])) for number in range(len(free))]
    failed: set[tuple[int, frozenset[date], tuple[int, ...]]] = set()

    def seat(number: int, days: frozenset[date]) -> list[Slot] | None:
        if number == len(free):
            return []
        state = (number, days & wanted[number], tuple(sum(map(limit.holds, days)) for limit in limits))
        if state in failed:
            return None
        for day, slot in free[number].items():
            if day in days or any(limit.holds(day) and limit.is_full(days) for limit in limits):
                continue
            rest = seat(number + 1, days | {day})
            if rest is not None:
                return [slot, *rest]
        failed.add(state)
        return None

    return seat(0, days)
