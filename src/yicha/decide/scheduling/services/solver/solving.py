"""`solve`: a problem in, a calendar out. Components are independent, so two of them are solved at a time."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait

from yicha.decide.scheduling.rules.explaining import explain
from yicha.decide.scheduling.rules.grid import Grid, find_components, lay_out
from yicha.decide.scheduling.services.solver.search import Budget, Outcome, arrange
from yicha.decide.scheduling.services.solver.watch import Watch
from yicha.decide.scheduling.terms import Measure, Objective, Problem, Solution

AT_ONCE = 2
LOOK_AROUND = 0.2
"""Seconds between two looks whether to stop; nothing that is decided depends on it."""

OnProgress = Callable[[str, int, int], None]
ShouldStop = Callable[[], bool]


def solve(
    problem: Problem,
    *,
    seed: int = 0,
    effort: float = 60.0,
    on_progress: OnProgress | None = None,
    should_stop: ShouldStop | None = None,
) -> Solution:
    """The calendar of a problem: objectives in their order, each with a proven bound.

    The same problem, seed and effort give the same calendar, whatever the order of its rows and however busy the
    machine. `effort` is deterministic time (about seconds of one core) for all components together, shared out by
    their visits. `on_progress(phase, done, total)` counts visits; it and `should_stop` are called by the caller's
    thread only. A visit that has no place is explained in `missing`; nothing is raised.
    """
    say = on_progress or _say_nothing
    say("facts", 0, len(problem.visits))
    grid = lay_out(problem)
    components = sorted(find_components(grid), key=lambda visits: (-len(visits), visits[0]))
    watch = Watch()
    outcomes = _solve_all(grid, components, Budget(effort, seed), watch, say, should_stop or _never)
    say("explaining", len(grid.keys), len(grid.keys))
    at = {visit: slot for outcome in outcomes for visit, slot in outcome.at.items()}
    return Solution(
        placed={grid.keys[visit]: grid.slots[at[visit]] for visit in sorted(at)},
        missing=explain(problem, {grid.keys[visit]: grid.slots[slot] for visit, slot in at.items()}),
        objectives=_measures(problem, outcomes),
        stopped=watch.stopping,
    )


def _solve_all(
    grid: Grid,
    components: Sequence[list[int]],
    budget: Budget,
    watch: Watch,
    say: OnProgress,
    should_stop: ShouldStop,
) -> list[Outcome]:
    total, done = len(grid.keys), 0
    with ThreadPoolExecutor(AT_ONCE, "solver") as pool:
        sizes: dict[Future[Outcome], int] = {}
        for visits in components:
            own = Budget(budget.left * len(visits) / total, budget.seed)
            sizes[pool.submit(arrange, grid, visits, own, watch)] = len(visits)
        waiting = set(sizes)
        while waiting:
            ended, waiting = wait(waiting, LOOK_AROUND, FIRST_COMPLETED)
            done += sum(sizes[future] for future in ended)
            say("solving", done, total)
            if waiting and should_stop():
                watch.stop()
        return [future.result() for future in sizes]


def _measures(problem: Problem, outcomes: Sequence[Outcome]) -> dict[Objective, Measure]:
    """Components have nothing to do with each other: values add up, and so do bounds.

    What comes before the objectives in a score, held visits that move, is said of each of these visits.
    """
    return {
        objective: Measure(
            sum(outcome.score[place] for outcome in outcomes),
            sum(outcome.bound[place] for outcome in outcomes),
        )
        for place, objective in enumerate(Objective, start=1)
        if problem.keep or objective != Objective.MOVES
    }


def _say_nothing(phase: str, done: int, total: int) -> None:
    return None


def _never() -> bool:
    return False
