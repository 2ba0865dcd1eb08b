"""Classifying everybody: snapshot, engine, cuts, and what is shown, in one transaction."""

from __future__ import annotations

from datetime import datetime

from yicha.know.credit.models import ClassRun, RiskModel
from yicha.know.credit.terms.classes import RunKind


def classify_all(*, actor: str, now: datetime, kind: RunKind, model: RiskModel | None = None) -> ClassRun:
    """Classify every enterprise by `model` (None: the one in force), and show it; a trial shows nothing.

    Waits while another classification runs. Refused when no model is given and none is in force. Raises what went
    wrong; the run is then FAILED and says so.
    """
    return run_classification(
        actor=actor, now=now, run=begin_run(actor=actor, now=now, kind=kind, model=model)
    )


def begin_run(*, actor: str, now: datetime, kind: RunKind, model: RiskModel | None = None) -> ClassRun:
    """Write down a run that a worker is to do (`credit.jobs.start_run`)."""
    raise NotImplementedError


def run_classification(*, actor: str, now: datetime, run: ClassRun) -> ClassRun:
    """Do a run that was begun."""
    raise NotImplementedError
