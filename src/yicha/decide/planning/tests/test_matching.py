"""Matching: never one visit too many, held against trying everything."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yicha.decide.planning.rules import matching, screening
from yicha.decide.planning.terms import DemandFacts, Origin, Window
from yicha.know.visits.terms import ContactKind

WINDOWS = st.lists(
    st.tuples(st.integers(0, 7), st.integers(0, 7)).map(lambda pair: (min(pair), max(pair))), max_size=8
)
MONDAY = date(2026, 7, 6)
DAYS = [MONDAY + timedelta(days=n) for n in range(60) if (MONDAY + timedelta(days=n)).weekday() < 5]


def least_by_trying(windows: list[tuple[int, int]]) -> int:
    """The size of the smallest set of days that pierces all windows."""
    for size in range(len(windows) + 1):
        for days in combinations(range(8), size):
            if all(any(first <= day <= last for day in days) for first, last in windows):
                return size
    raise AssertionError("as many days as windows always pierce them")


@given(WINDOWS)
def test_no_plan_can_do_with_fewer_visits(windows: list[tuple[int, int]]) -> None:
    groups = matching.pierce(Window(key, *window) for key, window in enumerate(windows))
    assert len(groups) == least_by_trying(windows)


WIDE_WINDOWS = st.lists(
    st.tuples(st.integers(0, 40), st.integers(0, 40)).map(lambda pair: (min(pair), max(pair))), max_size=9
)
"""All orders of first and last days that nine windows can have: more days than they have ends."""


def least_by_trying_last_days(windows: list[tuple[int, int]]) -> int:
    """The same, trying last days only: a day of any set moves to the first last day after it, and pierces no fewer."""
    ends = sorted({last for _first, last in windows})
    return next(
        size
        for size in range(len(ends) + 1)
        if any(
            all(any(first <= day <= last for day in days) for first, last in windows)
            for days in combinations(ends, size)
        )
    )


@given(WINDOWS)
def test_trying_last_days_finds_what_trying_all_days_finds(windows: list[tuple[int, int]]) -> None:
    assert least_by_trying_last_days(windows) == least_by_trying(windows)


@given(WIDE_WINDOWS)
def test_no_plan_can_do_with_fewer_visits_whatever_the_order_of_the_windows_ends(
    windows: list[tuple[int, int]],
) -> None:
    groups = matching.pierce(Window(key, *window) for key, window in enumerate(windows))
    assert len(groups) == least_by_trying_last_days(windows)


@given(WIDE_WINDOWS)
def test_one_visit_at_a_time_needs_no_more_visits_than_all_at_once(windows: list[tuple[int, int]]) -> None:
    """As a round is matched: the gate is asked again after each visit, and what is left joins it if it can."""
    left = [demand(number, "E1", first, last) for number, (first, last) in enumerate(windows)]
    made = 0
    while left:
        (visit,) = screening.first_of_each(matching.plan_visits(left, DAYS))
        left = [one for one in left if not one.window_from <= visit.planned_on <= one.window_to]
        made += 1
    assert made == least_by_trying_last_days(windows)


@given(WINDOWS, st.randoms(use_true_random=False))
def test_every_check_is_in_one_visit_on_a_day_of_its_window(
    windows: list[tuple[int, int]], random: object
) -> None:
    rows = [Window(key, *window) for key, window in enumerate(windows)]
    groups = matching.pierce(rows)
    assert sorted(key for group in groups for key in group.keys) == list(range(len(windows)))
    for group in groups:
        assert group.first <= group.last
        for key in group.keys:
            assert windows[key][0] <= group.first and group.last <= windows[key][1]
    random.shuffle(rows)  # type: ignore[attr-defined]
    assert matching.pierce(rows) == groups


def demand(number: int, uscc: str, first: int, last: int, **more: object) -> DemandFacts:
    facts: dict[str, object] = {
        "id": number,
        "draw_id": f"z-2026-{number:04}",
        "uscc": uscc,
        "agency": "110112-market",
        "agency_kind": "market",
        "item_version_id": number,
        "joint_list": "",
        "lead_kind": "",
        "kind": ContactKind.DAILY,
        "window_from": DAYS[first],
        "window_to": DAYS[last],
    }
    return DemandFacts(**{**facts, **more})  # type: ignore[arg-type]


DEMANDS = st.lists(
    st.builds(
        lambda uscc, agency, first, length: (uscc, agency, first, min(first + length, len(DAYS) - 1)),
        st.sampled_from(["E1", "E2", "E3"]),
        st.sampled_from(["market", "fire", "health"]),
        st.integers(0, len(DAYS) - 1),
        st.integers(0, 12),
    ),
    max_size=14,
)


@given(DEMANDS)
def test_spreading_the_days_keeps_the_number_of_visits(rows: list[tuple[str, str, int, int]]) -> None:
    demands = [
        demand(number, uscc, first, last, agency=f"110112-{agency}", agency_kind=agency)
        for number, (uscc, agency, first, last) in enumerate(rows)
    ]
    visits = matching.plan_visits(demands, DAYS)
    per_enterprise = Counter(visit.uscc for visit in visits)
    for uscc in {row[0] for row in rows}:
        own = [Window(n, first, last) for n, (code, _, first, last) in enumerate(rows) if code == uscc]
        assert per_enterprise[uscc] == len(matching.pierce(own))
    assert sorted(d.id for visit in visits for d in visit.demands) == list(range(len(rows)))
    for visit in visits:
        assert visit.planned_on in DAYS
        assert visit.window_from <= visit.planned_on <= visit.window_to
        assert visit.lead_agency in {d.agency for d in visit.demands}
    assert len(visits) <= matching.count_without(demands)


def test_agencies_and_regions_join_in_one_visit() -> None:
    visits = matching.plan_visits(
        [
            demand(1, "E1", 0, 20, agency="110112-market", agency_kind="market"),
            demand(2, "E1", 10, 40, agency="110115-fire", agency_kind="fire"),
            demand(3, "E1", 30, 35, agency="110112-market", agency_kind="market"),
            demand(4, "E2", 0, 40),
        ],
        DAYS,
    )
    assert sorted((visit.uscc, tuple(d.id for d in visit.demands)) for visit in visits) == [
        ("E1", (1,)),
        ("E1", (2, 3)),
        ("E2", (4,)),
    ]
    report = matching.report(visits, (1, 2, 3))
    assert (report.visits_without, report.visits_with, report.saved) == (4, 3, 1)
    assert (report.units, report.joint_visits, report.enterprises) == (4, 1, 2)


def test_two_demands_of_one_agency_in_a_visit_are_one_unit() -> None:
    visits = matching.plan_visits([demand(1, "E1", 0, 20), demand(2, "E1", 0, 20)], DAYS)
    report = matching.report(visits, (1, 2, 3))
    assert (report.visits_without, report.visits_with, report.units) == (2, 1, 1)


def test_a_window_over_a_weekend_alone_is_refused_by_name() -> None:
    saturday = MONDAY + timedelta(days=5)
    bad = demand(1, "E1", 0, 0, window_from=saturday, window_to=saturday + timedelta(days=1))
    reasons = matching.check_windows([bad, demand(2, "E1", 0, 1)], DAYS)
    assert [reason.code for reason in reasons] == ["match.window-without-working-day"]


def test_windows_that_share_only_a_weekend_are_two_visits() -> None:
    friday, tuesday = MONDAY + timedelta(days=4), MONDAY + timedelta(days=8)
    visits = matching.plan_visits(
        [
            demand(1, "E1", 0, 0, window_from=MONDAY, window_to=friday + timedelta(days=1)),
            demand(2, "E1", 0, 0, window_from=friday + timedelta(days=1), window_to=tuesday),
        ],
        DAYS,
    )
    assert len(visits) == 2


def test_days_are_spread_over_the_calendar() -> None:
    visits = matching.plan_visits([demand(n, f"E{n:02}", 0, 9) for n in range(20)], DAYS)
    assert Counter(Counter(visit.planned_on for visit in visits).values()) == {2: 10}


def test_what_is_planned_already_counts_as_load() -> None:
    busy = {("110112-market", DAYS[day]): 3 for day in range(9)}
    (visit,) = matching.plan_visits([demand(1, "E1", 0, 9)], DAYS, busy)
    assert visit.planned_on == DAYS[9]


def test_a_visit_with_a_daily_check_is_daily() -> None:
    (visit,) = matching.plan_visits(
        [demand(1, "E1", 0, 9, kind=ContactKind.SPECIAL), demand(2, "E1", 0, 9)], DAYS
    )
    assert visit.kind is ContactKind.DAILY


def test_the_lead_of_the_longest_list_leads_the_visit() -> None:
    common = {"joint_list": "catering", "lead_kind": "fire"}
    demands = [
        demand(1, "E1", 0, 9, **common),
        demand(2, "E1", 0, 9, agency="110112-fire", agency_kind="fire", **common),
        demand(3, "E1", 0, 9),
        demand(4, "E1", 0, 9),
    ]
    assert matching.lead_agency(demands) == "110112-fire"
    assert matching.lead_agency(demands[2:]) == "110112-market"


@pytest.mark.parametrize(
    ("windows", "visits"),
    [
        ([(0, 7), (0, 7), (0, 7)], 1),
        ([(0, 2), (2, 4), (4, 6)], 2),
        ([(0, 1), (3, 4), (6, 7)], 3),
        ([(0, 7), (1, 1), (5, 5)], 2),
        ([(3, 3), (3, 3)], 1),
        ([], 0),
    ],
    ids=["wide", "touching", "disjoint", "one wide over two short", "a single day", "none"],
)
def test_wide_touching_and_disjoint_windows_need_what_trying_all_days_finds(
    windows: list[tuple[int, int]], visits: int
) -> None:
    groups = matching.pierce(Window(key, *window) for key, window in enumerate(windows))
    assert len(groups) == visits == least_by_trying(windows)


@given(
    st.lists(
        st.tuples(st.sampled_from(list(Origin)), st.integers(0, 7), st.integers(0, 7)), min_size=1, max_size=7
    ),
    st.sets(st.integers(0, 7), min_size=1),
)
def test_an_enterprise_with_fewer_open_days_still_gets_the_fewest_visits(
    rows: list[tuple[Origin, int, int]], open_numbers: set[int]
) -> None:
    demands = [
        demand(number, "E1", min(first, last), max(first, last), origin=origin)
        for number, (origin, first, last) in enumerate(rows)
    ]
    own = [DAYS[number] for number in sorted(open_numbers)]
    visits = matching.plan_visits(demands, DAYS, own_days={"E1": own})
    reachable = [d for d in demands if any(d.window_from <= day <= d.window_to for day in own)]
    assert sorted(d.id for visit in visits for d in visit.demands) == [d.id for d in reachable]
    least = next(
        size
        for size in range(len(own) + 1)
        if any(
            all(any(d.window_from <= day <= d.window_to for day in days) for d in reachable)
            for days in combinations(own, size)
        )
    )
    assert len(visits) == least
    for visit in visits:
        assert visit.planned_on in own
        assert visit.trigger is min((d.origin for d in visit.demands), key=list(Origin).index)
