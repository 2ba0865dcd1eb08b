"""Matching as a job: asked for on a page, done by a worker, followed by a progress bar."""

from __future__ import annotations

from datetime import datetime

from django.db import IntegrityError, transaction

from yicha.decide.planning.models import MatchRun, Round
from yicha.decide.planning.services.matching import PHASES, match
from yicha.decide.planning.terms import MatchReport, RunState
from yicha.kernel.refusal import Reason, Refused


def ask_match(*, actor: str, now: datetime, round_: Round) -> MatchRun:
    """Queue a matching; refused while one is queued or running."""
    try:
        with transaction.atomic():
            return MatchRun.objects.create(
                round=round_, state=RunState.QUEUED.value, actor=actor, asked_at=now, total=PHASES
            )
    except IntegrityError:
        raise Refused([Reason("match.running", "This round is being matched already.")]) from None


def run_match(*, run: MatchRun, now: datetime) -> MatchReport | None:
    """Do a matching that was asked for. A refusal is kept with the run, for the page; then there is no report."""
    _progress(run, RunState.RUNNING, 0)
    try:
        report = match(
            actor=run.actor,
            now=now,
            round_=run.round,
            on_phase=lambda done: _progress(run, RunState.RUNNING, done),
        )
    except Refused as refused:
        run.reasons = [
            {
                "code": reason.code,
                "sentence": reason.sentence,
                "facts": {k: str(v) for k, v in reason.facts.items()},
            }
            for reason in refused.reasons
        ]
        _progress(run, RunState.REFUSED, PHASES)
        return None
    _progress(run, RunState.DONE, PHASES)
    return report


def _progress(run: MatchRun, state: RunState, done: int) -> None:
    run.state, run.done = state.value, done
    run.save(update_fields=["state", "done", "reasons"])
