"""Counting working days. 民法典 第二百零一条: the day of the event does not count."""

from __future__ import annotations

from datetime import date, timedelta

from yicha.base.workdays.terms import Calendar, Deadline

_DAY = timedelta(days=1)


def is_working(day: date, calendar: Calendar) -> bool:
    """Whether offices work on a day; weekdays, unless the calendar says otherwise."""
    return calendar.special.get(day, day.weekday() < 5)


def after(day: date, count: int, calendar: Calendar) -> Deadline:
    """The `count`-th working day after `day`; `count` is at least 1."""
    certain = day.year in calendar.known
    while count > 0:
        day += _DAY
        certain = certain and day.year in calendar.known
        count -= is_working(day, calendar)
    return Deadline(day, certain)


def before(day: date, count: int, calendar: Calendar) -> date:
    """The `count`-th working day before `day`."""
    while count > 0:
        day -= _DAY
        count -= is_working(day, calendar)
    return day


def left(today: date, deadline: date, calendar: Calendar) -> int:
    """Working days left until a deadline, today not counted; negative: working days late."""
    step = 1 if deadline >= today else -1
    day, count = today, 0
    while day != deadline:
        day += _DAY * step
        count += is_working(day if step > 0 else day + _DAY, calendar)
    return count * step


def first_of_quarter(year: int, quarter: int, count: int, calendar: Calendar) -> list[date]:
    """The first `count` working days of a quarter: when the draws are due (北京, 天津)."""
    day = date(year, 3 * quarter - 2, 1) - _DAY
    days: list[date] = []
    while len(days) < count:
        day += _DAY
        if is_working(day, calendar):
            days.append(day)
    return days
