"""Some visits of a board as a model of CP-SAT: all the others stay where they are."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING

from yicha.decide.scheduling.rules.grid import NOWHERE
from yicha.decide.scheduling.services.solver.board import Board

if TYPE_CHECKING:
    from ortools.sat.python import cp_model

Terms = list[tuple["cp_model.IntVar", int]]
"""Variables and what each adds."""


class Model:
    """Visits taken from a board, each with the slots that it may choose, and the objectives over them.

    OR-Tools is loaded by the first model, so that whoever only imports the solver does not wait for it.
    """

    def __init__(self, board: Board, choices: Mapping[int, Sequence[int]]) -> None:
        from ortools.sat.python import cp_model

        self.cp = cp_model.CpModel()
        self.board = board
        self.before = {visit: board.take(visit) for visit in choices if visit in board.at}
        self.free = list(choices)
        self.x: dict[tuple[int, int], cp_model.IntVar] = {
            (visit, slot): self.cp.new_bool_var("")
            for visit in self.free
            for slot in choices[visit]
            if board.can(visit, slot)
        }
        self._one_place_each()
        self._resources()
        self._families()
        grid = board.grid
        self.objectives: tuple[tuple[Terms, int], ...] = (
            self._away(visit for visit in self.free if grid.held[visit]),
            self._unplaced(),
            self._away(visit for visit in self.free if grid.keep and grid.now[visit] != NOWHERE),
            self._load(),
            self._travel(),
            self._wishes(),
        )

    def give_back(self, slots: Mapping[int, int]) -> None:
        """Put the visits on the board again: on these slots."""
        for visit, slot in slots.items():
            self.board.put(visit, slot)

    def _own(self, visit: int) -> list[tuple[int, cp_model.IntVar]]:
        return self._by_visit.get(visit, [])

    def _one_place_each(self) -> None:
        self._by_visit: dict[int, list[tuple[int, cp_model.IntVar]]] = defaultdict(list)
        for (visit, slot), x in self.x.items():
            self._by_visit[visit].append((slot, x))
        for visit in self.free:
            self.cp.add_at_most_one(x for _, x in self._own(visit))

    def _resources(self) -> None:
        board, grid = self.board, self.board.grid
        slots: dict[tuple[int, int], Terms] = defaultdict(list)
        days: dict[tuple[int, int], Terms] = defaultdict(list)
        for (visit, slot), x in self.x.items():
            for resource, n in grid.needs[visit]:
                slots[resource, slot].append((x, n))
                days[resource, grid.day_of[slot]].append((x, n))
        for (resource, slot), terms in slots.items():
            self._limit(terms, board.left[resource][slot])
        for (resource, day), terms in days.items():
            self._limit(terms, board.left_a_day[resource][day])

    def _limit(self, terms: Terms, left: int) -> None:
        if sum(n for _, n in terms) > left:
            self.cp.add(_total(terms) <= left)

    def _families(self) -> None:
        """Visits to one enterprise: one a day at most, as many as its weeks and months hold, and in their turn."""
        grid, done = self.board.grid, set()
        for visit in self.free:
            family = sorted({visit, *grid.siblings[visit]} & set(self.free)) if grid.siblings[visit] else []
            if len(family) < 2 or visit in done:
                continue
            done.update(family)
            days = {member: self._by_day(member) for member in family}
            for day in sorted({day for own in days.values() for day in own}):
                self.cp.add_at_most_one(x for own in days.values() for x in own.get(day, ()))
            for limit in grid.limits[visit]:
                self._limit_days(limit, visit, days)
            for later in family:
                for earlier in sorted(grid.before[later] & set(family)):
                    self._in_turn(days[earlier], days[later])

    def _by_day(self, visit: int) -> dict[int, list[cp_model.IntVar]]:
        grid = self.board.grid
        by_day: dict[int, list[cp_model.IntVar]] = defaultdict(list)
        for slot, x in self._own(visit):
            by_day[grid.days[grid.day_of[slot]]].append(x)
        return by_day

    def _limit_days(
        self, limit: tuple[int, int, int], visit: int, days: Mapping[int, Mapping[int, list[cp_model.IntVar]]]
    ) -> None:
        """So many of a family in these days, less those that stand there and are not asked about."""
        board, grid = self.board, self.board.grid
        first, last, most = limit
        there = [board.at[other] for other in grid.siblings[visit] if other in board.at]
        most -= sum(first <= grid.days[grid.day_of[slot]] <= last for slot in there)
        here = [x for own in days.values() for day, xs in own.items() if first <= day <= last for x in xs]
        if here:
            self.cp.add(_total([(x, 1) for x in here]) <= max(0, most))

    def _in_turn(
        self, earlier: Mapping[int, list[cp_model.IntVar]], later: Mapping[int, list[cp_model.IntVar]]
    ) -> None:
        """Two visits that both stand somewhere stand on days in this order."""
        for day in earlier:
            from_here = [x for on, own in earlier.items() if on >= day for x in own]
            self.cp.add_at_most_one([*from_here, *(x for on, own in later.items() if on <= day for x in own)])

    def _unplaced(self) -> tuple[Terms, int]:
        return [(x, -1) for x in self.x.values()], len(self.free)

    def _away(self, visits: Iterable[int]) -> tuple[Terms, int]:
        """How many of these visits do not stay where they are."""
        standing = [(visit, self.board.grid.now[visit]) for visit in visits]
        return [(self.x[where], -1) for where in standing if where in self.x], len(standing)

    def _load(self) -> tuple[Terms, int]:
        """A step for every visit more of an agency on a day, each dearer than the one before: squares."""
        board, grid = self.board, self.board.grid
        touched: dict[tuple[int, int], dict[int, list[cp_model.IntVar]]] = defaultdict(
            lambda: defaultdict(list)
        )
        for (visit, slot), x in self.x.items():
            for part in grid.parts[visit]:
                touched[part, grid.day_of[slot]][visit].append(x)
        terms: Terms = []
        for key, visits in touched.items():
            there = board.load[key[0]][key[1]]
            steps = [self.cp.new_bool_var("") for _ in range(self._room(key[1], list(visits)))]
            for lower, higher in pairwise(steps):
                self.cp.add_implication(higher, lower)
            self.cp.add(
                _total([(x, 1) for own in visits.values() for x in own]) == _total([(s, 1) for s in steps])
            )
            terms += [(step, 2 * (there + n) + 1) for n, step in enumerate(steps)]
        return terms, 0

    def _room(self, day: int, visits: Sequence[int]) -> int:
        """How many of these visits a day could hold by what all of them need."""
        board, grid = self.board, self.board.grid
        room = len(visits)
        shared = set.intersection(*({r for r, _ in grid.needs[visit]} for visit in visits))
        for resource in shared:
            least = min(n for visit in visits for r, n in grid.needs[visit] if r == resource)
            slots = [slot for slot in range(len(grid.slots)) if grid.day_of[slot] == day]
            in_slots = sum(board.left[resource][s] // least for s in slots)
            in_day = (board.left_a_day[resource][day]) // least
            room = min(room, in_slots, in_day)
        return max(room, 0)

    def _travel(self) -> tuple[Terms, int]:
        board, grid = self.board, self.board.grid
        trips: dict[tuple[int, int, int], dict[int, list[cp_model.IntVar]]] = defaultdict(
            lambda: defaultdict(list)
        )
        for (visit, slot), x in self.x.items():
            for who in grid.travellers[visit]:
                key = (who, grid.day_of[slot], grid.district[visit])
                if not board.trips[key]:
                    trips[key][visit].append(x)
        terms: Terms = []
        for visits in trips.values():
            trip = self.cp.new_bool_var("")
            for own in visits.values():
                self.cp.add(_total([(x, 1) for x in own]) <= trip)
            terms.append((trip, 1))
        return terms, 0

    def _wishes(self) -> tuple[Terms, int]:
        liked = self.board.grid.liked
        met = [(x, -1) for (visit, slot), x in self.x.items() if slot in liked[visit]]
        return met, sum(bool(liked[visit]) for visit in self.free)

    def hint(self, slots: Mapping[int, int]) -> None:
        """Where to start: the calendar as it is."""
        self.cp.clear_hints()  # type: ignore[no-untyped-call]
        for (visit, slot), x in self.x.items():
            self.cp.add_hint(x, slots.get(visit) == slot)

    def minimise(self, objective: int) -> None:
        """Ask for the least of one objective."""
        terms, constant = self.objectives[objective]
        self.cp.minimize(_total(terms) + constant)

    def at_most(self, objective: int, value: int) -> None:
        """From now on an objective may not be worse than this."""
        terms, constant = self.objectives[objective]
        if terms:
            self.cp.add(_total(terms) <= value - constant)

    def minimise_all(self) -> None:
        """Ask for the least of all objectives in their order, as one sum: an earlier one outweighs all later ones."""
        total: Terms = []
        weight = 1
        for terms, _ in reversed(self.objectives):
            total += [(x, n * weight) for x, n in terms]
            weight *= 1 + sum(abs(n) for _, n in terms)
        self.cp.minimize(_total(total))


def _total(terms: Terms) -> cp_model.LinearExpr:
    from ortools.sat.python import cp_model

    return cp_model.LinearExpr.weighted_sum([x for x, _ in terms], [n for _, n in terms])
