"""The check of a year against brute force on small cases: fewest visits, and who is over the budget in the runs."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from yicha.decide.planning.rules import yearly as rules

DAYS, FIRMS, RUNS = 8, 6, 3
IDS = np.array([11, 12, 13, 21, 22, 23], dtype=np.int64)
PLANS = ("p", "q")

windows = st.tuples(st.integers(0, DAYS - 1), st.integers(0, DAYS - 1)).map(
    lambda pair: (min(pair), max(pair))
)
firms = st.sets(st.integers(0, FIRMS - 1)).map(lambda found: np.array(sorted(found), dtype=np.int64))


def fewest(spans: Sequence[tuple[int, int]]) -> int:
    """The fewest days that meet all windows, by trying all sets of days."""
    for count in range(DAYS + 1):
        for days in combinations(range(DAYS), count):
            if all(any(start <= day <= end for day in days) for start, end in spans):
                return count
    raise AssertionError("all days together meet every window")


@given(st.lists(st.tuples(windows, firms), max_size=6))
def test_no_set_of_days_meets_the_windows_with_fewer_visits(
    drawn: list[tuple[tuple[int, int], np.ndarray]],
) -> None:
    found = rules.pierce([(*window, who) for window, who in drawn], FIRMS)
    assert list(found) == [fewest([window for window, who in drawn if firm in who]) for firm in range(FIRMS)]


@st.composite
def entries(draw: st.DrawFn) -> rules.Drawn:
    """An entry with one or two strata, which share nobody."""
    start, end = draw(windows)
    members, cut = draw(firms), draw(st.integers(0, FIRMS))
    strata = tuple(
        (part, draw(st.integers(0, len(part)))) for part in (members[members < cut], members[members >= cut])
    )
    return rules.Drawn(
        draw(st.sampled_from(PLANS)), start, end, draw(st.sampled_from(["city", "district"])), strata
    )


caps = st.builds(
    rules.Cap,
    st.sampled_from(["", "city", "district"]),
    st.lists(st.integers(-1, 3), min_size=FIRMS, max_size=FIRMS).map(np.array),
)


def who_is_drawn(entry: rules.Drawn, seed: int) -> set[int]:
    """Of every stratum as many as the quota says, by the order of their tickets."""
    found: set[int] = set()
    for members, quota in entry.strata:
        ticket = dict(zip(members.tolist(), rules.tickets(IDS[members], seed).tolist(), strict=True))
        found |= set(sorted(ticket, key=lambda firm: ticket[firm])[:quota])
    return found


def share_over(
    made: Sequence[rules.Drawn], limits: Sequence[rules.Cap], plan: str, firm: int, seed: int
) -> float:
    """In what share of the runs a plan draws a firm that is over a limit, one firm and one run at a time."""
    hits = 0
    for run in range(RUNS):
        mine = [
            entry
            for number, entry in enumerate(made)
            if firm in who_is_drawn(entry, seed + run * 1_000_003 + number * 7_919)
        ]
        visits = {
            level: fewest([(entry.start, entry.end) for entry in mine if level in ("", entry.level)])
            for level in ("", "city", "district")
        }
        over = any(visits[cap.level] > max(0, cap.left[firm]) for cap in limits)
        hits += over and any(entry.plan == plan for entry in mine)
    return hits / RUNS


@settings(max_examples=60)
@given(st.lists(entries(), max_size=4), st.lists(caps, max_size=2), st.integers(0, 2**32))
def test_runs_find_whom_brute_force_finds(
    made: list[rules.Drawn], limits: list[rules.Cap], seed: int
) -> None:
    found = rules.simulate(made, limits, IDS, PLANS, seed=seed, runs=RUNS)
    for plan in PLANS:
        wanted = [share_over(made, limits, plan, firm, seed) for firm in range(FIRMS)]
        assert found.over[plan].tolist() == pytest.approx(wanted)
        assert found.expected(plan) == pytest.approx(sum(wanted))


@given(st.lists(entries(), max_size=4), st.lists(caps, min_size=1, max_size=2), st.integers(0, 99))
def test_who_is_no_candidate_is_over_in_no_run(
    made: list[rules.Drawn], limits: list[rules.Cap], seed: int
) -> None:
    could = rules.find_candidates(made, limits, FIRMS)
    found = rules.simulate(made, limits, IDS, PLANS, seed=seed, runs=RUNS)
    for plan in PLANS:
        assert not found.over[plan][~could].any()


def test_a_seed_gives_one_answer_and_no_two_firms_the_same_ticket() -> None:
    many = np.arange(10_000)
    assert (rules.tickets(many, 7) == rules.tickets(many, 7)).all()
    assert (rules.tickets(many, 7) != rules.tickets(many, 8)).any()
    assert len(set(rules.tickets(many, 7).tolist())) == len(many)
