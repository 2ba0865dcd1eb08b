"""Months are counted by the calendar, not as thirty days."""

from __future__ import annotations

from datetime import date, timedelta


def months_after(day: date, months: int) -> date:
    """The same day so many months later; the last of the month where there is no such day (民法典 第二百零二条)."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    following = date(year + (month == 11), (month + 1) % 12 + 1, 1)
    return date(year, month + 1, min(day.day, (following - timedelta(days=1)).day))
