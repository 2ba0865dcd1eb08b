"""Jobs of recognition, found by procrastinate."""

from __future__ import annotations

from procrastinate.contrib.django import app

from yicha.kernel import clock
from yicha.share.recognition import services


@app.periodic(cron="20 * * * *")
@app.task(name="recognition.offer_closed", queue="default", queueing_lock="recognition.offer_closed")
def offer_closed(timestamp: int) -> None:
    """Results of parts that were closed past the desk are offered within the hour."""
    services.offer_closed(actor="yicha", now=clock.now())
