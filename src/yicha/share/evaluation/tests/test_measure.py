"""The measure against brute force, a table worked out by hand, and what must hold of every table."""

from __future__ import annotations

from itertools import pairwise, permutations

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from yicha.share.evaluation.rules import measure
from yicha.share.evaluation.rules.measure import Inspections
from yicha.share.evaluation.terms.ordering import STEPS, Ties

many = settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck))
Row = tuple[int, float, bool, int]
ROW = st.tuples(
    st.integers(736_000, 736_020),
    st.sampled_from([0.0, 0.25, 0.5, 1.0, 3.0]),
    st.booleans(),
    st.integers(0, 3),
)
TABLE = st.lists(ROW, min_size=2, max_size=40).filter(lambda rows: any(row[2] for row in rows))


def past(rows: list[Row]) -> Inspections:
    return Inspections(
        np.array([row[0] for row in rows]),
        np.array([row[2] for row in rows]),
        np.array([row[3] for row in rows]),
    )


def scores(rows: list[Row]) -> measure.Real:
    return np.array([row[1] for row in rows], dtype=np.float64)


def gained(rows: list[Row], ties: Ties = Ties.MEAN, *, own_calendars: bool = False) -> float:
    inspections = past(rows)
    simulated = measure.simulate(inspections, scores(rows), ties, own_calendars=own_calendars)
    return measure.days_earlier(inspections, simulated)


def naive(rows: list[Row]) -> float:
    """The published definition, word by word: sort by falling score (stable), hand out the sorted days, average."""
    order = sorted(range(len(rows)), key=lambda index: -rows[index][1])
    days = sorted(row[0] for row in rows)
    new = {index: days[place] for place, index in enumerate(order)}
    differences = [row[0] - new[index] for index, row in enumerate(rows) if row[2]]
    return sum(differences) / len(differences)


@many
@given(TABLE)
def test_it_is_what_the_published_definition_gives(rows: list[Row]) -> None:
    assert gained(rows, Ties.FILE) == pytest.approx(naive(rows), abs=1e-9)


@many
@given(st.lists(ROW, min_size=2, max_size=6).filter(lambda rows: any(row[2] for row in rows)))
def test_equal_scores_count_as_the_mean_over_all_orders_of_the_rows(rows: list[Row]) -> None:
    orders = [naive(list(order)) for order in permutations(rows)]
    assert gained(rows) == pytest.approx(sum(orders) / len(orders), abs=1e-9)


def test_a_table_worked_out_by_hand() -> None:
    # days 1 2 2 5; by falling score the rows come in the order d, b, a, c and get the days 1 2 2 5
    rows: list[Row] = [(1, 0.3, True, 0), (2, 0.8, True, 0), (2, 0.1, False, 0), (5, 0.9, True, 0)]
    # a: 1 − 2 = −1, b: 2 − 2 = 0, d: 5 − 1 = 4, so (−1 + 0 + 4) / 3
    assert gained(rows) == gained(rows, Ties.FILE) == 1.0


def test_without_ties_and_with_one_day_each_the_order_as_it_was_gains_nothing() -> None:
    rows: list[Row] = [(day, float(-day), day % 3 == 0, 0) for day in range(1, 30)]
    assert gained(rows) == 0.0


@many
@given(TABLE, st.randoms(use_true_random=False))
def test_the_order_of_the_rows_changes_nothing(rows: list[Row], chance: object) -> None:
    shuffled = list(rows)
    chance.shuffle(shuffled)  # type: ignore[attr-defined]
    assert gained(shuffled) == pytest.approx(gained(rows), abs=1e-9)
    assert gained(shuffled, own_calendars=True) == pytest.approx(gained(rows, own_calendars=True), abs=1e-9)


@many
@given(TABLE)
def test_no_ordering_beats_the_oracle(rows: list[Row]) -> None:
    told = [(day, float(found), found, who) for day, _, found, who in rows]
    for ties in Ties:
        assert gained(told, ties) >= gained(rows, ties) - 1e-9
        assert gained(told, ties, own_calendars=True) >= gained(rows, ties, own_calendars=True) - 1e-9


@many
@given(TABLE)
def test_an_order_by_officer_alone_gains_nothing_within_their_own_calendars(rows: list[Row]) -> None:
    by_officer = [(day, float(who), found, who) for day, _, found, who in rows]
    even = [(day, 1.0, found, who) for day, _, found, who in rows]
    left = gained(by_officer, own_calendars=True)
    assert left == pytest.approx(gained(even, own_calendars=True), abs=1e-9)


@many
@given(TABLE)
def test_own_calendars_are_the_measure_officer_by_officer(rows: list[Row]) -> None:
    total = 0.0
    for who in {row[3] for row in rows}:
        own = [row for row in rows if row[3] == who]
        hits = sum(row[2] for row in own)
        total += gained(own) * hits if hits else 0.0
    assert gained(rows, own_calendars=True) == pytest.approx(total / sum(row[2] for row in rows), abs=1e-9)


@many
@given(TABLE)
def test_the_curve_begins_at_nothing_never_falls_and_ends_at_everything(rows: list[Row]) -> None:
    inspections = past(rows)
    curve = measure.trace(inspections, measure.place(scores(rows), Ties.MEAN))
    assert len(curve) == STEPS + 1
    assert curve[0] == 0.0
    assert curve[-1] == pytest.approx(1.0)
    assert all(later >= earlier - 1e-12 for earlier, later in pairwise(curve))


@many
@given(TABLE)
def test_the_first_half_is_the_days_before_half_of_the_inspections_were_done(rows: list[Row]) -> None:
    days = sorted(row[0] for row in rows)
    half = sum(1 for day in days if sum(other <= day for other in days) < len(days) / 2)
    inspections = past(rows)
    assert measure.count_first_half(inspections.days) == half
    order = sorted(range(len(rows)), key=lambda index: -rows[index][1])
    hits = sum(rows[index][2] for index in order[:half])
    share = measure.share_first_half(inspections, measure.place(scores(rows), Ties.FILE))
    assert share == (pytest.approx(hits / sum(row[2] for row in rows)) if half else None)


def test_orders_by_chance_lie_around_what_the_mean_day_gives_and_hold_95_of_100() -> None:
    generator = np.random.default_rng(7)
    days = np.repeat(np.arange(60), 12)
    found = generator.random(len(days)) < 0.2
    inspections = Inspections(days, found)
    chance = measure.by_chance(inspections, 4000, generator)
    mean = days[found].mean() - days.mean()
    assert chance.mean == pytest.approx(mean, abs=0.1)
    really = [
        measure.days_earlier(
            inspections, measure.simulate(inspections, generator.random(len(days)), Ties.MEAN)
        )
        for _ in range(2000)
    ]
    inside = np.mean([(chance.low <= one <= chance.high) for one in really])
    assert 0.935 <= inside <= 0.965
    assert abs(np.mean(really) - mean) < 0.1


def test_when_findings_are_spread_evenly_over_time_chance_gains_nothing() -> None:
    days = np.repeat(np.arange(50), 10)
    found = np.tile(np.arange(10) < 3, 50)
    chance = measure.by_chance(Inspections(days, found), 4000, np.random.default_rng(1))
    assert abs(chance.mean) < 0.05
    assert chance.low < 0 < chance.high
    assert chance.first_half == pytest.approx(0.48, abs=0.01)  # 24 whole days of 50 lie before the half


def test_the_same_seed_gives_the_same_chance() -> None:
    inspections = Inspections(np.arange(30), np.arange(30) % 4 == 0)
    drawn = [measure.by_chance(inspections, 200, np.random.default_rng(seed)) for seed in (5, 5, 6)]
    assert drawn[0] == drawn[1] != drawn[2]


def test_the_paired_bootstrap_sees_a_gain_and_none_where_there_is_none() -> None:
    generator = np.random.default_rng(3)
    days = np.repeat(np.arange(90), 10)
    risk = generator.random(len(days))
    found = generator.random(len(days)) < risk / 2
    inspections = Inspections(days, found)
    blind, knowing = (
        measure.simulate(inspections, score, Ties.MEAN) for score in (generator.random(len(days)), risk)
    )
    days_gained, low, high = measure.bootstrap_difference(inspections, blind, knowing, 1000, generator)
    assert low < days_gained < high
    assert low > 0
    nothing = measure.bootstrap_difference(inspections, knowing, knowing, 1000, generator)
    assert nothing == (0.0, 0.0, 0.0)
