"""Jobs of inspection, found by procrastinate."""

from __future__ import annotations

from procrastinate.contrib.django import app

from yicha.act.inspection import services
from yicha.kernel import clock

ACTOR = "yicha"


@app.periodic(cron="* * * * *")  # an emergency that the gate lets through begins at once
@app.task(name="inspection.open", queue="default", queueing_lock="inspection.open")
def open_arriving(timestamp: int) -> None:
    """Open the visits whose day has come and that may begin."""
    services.open_arriving(actor=ACTOR, now=clock.now())
