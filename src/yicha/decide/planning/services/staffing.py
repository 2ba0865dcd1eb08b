"""The draw of officers of a round, and what comes of it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import transaction

from yicha.base.ledger import services as ledger
from yicha.base.ledger.terms import JSON
from yicha.decide.drawing import queries as drawing_queries
from yicha.decide.drawing import services as drawing
from yicha.decide.drawing.terms import BeaconSpec, DrawKind, DrawState, ReasonCode
from yicha.decide.planning import queries
from yicha.decide.planning.models import Round, RoundDraw, VisitOfficer
from yicha.decide.planning.rules import officers as rules
from yicha.decide.planning.rules.plans import ROUND_LIFE
from yicha.decide.planning.terms import RoundState
from yicha.kernel import clock
from yicha.kernel.refusal import NotFound, Reason, Refused
from yicha.know.catalogue import queries as catalogue
from yicha.know.registry import queries as registry


@transaction.atomic
def start_officers_draw(
    *,
    actor: str,
    now: datetime,
    round_: Round,
    beacon: BeaconSpec,
    reveal_deadline: datetime,
    participants: Sequence[str] | None = None,
) -> Any:
    """Open the draw of officers for the visits of a round that have none. Returns the draw.

    By default all agencies that take part in a visit commit and reveal. A void draw of officers is followed by a new
    one; while one is under way there is no second.
    """
    locked = Round.objects.select_for_update().get(pk=round_.pk)
    former = queries.find_officers_draw(locked) if locked.state == RoundState.STAFFING else None
    if former and drawing_queries.get_draw(former.draw_id).state == DrawState.VOID:
        locked.state = ROUND_LIFE.after(RoundState(locked.state), "stop-staffing").value
    locked.state = ROUND_LIFE.after(RoundState(locked.state), "staff").value
    tasks, _officers, _recused = queries.list_staffing_facts(locked)
    if not tasks:
        raise Refused([Reason("staffing.nothing", "Every planned visit of this round has its officers.")])
    draw = drawing.open_draw(
        actor=actor,
        now=now,
        organiser=locked.organiser,
        kind=DrawKind.OFFICERS,
        title=f"{locked.code} 执法人员",
        plan_id=locked.code,
        participants=list(participants or sorted({task.agency for task in tasks})),
        beacon=beacon,
        reveal_deadline=reveal_deadline,
    )
    RoundDraw.objects.create(round=locked, draw_id=draw.draw_id)
    locked.save(update_fields=["state"])
    return draw


@transaction.atomic
def freeze_officers_draw(*, actor: str, now: datetime, round_: Round, load_cap: int | None = None) -> Any:
    """Freeze tasks, eligibility and the salted reasons of the officers' draw that is under way.

    `load_cap` is the most visits one officer may get; without it, the even share of the busiest agency times the
    slack of the number `officer-load-slack`. An infeasible draw is refused by `drawing`, which names the visits.
    """
    linked = _under_way(round_)
    today = clock.today(now)
    need = int(catalogue.get_number("officers-per-agency", today).value)
    tasks, officers, recused = queries.list_staffing_facts(linked.round)
    staffing = rules.staff(tasks, officers, recused, need)
    slack = catalogue.get_number("officer-load-slack", today).value
    return drawing.freeze_officers(
        actor=actor,
        now=now,
        draw=drawing_queries.get_draw(linked.draw_id),
        tasks=staffing.tasks,
        eligibility=staffing.eligibility,
        reasons=[
            (visit, agency, officer, ReasonCode(code)) for visit, agency, officer, code in staffing.reasons
        ],
        load_cap=load_cap or rules.suggest_load_cap(staffing.tasks, staffing.eligibility, slack),
    )


@transaction.atomic
def apply_officers(*, actor: str, now: datetime, round_: Round) -> int:
    """Write down who goes, as the draw says. Returns how many assignments there are.

    An agency that has left its visit since the freeze sends nobody. One that has come to it since then has nobody yet:
    the round can be staffed again.
    """
    locked = Round.objects.select_for_update().get(pk=round_.pk)
    linked = _under_way(locked)
    draw = drawing_queries.get_draw(linked.draw_id)
    if draw.state != DrawState.DRAWN:
        raise Refused(
            [
                Reason(
                    "staffing.not-drawn",
                    "The draw of officers %(draw)s has no result yet.",
                    facts={"draw": linked.draw_id},
                )
            ]
        )
    contacts, there = queries.list_visit_ids(locked), queries.list_unstaffed(locked)
    agencies = dict(registry.list_agencies().values_list("code", "id"))
    officers = dict(registry.list_officers().values_list("certificate", "id"))
    rows = VisitOfficer.objects.bulk_create(
        [
            VisitOfficer(
                contact_id=contacts[row.visit],
                agency_id=agencies[row.agency],
                officer_id=officers[row.officer],
                draw_id=linked.draw_id,
            )
            for row in drawing_queries.list_assignment(draw)
            if (row.visit, row.agency) in there
        ],
        batch_size=2000,
    )
    linked.applied = True
    linked.save(update_fields=["applied"])
    act = "stop-staffing" if queries.list_unstaffed(locked) else "assign"
    locked.state = ROUND_LIFE.after(RoundState(locked.state), act).value
    locked.save(update_fields=["state"])
    body: dict[str, JSON] = {"draw": linked.draw_id, "assignments": len(rows)}
    ledger.append(actor=actor, now=now, act="officers.assigned", subject=f"round:{locked.code}", body=body)
    return len(rows)


def _under_way(round_: Round) -> RoundDraw:
    linked = queries.find_officers_draw(round_)
    if linked is None:
        raise NotFound(f"No draw of officers is under way in round {round_.code}.")
    return linked
