"""Trying a model on the current snapshot before it takes force: who moves, and what it does to visits."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from yicha.base.ledger import services as ledger
from yicha.kernel.refusal import Reason, refuse_if
from yicha.know.credit.models import ClassRun, RiskModel
from yicha.know.credit.queries import models as queries
from yicha.know.credit.rules import model_life
from yicha.know.credit.services import classing
from yicha.know.credit.terms.classes import ModelState, RunKind


@transaction.atomic
def ask_trial(*, actor: str, now: datetime, model: RiskModel) -> ClassRun:
    """Write down a trial of a version's present text, which a worker is to do (`credit.jobs`).

    Refused when the document has faults or the version is over.
    """
    locked = RiskModel.objects.select_for_update().get(pk=model.pk)
    if ModelState(locked.state) not in model_life.TRIED:
        refuse_if([Reason("model.over", "This version is over; try the draft that is to come.")])
    queries.get_document(locked)
    run = classing.begin_run(actor=actor, now=now, kind=RunKind.TRIAL, model=locked)
    run.report = {"sha256": locked.sha256}
    run.save(update_fields=["report"])
    ledger.append(
        actor=actor,
        now=now,
        act="model.trial-asked",
        subject=f"model:{locked.uuid}",
        body={"run": str(run.uuid), "sha256": locked.sha256},
    )
    return run


def run_trial(*, actor: str, now: datetime, run: ClassRun) -> ClassRun:
    """Do a trial: classify the snapshot with the candidate, then report. Nothing changes but the run."""
    return classing.run_classification(actor=actor, now=now, run=run)
