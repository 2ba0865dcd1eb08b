from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yicha.base.workdays import rules, services
from yicha.base.workdays.queries import get_calendar
from yicha.base.workdays.terms import Calendar, Deadline

PLAIN = Calendar({}, frozenset({2026}))
DAYS = st.dates(date(2026, 1, 1), date(2026, 12, 1))


def test_the_day_of_the_event_does_not_count() -> None:
    friday = date(2026, 7, 3)
    assert rules.after(friday, 1, PLAIN) == Deadline(date(2026, 7, 6), True)


def test_a_weekend_that_is_worked_counts_and_a_holiday_does_not() -> None:
    calendar = Calendar({date(2026, 10, 1): False, date(2026, 10, 10): True}, frozenset({2026}))
    assert not rules.is_working(date(2026, 10, 1), calendar)
    assert rules.is_working(date(2026, 10, 10), calendar)


def test_a_year_without_published_holidays_is_counted_and_said_to_be_uncertain() -> None:
    assert rules.after(date(2026, 12, 31), 3, PLAIN) == Deadline(date(2027, 1, 5), False)


@given(DAYS, st.integers(1, 40))
def test_what_is_n_days_after_has_n_days_left(day: date, count: int) -> None:
    end = rules.after(day, count, PLAIN).on
    assert rules.left(day, end, PLAIN) == count
    assert rules.is_working(end, PLAIN)


@given(DAYS, st.integers(1, 40))
def test_before_undoes_after_from_a_working_day(day: date, count: int) -> None:
    while not rules.is_working(day, PLAIN):
        day += timedelta(days=1)
    assert rules.before(rules.after(day, count, PLAIN).on, count, PLAIN) == day


def test_two_working_days_late_is_minus_two() -> None:
    assert rules.left(date(2026, 7, 7), date(2026, 7, 3), PLAIN) == -2


def test_draws_are_due_on_the_first_five_working_days() -> None:
    calendar = Calendar(
        {date(2026, 1, 1): False, date(2026, 1, 2): False, date(2026, 1, 4): True}, frozenset({2026})
    )
    assert [day.day for day in rules.first_of_quarter(2026, 1, 5, calendar)] == [4, 5, 6, 7, 8]


@pytest.mark.django_db
def test_known_years_are_seeded_once_and_unknown_ones_stay_unknown() -> None:
    services.seed(years=range(2024, 2026))
    assert services.seed(years=range(2024, 2026)) == 0
    assert services.seed(years=range(2090, 2092)) == 0
    calendar = get_calendar()
    assert calendar.known >= {2024, 2025} and 2090 not in calendar.known
    assert not rules.is_working(date(2025, 10, 1), calendar)
    assert rules.is_working(date(2025, 9, 28), calendar)
