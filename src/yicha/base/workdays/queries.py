"""The calendar that is in the database."""

from __future__ import annotations

from datetime import date, timedelta

from yicha.base.workdays import rules
from yicha.base.workdays.models import SpecialDay
from yicha.base.workdays.terms import Calendar, Deadline


def get_calendar() -> Calendar:
    """All special days at once (about 35 a year); years without any row are not known."""
    special = dict(SpecialDay.objects.values_list("day", "worked"))
    return Calendar(special, frozenset(day.year for day in special))


def find_deadline(day: date, count: int, calendar: Calendar) -> Deadline:
    """The `count`-th working day after a day, by a calendar that was read once."""
    return rules.after(day, count, calendar)


def count_left(today: date, deadline: date, calendar: Calendar) -> int:
    """Working days left until a deadline, today not counted; negative: working days late."""
    return rules.left(today, deadline, calendar)


def list_working_days(first: date, last: date, calendar: Calendar) -> list[date]:
    """The working days from one day to another, both included."""
    days = (first + timedelta(days=number) for number in range((last - first).days + 1))
    return [day for day in days if rules.is_working(day, calendar)]
