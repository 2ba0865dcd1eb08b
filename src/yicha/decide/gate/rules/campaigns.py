"""Special campaigns: none without an approval that covers agency, items and day."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from yicha.decide.gate.rules.case import Case
from yicha.decide.gate.rules.kinds import APPROVAL, CAMPAIGNS, GroundKind, campaign_row
from yicha.decide.gate.terms import Bars, CampaignFacts, Ground

NOT_APPROVED = GroundKind(
    code="gate.campaign-not-approved",
    sentence="No approval of a special campaign in force covers this agency: “%(campaign)s”.",
    source=CAMPAIGNS,
    bars=Bars.ENTRY,
    passes=True,
    leans_on=("campaigns",),
    at_field="campaign",
)
ITEM_NOT_APPROVED = GroundKind(
    code="gate.campaign-without-item",
    sentence="The approval %(document)s does not cover %(item)s.",
    source=CAMPAIGNS,
    bars=Bars.ENTRY,
    leans_on=("campaigns",),
    at_field="campaign",
)
FROM_ABOVE = GroundKind(
    code="gate.campaign-from-above",
    sentence="Ordered from above by %(by)s (%(document)s): it does not use the enterprise's budget.",
    source=APPROVAL,
    leans_on=("campaigns",),
)
PUBLISH = GroundKind(
    code="gate.campaign-published",
    sentence="The campaign %(document)s is published within %(months)s months of its approval.",
    source=CAMPAIGNS,
    leans_on=("campaigns", "campaign-publish-months"),
)


def look_at_campaign(case: Case, day: date) -> Iterator[Ground]:
    """Where draws run there are no blanket campaigns; a special one needs government approval (津政规〔2025〕1号).

    So does a special visit on own initiative, whatever trigger it names.
    """
    if not case.is_campaign:
        return
    approval = case.facts.campaign
    if (
        approval is None
        or not _covers(case, approval)
        or not approval.valid_from <= day <= approval.valid_until
    ):
        yield NOT_APPROVED({"campaign": case.asked.campaign}, until=_opens(case, approval, day))
        return
    row = campaign_row(approval)
    for item in case.items:
        if approval.items and item.code not in approval.items:
            facts: dict[str, str | int] = {"document": approval.document, "item": item.name or item.code}
            yield ITEM_NOT_APPROVED(facts, item.code, rows=(row,))


def _covers(case: Case, approval: CampaignFacts) -> bool:
    return not approval.agencies or case.asked.agency in approval.agencies


def _opens(case: Case, approval: CampaignFacts | None, day: date) -> date | None:
    if approval is None or not _covers(case, approval) or approval.valid_until < approval.valid_from:
        return None
    return approval.valid_from if day < approval.valid_from <= case.limit else None


def remark_on_campaign(case: Case, _day: date) -> Iterator[Ground]:
    """What an approval frees from, and by when the campaign must be public."""
    approval = case.facts.campaign
    if not case.is_campaign or approval is None:
        return
    row = campaign_row(approval)
    if approval.from_above:
        yield FROM_ABOVE({"by": approval.approved_by, "document": approval.document}, rows=(row,))
    months = case.number("campaign-publish-months")
    if months is not None:
        facts: dict[str, str | int] = {"document": approval.document, "months": months}
        yield PUBLISH(facts, rows=(row, *case.rows("campaign-publish-months")))
