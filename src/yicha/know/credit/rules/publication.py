"""Until when the public sees a record."""

from __future__ import annotations

from datetime import date, timedelta

from yicha.kernel.months import months_after


def last_over(today: date, months: int) -> date:
    """The last day of publication whose maximum of so many months was over before today."""
    day = today - timedelta(days=31 * months)
    while months_after(day + timedelta(days=1), months) < today:
        day += timedelta(days=1)
    while months_after(day, months) >= today:
        day -= timedelta(days=1)
    return day
