"""The steps of an application for repair: lock, facts, rule, save, ledger.

Whether a person may take a step is asked at the doors. A decision that grants is carried to every use of the record by
`share.repair.services.decide`, which calls the one here.
"""

from __future__ import annotations

from datetime import datetime

from django.db import connection, transaction
from django.utils.translation import gettext

from yicha.base.ledger import services as ledger
from yicha.base.ledger.terms import JSON
from yicha.kernel import clock
from yicha.kernel.refusal import refuse_if
from yicha.know.credit.models import CreditRecord, Ending, Receipt, Repair, RepairStep
from yicha.know.credit.queries import repairs as queries
from yicha.know.credit.queries.clocks import Clocks
from yicha.know.credit.rules import repairs as rules
from yicha.know.credit.services.endings import end_effect
from yicha.know.credit.terms import RecordState
from yicha.know.credit.terms.repairs import OPEN_STATES, EndingCause, RepairRequest, RepairState, Use


@transaction.atomic
def apply(*, actor: str, now: datetime, record: CreditRecord, uscc: str, request: RepairRequest) -> Repair:
    """Ask for a record's effect to end: by the enterprise `uscc`, or by an official on its behalf.

    Refused with every reason: too early (and from when on), another's record, ended, a kind that has no repair,
    an application that is open, or something missing.
    """
    today = clock.today(now)
    locked = (
        CreditRecord.objects.select_for_update(of=("self",))
        .select_related("enterprise", "agency")
        .get(pk=record.pk)
    )
    has_open = Repair.objects.filter(record=locked, state__in=[one.value for one in OPEN_STATES]).exists()
    days = Clocks().of(locked)
    state = RecordState(locked.state)
    refuse_if(rules.find_apply_faults(locked.facts, state, days, uscc, has_open, request, today))
    repair = Repair(number=_next_number(today.year), record=locked)
    _take_in(repair, request, actor, now)
    repair.save(force_insert=True)
    _step(repair, "apply", request.grounds, actor, now)
    _tell_ledger("repair.applied", repair, actor, now, {"evidence_sha256": repair.evidence_hash})
    return repair


@transaction.atomic
def apply_again(*, actor: str, now: datetime, repair: Repair, request: RepairRequest) -> Repair:
    """Hand in again what was returned, with what was missing; the clocks begin anew, the number stays."""
    locked = _lock(repair)
    state = rules.REPAIR_LIFE.after(RepairState(locked.state), "apply-again")
    refuse_if(rules.find_request_faults(request))
    _take_in(locked, request, actor, now)
    return _take(locked, "apply-again", state, request.grounds, actor, now, "repair.applied-again")


@transaction.atomic
def withdraw(*, actor: str, now: datetime, repair: Repair) -> Repair:
    """Who applied does not ask any more; they may apply again at any time."""
    locked = _lock(repair)
    state = rules.REPAIR_LIFE.after(RepairState(locked.state), "withdraw")
    return _take(locked, "withdraw", state, "", actor, now, "repair.withdrawn")


@transaction.atomic
def accept(*, actor: str, now: datetime, repair: Repair) -> Repair:
    """The application is complete: the clock of the decision begins."""
    locked = _lock(repair)
    state = rules.REPAIR_LIFE.after(RepairState(locked.state), "accept")
    locked.decide_by = queries.deadline(queries.DECIDE_DAYS, clock.today(now))
    return _take(locked, "accept", state, "", actor, now, "repair.accepted")


@transaction.atomic
def send_back(*, actor: str, now: datetime, repair: Repair, words: str) -> Repair:
    """Something is missing; the words say what, and the enterprise may hand it in again."""
    locked = _lock(repair)
    state = rules.REPAIR_LIFE.after(RepairState(locked.state), "return")
    refuse_if(rules.find_word_faults(words))
    return _take(locked, "return", state, words, actor, now, "repair.returned")


@transaction.atomic
def decide(*, actor: str, now: datetime, repair: Repair, is_granted: bool, words: str) -> Ending | None:
    """Grant, which ends the record's effect and returns the ending; or refuse, with the reason in words."""
    locked = _lock(repair)
    act = "grant" if is_granted else "refuse"
    state = rules.REPAIR_LIFE.after(RepairState(locked.state), act)
    refuse_if(rules.find_word_faults(words))
    locked.is_granted, locked.words, locked.decided_at = is_granted, words, now
    ending = None
    if is_granted:
        ending = end_effect(
            actor=actor,
            now=now,
            record=locked.record,
            cause=EndingCause.REPAIR,
            repair=locked,
            because=locked.number,
        )
    _take(locked, act, state, words, actor, now, "repair.granted" if is_granted else "repair.refused")
    return ending


@transaction.atomic
def answer(*, actor: str, now: datetime, repair: Repair, words: str) -> Repair:
    """Tell who applied what was decided. A granted one has then ended everywhere, if every use gave its receipt."""
    locked = _lock(repair)
    state = rules.REPAIR_LIFE.after(RepairState(locked.state), "answer")
    refuse_if(rules.find_word_faults(words))
    locked.answered_at = now
    _take(locked, "answer", state, words, actor, now, "repair.answered")
    return finish(actor=actor, now=now, repair=locked)


@transaction.atomic
def finish(*, actor: str, now: datetime, repair: Repair) -> Repair:
    """The record's effect has ended everywhere, once it was answered and every use gave its receipt; else nothing."""
    locked = _lock(repair)
    given = Receipt.objects.filter(ending__repair=locked).count()
    if locked.state != RepairState.ANSWERED or given < len(Use):
        return locked
    state = rules.REPAIR_LIFE.after(RepairState(locked.state), "propagate")
    return _take(locked, "propagate", state, "", actor, now, "repair.propagated")


def _take_in(repair: Repair, request: RepairRequest, actor: str, now: datetime) -> None:
    """What was handed in, and the clocks that begin with it."""
    today = clock.today(now)
    repair.state = RepairState.APPLIED.value
    repair.grounds, repair.evidence = request.grounds.strip(), request.evidence.strip()
    repair.evidence_hash, repair.pledge = request.evidence_hash.strip(), gettext(rules.PLEDGE.sentence)
    repair.applied_at, repair.applied_by = now, actor
    repair.accept_by = queries.deadline(queries.ACCEPT_DAYS, today)
    repair.answer_by = queries.deadline(queries.ANSWER_DAYS, today)
    repair.decide_by = None


def _lock(repair: Repair) -> Repair:
    return (
        Repair.objects.select_for_update(of=("self",))
        .select_related("record__enterprise", "record__agency")
        .get(pk=repair.pk)
    )


def _next_number(year: int) -> str:
    """`XF-<year>-<n>`, counted without gaps: whoever is first has the next one until the transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended('credit.repair-number', 0))")
    before = Repair.objects.filter(number__startswith=f"XF-{year}-").count()
    return f"XF-{year}-{before + 1:04d}"


def _step(repair: Repair, act: str, words: str, actor: str, now: datetime) -> None:
    RepairStep.objects.create(
        repair=repair, act=act, state=repair.state, words=words.strip(), at=now, by=actor
    )


def _take(
    repair: Repair, act: str, state: RepairState, words: str, actor: str, now: datetime, ledger_act: str
) -> Repair:
    """Save the new state of a locked application, write the step, and tell the ledger last."""
    repair.state = state.value
    repair.save()
    _step(repair, act, words, actor, now)
    _tell_ledger(ledger_act, repair, actor, now, {"words": words.strip()} if words.strip() else {})
    return repair


def _tell_ledger(act: str, repair: Repair, actor: str, now: datetime, more: dict[str, str]) -> None:
    body: JSON = {
        "record": repair.record.code,
        "enterprise": repair.record.enterprise.uscc,
        "state": repair.state,
        **more,
    }
    ledger.append(actor=actor, now=now, act=act, subject=f"repair:{repair.number}", body=body)
