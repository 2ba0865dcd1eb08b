"""Jobs of dispatch, found by procrastinate: what a person began for many, and what time brings."""

from __future__ import annotations

from collections.abc import Sequence

from procrastinate.contrib.django import app

from yicha.act.dispatch import queries, services
from yicha.base.jobs import services as jobs
from yicha.kernel import clock

ACTOR = "yicha"
NOTIFY = "dispatch.notify"
AT_ONCE = 100
"""So many notices are one transaction of a job: whoever looks sees how far it is."""


def start_notify(numbers: Sequence[str], actor: str, late_because: str) -> None:
    """Hand notices, by their numbers, to a worker."""
    for begin in range(0, len(numbers), AT_ONCE):
        notify_some.defer(
            numbers=list(numbers[begin : begin + AT_ONCE]), actor=actor, late_because=late_because
        )


@app.task(name=NOTIFY, queue="default")
def notify_some(numbers: list[str], actor: str, late_because: str) -> None:
    """Send notices; what was sent, withdrawn or given up meanwhile is left out. May be done twice."""
    rows = list(queries.list_to_notify().filter(number__in=numbers))
    services.notify_those_that_may(actor=actor, now=clock.now(), dispatches=rows, late_because=late_because)


@app.periodic(cron="*/10 * * * *")
@app.task(name="dispatch.follow", queue="default", queueing_lock="dispatch.follow")
def follow(timestamp: int) -> None:
    """What was moved or given up without anybody saying so here: notices and codes follow the visit.

    Notices that a worker was sending when it died are sent by another.
    """
    jobs.begin_again(NOTIFY)
    services.follow(actor=ACTOR, now=clock.now())


@app.periodic(cron="5 0-10 * * *")  # UTC: from 08:05 in Beijing, hourly: one that was missed is made up for
@app.task(name="dispatch.remind", queue="default", queueing_lock="dispatch.remind")
def remind(timestamp: int) -> None:
    """In the morning, and until the evening what was missed then: visits that are near, papers that are late."""
    services.remind(now=clock.now())
