"""The calendar that is in the database."""

from __future__ import annotations

from yicha.base.workdays.models import SpecialDay
from yicha.base.workdays.terms import Calendar


def get_calendar() -> Calendar:
    """All special days at once (about 35 a year); years without any row are not known."""
    special = dict(SpecialDay.objects.values_list("day", "worked"))
    return Calendar(special, frozenset(day.year for day in special))
