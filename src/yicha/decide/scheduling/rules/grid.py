"""A problem as numbers: visits, slots, days and resources by place in sorted lists, so that order says nothing."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from yicha.decide.scheduling.terms import Problem, Resource, ResourceKind, Slot

NOWHERE = -1
ELSEWHERE = -2
"""Where a visit is planned at present when that is no slot of the problem."""
ENOUGH = 1 << 30
"""A limit that is none."""


@dataclass(frozen=True, slots=True)
class Grid:
    """A problem as numbers. A visit's `domain` are its slots where everything it needs is there for it alone.

    `parts` are its agencies; `travellers` who goes (its officers, or its agencies as long as nobody is drawn), `teams`
    how many of them for each of `parts`; `siblings` the other visits to the same enterprise, `limits` (first day, last
    day, most) say how many of them, and `before` which of them stand on earlier days; `now` its present slot, NOWHERE
    or ELSEWHERE; `held` whether it stays there before others get a place.
    """

    keys: list[str]
    slots: list[Slot]
    day_of: list[int]
    days: list[int]
    resources: list[Resource]
    cap: list[list[int]]
    day_cap: list[list[int]]
    needs: list[list[tuple[int, int]]]
    domain: list[list[int]]
    parts: list[list[int]]
    travellers: list[list[int]]
    teams: list[list[int]]
    district: list[int]
    siblings: list[list[int]]
    now: list[int]
    held: list[bool]
    liked: list[frozenset[int]]
    limits: list[list[tuple[int, int, int]]]
    before: list[frozenset[int]]
    keep: bool

    def fits(self, visit: int, slot: int) -> bool:
        """Whether everything that the visit needs is there in the slot, if nobody else takes any."""
        day = self.day_of[slot]
        return all(n <= self.cap[r][slot] and n <= self.day_cap[r][day] for r, n in self.needs[visit])

    def may_join(self, visit: int, slot: int, others: Mapping[int, int]) -> bool:
        """Whether a visit may stand here beside its siblings (visit → slot): never two on a day, and in their turn."""
        day = self.days[self.day_of[slot]]
        days = {other: self.days[self.day_of[there]] for other, there in others.items()}
        for other, on in days.items():
            late = on > day and other in self.before[visit]
            if on == day or late or (on < day and visit in self.before[other]):
                return False
        return all(
            sum(first <= on <= last for on in days.values()) < most
            for first, last, most in self.limits[visit]
            if first <= day <= last
        )


def lay_out(problem: Problem) -> Grid:
    """The problem as numbers; visits ascend by key, slots by time, resources by kind, agency and code."""
    visits = sorted(problem.visits, key=lambda visit: visit.key)
    slots = sorted(set(problem.slots))
    place = {slot: number for number, slot in enumerate(slots)}
    row_of = {visit.key: number for number, visit in enumerate(visits)}
    days = sorted({slot.day for slot in slots})
    resources = sorted({resource for visit in visits for resource, n in visit.needs.items() if n > 0})
    number_of = {resource: number for number, resource in enumerate(resources)}
    grid = Grid(
        keys=[visit.key for visit in visits],
        slots=slots,
        day_of=_day_numbers(slots),
        days=[day.toordinal() for day in days],
        resources=resources,
        cap=[[problem.capacity.get((resource, slot), 0) for slot in slots] for resource in resources],
        day_cap=[[problem.per_day.get((resource, day), ENOUGH) for day in days] for resource in resources],
        needs=[sorted((number_of[r], n) for r, n in visit.needs.items() if n > 0) for visit in visits],
        domain=[],
        parts=_numbers([sorted(set(visit.agencies)) for visit in visits]),
        travellers=_numbers([_who_goes(visit.needs, visit.agencies) for visit in visits]),
        teams=[_count_teams(visit.needs, visit.agencies) for visit in visits],
        district=[row[0] for row in _numbers([[visit.district] for visit in visits])],
        siblings=_siblings([visit.uscc for visit in visits]),
        now=[NOWHERE if visit.now is None else place.get(visit.now, ELSEWHERE) for visit in visits],
        held=[visit.held and visit.now is not None for visit in visits],
        liked=[frozenset(place[slot] for slot in visit.preferred if slot in place) for visit in visits],
        limits=[
            [(limit.first.toordinal(), limit.last.toordinal(), limit.most) for limit in own]
            for own in (problem.limits.get(visit.uscc, ()) for visit in visits)
        ],
        before=[frozenset(row_of[key] for key in visit.after if key in row_of) for visit in visits],
        keep=problem.keep,
    )
    for number, visit in enumerate(visits):
        wanted = [slot for slot in visit.slots if visit.fixed in (None, slot)]
        own = sorted({place[slot] for slot in wanted if slot in place})
        grid.domain.append([slot for slot in own if grid.fits(number, slot)])
    return grid


def _day_numbers(slots: Sequence[Slot]) -> list[int]:
    numbers: list[int] = []
    for place, slot in enumerate(slots):
        same = place > 0 and slots[place - 1].day == slot.day
        numbers.append(0 if not numbers else numbers[-1] + (not same))
    return numbers


def _numbers(rows: Sequence[Sequence[object]]) -> list[list[int]]:
    """Every word as its place among all words in order."""
    words = {
        word: number for number, word in enumerate(sorted({word for row in rows for word in row}, key=str))
    }
    return [[words[word] for word in row] for row in rows]


def _who_goes(needs: Iterable[Resource], agencies: Iterable[str]) -> list[str]:
    """A visit's drawn officers; for an agency of which nobody is drawn, the agency."""
    officers = {(r.agency, r.code) for r in needs if r.kind == ResourceKind.OFFICER}
    drawn = {agency for agency, _ in officers}
    return sorted({f"{agency} {code}" for agency, code in officers} | {a for a in agencies if a not in drawn})


def _count_teams(needs: Iterable[Resource], agencies: Iterable[str]) -> list[int]:
    """How many go for each agency, in order; one, as long as nobody is drawn: the agency itself."""
    drawn = Counter(r.agency for r in needs if r.kind == ResourceKind.OFFICER)
    return [max(1, drawn[agency]) for agency in sorted(set(agencies))]


def _siblings(enterprises: Sequence[str]) -> list[list[int]]:
    together: dict[str, list[int]] = defaultdict(list)
    for number, uscc in enumerate(enterprises):
        together[uscc].append(number)
    return [[other for other in together[uscc] if other != number] for number, uscc in enumerate(enterprises)]


def find_components(grid: Grid) -> list[list[int]]:
    """Visits that have to do with each other, by an enterprise, a resource, an agency; each ascending."""
    root = list(range(len(grid.keys)))

    def find(visit: int) -> int:
        while root[visit] != visit:
            root[visit] = root[root[visit]]
            visit = root[visit]
        return visit

    first: dict[tuple[str, int], int] = {}
    for visit in range(len(root)):
        links = [("part", part) for part in grid.parts[visit]] + [("need", r) for r, _ in grid.needs[visit]]
        links += [("goes", who) for who in grid.travellers[visit]]
        others = [first.setdefault(link, visit) for link in links] + grid.siblings[visit]
        for other in others:
            low, high = sorted((find(visit), find(other)))
            root[high] = low
    found: dict[int, list[int]] = defaultdict(list)
    for visit in range(len(root)):
        found[find(visit)].append(visit)
    return list(found.values())
