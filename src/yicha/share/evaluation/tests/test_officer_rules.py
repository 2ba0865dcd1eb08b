"""Comparing officers: exact chances against counting, and the behaviour when officers do and do not differ."""

from __future__ import annotations

from datetime import date
from itertools import combinations
from math import comb

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from yicha.share.evaluation.rules import officers as rules
from yicha.share.evaluation.rules.officers import Share
from yicha.share.evaluation.terms.officers import AgencyComparison, Attendance

many = settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck))
ON = date(2026, 7, 1)


@st.composite
def a_share(draw: st.DrawFn) -> Share:
    all_visits = draw(st.integers(1, 9))
    return Share(draw(st.integers(1, all_visits)), all_visits, draw(st.integers(0, all_visits)))


@many
@given(a_share())
def test_chances_are_those_of_counting_every_choice(share: Share) -> None:
    choices = list(combinations(range(share.all_visits), share.visits))
    for hits, chance in enumerate(share.chances()):
        really = sum(sum(one < share.all_findings for one in choice) == hits for choice in choices)
        assert chance == pytest.approx(really / len(choices), abs=1e-12)
    mean = sum(hits * chance for hits, chance in enumerate(share.chances()))
    assert mean == pytest.approx(share.expected)
    square = sum((hits - share.expected) ** 2 * chance for hits, chance in enumerate(share.chances()))
    assert square == pytest.approx(share.variance, abs=1e-9)


def test_a_p_value_worked_out_by_hand() -> None:
    # 4 of 10 visits found something; an officer with 3 of the visits found 3: C(4,3)/C(10,3) = 4/120
    assert rules.p_value(3, [Share(3, 10, 4)]) == pytest.approx(4 / comb(10, 3))


def test_wilson_for_nothing_of_ten() -> None:
    low, high = rules.wilson(0, 10)
    assert low == 0.0
    assert high == pytest.approx(0.2775, abs=1e-4)


def test_benjamini_and_hochbergs_own_example() -> None:
    p_values = [0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459]
    p_values += [0.3240, 0.4262, 0.5719, 0.6528, 0.7590, 1.0]
    assert rules.mark(p_values) == [True] * 4 + [False] * 11


@many
@given(st.floats(-1, 1), st.floats(0, 1), st.floats(0, 1))
def test_shrinking_never_turns_round_and_never_overshoots(gap: float, chance: float, between: float) -> None:
    shrunk = rules.shrink(gap, chance, between)
    assert abs(shrunk) <= abs(gap)
    assert shrunk * gap >= 0


def visits(rates: list[float], each: int, seed: int, *, base: float = 0.2) -> list[Attendance]:
    """Crews of two drawn anew for every visit; the more thorough of the two decides what is found."""
    chance = np.random.default_rng(seed)
    made = []
    for visit in range(each * len(rates) // 2):
        crew = chance.choice(len(rates), 2, replace=False)
        stratum = f"s{visit % 3}"
        found = bool(chance.random() < base + max(rates[who] for who in crew))
        made += [Attendance(visit, f"T-{who:04}", "110112-market", stratum, found, ON) for who in crew]
    return made


def compared(attendances: list[Attendance], seed: int = 1) -> AgencyComparison:
    (agency,) = rules.compare(attendances, lambda: np.random.default_rng(seed))
    return agency


def test_officers_who_do_not_differ_are_hardly_ever_marked() -> None:
    reports = [compared(visits([0.0] * 12, 40, seed)) for seed in range(20)]
    assert sum(officer.stands_out for report in reports for officer in report.officers) <= 2
    spreads = [report.spread_p for report in reports]
    assert sum(spread is not None and spread < 0.05 for spread in spreads) <= 4


def test_one_officer_who_finds_twice_as_much_stands_out_and_the_estimate_says_so() -> None:
    report = compared(visits([0.0] * 11 + [0.5], 80, 4))
    marked = [officer.officer for officer in report.officers if officer.stands_out]
    assert "T-0011" in marked
    thorough = next(officer for officer in report.officers if officer.officer == "T-0011")
    assert thorough.expected_rate < thorough.estimate < thorough.rate
    assert report.spread > 0.05
    assert report.spread_p is not None
    assert report.spread_p < 0.01


def test_strata_are_never_mixed() -> None:
    """An officer who only went where much is found is no better than the others who went there."""
    rows = [Attendance(visit, f"T-{visit % 2}", "a", "hard", visit % 10 < 9, ON) for visit in range(100)] + [
        Attendance(visit, f"T-{2 + visit % 2}", "a", "easy", visit % 10 < 1, ON) for visit in range(100, 200)
    ]
    report = compared(rows)
    assert [round(officer.rate, 1) for officer in report.officers] == [1.0, 0.8, 0.2, 0.0]
    assert [round(officer.expected_rate, 1) for officer in report.officers] == [0.9, 0.9, 0.1, 0.1]


def test_a_crew_that_is_always_the_same_is_compared_with_nobody() -> None:
    rows = [Attendance(visit, who, "a", "s", visit < 3, ON) for visit in range(10) for who in ("T-1", "T-2")]
    report = compared(rows)
    assert report.alone == 20
    assert report.spread_p is None
    assert [officer.p_value for officer in report.officers] == [1.0, 1.0]


def test_an_agencys_numbers_do_not_hang_on_which_others_are_shown() -> None:
    mine = visits([0.0] * 6, 20, 2)
    others = [
        Attendance(one.visit + 1000, one.officer + "x", "000000-fire", one.stratum, one.found, ON)
        for one in mine
    ]
    both = rules.compare([*others, *mine], lambda: np.random.default_rng(1))
    assert both[1].spread_p == compared(mine).spread_p
