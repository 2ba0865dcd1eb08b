"""Jobs of classes, found by procrastinate: the monthly classification, and runs that a person asked for."""

from __future__ import annotations

from uuid import UUID

from procrastinate.contrib.django import app

from yicha.kernel import clock
from yicha.know.credit.queries import classes as queries
from yicha.know.credit.queries.models import find_model_in_force
from yicha.know.credit.rules.runs import is_due
from yicha.know.credit.services import classing, trials, warnings
from yicha.know.credit.terms.classes import RunKind, RunState

ACTOR = "yicha"


def start_run(uuid: UUID, actor: str) -> None:
    """Hand a run that was begun to a worker."""
    do_run.defer(uuid=str(uuid), actor=actor)


@app.task(name="credit.classify", queue="default")
def do_run(uuid: str, actor: str) -> None:
    """Do a run that waits, a trial too; one that was done or failed stays as it is."""
    run = queries.find_run(UUID(uuid))
    if run is None or run.state != RunState.QUEUED:
        return
    if run.kind == RunKind.TRIAL:
        trials.run_trial(actor=actor, now=clock.now(), run=run)
    else:
        classing.run_classification(actor=actor, now=clock.now(), run=run)


@app.periodic(cron="30 17 * * *")  # UTC: 01:30 in Beijing
@app.task(name="credit.classify_monthly", queue="default", queueing_lock="credit.classify_monthly")
def classify_monthly(timestamp: int) -> None:
    """On the first of a month everybody is classified anew, once a model is in force.

    Looked for every night: where nobody worked in the night of the first, or it failed, the next night makes up for it.
    """
    now, last = clock.now(), queries.find_last_run()
    if find_model_in_force() is not None and is_due(last.on if last else None, clock.today(now)):
        classing.classify_all(actor=ACTOR, now=now, kind=RunKind.MONTHLY)


@app.periodic(cron="40 * * * *")
@app.task(name="credit.settle", queue="default", queueing_lock="credit.settle")
def settle(timestamp: int) -> None:
    """Whom a run could not take along, because its process died, is classified within the hour."""
    classing.settle(actor=ACTOR, now=clock.now())


@app.periodic(cron="40 16 * * *")  # UTC: 00:40 in Beijing
@app.task(name="credit.watch", queue="default", queueing_lock="credit.watch")
def watch_clusters(timestamp: int) -> None:
    """Every night: find anew who shares an address, and which groups hang together with somebody bad."""
    warnings.watch(actor=ACTOR, now=clock.now())
