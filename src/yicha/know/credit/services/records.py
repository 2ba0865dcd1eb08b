"""The only writers of credit records, beside the intake. Nothing is overwritten: a correction is a new version."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from typing import Any

from django.db import IntegrityError, connection, transaction

from yicha.base.ledger import services as ledger
from yicha.base.ledger.terms import JSON
from yicha.kernel import clock
from yicha.kernel.refusal import Reason, Refused, refuse_if
from yicha.know.credit import queries, rules
from yicha.know.credit.models import CreditRecord
from yicha.know.credit.queries.clocks import last_day
from yicha.know.credit.rules.records import find_publication_faults
from yicha.know.credit.services.classing.touched import reclassify
from yicha.know.credit.services.endings import end_effect
from yicha.know.credit.services.telling import tell_partners
from yicha.know.credit.terms import RecordFacts, RecordState
from yicha.know.credit.terms.repairs import EndingCause
from yicha.know.registry import queries as registry


@transaction.atomic
def record(*, actor: str, now: datetime, facts: RecordFacts) -> CreditRecord:
    """Write a record. The same again changes nothing and returns what is there.

    What the source leaves open is completed (`rules.complete`). Refused when it is faulty, when agency or enterprise
    is not known, or when the source's number already says something else: then it is to be corrected.
    """
    enterprise, agency = registry.find_enterprise(facts.uscc), registry.find_agency(facts.agency)
    faults = list(rules.find_faults(facts, clock.today(now)))
    if enterprise is None:
        faults.append(_unknown("uscc", facts.uscc))
    if agency is None:
        faults.append(_unknown("agency", facts.agency))
    refuse_if(faults)
    assert enterprise is not None and agency is not None
    facts = replace(rules.complete(facts, last_day), uscc=enterprise.uscc)
    held = queries.find_current(facts.agency, facts.reference)
    if held is None:
        made = _row(facts, enterprise, agency, actor, now)
        try:
            with transaction.atomic():
                made.save(force_insert=True)
        except IntegrityError:  # somebody was quicker
            held = queries.find_current(facts.agency, facts.reference)
            if held is None:
                raise
    if held is not None:
        if not rules.says_the_same(facts, held.facts):
            raise Refused([_other(held.code)])
        return held
    tell_partners(now=now, before=None, after=made)
    _reclassify(actor, now, made)
    _note("credit.recorded", made, actor, now, {"kind": facts.kind.value, "severity": facts.severity.value})
    return made


@transaction.atomic
def publish(
    *, actor: str, now: datetime, record: CreditRecord, on: date | None = None, until: date | None = None
) -> CreditRecord:
    """Let the public see a record from a day on (today, unless given), until a day or as long as it has effect.

    Refused for kinds that are not published, for words with personal numbers, and when it is public already.
    """
    locked = _lock(record)
    rules.LIFE.after(RecordState(locked.state), "publish")
    if locked.is_published:
        raise Refused([_published(locked)])
    facts = replace(locked.facts, is_published=True, published_on=on or clock.today(now), publish_until=until)
    refuse_if(find_publication_faults(facts, clock.today(now)))
    locked.is_published, locked.published_on, locked.publish_until = True, facts.published_on, until
    locked.save(update_fields=["is_published", "published_on", "publish_until"])
    tell_partners(now=now, before=None, after=locked)
    _note("credit.published", locked, actor, now, {"kind": facts.kind.value})
    return locked


@transaction.atomic
def end(
    *, actor: str, now: datetime, record: CreditRecord, reason: str, on: date | None = None
) -> CreditRecord:
    """Its agency ends a record's effect from a day on (today, unless given): from then on it speaks against nobody."""
    locked = _lock(record)
    rules.LIFE.after(RecordState(locked.state), "end")
    day = on or clock.today(now)
    faults = [] if reason.strip() else [_no_reason()]
    if not locked.happened_on <= day <= clock.today(now):
        faults.append(_wrong_end(locked.happened_on))
    refuse_if(faults)
    end_effect(actor=actor, now=now, record=locked, cause=EndingCause.AGENCY, because=reason, on=day)
    tell_partners(now=now, before=locked, after=None)
    _reclassify(actor, now, locked)
    _note("credit.ended", locked, actor, now, {"reason": reason})
    return locked


@transaction.atomic
def correct(
    *, actor: str, now: datetime, record: CreditRecord, facts: RecordFacts, reason: str
) -> CreditRecord:
    """Write what holds instead, as the next version; the version before stays readable as it was.

    Agency and reference stay, since they name the record. The enterprise may be among what was wrong. The next
    version of a record that had ended has ended too.
    """
    locked = _lock(record)
    rules.LIFE.after(RecordState(locked.state), "correct")
    faults = list(rules.find_faults(facts, clock.today(now)))
    if not reason.strip():
        faults.append(_no_reason())
    if (facts.agency, facts.reference) != (locked.agency.code, locked.reference):
        faults.append(_another())
    enterprise = registry.find_enterprise(facts.uscc)
    if enterprise is None:
        faults.append(_unknown("uscc", facts.uscc))
    refuse_if(faults)
    facts = rules.complete(facts, last_day)
    row = _row(facts, enterprise, locked.agency, actor, now)
    row.version = locked.version + 1
    row.state, row.ended_on, row.ended_because = locked.state, locked.ended_on, locked.ended_because
    if locked.state == RecordState.IN_EFFECT:
        end_effect(actor=actor, now=now, record=locked, cause=EndingCause.CORRECTION)
    else:
        locked.state = RecordState.CORRECTED.value
        locked.save(update_fields=["state"])
    row.save(force_insert=True)
    if row.state == RecordState.IN_EFFECT:
        tell_partners(now=now, before=locked, after=row)
        _reclassify(actor, now, locked, row)
    _note("credit.corrected", row, actor, now, {"reason": reason, "kind": facts.kind.value})
    return row


def reclassify_concerned(*, actor: str, now: datetime, concerned: str, because: str) -> int:
    """Classify anew the enterprises whose `id` a statement selects; in the caller's transaction."""
    with connection.cursor() as cursor:
        cursor.execute(concerned)
        enterprises = [row[0] for row in cursor.fetchall()]
    return reclassify(actor=actor, now=now, enterprises=enterprises, because=because)


def _reclassify(actor: str, now: datetime, *versions: CreditRecord) -> None:
    """The class follows at once; of a correction both enterprises', should it name another."""
    touched = {version.enterprise_id for version in versions}
    reclassify(actor=actor, now=now, enterprises=touched, because=f"credit:{versions[-1].code}"[:200])


def _lock(record: CreditRecord) -> CreditRecord:
    rows = CreditRecord.objects.select_for_update(of=("self",)).select_related("enterprise", "agency")
    return rows.get(pk=record.pk)


def _row(facts: RecordFacts, enterprise: Any, agency: Any, actor: str, now: datetime) -> CreditRecord:
    return CreditRecord(
        code=rules.code_of(facts.agency, facts.reference),
        enterprise=enterprise,
        agency=agency,
        kind=facts.kind.value,
        reference=facts.reference,
        happened_on=facts.happened_on,
        effective_from=facts.effective_from,
        effective_until=facts.effective_until,
        words=facts.words,
        evidence_hash=facts.evidence_hash,
        evidence=facts.evidence,
        year=facts.year,
        severity=facts.severity.value,
        amount=facts.amount,
        is_published=facts.is_published,
        published_on=facts.published_on,
        publish_until=facts.publish_until,
        recorded_at=now,
        recorded_by=actor,
    )


def _note(act: str, row: CreditRecord, actor: str, now: datetime, more: dict[str, str]) -> None:
    body: JSON = {"enterprise": row.enterprise.uscc, "version": row.version, **more}
    ledger.append(actor=actor, now=now, act=act, subject=f"credit:{row.code}"[:160], body=body)


def _unknown(field: str, value: str) -> Reason:
    sentence = "“%(code)s” is not in the registry." if field == "uscc" else "There is no agency “%(code)s”."
    return Reason(f"credit.unknown-{field}", sentence, facts={"code": value}, at_field=field)


def _other(code: str) -> Reason:
    return Reason(
        "credit.says-otherwise",
        "The record “%(code)s” is there already and says something else: correct it instead.",
        facts={"code": code},
        at_field="reference",
    )


def _another() -> Reason:
    return Reason(
        "credit.another-record",
        "A correction keeps source agency and reference: end this record and write another.",
    )


def _no_reason() -> Reason:
    return Reason("credit.no-reason", "Say why.", at_field="reason")


def _wrong_end(begin: date) -> Reason:
    return Reason(
        "credit.end-day",
        "The effect ends between the day on which it happened (%(begin)s) and today.",
        facts={"begin": begin.isoformat()},
        at_field="on",
    )


def _published(row: CreditRecord) -> Reason:
    return Reason(
        "credit.published-already",
        "The record is public since %(on)s.",
        facts={"on": row.published_on.isoformat() if row.published_on else ""},
    )
