"""Making a calendar: asked for, made by a worker, stopped with the best so far, discarded."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date, datetime
from typing import Any

from django.db import IntegrityError, transaction

from yicha.base.ledger import services as ledger
from yicha.decide.scheduling import queries
from yicha.decide.scheduling.models import Placement, Schedule
from yicha.decide.scheduling.rules import words
from yicha.decide.scheduling.rules.life import SCHEDULE_LIFE
from yicha.decide.scheduling.services.solver import solve
from yicha.decide.scheduling.services.splitting import try_splits
from yicha.decide.scheduling.services.working import BEGUN, at_work, bury
from yicha.decide.scheduling.terms import Problem, ScheduleCause, ScheduleState, Slot, Solution
from yicha.kernel import clock
from yicha.kernel.refusal import Reason, Refused, refuse_if
from yicha.know.registry.terms import DayPart

EFFORT = 60.0
"""Deterministic time of one making, about seconds of one core: it bounds the work, whatever the machine."""


def ask_schedule(
    *,
    actor: str,
    now: datetime,
    round_: Any,
    cause: ScheduleCause = ScheduleCause.FIRST,
    params: Mapping[str, Any] | None = None,
    seed: int = 0,
) -> Schedule:
    """Queue the making of a calendar; `jobs.start_schedule(uuid)` hands it to a worker.

    Refused while one of the round is being made, and when there is no visit to place. One whose maker has died does
    not stand in the way.
    """
    bury(now)
    if not queries.count_visits_ahead(round_):
        raise Refused(
            [Reason("schedule.nothing", "This round has no planned visits; match its demands first.")]
        )
    try:
        with transaction.atomic():
            schedule = Schedule.objects.create(
                round=round_,
                number=queries.next_number(round_),
                cause=cause.value,
                state=ScheduleState.QUEUED.value,
                actor=actor,
                asked_at=now,
                seed=seed,
                params=dict(params or {}),
            )
            body = {"number": schedule.number, "cause": cause.value, "seed": seed}
            ledger.append(
                actor=actor, now=now, act="schedule.asked", subject=f"round:{round_.code}", body=body
            )
            return schedule
    except IntegrityError:
        raise Refused(
            [Reason("schedule.running", "A calendar of this round is being made already.")]
        ) from None


def run_schedule(*, schedule: Schedule, now: datetime) -> Schedule:
    """Make a calendar that was asked for: facts, solver, splits; what comes out waits to be kept.

    Discarded meanwhile, or somebody else is making it: nothing is written. A refusal is kept with it; anything else
    that goes wrong leaves it refused too, so that it can be asked for again, and is raised. When the process dies, it
    is refused by whoever asks for the next one, or by the job `scheduling.look_after`.
    """
    with at_work(schedule.uuid) as alone:
        return _run(schedule, now) if alone else schedule


def _run(schedule: Schedule, now: datetime) -> Schedule:
    try:
        if schedule.state == ScheduleState.QUEUED:
            _step(schedule, "run")
        Schedule.objects.filter(pk=schedule.pk).update(phase=BEGUN)
        problem = make_problem(schedule, clock.today(now))
        solution = solve(
            problem,
            seed=schedule.seed,
            effort=float(schedule.params.get("effort", EFFORT)),
            on_progress=_teller(schedule),
            should_stop=lambda: _is_stopped(schedule),
        )
        _refuse_wish(schedule, problem, solution)
        splits = try_splits(schedule, problem, solution, now)
        return _propose(schedule, problem, solution, splits, now)
    except Refused as refused:
        return _refuse(schedule, now, [_kept(reason) for reason in refused.reasons])
    except Exception:
        _refuse(schedule, now, [])
        raise


def make_problem(schedule: Schedule, today: date) -> Problem:
    """The problem of a calendar: all visits of its round, and what it was asked for."""
    cause = ScheduleCause(schedule.cause)
    problem = queries.get_problem(
        schedule.round,
        today,
        keep=cause is not ScheduleCause.FIRST,
        lost=queries.read_lost(schedule.params),
        hold_announced=cause in (ScheduleCause.FIRST, ScheduleCause.OFFICERS),
        asked_on=clock.today(schedule.asked_at),
    )
    wanted = schedule.params.get("slot")
    if cause is not ScheduleCause.WISH or not wanted:
        return problem
    slot = Slot(date.fromisoformat(wanted[0]), DayPart(wanted[1]))
    return replace(
        problem,
        visits=tuple(
            replace(visit, fixed=slot, held=False) if visit.key == schedule.params["contact"] else visit
            for visit in problem.visits
        ),
    )


def _refuse_wish(schedule: Schedule, problem: Problem, solution: Solution) -> None:
    """An enterprise asked for another half day, and cannot have it: its visit stays where it is, and the office reads

    why. The enterprise does not (`rules.requests`).
    """
    if schedule.cause != ScheduleCause.WISH:
        return
    wanted = schedule.params["contact"]
    if all(visit.key != wanted for visit in problem.visits):
        raise Refused([Reason("wish.no-visit", "The visit no longer lies ahead; it cannot move.")])
    refuse_if(queries.to_reasons([row for row in solution.missing if row.visit == wanted]))


def stop(*, actor: str, now: datetime, schedule: Schedule) -> Schedule:
    """Ask the worker to end; it proposes the best calendar that it has found so far."""
    return _act(actor, now, schedule, "stop")


def discard(*, actor: str, now: datetime, schedule: Schedule) -> Schedule:
    """Put a calendar aside that nobody keeps, or that is being made; visits stay as they are planned."""
    return _act(actor, now, schedule, "discard")


@transaction.atomic
def _act(actor: str, now: datetime, schedule: Schedule, act: str) -> Schedule:
    locked = _step(schedule, act)
    if locked.state == ScheduleState.DISCARDED:
        locked.ended_at = now
        locked.save(update_fields=["ended_at"])
    subject, body = f"round:{locked.round.code}", {"number": locked.number}
    ledger.append(actor=actor, now=now, act=f"schedule.{act}", subject=subject, body=body)
    return locked


@transaction.atomic
def _step(schedule: Schedule, act: str) -> Schedule:
    locked = Schedule.objects.select_for_update(of=("self",)).select_related("round").get(pk=schedule.pk)
    locked.state = SCHEDULE_LIFE.after(ScheduleState(locked.state), act).value
    locked.save(update_fields=["state"])
    schedule.state = locked.state
    return locked


def _teller(schedule: Schedule) -> Callable[[str, int, int], None]:
    """Writes progress when it changes: it is seen while the making goes on."""
    last: list[tuple[str, int, int]] = []

    def tell(phase: str, done: int, total: int) -> None:
        if last[-1:] != [(phase, done, total)]:
            last.append((phase, done, total))
            Schedule.objects.filter(pk=schedule.pk).update(phase=phase, done=done, total=total)

    return tell


def _is_stopped(schedule: Schedule) -> bool:
    state = Schedule.objects.filter(pk=schedule.pk).values_list("state", flat=True).first()
    return state != ScheduleState.RUNNING


@transaction.atomic
def _propose(
    schedule: Schedule, problem: Problem, solution: Solution, splits: dict[str, Any], now: datetime
) -> Schedule:
    """Write what came out, in one transaction; a calendar that was discarded meanwhile stays so."""
    locked = Schedule.objects.select_for_update(of=("self",)).select_related("round").get(pk=schedule.pk)
    if locked.state == ScheduleState.DISCARDED:
        return locked
    locked.state = SCHEDULE_LIFE.after(ScheduleState(locked.state), "propose").value
    ids = queries.list_contact_ids(visit.key for visit in problem.visits)
    missing: dict[str, list[dict[str, Any]]] = {}
    for row in solution.missing:
        missing.setdefault(row.visit, []).append(words.to_row(row))
    Placement.objects.bulk_create(
        [
            Placement(
                schedule=locked,
                contact_id=ids[visit.key],
                day=slot.day if slot else None,
                part=slot.part.value if slot else "",
                was_day=visit.now.day if visit.now else None,
                was_part=visit.now.part.value if visit.now else "",
                why=[] if slot else missing.get(visit.key, []),
            )
            for visit in problem.visits
            for slot in [solution.placed.get(visit.key)]
        ],
        batch_size=2000,
    )
    locked.report = _report(problem, solution, splits)
    locked.ended_at, locked.phase = now, "done"
    locked.done = locked.total = len(problem.visits)
    locked.save()
    return locked


def _report(problem: Problem, solution: Solution, splits: dict[str, Any]) -> dict[str, Any]:
    return {
        "visits": len(problem.visits),
        "placed": len(solution.placed),
        "objectives": {
            name.value: [measure.value, measure.bound] for name, measure in solution.objectives.items()
        },
        "stopped": solution.stopped,
        "splits": splits,
    }


@transaction.atomic
def _refuse(schedule: Schedule, now: datetime, reasons: list[dict[str, Any]]) -> Schedule:
    locked = Schedule.objects.select_for_update(of=("self",)).select_related("round").get(pk=schedule.pk)
    if "refuse" in SCHEDULE_LIFE.acts_from(ScheduleState(locked.state)):
        locked.state = SCHEDULE_LIFE.after(ScheduleState(locked.state), "refuse").value
        locked.reasons, locked.ended_at = reasons, now
        locked.save(update_fields=["state", "reasons", "ended_at"])
    return locked


def _kept(reason: Reason) -> dict[str, Any]:
    facts = {key: str(value) for key, value in reason.facts.items()}
    return {"code": reason.code, "sentence": reason.sentence, "source": reason.source, "facts": facts}
