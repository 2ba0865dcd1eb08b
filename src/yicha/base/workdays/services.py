"""The only writer of special days."""

from __future__ import annotations

from datetime import date, timedelta

import chinese_calendar
from django.db import transaction

from yicha.base.workdays.models import SpecialDay

SOURCE = "国务院办公厅关于部分节假日安排的通知 (chinesecalendar)"


@transaction.atomic
def seed(*, years: range) -> int:
    """Add the special days of the years that chinesecalendar knows; returns how many are new.

    Rows that are there already stay: an administrator may know better than a package.
    """
    rows = [row for year in years for row in _special_days(year)]
    before = SpecialDay.objects.count()
    SpecialDay.objects.bulk_create(rows, ignore_conflicts=True)
    return SpecialDay.objects.count() - before


def _special_days(year: int) -> list[SpecialDay]:
    day, rows = date(year, 1, 1), []
    try:
        while day.year == year:
            worked = chinese_calendar.is_workday(day)
            if worked != (day.weekday() < 5):
                _, name = chinese_calendar.get_holiday_detail(day)
                rows.append(SpecialDay(day=day, worked=worked, name=name or "", source=SOURCE))
            day += timedelta(days=1)
    except NotImplementedError:
        return []
    return rows
