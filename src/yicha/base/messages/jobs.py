"""Jobs of messages, found by procrastinate."""

from __future__ import annotations

from procrastinate.contrib.django import app

from yicha.base.messages import services
from yicha.kernel import clock


@app.periodic(cron="* * * * *")
@app.task(name="messages.deliver", queue="default", queueing_lock="messages.deliver")
def deliver(timestamp: int) -> None:
    """Every minute, and when something was said: hand over what is due."""
    services.deliver_due(now=clock.now)
