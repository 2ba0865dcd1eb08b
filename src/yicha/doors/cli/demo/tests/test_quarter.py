"""Which quarter the round is of, and that its acts come in order and are past."""

from __future__ import annotations

from dataclasses import astuple
from datetime import date, datetime, timedelta

import pytest

from yicha.doors.cli.demo import draws, quarter


@pytest.mark.parametrize(
    ("today", "code", "last"),
    [
        (date(2026, 11, 22), "2026Q4", date(2026, 11, 22)),
        (date(2026, 10, 5), "2026Q3", date(2026, 9, 30)),
        (date(2026, 1, 10), "2025Q4", date(2025, 12, 31)),
        (date(2026, 3, 31), "2026Q1", date(2026, 3, 31)),
    ],
)
def test_a_round_is_of_a_quarter_of_which_enough_has_passed(today: date, code: str, last: date) -> None:
    chosen = quarter.choose(today)
    assert (chosen.code, chosen.last) == (code, last)


@pytest.mark.parametrize("today", [date(2026, 1, 1) + timedelta(days=9 * step) for step in range(90)])
def test_all_acts_are_past_and_in_order(today: date) -> None:
    chosen = quarter.choose(today)
    days = [chosen.first + timedelta(days=8 + step) for step in range(quarter.FIRST_DAYS)]
    times = quarter.timeline(chosen, days, until=chosen.last)
    instants = [value for value in astuple(times) if isinstance(value, datetime)]
    assert instants == sorted(instants)
    assert instants[-1].date() < times.visits_from < times.visits_until <= min(today, chosen.end)
    assert chosen.first <= chosen.last <= chosen.end


@pytest.mark.parametrize(
    ("enterprises", "days", "share"), [(300, 12, 1), (1_500, 12, 1), (23_000, 28, 6), (23_000, 60, 3)]
)
def test_a_large_zone_leaves_directories_to_the_next_quarter(enterprises: int, days: int, share: int) -> None:
    assert draws.share_of_year(enterprises, days) == share
