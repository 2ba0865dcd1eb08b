"""What is done by the clock: what is done once a day is done at night in Beijing, and in its order."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from procrastinate.contrib.django import app

from yicha.kernel import clock

BEGIN = datetime(2026, 1, 1, tzinfo=UTC).timestamp()
BY_DAY = frozenset({"dispatch.remind"})
"""Jobs that are done once a day and belong into working hours."""
IN_ORDER = ("repair.turn_day", "undisturbed.turn_day", "credit.watch", "credit.classify_monthly")
"""What has ended is ended before listings and clusters are looked through, and before everybody is classified."""


def times_of(name: str, count: int) -> list[datetime]:
    """When a job begins, in Beijing. The worker reads `cron` in UTC."""
    (found,) = (one for one in app.periodic_registry.periodic_tasks.values() if one.task.name == name)
    iterator = found.croniter
    iterator.set_current(start_time=BEGIN)
    return [datetime.fromtimestamp(iterator.get_next(float), clock.BEIJING) for _number in range(count)]


def jobs_of_a_day() -> list[str]:
    """Jobs that are done once a day or less often."""
    names = sorted(one.task.name for one in app.periodic_registry.periodic_tasks.values())
    return [name for name in names if len({time.date() for time in times_of(name, 3)}) == 3]


def test_the_jobs_that_the_law_asks_for_are_known_to_the_worker() -> None:
    assert set(IN_ORDER) <= set(jobs_of_a_day())


@pytest.mark.parametrize("name", IN_ORDER)
def test_no_night_of_a_year_is_left_out(name: str) -> None:
    times = times_of(name, 366)
    assert (times[-1].date() - times[0].date()).days == 365
    assert len({time.date() for time in times}) == 366


def test_what_is_done_once_a_day_is_done_at_night() -> None:
    """Its `cron` is in UTC, eight hours behind: what is for 00:05 is written 16:05."""
    hours = {name: {time.hour for time in times_of(name, 366)} for name in jobs_of_a_day()}
    assert {
        name: found for name, found in hours.items() if found - {0, 1, 2, 3, 4} and name not in BY_DAY
    } == {}


def test_the_works_of_a_night_follow_each_other() -> None:
    first = [times_of(name, 1)[0].time() for name in IN_ORDER]
    assert first == sorted(first)
