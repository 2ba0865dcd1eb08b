"""How the solver runs: it can be watched and stopped, says the same twice, and is not loaded until it is asked."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import replace
from datetime import date, timedelta
from itertools import pairwise

from yicha.decide.scheduling.rules.bounds import fill_by_chains
from yicha.decide.scheduling.rules.checking import check
from yicha.decide.scheduling.services.solver import search, solve
from yicha.decide.scheduling.terms import (
    PARTS,
    Objective,
    Problem,
    Resource,
    ResourceKind,
    Slot,
    Solution,
    VisitFacts,
)

DAYS = [date(2026, 7, 1) + timedelta(days=n) for n in range(40)]
SLOTS = tuple(Slot(day, part) for day in DAYS for part in PARTS)


def crowd(count: int = 90) -> Problem:
    """More visits than can be asked at once, of three agencies that often go together, in two districts."""
    agencies = [("m",), ("f",), ("m", "f"), ("f", "h"), ("m", "f", "h")]

    def visit(number: int) -> VisitFacts:
        own = agencies[number % 5]
        first = (number * 7) % 50
        return VisitFacts(
            key=f"v{number:03}",
            uscc=f"E{number % 70}",
            district="xy"[number % 2],
            agencies=own,
            needs={Resource(ResourceKind.POOL, agency, ""): 2 for agency in own},
            slots=SLOTS[first : first + 30],
            preferred=frozenset(SLOTS[first : first + 6]) if number % 3 == 0 else frozenset(),
        )

    pools = [Resource(ResourceKind.POOL, agency, "") for agency in "mfh"]
    capacity = {(pool, slot): 4 for pool in pools for slot in SLOTS}
    return Problem(tuple(visit(number) for number in range(count)), SLOTS, capacity)


def is_large(problem: Problem) -> bool:
    return sum(len(visit.slots) for visit in problem.visits) > search.SMALL


def test_a_crowd_is_placed_piece_by_piece_near_its_bound() -> None:
    problem = crowd(105)
    assert is_large(problem)
    solution = solve(problem, effort=3)
    assert check(problem, solution) == [] and len(solution.placed) == 105
    assert solution.objectives[Objective.LOAD].gap < 0.05
    assert all(measure.bound <= measure.value for measure in solution.objectives.values())


def test_the_same_problem_and_seed_give_the_same_calendar() -> None:
    problem = crowd(105)
    mixed = replace(problem, visits=problem.visits[::-1], slots=problem.slots[::-1])
    assert solve(problem, seed=3, effort=1) == solve(mixed, seed=3, effort=1)


def test_progress_only_grows_and_ends_at_the_whole() -> None:
    said: list[tuple[str, int, int]] = []
    solve(crowd(20), effort=2, on_progress=lambda *row: said.append(row))
    solving = [done for phase, done, _ in said if phase == "solving"]
    assert all(earlier <= later for earlier, later in pairwise(solving)) and solving[-1] == 20
    assert said[0][0] == "facts" and said[-1] == ("explaining", 20, 20)
    assert all(total == 20 for _, _, total in said)


def stopped_after(looks: int, problem: Problem) -> Solution:
    """Stopped at the so-many-th look, whatever effort is left: without stopping this would go on for hours."""
    seen: list[None] = []

    def should_stop() -> bool:
        seen.append(None)
        return len(seen) >= looks

    return solve(problem, effort=1e6, should_stop=should_stop)


def test_who_stops_a_solve_keeps_the_best_so_far() -> None:
    problem = crowd(90)
    assert not is_large(problem)
    for looks in (1, 3):
        solution = stopped_after(looks, problem)
        assert solution.stopped and check(problem, solution) == []
        assert len(solution.placed) == 90
        assert all(measure.bound <= measure.value for measure in solution.objectives.values())


def test_what_is_not_stopped_says_so() -> None:
    assert not solve(crowd(5), effort=5).stopped


def test_unplaced_visits_of_a_crowd_are_proven_and_explained() -> None:
    problem = crowd(105)
    tight = replace(problem, capacity={key: 2 for key in problem.capacity if key[1].day.day % 3 == 0})
    solution = solve(tight, effort=2)
    left = {visit.key for visit in problem.visits} - set(solution.placed)
    assert left and {row.visit for row in solution.missing} == left
    assert 0 < solution.objectives[Objective.UNPLACED].bound <= len(left)
    assert check(tight, solution) == []


def test_a_chain_of_moves_finds_room_that_no_single_move_finds() -> None:
    loads, left_over = fill_by_chains([[0], [0, 1], [1, 2], [0]], [2, 1, 1])
    assert (loads, left_over) == ([2, 1, 1], 0)
    assert fill_by_chains([[0], [0], [0, 1]], [1, 1]) == ([1, 1], 1)


def test_the_solver_is_loaded_by_the_first_solve_and_not_before() -> None:
    program = (
        "import django, sys; django.setup(); from yicha.decide.scheduling import services; import yicha.site.urls; "
        "sys.exit('ortools' in sys.modules)"
    )
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "yicha.site.settings"}
    assert subprocess.run([sys.executable, "-c", program], env=environment, check=False).returncode == 0
