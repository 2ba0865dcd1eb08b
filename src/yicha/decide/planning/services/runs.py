"""Jobs of a round: asked for on a page, done by a worker, followed by a progress bar."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import TypeVar

from django.db import IntegrityError, transaction

from yicha.decide.drawing.terms import BeaconKind, BeaconSpec
from yicha.decide.planning import queries
from yicha.decide.planning.models import MatchRun, PlanEntry, Round
from yicha.decide.planning.services.demands import collect_demands
from yicha.decide.planning.services.draws import freeze_draw, start_draw
from yicha.decide.planning.services.due import collect_due
from yicha.decide.planning.services.matching import PHASES, match
from yicha.decide.planning.services.screening import screen
from yicha.decide.planning.terms import MatchReport, RunKind, RunState, ScreenReport
from yicha.kernel.refusal import Reason, Refused, refuse_if

LOST_AFTER = timedelta(minutes=30)
"""A job that has not ended by then was lost with its worker: it no longer keeps others from being asked for."""


def collect_and_match(
    *, actor: str, now: datetime, round_: Round, on_progress: Callable[[int], None] = lambda _done: None
) -> MatchReport:
    """Collect what the draws of a round have chosen since the last time, and what is due; then match. A step a draw."""
    done = _collect(actor, now, round_, on_progress)
    return match(actor=actor, now=now, round_=round_, on_phase=lambda phase: on_progress(done + phase))


def _collect(actor: str, now: datetime, round_: Round, on_progress: Callable[[int], None]) -> int:
    """What the draws have chosen, then what is due without one; returns the number of draws."""
    draw_ids = queries.list_uncollected(round_)
    for done, draw_id in enumerate(draw_ids, start=1):
        collect_demands(actor=actor, now=now, draw_id=draw_id)
        on_progress(done)
    collect_due(actor=actor, now=now, round_=round_)
    return len(draw_ids)


def collect_and_screen(
    *, actor: str, now: datetime, round_: Round, on_progress: Callable[[int], None] = lambda _done: None
) -> ScreenReport:
    """Collect what the draws of a round have chosen since the last time and what is due, then ask the gate for all."""
    _collect(actor, now, round_, on_progress)
    return screen(actor=actor, now=now, round_=round_)


def ask_screen(*, actor: str, now: datetime, round_: Round) -> MatchRun:
    """Queue the asking of the gate; refused while a job of the round is queued or running."""
    return _ask(actor, now, round_, RunKind.SCREEN, len(queries.list_uncollected(round_)) + 1)


def ask_match(*, actor: str, now: datetime, round_: Round) -> MatchRun:
    """Queue a matching; refused while a job of the round is queued or running."""
    return _ask(actor, now, round_, RunKind.MATCH, len(queries.list_uncollected(round_)) + PHASES)


def ask_freeze(*, actor: str, now: datetime, round_: Round) -> MatchRun:
    """Queue the freeze of every open draw of a round to which all have committed."""
    ready = len(queries.list_committed(round_))
    if not ready:
        raise Refused(
            [Reason("round.nothing-to-freeze", "No open draw of this round has all its commitments.")]
        )
    return _ask(actor, now, round_, RunKind.FREEZE, ready)


def ask_open(
    *, actor: str, now: datetime, round_: Round, beacon: BeaconSpec, reveal_deadline: datetime
) -> MatchRun:
    """Queue the opening of a draw for every entry due in a round that has none; one event decides them all."""
    undrawn = len(queries.list_undrawn(round_))
    if not undrawn:
        raise Refused(
            [Reason("round.nothing-to-open", "Every entry that is due in this round has its draw.")]
        )
    params = {
        "kind": beacon.kind.value,
        "source": beacon.source,
        "fallback": beacon.fallback,
        "reveal_deadline": reveal_deadline.isoformat(),
    }
    return _ask(actor, now, round_, RunKind.OPEN, undrawn, params)


def _ask(
    actor: str, now: datetime, round_: Round, kind: RunKind, total: int, params: dict[str, str] | None = None
) -> MatchRun:
    unfinished = MatchRun.objects.filter(
        round=round_, state__in=[RunState.QUEUED.value, RunState.RUNNING.value]
    )
    unfinished.filter(asked_at__lt=now - LOST_AFTER).update(state=RunState.REFUSED.value)
    try:
        with transaction.atomic():
            return MatchRun.objects.create(
                round=round_,
                kind=kind.value,
                params=params or {},
                state=RunState.QUEUED.value,
                actor=actor,
                asked_at=now,
                total=total,
            )
    except IntegrityError:
        raise Refused([Reason("match.running", "A job of this round is running already.")]) from None


def run_match(*, run: MatchRun, now: datetime) -> MatchReport | None:
    """Do what was asked for. A refusal is kept with the run, for the page; the report is a matching's.

    Anything else that goes wrong leaves the run refused too, so that it can be asked for again, and is raised.
    """
    _progress(run, RunState.RUNNING, 0)
    report = None
    try:
        if run.kind == RunKind.MATCH:
            report = collect_and_match(
                actor=run.actor,
                now=now,
                round_=run.round,
                on_progress=lambda done: _progress(run, RunState.RUNNING, done),
            )
        elif run.kind == RunKind.SCREEN:
            collect_and_screen(
                actor=run.actor,
                now=now,
                round_=run.round,
                on_progress=lambda done: _progress(run, RunState.RUNNING, done),
            )
        elif run.kind == RunKind.FREEZE:
            _each(run, queries.list_committed(run.round), partial(_freeze, run, now))
        else:
            _each(run, queries.list_undrawn(run.round), partial(_open, run, now))
    except Refused as refused:
        run.reasons = [_kept(reason) for reason in refused.reasons]
        _progress(run, RunState.REFUSED, run.total)
        return None
    except Exception:
        _progress(run, RunState.REFUSED, run.done)
        raise
    _progress(run, RunState.DONE, run.total)
    return report


T = TypeVar("T")


def _each(run: MatchRun, things: Sequence[T], act: Callable[[T], object]) -> None:
    """Deal with each in its own transaction; what is refused does not stop the others and is told at the end."""
    reasons: list[Reason] = []
    for done, thing in enumerate(things, start=1):
        try:
            act(thing)
        except Refused as refused:
            reasons += refused.reasons
        _progress(run, RunState.RUNNING, done)
    refuse_if({str(reason): reason for reason in reasons}.values())


def _freeze(run: MatchRun, now: datetime, draw_id: str) -> None:
    freeze_draw(actor=run.actor, now=now, draw_id=draw_id)


def _open(run: MatchRun, now: datetime, entry: PlanEntry) -> None:
    given = run.params
    beacon = BeaconSpec(BeaconKind(given["kind"]), given["source"], fallback=given["fallback"])
    deadline = datetime.fromisoformat(given["reveal_deadline"])
    start_draw(actor=run.actor, now=now, entry=entry, beacon=beacon, reveal_deadline=deadline)


def _kept(reason: Reason) -> dict[str, object]:
    """A reason as the run keeps it."""
    return {
        "code": reason.code,
        "sentence": reason.sentence,
        "source": reason.source,
        "facts": {key: str(value) for key, value in reason.facts.items()},
    }


def _progress(run: MatchRun, state: RunState, done: int) -> None:
    run.state, run.done = state.value, min(done, run.total)
    run.save(update_fields=["state", "done", "reasons"])
