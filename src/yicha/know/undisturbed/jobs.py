"""Jobs of the undisturbed list, found by procrastinate: what time brings, and runs that a person began."""

from __future__ import annotations

from uuid import UUID

from procrastinate.contrib.django import app

from yicha.kernel import clock
from yicha.know.undisturbed import queries, services

ACTOR = "yicha"


def start_discovery(uuid: UUID, actor: str) -> None:
    """Hand a run that was begun to a worker."""
    run_discovery.defer(uuid=str(uuid), actor=actor)


@app.task(name="undisturbed.discover", queue="default")
def run_discovery(uuid: str, actor: str) -> None:
    """Find the candidates of a run; one that is done or failed stays as it is."""
    found = queries.find_discovery(UUID(uuid))
    if found is None or found.state != "running":
        return
    try:
        services.run_discovery(actor=actor, now=clock.now(), discovery=found)
    except BaseException:
        services.fail_discovery(now=clock.now(), discovery=found)
        raise


@app.periodic(cron="10 16 * * *")  # UTC: 00:10 in Beijing
@app.task(name="undisturbed.turn_day", queue="default", queueing_lock="undisturbed.turn_day")
def turn_day(timestamp: int) -> None:
    """Every night: list where a window ended in silence, then suspend who no longer meets what it takes to stay."""
    services.close_windows(actor=ACTOR, now=clock.now())
    services.recheck(actor=ACTOR, now=clock.now())
