"""A visit that cannot be placed whole: the fewest parts that can, each of some of its agencies."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import combinations

from yicha.decide.scheduling.rules.explaining import Use
from yicha.decide.scheduling.terms import ContactFacts, Problem, Slot, VisitFacts

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
    for count in range(2, len(agencies) + 1):
        for groups in _partitions(agencies, count):
            largest_first = sorted(groups, key=lambda group: (-len(group), sorted(group)))
            own = [visits[key_of(contact.key, group)] for group in largest_first]
            more = zip(largest_first[1:], own[1:], strict=True)
            if not all(any(accepts(group, slot) for slot in visit.slots) for group, visit in more):
                continue  # no place of the others would help
            found = _place(problem, dict(taken), largest_first, own, accepts)
            if found is not None:
                return found
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


def _place(
    problem: Problem,
    taken: dict[str, Slot],
    groups: Sequence[Group],
    visits: Sequence[VisitFacts],
    accepts: Accepts,
) -> dict[Group, Slot] | None:
    """A slot for each, the earliest that is free; a part that finds none gives the one before it another slot."""
    if not groups:
        return {}
    use = Use(problem, taken)
    visit = visits[0]
    for slot in visit.slots:
        if use.against(visit, slot):
            continue
        if taken_by_us(taken, visit) and not accepts(groups[0], slot):
            continue
        rest = _place(problem, {**taken, visit.key: slot}, groups[1:], visits[1:], accepts)
        if rest is not None:
            return {groups[0]: slot, **rest}
    return None


def taken_by_us(taken: Mapping[str, Slot], visit: VisitFacts) -> bool:
    """Whether another part of the same visit has its place already: then this one is a visit more."""
    own = visit.key.split(JOINT, 1)[0]
    return any(key.startswith(own + JOINT) for key in taken)
