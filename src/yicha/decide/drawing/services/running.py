"""From the publication to the result: reveal, close, run. The only place that computes a selection."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from hashlib import sha256

from django.db import transaction

from yicha.decide.drawing import queries
from yicha.decide.drawing.models import Assignment, Draw
from yicha.decide.drawing.rules import beacons, files, officers, tickets
from yicha.decide.drawing.services import population
from yicha.decide.drawing.services.records import lock, record, require_step, save_participants, step
from yicha.decide.drawing.terms import (
    ELIGIBILITY,
    TASKS,
    WITHHELD,
    BeaconKind,
    DrawKind,
    DrawState,
    Eligible,
    Task,
)
from yicha.kernel.refusal import Reason, refuse_if

_SOURCE = "yicha-draw/1, Order of events"


def reveal(*, actor: str, now: datetime, draw: Draw, agency: str, reveal: str) -> None:
    """Take one agency's reveal; refused after the deadline, and when it is not what was committed to."""
    reveal_all(actor=actor, now=now, draw=draw, reveals={agency: reveal})


@transaction.atomic
def reveal_all(*, actor: str, now: datetime, draw: Draw, reveals: Mapping[str, str]) -> None:
    """Take reveals of several agencies: all, or none. With the last one, the draw waits for its beacon."""
    draw = lock(draw)
    require_step(draw, "reveal")
    refuse_if(_check_deadline(draw, now))
    rows = {row.agency: row for row in draw.participants.filter(left_out=False)}
    reasons = []
    for agency, text in reveals.items():
        if agency not in rows:
            reasons.append(
                _refusal("draw.participant-unknown", "%(agency)s takes no part in this draw.", agency=agency)
            )
        else:
            reasons += tickets.check_reveal(draw.draw_id, agency, rows[agency].commitment, text)
    refuse_if(reasons)
    for agency, text in reveals.items():
        rows[agency].reveal, rows[agency].revealed_at = text, now
    save_participants([rows[agency] for agency in reveals], "reveal", "revealed_at")
    if all(row.reveal for row in rows.values()):
        step(draw, "close")
        draw.save(update_fields=["state"])
    record(actor, now, "revealed", draw, {"reveals": dict(reveals)})


def _check_deadline(draw: Draw, now: datetime) -> list[Reason]:
    if now <= draw.reveal_deadline:
        return []
    return [
        _refusal(
            "draw.reveal-late", "The deadline for reveals has passed; what is missing counts as withheld."
        )
    ]


@transaction.atomic
def run(*, actor: str, now: datetime, draw: Draw, beacon: str) -> Draw:
    """Set the beacon and draw. A draw runs once; what is missing of the reveals becomes `withheld`, in public.

    Refused while reveals are missing and the deadline has not passed, and when the beacon does not have the
    form that the manifest names.
    """
    draw = lock(draw)
    if draw.state == DrawState.PUBLISHED and now > draw.reveal_deadline:
        step(draw, "close")
    elif draw.state == DrawState.PUBLISHED:
        refuse_if([_refusal("draw.reveals-open", "Reveals are missing, and the deadline has not passed.")])
    step(draw, "run")
    refuse_if(beacons.check_text(BeaconKind(draw.beacon_kind), draw.beacon_encoding, beacon))
    rows = list(queries.list_participants(draw).filter(left_out=False))
    draw.beacon, draw.drawn_at = beacon, now
    draw.seed = tickets.seed_of(draw.manifest_hash, beacon, [row.reveal or WITHHELD for row in rows])
    if draw.kind == DrawKind.OBJECTS:
        count = population.draw_all(actor, now, draw)
    else:
        count = _draw_officers(draw)
    draw.save()
    result = queries.find_result(draw) or b""
    withheld = [row.agency for row in rows if not row.reveal]
    body = {
        "beacon": beacon,
        "seed": draw.seed,
        "drawn": count,
        "withheld": withheld,
        "result_sha256": sha256(result).hexdigest(),
    }
    record(actor, now, "drawn", draw, body)
    return draw


def _draw_officers(draw: Draw) -> int:
    tasks = [
        Task(visit, agency, int(need))
        for visit, agency, need in files.rows_of(queries.get_file(draw, TASKS).content, 3)
    ]
    eligible = [Eligible(*row) for row in files.rows_of(queries.get_file(draw, ELIGIBILITY).content, 3)]
    assigned = officers.assign(draw.seed, tasks, eligible, draw.load_cap or 0)
    Assignment.objects.bulk_create(
        (
            Assignment(
                draw=draw,
                position=position,
                visit=row.visit,
                agency=row.agency,
                officer=row.officer,
                ticket=row.ticket,
            )
            for position, row in enumerate(assigned)
        ),
        batch_size=5000,
    )
    return len(assigned)


def _refusal(code: str, sentence: str, /, **facts: str) -> Reason:
    return Reason(code, sentence, source=_SOURCE, facts=facts)
