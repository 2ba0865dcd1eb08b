"""What lies before the round: the instants of agreements, records, visits of the last months, and the listing protocol.

Counted back from the first day of the quarter, so that they fit between the setting up of the zone and the first draw.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from yicha.base.workdays import queries as workdays
from yicha.doors.cli.demo.quarter import Quarter, prepared_at
from yicha.kernel import clock
from yicha.know.catalogue import queries as catalogue


@dataclass(frozen=True, slots=True)
class Eve:
    """The instants, in the order in which they come; `visits_from` and `visits_until` are days."""

    agreed_at: datetime
    visits_from: date
    visits_until: date
    visited_at: datetime
    recorded_at: datetime
    classed_at: datetime
    discovered_at: datetime
    nominated_at: datetime
    reviewed_at: datetime
    objected_at: datetime
    answered_at: datetime
    closed_at: datetime
    closed_again_at: datetime
    suspended_at: datetime
    restored_at: datetime
    removed_at: datetime


def eve_of(quarter: Quarter) -> Eve:
    """The instants before a quarter. Objection windows are as long as the number `objection-days` says."""
    reviewed, answered = quarter.first - timedelta(days=25), quarter.first - timedelta(days=22)
    return Eve(
        agreed_at=prepared_at(quarter) + timedelta(hours=2),
        visits_from=quarter.first - timedelta(days=92),
        visits_until=quarter.first - timedelta(days=28),
        visited_at=_at(quarter.first - timedelta(days=28), 17),
        recorded_at=_at(quarter.first - timedelta(days=27), 9),
        classed_at=_at(quarter.first - timedelta(days=27), 14),
        discovered_at=_at(quarter.first - timedelta(days=26), 9),
        nominated_at=_at(quarter.first - timedelta(days=26), 15),
        reviewed_at=_at(reviewed, 10),
        objected_at=_at(reviewed + timedelta(days=2), 10),
        answered_at=_at(answered, 10),
        closed_at=_at(_day_after_window(reviewed), 9),
        closed_again_at=_at(_day_after_window(answered), 9),
        suspended_at=_at(quarter.first - timedelta(days=8), 11),
        restored_at=_at(quarter.first - timedelta(days=5), 15),
        removed_at=_at(quarter.first - timedelta(days=3), 10),
    )


def _day_after_window(opened: date) -> date:
    """The day after the last one for objections."""
    days = int(catalogue.get_number("objection-days", opened).value)
    return workdays.find_deadline(opened, days, workdays.get_calendar()).on + timedelta(days=1)


def _at(day: date, hour: int) -> datetime:
    return datetime.combine(day, time(hour), clock.BEIJING)
