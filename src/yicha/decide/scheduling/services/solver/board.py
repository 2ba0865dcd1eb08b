"""A calendar in the making: where visits stand, what is used, and what it is worth."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping

from yicha.decide.scheduling.rules.bounds import Score
from yicha.decide.scheduling.rules.grid import NOWHERE, Grid


class Board:
    """Visits of one component on their slots. Only what `can` allows is put, so a board never breaks a rule."""

    def __init__(self, grid: Grid, visits: Iterable[int]) -> None:
        self.grid = grid
        self.visits = list(visits)
        self.at: dict[int, int] = {}
        resources = sorted({resource for visit in self.visits for resource, _ in grid.needs[visit]})
        parts = sorted({part for visit in self.visits for part in grid.parts[visit]})
        self.left = {resource: list(grid.cap[resource]) for resource in resources}
        """What is left of a resource, by slot; `left_a_day` by day."""
        self.left_a_day = {resource: list(grid.day_cap[resource]) for resource in resources}
        self.load = {part: [0] * len(grid.days) for part in parts}
        self.trips: defaultdict[tuple[int, int, int], int] = defaultdict(int)
        """Visits by who goes, day and district."""

    def can(self, visit: int, slot: int) -> bool:
        """Whether a visit that stands nowhere may be put here."""
        grid, day = self.grid, self.grid.day_of[slot]
        for resource, n in grid.needs[visit]:
            if self.left[resource][slot] < n or self.left_a_day[resource][day] < n:
                return False
        if not grid.siblings[visit]:
            return True
        here = {other: self.at[other] for other in grid.siblings[visit] if other in self.at}
        return grid.may_join(visit, slot, here)

    def put(self, visit: int, slot: int) -> None:
        """Put a visit that stands nowhere."""
        self.at[visit] = slot
        self._count(visit, slot, 1)

    def take(self, visit: int) -> int:
        """Take a visit away; returns where it stood."""
        slot = self.at.pop(visit)
        self._count(visit, slot, -1)
        return slot

    def lay(self, slots: Mapping[int, int]) -> None:
        """Exactly these visits on these slots."""
        for visit in list(self.at):
            self.take(visit)
        for visit, slot in slots.items():
            self.put(visit, slot)

    def _count(self, visit: int, slot: int, sign: int) -> None:
        grid, day = self.grid, self.grid.day_of[slot]
        for resource, n in grid.needs[visit]:
            self.left[resource][slot] -= sign * n
            self.left_a_day[resource][day] -= sign * n
        for part in grid.parts[visit]:
            self.load[part][day] += sign
        for who in grid.travellers[visit]:
            self.trips[who, day, grid.district[visit]] += sign

    def cost(self, visit: int, slot: int) -> tuple[int, int, int, int]:
        """What putting a visit here, which stands nowhere, adds to moves, load, travel and wishes."""
        grid, day = self.grid, self.grid.day_of[slot]
        load = travel = 0
        for part in grid.parts[visit]:
            load += 2 * self.load[part][day] + 1
        for who in grid.travellers[visit]:
            travel += not self.trips[who, day, grid.district[visit]]
        moved = int((grid.keep or grid.held[visit]) and grid.now[visit] not in (NOWHERE, slot))
        return moved, load, travel, int(bool(grid.liked[visit]) and slot not in grid.liked[visit])

    def score(self) -> Score:
        """Held visits that move, and the objectives of the whole board; moves are 0 unless the problem says `keep`.

        What has no place has moved, and its wish is not met.
        """
        grid = self.grid
        stands = {visit: self.at.get(visit, NOWHERE) for visit in self.visits}
        return (
            sum(grid.held[v] and slot != grid.now[v] for v, slot in stands.items()),
            sum(slot == NOWHERE for slot in stands.values()),
            sum(grid.keep and grid.now[v] not in (NOWHERE, slot) for v, slot in stands.items()),
            sum(n * n for loads in self.load.values() for n in loads),
            sum(n > 0 for n in self.trips.values()),
            sum(bool(grid.liked[v]) and slot not in grid.liked[v] for v, slot in stands.items()),
        )


def fill(board: Board) -> None:
    """Put every visit that stands nowhere, those with fewest slots first, where it costs least; some may not fit.

    Visits that are held stay where they are first of all; with `keep`, all that may.
    """
    grid = board.grid
    waiting = [visit for visit in board.visits if visit not in board.at]
    waiting.sort(key=lambda visit: (len(grid.domain[visit]), -len(grid.needs[visit]), visit))
    for held in (True, False) if grid.keep else (True,):
        for visit in waiting:
            stays = grid.held[visit] == held and grid.now[visit] in grid.domain[visit]
            if stays and board.can(visit, grid.now[visit]):
                board.put(visit, grid.now[visit])
    for visit in waiting:
        if visit not in board.at:
            settle(board, visit)


def settle(board: Board, visit: int) -> bool:
    """Put a visit where it costs least, if there is room for it anywhere."""
    slots = [slot for slot in board.grid.domain[visit] if board.can(visit, slot)]
    if slots:
        board.put(visit, min(slots, key=lambda slot: (board.cost(visit, slot), slot)))
    return bool(slots)
