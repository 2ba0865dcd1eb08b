"""Jobs of planning, found by procrastinate."""

from __future__ import annotations

from procrastinate.contrib.django import app

from yicha.decide.planning import queries, services
from yicha.kernel import clock


def start_match(run: str) -> None:
    """Hand a run that was asked for to a worker."""
    match_round.defer(run=run)


@app.task(name="planning.match", queue="default")
def match_round(run: str) -> None:
    """Do the matching that `services.ask_match` queued; `run` is its uuid. Done already: nothing to do."""
    found = queries.find_run(run)
    if found is not None:
        services.run_match(run=found, now=clock.now())
