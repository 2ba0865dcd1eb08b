"""The assignment of officers against brute force, and the naming of what cannot be filled."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from yicha.decide.drawing.rules import officers, tickets
from yicha.decide.drawing.terms import Assigned, Eligible, Task

SEED = "00112233445566778899aabbccddeeff"
Case = tuple[list[Task], list[Eligible], int]


@st.composite
def cases(draw: st.DrawFn, lowest_need: int = 1) -> Case:
    people = [f"p{number}" for number in range(draw(st.integers(1, 5)))]
    tasks = [
        Task(f"v{number}", "a", draw(st.integers(lowest_need, 2)))
        for number in range(draw(st.integers(1, 4)))
    ]
    eligibility = [
        Eligible(task.visit, "a", person) for task in tasks for person in people if draw(st.integers(0, 3))
    ]
    return tasks, eligibility, draw(st.integers(1, 3))


def every_assignment(
    tasks: list[Task], eligibility: list[Eligible], cap: int
) -> Iterator[tuple[frozenset[str], ...]]:
    """All ways to fill all tasks within the cap."""

    def go(number: int, load: Counter[str]) -> Iterator[tuple[frozenset[str], ...]]:
        if number == len(tasks):
            yield ()
            return
        task = tasks[number]
        may = [row.officer for row in eligibility if row[:2] == task[:2] and load[row.officer] < cap]
        for chosen in combinations(may, task.need):
            for rest in go(number + 1, load + Counter(chosen)):
                yield (frozenset(chosen), *rest)

    yield from go(0, Counter())


def by_brute_force(tasks: list[Task], eligibility: list[Eligible], cap: int) -> list[Assigned] | None:
    """The words of yicha-draw/1: the lexicographically smallest of all feasible assignments."""
    order = sorted(
        tasks, key=lambda task: (tickets.ticket_of(SEED, f"o:{task.visit}"), task.visit, task.agency)
    )
    best: list[list[tuple[str, str]]] | None = None
    for choice in every_assignment(order, eligibility, cap):
        ranked = [
            sorted((tickets.ticket_of(SEED, f"p:{task.visit}:{officer}"), officer) for officer in chosen)
            for task, chosen in zip(order, choice, strict=True)
        ]
        if best is None or ranked < best:
            best = ranked
    if best is None:
        return None
    return [
        Assigned(task.visit, task.agency, officer, ticket)
        for task, chosen in zip(order, best, strict=True)
        for ticket, officer in chosen
    ]


@settings(max_examples=300, deadline=None)
@given(cases())
def test_assignment_is_the_smallest_of_all(case: Case) -> None:
    expected = by_brute_force(*case)
    if expected is None:
        assert officers.shortages(*case)
        with pytest.raises(ValueError, match="infeasible"):
            officers.assign(SEED, *case)
    else:
        assert not officers.shortages(*case)
        assert officers.assign(SEED, *case) == expected


@settings(max_examples=200, deadline=None)
@given(cases())
def test_a_shortage_is_a_proof(case: Case) -> None:
    tasks, eligibility, cap = case
    for short in officers.shortages(*case):
        group = [task for task in tasks if task.visit in short.visits]
        assert sum(task.need for task in group) == short.need > short.supply
        # no way at all to fill this group alone
        assert next(every_assignment(group, eligibility, cap), None) is None


def test_order_of_rows_changes_nothing() -> None:
    tasks = [Task(f"v{number}", "a", 2) for number in range(6)]
    eligibility = [Eligible(task.visit, "a", f"p{number}") for task in tasks for number in range(4)]
    expected = officers.assign(SEED, tasks, eligibility, 3)
    assert officers.assign(SEED, tasks[::-1], eligibility[::-1], 3) == expected
    assert Counter(row.officer for row in expected) == Counter({f"p{number}": 3 for number in range(4)})


def test_two_agencies_of_a_visit_draw_their_own() -> None:
    tasks = [Task("v1", "a", 2), Task("v1", "b", 2)]
    eligibility = [Eligible("v1", agency, f"{agency}{number}") for agency in "ab" for number in range(3)]
    assigned = officers.assign(SEED, tasks, eligibility, 1)
    assert [(row.agency, row.officer[0]) for row in assigned] == [("a", "a")] * 2 + [("b", "b")] * 2


def test_shortage_names_the_one_visit_and_not_its_neighbours() -> None:
    tasks = [Task("v1", "a", 2), *(Task(f"w{number}", "a", 2) for number in range(5))]
    eligibility = [Eligible("v1", "a", "p0")]
    eligibility += [Eligible(f"w{number}", "a", f"p{person}") for number in range(5) for person in range(4)]
    (short,) = officers.shortages(tasks, eligibility, 10)
    assert (short.visits, short.need, short.supply) == (("v1",), 2, 1)
    (reason,) = officers.check_feasible(tasks, eligibility, 10)
    assert reason.code == "draw.infeasible"
    assert str(reason) == (
        "a: 2 places are needed and 1 can be filled (at most 10 visits per officer); visits: v1."
    )


def test_shortage_by_load_names_the_group() -> None:
    tasks = [Task(f"v{number}", "a", 2) for number in range(3)] + [Task("x", "b", 2)]
    eligibility = [Eligible(f"v{number}", "a", f"p{person}") for number in range(3) for person in range(2)]
    eligibility += [Eligible("x", "b", "q0"), Eligible("x", "b", "q1")]
    (short,) = officers.shortages(tasks, eligibility, 2)
    assert (short.agency, short.visits, short.need, short.supply) == ("a", ("v0", "v1", "v2"), 6, 4)


@pytest.mark.parametrize(
    ("tasks", "eligibility", "cap", "code"),
    [
        ([], [], 1, "draw.tasks-empty"),
        ([Task("v", "a", 2)], [], 0, "draw.load-cap"),
        ([Task("v", "a", 1)], [], 1, "draw.need"),
        ([Task("v", "a", 2), Task("v", "a", 3)], [], 1, "draw.key-twice"),
        ([Task("v", "a", 2), Task("V", "b", 2)], [], 1, "draw.key-case"),
        ([Task("v", "a", 2)], [Eligible("v", "a", "p"), Eligible("v", "a", "P")], 1, "draw.key-case"),
        ([Task("v", "a", 2)], [Eligible("w", "a", "p")], 1, "draw.task-unknown"),
        (
            [Task("v", "a", 2), Task("v", "b", 2)],
            [Eligible("v", "a", "p"), Eligible("v", "b", "p")],
            1,
            "draw.officer-twice",
        ),
    ],
)
def test_what_is_wrong_is_named(tasks: list[Task], eligibility: list[Eligible], cap: int, code: str) -> None:
    assert [reason.code for reason in officers.check(tasks, eligibility, cap)] == [code]


def test_a_whole_quarter_at_the_tightest_cap() -> None:
    # 400 visits, three agencies each, where the cap leaves no room at all: every choice must be rerouted.
    agencies = [f"a{number}" for number in range(17)]
    tasks = [Task(f"v{v}", agencies[(v * 3 + k) % 17], 2) for v in range(400) for k in range(3)]
    eligibility = [
        Eligible(task.visit, task.agency, f"{task.agency}-{person}")
        for number, task in enumerate(tasks)
        for person in range(7)
        if (number + person) % 5
    ]
    load = Counter(task.agency for task in tasks)
    cap = max(-(-2 * count // 7) for count in load.values())
    assert not officers.check_feasible(tasks, eligibility, cap)
    assigned = officers.assign(SEED, tasks, eligibility, cap)
    assert len(assigned) == 2400
    assert max(Counter(row.officer for row in assigned).values()) <= cap
