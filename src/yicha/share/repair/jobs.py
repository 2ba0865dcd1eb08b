"""Jobs of endings, found by procrastinate."""

from __future__ import annotations

from procrastinate.contrib.django import app

from yicha.kernel import clock
from yicha.share.repair import services

ACTOR = "yicha"


@app.periodic(cron="5 16 * * *")  # UTC: 00:05 in Beijing
@app.task(name="repair.turn_day", queue="default", queueing_lock="repair.turn_day")
def turn_day(timestamp: int) -> None:
    """Every night, before the undisturbed list is looked through: end what has come to its maximum."""
    services.end_due(actor=ACTOR, now=clock.now())


@app.periodic(cron="*/5 * * * *")
@app.task(name="repair.propagate", queue="default", queueing_lock="repair.propagate")
def propagate(timestamp: int) -> None:
    """Carry endings that an agency wrote, or that were cut off, to every use within five minutes."""
    services.propagate_open(actor=ACTOR, now=clock.now())
