"""Matching as a job: asked for on a page, done by a worker, followed by a progress bar."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from django.db import IntegrityError, transaction

from yicha.decide.planning import queries
from yicha.decide.planning.models import MatchRun, Round
from yicha.decide.planning.services.demands import collect_demands
from yicha.decide.planning.services.matching import PHASES, match
from yicha.decide.planning.terms import MatchReport, RunState
from yicha.kernel.refusal import Reason, Refused


def collect_and_match(
    *, actor: str, now: datetime, round_: Round, on_progress: Callable[[int], None] = lambda _done: None
) -> MatchReport:
    """Collect what the draws of a round have chosen since the last time, then match. One step of a bar per draw."""
    draw_ids = queries.list_uncollected(round_)
    for done, draw_id in enumerate(draw_ids, start=1):
        collect_demands(actor=actor, now=now, draw_id=draw_id)
        on_progress(done)
    return match(
        actor=actor,
        now=now,
        round_=round_,
        on_phase=lambda phase: on_progress(len(draw_ids) + phase),
    )


def ask_match(*, actor: str, now: datetime, round_: Round) -> MatchRun:
    """Queue a matching; refused while one is queued or running."""
    try:
        with transaction.atomic():
            return MatchRun.objects.create(
                round=round_,
                state=RunState.QUEUED.value,
                actor=actor,
                asked_at=now,
                total=len(queries.list_uncollected(round_)) + PHASES,
            )
    except IntegrityError:
        raise Refused([Reason("match.running", "This round is being matched already.")]) from None


def run_match(*, run: MatchRun, now: datetime) -> MatchReport | None:
    """Do a matching that was asked for. A refusal is kept with the run, for the page; then there is no report.

    Anything else that goes wrong leaves the run refused too, so that it can be asked for again, and is raised.
    """
    _progress(run, RunState.RUNNING, 0)
    try:
        report = collect_and_match(
            actor=run.actor,
            now=now,
            round_=run.round,
            on_progress=lambda done: _progress(run, RunState.RUNNING, done),
        )
    except Refused as refused:
        run.reasons = [
            {
                "code": reason.code,
                "sentence": reason.sentence,
                "source": reason.source,
                "facts": {key: str(value) for key, value in reason.facts.items()},
            }
            for reason in refused.reasons
        ]
        _progress(run, RunState.REFUSED, run.total)
        return None
    except Exception:
        _progress(run, RunState.REFUSED, run.done)
        raise
    _progress(run, RunState.DONE, run.total)
    return report


def _progress(run: MatchRun, state: RunState, done: int) -> None:
    run.state, run.done = state.value, min(done, run.total)
    run.save(update_fields=["state", "done", "reasons"])
