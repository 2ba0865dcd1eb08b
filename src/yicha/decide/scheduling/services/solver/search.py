"""The best calendar of one component: wholly by CP-SAT where it is small, else piece by piece."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from yicha.decide.scheduling.rules import bounds
from yicha.decide.scheduling.rules.bounds import Score
from yicha.decide.scheduling.rules.grid import NOWHERE, Grid
from yicha.decide.scheduling.services.solver.board import Board, fill, settle
from yicha.decide.scheduling.services.solver.model import Model
from yicha.decide.scheduling.services.solver.prices import find_prices
from yicha.decide.scheduling.services.solver.walk import walk
from yicha.decide.scheduling.services.solver.watch import Watch

SMALL = 3_000
"""So many choices (visit and slot) are asked at once; more are asked piece by piece."""
CROWD = 24
"""So many visits are free in a piece."""
PIECE = 0.2
"""Deterministic time for one piece, at most."""
CHOICES_A_SECOND = 3_000
"""Making a model takes time too, and is counted: so many choices as a second."""
POLISH = 0.005
"""Deterministic time for polishing, per visit."""
NOTHING: Score = (0, 0, 0, 0, 0, 0)

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
    is_small = sum(len(grid.domain[visit]) for visit in visits) <= SMALL
    prices = {} if is_small or watch.stopping else find_prices(grid, [v for v in visits if grid.domain[v]])
    bound = bounds.bound(grid, visits, board.score(), prices)
    if board.score() != bound:
        budget.left -= walk(board, loose(board), budget.left / 2, budget.seed, watch)
        bound = bounds.bound(grid, visits, board.score(), prices)
    proven = ask_whole(board, budget, watch) if is_small else ask_pieces(board, bound, budget, watch)
    for visit in loose(board):  # of places that are equally good, the earliest
        if visit in board.at:
            board.take(visit)
        settle(board, visit)
    score = board.score()
    bound = bounds.bound(grid, visits, score, prices)
    best = [min(s, max(b, p)) for s, b, p in zip(score, bound, proven, strict=True)]
    return Outcome(dict(board.at), score, _as_score(best))


def loose(board: Board) -> list[int]:
    """Visits that may stand anywhere: all but those that are held and, with `keep`, all that stand where they did."""
    grid = board.grid
    return [
        visit
        for visit in board.visits
        if grid.domain[visit]
        and not ((grid.keep or grid.held[visit]) and board.at.get(visit) == grid.now[visit])
    ]


def ask_whole(board: Board, budget: Budget, watch: Watch) -> Score:
    """One objective after the other over the whole component; returns what is proven of each."""
    grid = board.grid
    model = Model(board, {visit: grid.domain[visit] for visit in board.visits})
    best = dict(model.before)
    score, proven = _score_of(board, model, best), list(NOTHING)
    for objective in range(len(score)):
        proven[objective] = bounds.bound(grid, board.visits, score)[objective]
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
    return _as_score(proven)


def _as_score(numbers: Sequence[int]) -> Score:
    held, unplaced, moves, load, travel, wishes = numbers
    return held, unplaced, moves, load, travel, wishes


def _score_of(board: Board, model: Model, slots: Mapping[int, int]) -> Score:
    """What the board is worth with these visits on it; the board stays as it is."""
    model.give_back(slots)
    score = board.score()
    for visit in slots:
        board.take(visit)
    return score


def ask_pieces(board: Board, bound: Score, budget: Budget, watch: Watch) -> Score:
    """Repair until a whole round betters nothing, then polish once. Pieces prove nothing of the whole: zeros."""
    score, before = board.score(), None
    while score != before:
        before = score
        score = _ask_each(board, repairs(board), score, bound, budget, watch)
    if not board.grid.keep:
        polish = Budget(min(budget.left, POLISH * len(board.visits)), budget.seed)
        _ask_each(board, weeks(board), score, bound, polish, watch)
    return NOTHING


def _ask_each(
    board: Board, pieces: Iterator[Choices], score: Score, bound: Score, budget: Budget, watch: Watch
) -> Score:
    for choices in pieces:
        if score == bound or budget.left <= 0 or watch.stopping:
            break
        score = improve(board, choices, score, budget, watch)
    return score


def improve(board: Board, choices: Choices, score: Score, budget: Budget, watch: Watch) -> Score:
    """Ask for the best places of some visits, all others staying; taken only if it is better."""
    model = Model(board, choices)
    model.hint(model.before)
    model.minimise_all()
    found = watch.run(model, min(PIECE, budget.left), budget.seed)
    budget.left -= found.effort + len(model.x) / CHOICES_A_SECOND
    model.give_back(model.before if found.slots is None else found.slots)
    reached = board.score()
    if found.slots is not None and reached > score:
        for visit in found.slots:
            board.take(visit)
        model.give_back(model.before)
        return score
    return min(reached, score)


def repairs(board: Board) -> Iterator[Choices]:
    """For each visit without a place (with `keep`, each that moves), it and those around it."""
    grid = board.grid
    for visit in sorted(loose(board), key=lambda visit: visit in board.at):
        if visit not in board.at or grid.keep:
            yield {other: grid.domain[other] for other in sorted(around(board, visit))}


def weeks(board: Board) -> Iterator[Choices]:
    """Visits of two weeks, near ones first, that may choose anew within them."""
    grid = board.grid
    numbers = sorted({_week(grid, slot) for slot in range(len(grid.slots))})
    for apart in range(1, len(numbers)):
        for early, late in zip(numbers, numbers[apart:], strict=False):
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


def _of_weeks(board: Board, numbers: set[int]) -> Iterator[Choices]:
    """Visits of some weeks, which may choose among the slots of these weeks, a crowd at a time by district."""
    grid = board.grid
    own = [visit for visit in board.visits if _week(grid, board.at.get(visit, NOWHERE)) in numbers]
    own.sort(key=lambda visit: (grid.district[visit], grid.parts[visit], visit))
    for first in range(0, len(own), CROWD):
        yield {
            visit: [slot for slot in grid.domain[visit] if _week(grid, slot) in numbers]
            for visit in sorted(own[first : first + CROWD])
        }


def _week(grid: Grid, slot: int) -> int:
    """The week of a slot, Monday to Sunday, as a number."""
    return NOWHERE if slot == NOWHERE else (grid.days[grid.day_of[slot]] - 1) // 7
