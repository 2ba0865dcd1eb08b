"""Setting what the gate judges by: triggers, quiet days, approvals of campaigns; each with its source."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction

from yicha.base.ledger import services as ledger
from yicha.decide.gate.models import CampaignApproval, QuietDays, TriggerRule
from yicha.decide.gate.rules import forms
from yicha.decide.gate.terms import CampaignFacts, QuietFacts, TriggerFacts
from yicha.kernel.refusal import Reason, refuse_if
from yicha.know.registry import queries as registry


@transaction.atomic
def set_trigger(*, actor: str, now: datetime, facts: TriggerFacts) -> TriggerRule:
    """Set what a trigger frees from, from a day on; a row of the same day is replaced."""
    refuse_if(_need_source(facts.source))
    form: dict[str, Any] = forms.to_form(facts)
    values = {name: value for name, value in form.items() if name not in ("code", "in_force_from")}
    row, _ = TriggerRule.objects.update_or_create(
        code=facts.code, in_force_from=facts.in_force_from, defaults=values
    )
    _record(actor, now, "trigger.set", f"trigger:{facts.code}", form)
    return row


@transaction.atomic
def set_quiet_days(*, actor: str, now: datetime, facts: QuietFacts) -> QuietDays:
    """Set the quiet days of a region or zone from a day on; both days 0: it has none any more.

    Jiaokou's are `QuietFacts("141130", 1, 20, "交口县 企业宁静日", False, date(2025, 1, 1))`.
    """
    refuse_if([*_need_source(facts.source), *_find_quiet_faults(facts)])
    row, _ = QuietDays.objects.update_or_create(
        region=facts.region,
        in_force_from=facts.in_force_from,
        defaults={
            "from_day": facts.from_day,
            "until_day": facts.until_day,
            "source": facts.source,
            "is_ours": facts.is_ours,
        },
    )
    _record(actor, now, "quiet-days.set", f"quiet-days:{facts.region}", forms.to_form(facts))
    return row


@transaction.atomic
def approve_campaign(*, actor: str, now: datetime, facts: CampaignFacts) -> CampaignApproval:
    """Record who approved a special campaign; a code names one approval (津政规〔2025〕1号; 京政办发〔2025〕10号)."""
    refuse_if(_find_campaign_faults(facts))
    row = CampaignApproval.objects.create(
        code=facts.code,
        document=facts.document,
        approved_by=facts.approved_by,
        from_above=facts.from_above,
        agencies=sorted(facts.agencies),
        items=sorted(facts.items),
        valid_from=facts.valid_from,
        valid_until=facts.valid_until,
    )
    _record(actor, now, "campaign.approved", f"campaign:{facts.code}", forms.to_form(facts))
    return row


def _need_source(source: str) -> list[Reason]:
    if source.strip():
        return []
    return [Reason("gate.row-source", "Name the document that the row comes from.", at_field="source")]


def _find_quiet_faults(facts: QuietFacts) -> list[Reason]:
    found = []
    none = facts.from_day == 0 and facts.until_day == 0
    if not none and not 1 <= facts.from_day <= facts.until_day <= 31:
        found.append(
            Reason(
                "gate.quiet-days",
                "Quiet days are days of a month, the first not after the last; 0 and 0: none any more.",
                at_field="from_day",
            )
        )
    known = {zone.code for zone in registry.list_zones()}
    if facts.region not in known and registry.find_region(facts.region) is None:
        found.append(
            Reason(
                "gate.unknown-region",
                "There is no region or zone “%(code)s”.",
                facts={"code": facts.region},
                at_field="region",
            )
        )
    return found


def _find_campaign_faults(facts: CampaignFacts) -> list[Reason]:
    found = []
    if not facts.document.strip() or not facts.approved_by.strip():
        found.append(
            Reason("gate.campaign-document", "Name the document and who approved it.", at_field="document")
        )
    if facts.valid_until < facts.valid_from:
        found.append(
            Reason("gate.campaign-days", "The last day lies before the first.", at_field="valid_until")
        )
    if CampaignApproval.objects.filter(code=facts.code).exists():
        found.append(
            Reason(
                "gate.campaign-known",
                "“%(code)s” is the code of another approval already.",
                facts={"code": facts.code},
                at_field="code",
            )
        )
    return found


def _record(actor: str, now: datetime, act: str, subject: str, body: dict[str, Any]) -> None:
    ledger.append(actor=actor, now=now, act=act, subject=subject, body=body)
