"""Writing agreements down: drafts, offers, next versions."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from yicha.base.ledger.terms import JSON
from yicha.kernel import clock
from yicha.kernel.refusal import refuse_if
from yicha.know.agreement import rules
from yicha.know.agreement.models import Agreement, Signature
from yicha.know.agreement.services.records import all_of, lock, next_number, record
from yicha.know.agreement.terms import AgreementDraft, AgreementState
from yicha.know.catalogue import queries as catalogue
from yicha.know.registry import queries as registry


@transaction.atomic
def draft_agreement(*, actor: str, now: datetime, draft: AgreementDraft) -> Agreement:
    """Begin an agreement: version 1 as a draft. It holds for nobody until every member region has signed."""
    refuse_if(rules.check_draft(draft))
    agreement = Agreement(
        code=next_number(Agreement.objects.all(), "HZ", now),
        version=1,
        state=AgreementState.DRAFT.value,
        drafted_by=actor,
        drafted_at=now,
    )
    _write(agreement, draft)
    record(actor, now, agreement, "agreement.drafted", _body(draft))
    return agreement


@transaction.atomic
def edit_agreement(*, actor: str, now: datetime, agreement: Agreement, draft: AgreementDraft) -> Agreement:
    """Change a draft. What was offered is not changed: it is withdrawn, or becomes the next version."""
    locked, _ = lock(agreement)
    locked.state = rules.LIFE.after(AgreementState(locked.state), "edit").value
    refuse_if(rules.check_draft(draft))
    _write(locked, draft)
    record(actor, now, locked, "agreement.edited", _body(draft))
    return locked


@transaction.atomic
def offer(*, actor: str, now: datetime, agreement: Agreement) -> Agreement:
    """Offer a draft for signature: from here on its text stays, and every region has its place to sign."""
    locked, versions = lock(agreement)
    state = rules.LIFE.after(AgreementState(locked.state), "offer")
    facts = locked.facts
    others = [one for one in versions if one.version != locked.version]
    refuse_if([*rules.check_draft(facts.draft), *rules.check_offer(facts, others, clock.today(now))])
    signers = rules.list_signers(facts, others)
    regions = all_of(registry.list_regions(), signers, "regions")
    Signature.objects.bulk_create([Signature(agreement=locked, region=region) for region in regions])
    locked.state = state.value
    locked.save(update_fields=["state"])
    record(actor, now, locked, "agreement.offered", {"signers": sorted(signers)})
    return locked


@transaction.atomic
def withdraw_agreement(*, actor: str, now: datetime, agreement: Agreement, reason: str = "") -> Agreement:
    """Give up a draft or an offer, before everybody has signed. A former version goes on as it was."""
    locked, _ = lock(agreement)
    locked.state = rules.LIFE.after(AgreementState(locked.state), "withdraw").value
    locked.ended_because = reason
    locked.save(update_fields=["state", "ended_because"])
    record(actor, now, locked, "agreement.withdrawn", {"reason": reason})
    return locked


@transaction.atomic
def new_version(*, actor: str, now: datetime, agreement: Agreement) -> Agreement:
    """The next version as a draft with the same words; it takes the place of this one on its first day.

    Refused while another version is on its way.
    """
    locked, versions = lock(agreement)
    rules.LIFE.after(AgreementState(locked.state), "new-version")
    refuse_if(rules.check_new_version(locked.facts, versions))
    fresh = Agreement(
        code=locked.code,
        version=max(one.version for one in versions) + 1,
        state=AgreementState.DRAFT.value,
        drafted_by=actor,
        drafted_at=now,
    )
    _write(fresh, rules.next_draft(locked.facts, clock.today(now)))
    record(actor, now, fresh, "agreement.version-begun", {"of": locked.version})
    return fresh


def _write(agreement: Agreement, draft: AgreementDraft) -> None:
    """The row is saved last as well, so that the stamp is another than when its tables were half written."""
    regions = all_of(registry.list_regions(), draft.regions, "regions")
    kinds = all_of(registry.list_agency_kinds(), draft.kinds, "kinds")
    items = all_of(catalogue.list_items(), draft.items, "items")
    agreement.name, agreement.text = draft.name.strip(), draft.text.strip()
    agreement.shares = sorted(draft.shares)
    agreement.valid_from, agreement.valid_until = draft.valid_from, draft.valid_until
    agreement.notice_days = draft.notice_days
    agreement.save()
    agreement.regions.set(regions)
    agreement.kinds.set(kinds)
    agreement.items.set(items)
    agreement.save(update_fields=["state"])


def _body(draft: AgreementDraft) -> dict[str, JSON]:
    return rules.signed_text(draft)
