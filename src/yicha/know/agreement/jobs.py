"""Jobs of agreements, found by procrastinate."""

from __future__ import annotations

from procrastinate.contrib.django import app

from yicha.kernel import clock
from yicha.know.agreement import services


@app.periodic(cron="5 * * * *")
@app.task(name="agreement.turn_day", queue="default", queueing_lock="agreement.turn_day")
def turn_day(timestamp: int) -> None:
    """Agreements begin and end, within the first hour of a day. The gate does not wait for it."""
    services.turn_day(actor="yicha", now=clock.now())
