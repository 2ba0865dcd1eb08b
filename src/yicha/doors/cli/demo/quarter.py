"""When the round takes place: a quarter, and the instants of its official acts.

The acts of a round lie weeks apart, and a demonstration takes a minute. So every act is given the instant at which it
would have happened (`now` is a parameter of every service), none later than the present.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from yicha.kernel import clock

LEAST_DAYS = 30
"""A quarter is taken when this many days of it have passed; else the one before."""
FIRST_DAYS = 7
"""The draws take five working days, officers one more; visits begin on the seventh."""


@dataclass(frozen=True, slots=True)
class Quarter:
    """A quarter of a year; `last` is the last of its days that has come."""

    year: int
    number: int
    last: date

    @property
    def code(self) -> str:
        return f"{self.year}Q{self.number}"

    @property
    def end(self) -> date:
        """The last day of the quarter."""
        following = date(self.year + self.number // 4, self.number % 4 * 3 + 1, 1)
        return following - timedelta(days=1)

    @property
    def first(self) -> date:
        return date(self.year, 3 * self.number - 2, 1)


def choose(today: date) -> Quarter:
    """This quarter, if a round fits into what has passed of it; else the last one, which has passed whole."""
    number = (today.month + 2) // 3
    first = date(today.year, 3 * number - 2, 1)
    if (today - first).days >= LEAST_DAYS:
        return Quarter(today.year, number, today)
    before = first - timedelta(days=1)
    return Quarter(before.year, (before.month + 2) // 3, before)


@dataclass(frozen=True, slots=True)
class Timeline:
    """The instants of a round, in the order in which they come."""

    prepared_at: datetime
    planned_at: datetime
    approved_at: datetime
    plans_published_at: datetime
    opened_at: datetime
    frozen_at: datetime
    published_at: datetime
    revealed_at: datetime
    deadline: datetime
    drawn_at: datetime
    screened_at: datetime
    matched_at: datetime
    officers_frozen_at: datetime
    officers_published_at: datetime
    officers_revealed_at: datetime
    officers_deadline: datetime
    officers_drawn_at: datetime
    sent_at: datetime
    visits_from: date
    visits_until: date


def day_before(quarter: Quarter) -> date:
    """The day before a quarter begins: working days are counted from it."""
    return quarter.first - timedelta(days=1)


def prepared_at(quarter: Quarter) -> datetime:
    """When the zone is set up: early in the year, or a month before its first quarter."""
    return _at(date(quarter.year, 1, 5) if quarter.number > 1 else quarter.first - timedelta(days=30), 9)


def timeline(quarter: Quarter, days: Sequence[date], until: date) -> Timeline:
    """The instants of a round; `days` are the first `FIRST_DAYS` working days of the quarter.

    `until` is the last day planned for a visit: today, so that the officers of the cast find visits for today, or
    the next working day.
    """
    planned = date(quarter.year, 3, 16) if quarter.number > 1 else quarter.first - timedelta(days=20)
    return Timeline(
        prepared_at=prepared_at(quarter),
        planned_at=_at(planned, 9),
        approved_at=_at(planned + timedelta(days=2), 10),
        plans_published_at=_at(planned + timedelta(days=4), 11),
        opened_at=_at(days[0], 9),
        frozen_at=_at(days[0], 14),
        published_at=_at(days[0], 15),
        revealed_at=_at(days[1], 10),
        deadline=_at(days[1], 17),
        drawn_at=_at(days[2], 10),
        screened_at=_at(days[2], 14),
        matched_at=_at(days[2], 15),
        officers_frozen_at=_at(days[3], 9),
        officers_published_at=_at(days[3], 10),
        officers_revealed_at=_at(days[3], 15),
        officers_deadline=_at(days[3], 17),
        officers_drawn_at=_at(days[4], 10),
        sent_at=_at(days[4], 15),
        visits_from=days[6],
        visits_until=until,
    )


def _at(day: date, hour: int) -> datetime:
    return datetime.combine(day, time(hour), clock.BEIJING)
