"""Signatures, the first day, and the end of agreements."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from hashlib import sha256

from django.db import transaction

from yicha.kernel import canonical, clock
from yicha.kernel.refusal import refuse_if
from yicha.know.agreement import rules
from yicha.know.agreement.models import Agreement
from yicha.know.agreement.services.records import lock, lock_versions, record, region_of
from yicha.know.agreement.terms import AgreementState

_TURNS = {"begin": "agreement.begun", "supersede": "agreement.superseded", "end": "agreement.ended"}


@transaction.atomic
def sign(*, actor: str, now: datetime, agreement: Agreement, region: str) -> Agreement:
    """Sign for a region. With the last signature the agreement holds from its first day, or from today if that passed.

    The caller has asked whether this person may sign for the region.
    """
    locked, _ = lock(agreement)
    rules.LIFE.after(AgreementState(locked.state), "sign")
    facts = locked.facts
    refuse_if(rules.check_signature(facts, region))
    text_hash = sha256(canonical.dumps(rules.signed_text(facts.draft))).hexdigest()
    locked.signatures.filter(region__code=region).update(signed_at=now, signed_by=actor, text_hash=text_hash)
    locked, versions = lock(agreement)
    begins_on = rules.find_first_day(locked.facts)
    if begins_on is not None:
        others = [one for one in versions if one.version != locked.version]
        refuse_if(rules.check_offer(locked.facts, others, clock.today(now)))
        locked.state = rules.LIFE.after(AgreementState(locked.state), "complete").value
        locked.begins_on = begins_on
    locked.save(update_fields=["state", "begins_on"])
    record(actor, now, locked, "agreement.signed", {"region": region, "sha256": text_hash})
    if begins_on is not None:
        _turn(actor, now, locked.code)
        locked.refresh_from_db()
    return locked


@transaction.atomic
def withdraw_signature(
    *, actor: str, now: datetime, agreement: Agreement, region: str, reason: str = ""
) -> Agreement:
    """Take a region's signature back, as long as the agreement has not begun."""
    locked, _ = lock(agreement)
    state = rules.LIFE.after(AgreementState(locked.state), "withdraw-signature")
    refuse_if(rules.check_withdrawal(locked.facts, region, clock.today(now)))
    locked.signatures.filter(region__code=region).update(signed_at=None, signed_by="", text_hash="")
    locked.state, locked.begins_on = state.value, None
    locked.save(update_fields=["state", "begins_on"])
    record(actor, now, locked, "agreement.signature-withdrawn", {"region": region, "reason": reason})
    return locked


@transaction.atomic
def end_agreement(
    *, actor: str, now: datetime, agreement: Agreement, region: str, reason: str, last_on: date | None = None
) -> Agreement:
    """Give notice for a member region: the agreement ends for all on `last_on`, at the earliest after its notice.

    Without `last_on`: at the earliest. What was recognised until then stays recognised.
    """
    locked, _ = lock(agreement)
    rules.LIFE.after(AgreementState(locked.state), "give-notice")
    today = clock.today(now)
    last_on = last_on or today + timedelta(days=locked.notice_days)
    refuse_if(rules.check_notice(locked.facts, region, last_on, today, reason))
    locked.notice_until = last_on
    locked.notice_by = region_of(region)
    locked.ended_because = reason.strip()
    locked.save(update_fields=["notice_until", "notice_by", "ended_because"])
    record(
        actor,
        now,
        locked,
        "agreement.notice-given",
        {"region": region, "reason": reason, "last_on": last_on.isoformat()},
    )
    return locked


@transaction.atomic
def turn_day(*, actor: str, now: datetime) -> int:
    """Begin, supersede and end what a new day brings; returns how many states changed. Run daily.

    The gate does not wait for it: it reads the days themselves.
    """
    codes = Agreement.objects.filter(
        state__in=[AgreementState.SIGNED.value, AgreementState.IN_FORCE.value]
    ).values_list("code", flat=True)
    return sum(_turn(actor, now, code) for code in sorted(set(codes)))


def _turn(actor: str, now: datetime, code: str) -> int:
    """The oldest version first: it makes room before the next one begins."""
    changed = 0
    versions = lock_versions(code)
    facts = [one.facts for one in versions]
    for row in versions:
        act = rules.find_turn(row.facts, facts, clock.today(now))
        if act is None:
            continue
        row.state = rules.LIFE.after(AgreementState(row.state), act).value
        row.save(update_fields=["state"])
        record(actor, now, row, _TURNS[act], {})
        changed += 1
    return changed
