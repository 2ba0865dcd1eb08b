"""What is done by the clock: every job is known to the worker, and what is for the night is done at night."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from procrastinate.contrib.django import app

from yicha.kernel import clock

BEGIN = datetime(2026, 1, 1, tzinfo=UTC).timestamp()
AT_NIGHT = (
    "repair.turn_day",
    "undisturbed.turn_day",
    "credit.watch",
    "credit.classify_monthly",
    "exchange.forget_receipts",
)
"""In the order in which they begin: what has ended is ended before listings and clusters are looked through."""
OFTENER = {"repair.propagate", "recognition.offer_closed", "agreement.turn_day", "credit.settle"}


def times_of(name: str, count: int) -> Iterator[datetime]:
    """When a job begins, in Beijing. The worker reads `cron` in UTC."""
    (found,) = (one for one in app.periodic_registry.periodic_tasks.values() if one.task.name == name)
    iterator = found.croniter
    iterator.set_current(start_time=BEGIN)
    for _number in range(count):
        yield datetime.fromtimestamp(iterator.get_next(float), clock.BEIJING)


def test_every_job_of_the_clock_is_known() -> None:
    found = {one.task.name for one in app.periodic_registry.periodic_tasks.values()}
    assert found == {*AT_NIGHT, *OFTENER}


@pytest.mark.parametrize("name", AT_NIGHT)
def test_what_is_for_the_night_is_done_every_night_in_beijing(name: str) -> None:
    times = list(times_of(name, 400))
    assert {time.hour for time in times} <= {0, 1, 2, 3, 4}
    assert len({time.date() for time in times}) == 400
    assert (times[-1] - times[0]).days == 399


def test_the_works_of_a_night_follow_each_other() -> None:
    first = [next(times_of(name, 1)).time() for name in AT_NIGHT]
    assert first == sorted(first)
