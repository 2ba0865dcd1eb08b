"""The solver against trying every calendar, on small problems of all kinds."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, timedelta
from random import Random
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from yicha.decide.scheduling.rules.bounds import bound
from yicha.decide.scheduling.rules.checking import check
from yicha.decide.scheduling.rules.explaining import explain_one
from yicha.decide.scheduling.rules.grid import find_components, lay_out
from yicha.decide.scheduling.services.solver import search, solve
from yicha.decide.scheduling.services.solver.board import Board
from yicha.decide.scheduling.services.solver.model import Model
from yicha.decide.scheduling.services.solver.watch import Watch
from yicha.decide.scheduling.terms import (
    PARTS,
    Limit,
    Missing,
    Objective,
    Problem,
    Resource,
    ResourceKind,
    Slot,
    Solution,
    VisitFacts,
)
from yicha.decide.scheduling.tests import brute

MONDAY = date(2026, 7, 6)
SLOTS = [Slot(MONDAY + timedelta(days=n), part) for n in range(3) for part in PARTS]
ENOUGH = 99
RESOURCES = [
    Resource(ResourceKind.POOL, "m", ""),
    Resource(ResourceKind.POOL, "m", "food"),
    Resource(ResourceKind.POOL, "f", ""),
    Resource(ResourceKind.OFFICER, "f", "F-1"),
    Resource(ResourceKind.EQUIPMENT, "m", "vehicle"),
]

slots = st.lists(st.sampled_from(SLOTS), unique=True, max_size=4).map(lambda own: tuple(sorted(own)))


day = st.sampled_from(sorted({slot.day for slot in SLOTS}))
limits = st.builds(
    lambda days, most: Limit(min(days), max(days), most), st.tuples(day, day), st.integers(1, 2)
)


@st.composite
def visits(draw: st.DrawFn, number: int) -> VisitFacts:
    maybe = st.none() | st.sampled_from(SLOTS)
    return VisitFacts(
        key=f"v{number}",
        uscc=draw(st.sampled_from(["P", "P", "Q", f"E{number}"])),
        district=draw(st.sampled_from("xy")),
        agencies=draw(st.sampled_from([("m",), ("f",), ("m", "f")])),
        needs=draw(st.dictionaries(st.sampled_from(RESOURCES), st.integers(1, 2), max_size=3)),
        slots=draw(slots),
        preferred=frozenset(draw(slots)) if draw(st.booleans()) else frozenset(),
        fixed=draw(maybe) if draw(st.integers(0, 5)) == 0 else None,
        now=draw(maybe),
        held=draw(st.booleans()) if draw(st.booleans()) else False,
    )


def in_turn(own: list[VisitFacts]) -> list[VisitFacts]:
    """Visits to one enterprise that keep the order of their keys."""
    return [
        replace(one, after=frozenset(row.key for row in own if row.uscc == one.uscc and row.key < one.key))
        for one in own
    ]


@st.composite
def problems(draw: st.DrawFn) -> Problem:
    roomy = draw(st.booleans())  # only what visits to one enterprise ask of each other decides
    own = [draw(visits(number)) for number in range(draw(st.integers(0, 5)))]
    return Problem(
        visits=tuple(in_turn(own)) if draw(st.booleans()) else tuple(own),
        slots=tuple(SLOTS),
        capacity={(r, s): ENOUGH if roomy else draw(st.integers(0, 4)) for r in RESOURCES for s in SLOTS},
        per_day={}
        if roomy
        else {(r, day): draw(st.integers(1, 4)) for r in RESOURCES[1:4] for day in {s.day for s in SLOTS}},
        limits={uscc: tuple(draw(st.lists(limits, max_size=2))) for uscc in "PQ"},
        keep=draw(st.booleans()),
    )


@settings(max_examples=150, deadline=None)
@given(problems())
def test_every_objective_is_the_least_there_is_and_proven(problem: Problem) -> None:
    solution = solve(problem, effort=60)
    least = brute.best_score(problem)
    best = dict(zip(Objective, least[1:], strict=True))
    assert check(problem, solution) == []
    assert {name: measure.value for name, measure in solution.objectives.items()} == {
        name: best[name] for name in solution.objectives
    }
    assert all(measure.bound == measure.value for measure in solution.objectives.values())
    assert least == brute.score(problem, dict(solution.placed))


@settings(max_examples=150, deadline=None)
@given(problems())
def test_bounds_without_a_solver_are_never_above_the_best(problem: Problem) -> None:
    best = brute.best_score(problem)
    grid = lay_out(problem)
    found = bound(grid, range(len(grid.keys)), best)
    assert all(low <= value for low, value in zip(found, best, strict=True)), (found, best)


@settings(max_examples=60, deadline=None)
@given(problems(), st.randoms(use_true_random=False))
def test_the_order_of_rows_says_nothing(problem: Problem, chance: Random) -> None:
    def mixed(rows: Iterable[Any]) -> list[Any]:
        return chance.sample(own := list(rows), len(own))

    shuffled = Problem(
        visits=tuple(mixed(problem.visits)),
        slots=tuple(mixed(problem.slots)),
        capacity=dict(mixed(problem.capacity.items())),
        per_day=dict(mixed(problem.per_day.items())),
        limits=problem.limits,
        keep=problem.keep,
    )
    assert solve(problem, effort=5) == solve(shuffled, effort=5)


@settings(max_examples=60, deadline=None)
@given(problems())
def test_piece_by_piece_no_rule_breaks_and_no_bound_is_above_the_value(problem: Problem) -> None:
    small, search.SMALL = search.SMALL, -1
    try:
        solution = solve(problem, effort=5)
    finally:
        search.SMALL = small
    assert check(problem, solution) == []
    best = brute.best_score(problem)
    reached = brute.score(problem, dict(solution.placed))
    assert reached >= best
    for place, name in enumerate(Objective, start=1):
        measure = solution.objectives.get(name)
        if measure is None:
            continue
        assert measure.value == reached[place] and measure.bound <= reached[place]
        assert reached[:place] != best[:place] or measure.bound <= best[place]


@settings(max_examples=150, deadline=None)
@given(problems(), st.randoms(use_true_random=False))
def test_board_words_and_checker_agree_on_what_may_stand_where(problem: Problem, chance: Random) -> None:
    """Visit after visit in any order and on any slot of its own: four ways to say whether it may stand there."""
    board, placed = Board(grid := lay_out(problem), range(len(problem.visits))), dict[str, Slot]()
    for visit in chance.sample(problem.visits, len(problem.visits)):
        for slot in chance.sample(visit.slots, len(visit.slots)):
            longer = {**placed, visit.key: slot}
            may = brute.keeps_limits(problem, longer)
            row = grid.keys.index(visit.key)
            assert board.can(row, grid.slots.index(slot)) == may
            assert (explain_one(problem, placed, visit, slot) == []) == may
            limits = [one for one in broken(problem, longer) if one != "calendar.pin-moved"]
            assert (limits == []) == may
            if may:
                board.put(row, grid.slots.index(slot))
                placed = longer
                break


def broken(problem: Problem, placed: dict[str, Slot]) -> list[str]:
    """The rules that a calendar breaks, whatever it leaves out."""
    left_out = tuple(Missing(one.key, None, "", ()) for one in problem.visits if one.key not in placed)
    return [row.reason.code for row in check(problem, Solution(placed, left_out, {}))]


def test_a_piece_counts_the_visits_to_the_enterprise_that_it_leaves_alone() -> None:
    """A month of two visits: one stands and is not asked about, so that of two others one finds a place."""
    rows = [VisitFacts(f"v{number}", "P", "x", ("m",), {}, tuple(SLOTS)) for number in range(3)]
    month = {"P": (Limit(date(2026, 7, 1), date(2026, 7, 31), 2),)}
    board = Board(lay_out(Problem(tuple(rows), tuple(SLOTS), {}, limits=month)), range(3))
    board.put(0, 0)
    model = Model(board, {1: range(len(SLOTS)), 2: range(len(SLOTS))})
    model.minimise(1)
    found = Watch().run(model, 10.0, 0)
    assert found.is_best and found.slots is not None and len(found.slots) == 1


def test_components_have_nothing_in_common() -> None:
    def visit(key: str, agency: str, uscc: str) -> VisitFacts:
        return VisitFacts(key, uscc, "x", (agency,), {Resource(ResourceKind.POOL, agency, ""): 2}, ())

    rows = (visit("a", "m", "E1"), visit("b", "f", "E2"), visit("c", "t", "E1"), visit("d", "f", "E3"))
    assert find_components(lay_out(Problem(rows, tuple(SLOTS), {}))) == [[0, 2], [1, 3]]
