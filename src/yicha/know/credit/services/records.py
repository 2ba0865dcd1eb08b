"""The only writers of credit records, beside the intake. Nothing is overwritten: a correction is a new version."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime

from django.db import transaction

from yicha.base.ledger import services as ledger
from yicha.base.ledger.terms import JSON
from yicha.kernel import clock
from yicha.kernel.refusal import Reason, Refused, refuse_if
from yicha.know.credit import rules
from yicha.know.credit.models import CreditRecord
from yicha.know.credit.terms import RecordFacts, RecordState
from yicha.know.registry import queries as registry


@transaction.atomic
def record(*, actor: str, now: datetime, facts: RecordFacts) -> CreditRecord:
    """Write a record. The same again changes nothing and returns what is there.

    Refused when it is faulty, when agency or enterprise is not known, or when the source's number already says
    something else: then it is to be corrected.
    """
    refuse_if(rules.find_faults(facts, clock.today(now)))
    enterprise = registry.find_enterprise(facts.uscc)
    agency = registry.find_agency(facts.agency)
    if enterprise is None or agency is None:
        raise Refused(
            [_unknown("uscc", facts.uscc) if enterprise is None else _unknown("agency", facts.agency)]
        )
    facts = replace(facts, uscc=enterprise.uscc)
    row = _row(facts, enterprise.pk, agency.pk, actor, now)
    _, made = CreditRecord.objects.get_or_create(code=row.code, version=1, defaults=_values(row))
    current = CreditRecord.objects.select_related("enterprise", "agency").get(
        code=row.code, state__in=[RecordState.IN_EFFECT, RecordState.ENDED]
    )
    if not made:
        if current.facts != facts:
            raise Refused([_other(row.code)])
        return current
    _tell_ledger("credit.recorded", current, actor, now, {"kind": facts.kind.value})
    return current


@transaction.atomic
def end(
    *, actor: str, now: datetime, record: CreditRecord, reason: str, on: date | None = None
) -> CreditRecord:
    """End a record's effect from a day on (today, unless given): from then on it speaks against nobody."""
    locked = CreditRecord.objects.select_for_update().get(pk=record.pk)
    state = rules.LIFE.after(RecordState(locked.state), "end")
    refuse_if([] if reason.strip() else [_no_reason()])
    locked.state, locked.ended_on, locked.ended_because = state.value, on or clock.today(now), reason
    locked.save(update_fields=["state", "ended_on", "ended_because"])
    _tell_ledger("credit.ended", locked, actor, now, {"reason": reason})
    return locked


@transaction.atomic
def correct(
    *, actor: str, now: datetime, record: CreditRecord, facts: RecordFacts, reason: str
) -> CreditRecord:
    """Write what holds instead, as the next version; the version before stays readable as it was.

    Agency and reference stay, since they name the record. The enterprise may be among what was wrong.
    """
    locked = CreditRecord.objects.select_for_update().select_related("enterprise", "agency").get(pk=record.pk)
    state = rules.LIFE.after(RecordState(locked.state), "correct")
    faults = list(rules.find_faults(facts, clock.today(now)))
    if not reason.strip():
        faults.append(_no_reason())
    if (facts.agency, facts.reference) != (locked.agency.code, locked.reference):
        faults.append(
            Reason(
                "credit.another-record",
                "A correction keeps source agency and reference: end this record and write another.",
            )
        )
    enterprise = registry.find_enterprise(facts.uscc)
    if enterprise is None:
        faults.append(_unknown("uscc", facts.uscc))
    refuse_if(faults)
    locked.state = state.value
    locked.save(update_fields=["state"])
    assert enterprise is not None
    row = _row(facts, enterprise.pk, locked.agency_id, actor, now)
    row.version = locked.version + 1
    row.save(force_insert=True)
    _tell_ledger("credit.corrected", row, actor, now, {"reason": reason, "kind": facts.kind.value})
    return row


def _row(facts: RecordFacts, enterprise: int, agency: int, actor: str, now: datetime) -> CreditRecord:
    return CreditRecord(
        code=rules.code_of(facts.agency, facts.reference),
        enterprise_id=enterprise,
        agency_id=agency,
        kind=facts.kind.value,
        reference=facts.reference,
        happened_on=facts.happened_on,
        effective_from=facts.effective_from,
        effective_until=facts.effective_until,
        words=facts.words,
        evidence_hash=facts.evidence_hash,
        evidence=facts.evidence,
        year=facts.year,
        recorded_at=now,
        recorded_by=actor,
    )


def _values(row: CreditRecord) -> dict[str, object]:
    """The columns of a row that was not saved, for `get_or_create`."""
    left_out = {"id", "code", "version"}
    return {
        field.attname: getattr(row, field.attname)
        for field in CreditRecord._meta.concrete_fields
        if field.name not in left_out
    }


def _tell_ledger(act: str, row: CreditRecord, actor: str, now: datetime, more: dict[str, str]) -> None:
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


def _no_reason() -> Reason:
    return Reason("credit.no-reason", "Say why.", at_field="reason")
