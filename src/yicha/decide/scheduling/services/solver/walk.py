"""A long walk of single visits from slot to slot, which cools down: it evens out what pieces are too small to see.

Simulated annealing over moves and exchanges. Chance comes from the seed alone, and the length of the walk is counted in
steps, so the same problem gives the same calendar on any machine. What the walk finds is held against bounds like
everything else; it proves nothing itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import exp
from random import Random

from yicha.decide.scheduling.rules.grid import NOWHERE
from yicha.decide.scheduling.services.solver.board import Board, settle
from yicha.decide.scheduling.services.solver.watch import Watch

STEPS_A_VISIT = 1_500
STEPS_A_SECOND = 50_000
"""So many steps count as one second of deterministic time."""
HOT, COLD = 6.0, 0.4
LOAD, TRAVEL, WISH, MOVE = 4.0, 1.0, 0.5, 1_000.0
"""What a unit of an objective weighs in the walk; in the end calendars are compared objective by objective."""
EXCHANGES = 0.3
LOOK = 1_000
"""Steps between two looks whether to stop."""


def walk(board: Board, visits: Sequence[int], effort: float, seed: int, watch: Watch) -> float:
    """Let these visits walk; the board is never worse than before. Returns the deterministic time that it took."""
    before, score = dict(board.at), board.score()
    steps = int(min(effort * STEPS_A_SECOND, len(visits) * STEPS_A_VISIT))
    walker = Walker(board, visits, seed)
    for step in range(steps):
        if step % LOOK == 0 and watch.stopping:
            break
        walker.step(HOT * (COLD / HOT) ** (step / steps))
    for _ in range(3):
        for visit in visits:
            if visit in board.at:
                board.take(visit)
            settle(board, visit)
    if board.score() > score:
        board.lay(before)
    return steps / STEPS_A_SECOND


class Walker:
    """Takes one step at a time: a visit to another of its slots, or two visits into each other's."""

    def __init__(self, board: Board, visits: Sequence[int], seed: int) -> None:
        self.board = board
        self.visits = visits
        self.domain = {visit: frozenset(board.grid.domain[visit]) for visit in visits}
        self.chance = Random(seed).random  # noqa: S311 - nothing is drawn by it: officers never come from here

    def step(self, heat: float) -> None:
        """Try one step; a worse one is taken the more seldom the colder it is."""
        board, chance = self.board, self.chance
        visit = self.visits[int(chance() * len(self.visits))]
        slots = board.grid.domain[visit]
        if chance() < EXCHANGES and visit in board.at:
            self._exchange(visit, self.visits[int(chance() * len(self.visits))], heat)
            return
        slot = slots[int(chance() * len(slots))]
        old = board.at.get(visit, NOWHERE)
        if slot == old:
            return
        if old == NOWHERE:
            if board.can(visit, slot):
                board.put(visit, slot)
            return
        board.take(visit)
        if board.can(visit, slot) and self._dares(self._price(visit, slot) - self._price(visit, old), heat):
            board.put(visit, slot)
        else:
            board.put(visit, old)

    def _exchange(self, visit: int, other: int, heat: float) -> None:
        board = self.board
        mine, yours = board.at[visit], board.at.get(other, NOWHERE)
        if mine == yours or yours not in self.domain[visit] or mine not in self.domain[other]:
            return
        board.take(visit)
        price = -self._price(visit, mine)
        board.take(other)
        price -= self._price(other, yours)
        if board.can(visit, yours):
            price += self._price(visit, yours)
            board.put(visit, yours)
            if board.can(other, mine) and self._dares(price + self._price(other, mine), heat):
                board.put(other, mine)
                return
            board.take(visit)
        board.put(other, yours)
        board.put(visit, mine)

    def _dares(self, worse: float, heat: float) -> bool:
        return worse <= 0 or self.chance() < exp(-worse / heat)

    def _price(self, visit: int, slot: int) -> float:
        moved, load, travel, unmet = self.board.cost(visit, slot)
        return MOVE * moved + LOAD * load + TRAVEL * travel + WISH * unmet
