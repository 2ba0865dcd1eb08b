"""What agencies say to their parts of planned visits. Who may say it is asked by the door (`schedule.answer`)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime

from django.db import transaction

from yicha.base.ledger import services as ledger
from yicha.base.ledger.terms import JSON
from yicha.decide.planning import queries as planning_queries
from yicha.decide.planning import services as planning
from yicha.decide.scheduling.models import Answer
from yicha.decide.scheduling.queries import answers as queries
from yicha.decide.scheduling.rules import answers as rules
from yicha.decide.scheduling.rules.answers import ANSWER_LIFE
from yicha.decide.scheduling.services.asking import AgencyNumbers, Clocks
from yicha.decide.scheduling.terms import AnswerState
from yicha.kernel import clock
from yicha.kernel.refusal import refuse_if
from yicha.know.visits.terms import ContactState


@transaction.atomic
def accept(*, actor: str, now: datetime, answer: Answer) -> Answer:
    """The agency comes: its heads may approve, and its officers be sent."""
    locked = _lock(answer)
    _give(locked, actor, now, "accept")
    _append(actor, now, "answer.accepted", locked, {})
    return locked


@transaction.atomic
def accept_all(*, actor: str, now: datetime, answers: Iterable[Answer], expected: int) -> int:
    """Accept many parts, all or none. Refused when they are not as many as the person was shown (`expected`)."""
    locked = _lock_open(row.pk for row in answers)
    refuse_if(rules.check_expected(expected, len(locked)))
    _give_many(actor, now, locked, "accept")
    return len(locked)


@transaction.atomic
def decline(*, actor: str, now: datetime, answer: Answer, because: str) -> Answer:
    """The agency does not come: its checks leave the visit, which goes on with the others, or is cancelled.

    The checks wait again, and the coordination office decides: it has them matched anew, or lets them fall
    (`let_fall`). A visit that loses its lead gets the one that its items ask for.
    """
    refuse_if(rules.check_because(because))
    _hold_round(answer)
    locked = _lock(answer)
    refuse_if(rules.check_not_begun(locked.contact.begun_on is not None))
    _give(locked, actor, now, "decline", because)
    given = planning.give_part_back(
        actor=actor, now=now, contact=locked.contact, agency=locked.agency.code, because=because
    )
    _append(actor, now, "answer.declined", locked, {"because": because, "demands": given})
    return locked


@transaction.atomic
def move_off_site(*, actor: str, now: datetime, answer: Answer, because: str) -> Answer:
    """The agency checks its items without going: they become spared checks, as the gate makes them of data."""
    refuse_if(rules.check_because(because))
    _hold_round(answer)
    locked = _lock(answer)
    refuse_if(rules.check_not_begun(locked.contact.begun_on is not None))
    _give(locked, actor, now, "move-off-site", because)
    spared = planning.move_part_off_site(
        actor=actor, now=now, contact=locked.contact, agency=locked.agency.code, because=because
    )
    _append(actor, now, "answer.off-site", locked, {"because": because, "demands": spared})
    return locked


@transaction.atomic
def let_fall(*, actor: str, now: datetime, answer: Answer, because: str) -> int:
    """The coordination office agrees with a declined part: its waiting checks fall away this quarter. How many."""
    refuse_if(rules.check_because(because))
    fallen = planning.withdraw_waiting(
        actor=actor,
        now=now,
        round_code=answer.contact.round,
        uscc=answer.contact.enterprise.uscc,
        agency=answer.agency.code,
        because=because,
    )
    _append(actor, now, "answer.let-fall", answer, {"because": because, "demands": fallen})
    return fallen


@transaction.atomic
def settle_silence(*, actor: str, now: datetime) -> int:
    """Settle what nobody answered in time; returns how many parts.

    Where the number `silence-accepts` is 1, silence is acceptance. Where it is 0, the clock begins anew, and the part
    shows how often it was asked about.
    """
    today = clock.today(now)
    late = _lock_open(queries.list_late(today).values_list("pk", flat=True))
    numbers = AgencyNumbers(today)
    clocks = Clocks(today, numbers)
    accepted = {row.pk for row in late if numbers.accepts_by_silence(row.agency_id)}
    _give_many(actor, now, [row for row in late if row.pk in accepted], "stay-silent")
    waiting = [row for row in late if row.pk not in accepted]
    for row in waiting:
        row.state = ANSWER_LIFE.after(AnswerState(row.state), "remind").value
        row.due_on = clocks.due_on(row.agency_id, row.day or date.max)
        row.times_asked += 1
    Answer.objects.bulk_update(waiting, ["due_on", "times_asked"], batch_size=1000)
    acts = [_act("answer.reminded", row, {"times": row.times_asked}) for row in waiting]
    ledger.append_many(actor=actor, now=now, acts=acts)
    return len(late)


def _hold_round(answer: Answer) -> None:
    """Before the part itself: keeping a calendar and matching hold the round first, then visits, then parts."""
    round_ = planning_queries.find_round(answer.contact.round)
    if round_ is not None:
        planning.hold_round(round_)


def _lock(answer: Answer) -> Answer:
    """The part as it is now, until the transaction ends; refused when its visit is not planned any more."""
    found: Answer = (
        Answer.objects.select_for_update(of=("self",))
        .select_related("contact__enterprise", "contact__lead_agency", "agency")
        .get(pk=answer.pk)
    )
    refuse_if(rules.check_planned(found.contact.state == ContactState.PLANNED))
    return found


def _lock_open(ids: Iterable[int]) -> list[Answer]:
    rows = Answer.objects.select_for_update(of=("self",)).select_related("contact", "agency")
    return list(rows.filter(queries.still_open(), pk__in=list(ids)).order_by("pk"))


def _give(row: Answer, actor: str, now: datetime, act: str, because: str = "") -> None:
    row.state = ANSWER_LIFE.after(AnswerState(row.state), act).value
    row.answered_at, row.answered_by, row.because = now, actor, because.strip()
    row.by_silence = act == "stay-silent"
    row.save()


def _give_many(actor: str, now: datetime, rows: Sequence[Answer], act: str) -> None:
    """The same for many, with one act each in the ledger."""
    for row in rows:
        row.state = ANSWER_LIFE.after(AnswerState(row.state), act).value
        row.answered_at, row.answered_by, row.by_silence = now, actor, act == "stay-silent"
    fields = ["state", "answered_at", "answered_by", "by_silence"]
    Answer.objects.bulk_update(rows, fields, batch_size=1000)
    acts = [_act("answer.accepted", row, {"by-silence": row.by_silence}) for row in rows]
    ledger.append_many(actor=actor, now=now, acts=acts)


def _act(act: str, row: Answer, body: dict[str, JSON]) -> ledger.Act:
    return act, f"visit:{row.contact.uuid}", {"agency": row.agency.code, **body}


def _append(actor: str, now: datetime, act: str, row: Answer, body: dict[str, JSON]) -> None:
    name, subject, whole = _act(act, row, body)
    ledger.append(actor=actor, now=now, act=name, subject=subject, body=whole)
