"""Jobs of credit and risk, found by procrastinate: classifications that were asked for, and what time brings."""

from __future__ import annotations

from uuid import UUID

from procrastinate.contrib.django import app

from yicha.kernel import clock
from yicha.know.credit.queries import classes, models
from yicha.know.credit.services import classing, warnings
from yicha.know.credit.terms.classes import RunKind, RunState

ACTOR = "yicha"


def start_run(uuid: UUID, actor: str) -> None:
    """Hand a classification that was begun to a worker."""
    run_classification.defer(uuid=str(uuid), actor=actor)


@app.task(name="credit.classify", queue="default")
def run_classification(uuid: str, actor: str) -> None:
    """Do a classification that waits; one that is done, failed or at work stays as it is."""
    found = classes.find_run(UUID(uuid))
    if found is None or found.state != RunState.QUEUED:
        return
    classing.run_classification(actor=actor, now=clock.now(), run=found)


@app.periodic(cron="30 1 1 * *")
@app.task(name="credit.classify_month", queue="default", queueing_lock="credit.classify_month")
def classify_month(timestamp: int) -> None:
    """On the first of every month: everybody, by the model in force."""
    if models.find_model_in_force() is not None:
        classing.classify_all(actor=ACTOR, now=clock.now(), kind=RunKind.MONTHLY)


@app.periodic(cron="40 0 * * *")
@app.task(name="credit.watch", queue="default", queueing_lock="credit.watch")
def watch_clusters(timestamp: int) -> None:
    """Every night: find anew who shares an address, and which groups hang together with somebody bad."""
    warnings.watch(actor=ACTOR, now=clock.now())
