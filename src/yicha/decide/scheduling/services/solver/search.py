"""The best calendar of one component: wholly by CP-SAT where it is small, else piece by piece."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from yicha.decide.scheduling.rules import bounds
from yicha.decide.scheduling.rules.grid import NOWHERE, Grid
from yicha.decide.scheduling.services.solver.board import Board, Score, fill
from yicha.decide.scheduling.services.solver.model import Model
from yicha.decide.scheduling.services.solver.watch import Watch

SMALL = 3_000
"""So many choices (visit and slot) are asked at once; more are asked piece by piece."""
CROWD = 70
"""So many visits are free in a piece."""
PIECE = 0.4
"""Deterministic time for one piece, at most."""
UNPLACED, MOVES, LOAD = 0, 1, 2

Choices = dict[int, Sequence[int]]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a component: where visits stand, what it is worth, and what no calendar of it undercuts."""

    at: Mapping[int, int]
    score: Score
    bound: Score


@dataclass(slots=True)
class Budget:
    """Deterministic time that is left; it is counted, never measured by a clock."""

    left: float
    seed: int


def arrange(grid: Grid, visits: Sequence[int], budget: Budget, watch: Watch) -> Outcome:
    """The best calendar of a component inside its budget; ended early, the best so far."""
    board = Board(grid, visits)
    fill(board)
    bound = bounds.bound(grid, visits, board.score())
    if sum(len(grid.domain[visit]) for visit in visits) <= SMALL:
        proven = ask_whole(board, bound, budget, watch)
    else:
        ask_pieces(board, bound, budget, watch)
        proven = (0, 0, 0, 0, 0)
    score = board.score()
    bound = bounds.bound(grid, visits, score)
    best = [min(s, max(b, p)) for s, b, p in zip(score, bound, proven, strict=True)]
    return Outcome(dict(board.at), score, (best[0], best[1], best[2], best[3], best[4]))


def ask_whole(board: Board, bound: Score, budget: Budget, watch: Watch) -> Score:
    """One objective after the other over the whole component; returns what is proven of each."""
    grid = board.grid
    model = Model(board, {visit: grid.domain[visit] for visit in board.visits})
    best = dict(model.before)
    score, proven = _score_of(board, model, best), [0, 0, 0, 0, 0]
    for objective in range(len(score)):
        proven[objective] = bound[objective] if objective < LOAD else 0
        if score[objective] > proven[objective] and budget.left > 0 and not watch.stopping:
            model.hint(best)
            model.minimise(objective)
            found = watch.run(model, budget.left / (len(score) - objective), budget.seed)
            budget.left -= found.effort
            if found.slots is not None:
                best = found.slots
                proven[objective] = max(proven[objective], found.bound)
                score = _score_of(board, model, best)
        model.at_most(objective, score[objective])
    model.give_back(best)
    return (proven[0], proven[1], proven[2], proven[3], proven[4])


def _score_of(board: Board, model: Model, slots: Mapping[int, int]) -> Score:
    """What the board is worth with these visits on it; the board stays as it is."""
    model.give_back(slots)
    score = board.score()
    for visit in slots:
        board.take(visit)
    return score


def ask_pieces(board: Board, bound: Score, budget: Budget, watch: Watch) -> None:
    """Piece after piece, again and again until a whole round betters nothing, nothing is left to better, or it ends."""
    score = board.score()
    for number in range(1_000):
        before = score
        for choices in pieces(board, number):
            if score == bound or budget.left <= 0 or watch.stopping:
                return
            score = improve(board, choices, score, budget, watch)
        if score == before:
            return


def improve(board: Board, choices: Choices, score: Score, budget: Budget, watch: Watch) -> Score:
    """Ask for the best places of some visits, all others staying; taken only if it is better."""
    model = Model(board, choices)
    model.hint(model.before)
    model.minimise_all()
    found = watch.run(model, min(PIECE, budget.left), budget.seed)
    budget.left -= max(found.effort, 0.01)
    model.give_back(model.before if found.slots is None else found.slots)
    reached = board.score()
    if found.slots is not None and reached > score:
        for visit in found.slots:
            board.take(visit)
        model.give_back(model.before)
        return score
    return min(reached, score)


def pieces(board: Board, number: int) -> Iterator[Choices]:
    """Visits that are asked together: around one without a place, then of an agency, then of two weeks."""
    grid = board.grid
    for visit in [v for v in board.visits if v not in board.at and grid.domain[v]]:
        if visit not in board.at:
            yield {other: grid.domain[other] for other in sorted(around(board, visit))}
    for members in _by_agency(board).values():
        parts = -(-len(members) // CROWD)
        for first in range(parts):
            shifted = members[number:] + members[:number]
            yield {visit: grid.domain[visit] for visit in sorted(shifted[first::parts])}
    weeks = sorted({_week(grid, slot) for slot in range(len(grid.slots))})
    for apart in range(1, len(weeks)):
        for early, late in zip(weeks, weeks[apart:], strict=False):
            yield from _of_weeks(board, {early, late})


def around(board: Board, visit: int) -> list[int]:
    """A visit and those that stand where it could stand and take what it needs, or are of its enterprise."""
    grid = board.grid
    wanted, needs = set(grid.domain[visit]), {r for r, _ in grid.needs[visit]}
    days = {grid.day_of[slot] for slot in wanted}
    rivals = [
        other
        for other, slot in board.at.items()
        if grid.day_of[slot] in days and any(r in needs for r, _ in grid.needs[other])
    ]
    rivals.sort(key=lambda other: (board.at[other] not in wanted, -len(grid.domain[other]), other))
    return list(dict.fromkeys([visit, *grid.siblings[visit], *rivals]))[:CROWD]


def _by_agency(board: Board) -> dict[int, list[int]]:
    own: dict[int, list[int]] = {}
    for visit in board.visits:
        if board.grid.domain[visit]:
            for part in board.grid.parts[visit]:
                own.setdefault(part, []).append(visit)
    return dict(sorted(own.items()))


def _of_weeks(board: Board, weeks: set[int]) -> Iterator[Choices]:
    """Visits of some weeks, which may choose among the slots of these weeks, a crowd at a time by district."""
    grid = board.grid
    own = [visit for visit in board.visits if _week(grid, board.at.get(visit, NOWHERE)) in weeks]
    own.sort(key=lambda visit: (grid.district[visit], grid.parts[visit], visit))
    for first in range(0, len(own), CROWD):
        yield {
            visit: [slot for slot in grid.domain[visit] if _week(grid, slot) in weeks]
            for visit in sorted(own[first : first + CROWD])
        }


def _week(grid: Grid, slot: int) -> int:
    """The week of a slot, Monday to Sunday, as a number."""
    return NOWHERE if slot == NOWHERE else (grid.days[grid.day_of[slot]] - 1) // 7
