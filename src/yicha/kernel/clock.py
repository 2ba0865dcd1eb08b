"""The one place that reads the clock. Everything else is handed `now`, so that it can be told any time."""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

BEIJING = ZoneInfo("Asia/Shanghai")


def now() -> datetime:
    """This instant, with the time zone of the law (UTC+8)."""
    return datetime.now(BEIJING)


def today(at: datetime) -> date:
    """The date in China at an instant: days of the law begin at midnight in Beijing."""
    return at.astimezone(BEIJING).date()
