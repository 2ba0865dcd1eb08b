"""The undisturbed list (无事不扰名单): of the home region, and of every region that shares it by agreement."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from yicha.decide.gate.rules.case import Case
from yicha.decide.gate.rules.kinds import PREFERENCE, GroundKind, agreement_row, trigger_row
from yicha.decide.gate.terms import AgencyFacts, Bars, EnterpriseFacts, Ground, RowUsed
from yicha.know.agreement.terms import Share
from yicha.know.undisturbed.terms import ListingFacts

UNDISTURBED = GroundKind(
    code="gate.undisturbed",
    sentence="On the undisturbed list of %(region)s since %(since)s: %(item)s is left alone.",
    source=PREFERENCE,
    bars=Bars.ENTRY,
    leans_on=("spared items", "agreements", "triggers"),
)
EXEMPT = GroundKind(
    code="gate.undisturbed-exempt",
    sentence="On the undisturbed list of %(region)s since %(since)s, which does not hold back “%(trigger)s”.",
    source=PREFERENCE,
    leans_on=("triggers",),
)
OTHER_ITEMS = GroundKind(
    code="gate.undisturbed-other-item",
    sentence="On the undisturbed list of %(region)s since %(since)s, which does not spare %(item)s.",
    source=PREFERENCE,
    leans_on=("spared items",),
)


def look_at_listing(case: Case, day: date) -> Iterator[Ground]:
    """A listed enterprise is left alone in spared items, by every region under the agreement; waiting does not help."""
    listing, trigger = case.facts.listing, case.trigger
    if listing is None or trigger is None or case.agency is None or case.enterprise is None:
        return
    facts: dict[str, str | int] = {"region": listing.region, "since": listing.listed_on.isoformat()}
    home = listing.region == case.agency.region or listing.region in case.enterprise.place_regions
    if trigger.exempt_from_undisturbed:
        yield EXEMPT({**facts, "trigger": trigger.words}, rows=(trigger_row(trigger),))
        return
    for item in case.items:
        shared = () if home else _shared(case, case.agency, case.enterprise, listing, day, item.code)
        if shared is None:
            continue
        named = {**facts, "item": item.name or item.code}
        if item.is_spared:
            yield UNDISTURBED(named, item.code, rows=shared)
        else:
            yield OTHER_ITEMS(named, item.code, rows=shared)


def _shared(
    case: Case, agency: AgencyFacts, enterprise: EnterpriseFacts, listing: ListingFacts, day: date, item: str
) -> tuple[RowUsed, ...] | None:
    """The agreement by which another region's list binds here; None: nothing crosses."""
    for region in (agency.region, *enterprise.place_regions):
        row = case.agreement(Share.UNDISTURBED, day, listing.region, region, item=item)
        if row is not None:
            return (agreement_row(row),)
    return None
