"""A plain application that is allowed, and everything about it that a test may want otherwise."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from yicha.decide.gate.terms import (
    AgencyFacts,
    Application,
    Bars,
    CampaignFacts,
    ContactFacts,
    EnterpriseFacts,
    Facts,
    Ground,
    ItemFacts,
    Level,
    OfficerFacts,
    QuietFacts,
    ResultFacts,
    TriggerFacts,
    Verdict,
)
from yicha.know.agreement.terms import AgreementFacts
from yicha.know.catalogue.terms import NumberFacts
from yicha.know.undisturbed.terms import ListingFacts
from yicha.know.visits.terms import ContactKind

TODAY = date(2026, 3, 2)
"""A Monday."""
LAW = date(2025, 1, 1)
OWN, OTHER, CITY = "110112", "110115", "110000"
MARKET, FIRE = "110112-market", "110115-fire"

NUMBERS = {
    "annual-visit-cap": 4,
    "annual-visit-cap-district": 2,
    "annual-visit-cap-city": 2,
    "visits-a-day": 1,
    "visits-a-week": 2,
    "visits-a-month": 3,
    "officers-per-agency": 2,
    "futile-visits": 3,
    "futile-within-days": 365,
    "class-a-rest-days": 365,
    "low-risk-visits-a-year": 1,
    "notice-days": 10,
    "second-visit-days": 30,
    "off-plan-filing-days": 3,
    "exception-filing-days": 3,
    "assistance-filing-days": 20,
    "back-entry-days": 10,
    "emergency-papers-days": 3,
    "campaign-publish-months": 1,
}


def number(code: str, value: int | str | Decimal) -> NumberFacts:
    return NumberFacts(code, Decimal(value), "times", f"source of {code}", False, LAW)


def numbers(**other: int | None) -> dict[str, NumberFacts]:
    """The numbers of the law; `visits_a_day=2` sets one otherwise, None takes it away."""
    values = {**NUMBERS, **{name.replace("_", "-"): value for name, value in other.items()}}
    return {code: number(code, value) for code, value in values.items() if value is not None}


def trigger(code: str = "initiative", **other: Any) -> TriggerFacts:
    """Triggers with what they are free from, as the first rows of the product say."""
    own = code in {"draw", "initiative", "campaign"}
    counts = own or code == "courtesy"
    row = TriggerFacts(
        code,
        words=code,
        own_initiative=own,
        counts_toward_cap=counts,
        exempt_from_cap=not own,
        exempt_from_quiet=code in {"complaint", "emergency"},
        exempt_from_undisturbed=not counts,
        spareable=own or code == "superior-order",
        needs_evidence=code not in {"draw", "initiative", "courtesy"},
        source="county health bureau rule",
        is_ours=False,
        in_force_from=LAW,
    )
    return replace(row, **other)


def item(code: str = "food", **other: Any) -> ItemFacts:
    plain = ItemFacts(code, True, code.title(), "published", 1, 1, LAW, "market")
    return replace(plain, **other)


def officer(certificate: str, **other: Any) -> OfficerFacts:
    end = date(2030, 1, 1)
    plain = OfficerFacts(certificate, True, f"Officer {certificate}", MARKET, True, LAW, end, ("market",))
    return replace(plain, **other)


def contact(on: date, **other: Any) -> ContactFacts:
    """A visit that the agency made alone, without a finding; `state="planned"` for one to come."""
    plain = ContactFacts(
        uuid=f"visit-{on.isoformat()}",
        state="made",
        on=on,
        kind="daily",
        trigger="draw",
        counts=True,
        level=Level.DISTRICT,
        lead=MARKET,
        agencies=(MARKET,),
        items=("other",),
        officers=("c8", "c9"),
        found=False,
    )
    return replace(plain, **other)


def planned(on: date, **other: Any) -> ContactFacts:
    return contact(on, **{"state": "planned", "found": None, "lead": FIRE, **other})


def result(**other: Any) -> ResultFacts:
    day = TODAY - timedelta(days=30)
    plain = ResultFacts("result-1", "food", MARKET, OWN, "market", "01", day, day + timedelta(days=180))
    return replace(plain, **other)


def agreement(*shares: str, **other: Any) -> AgreementFacts:
    plain = AgreementFacts(
        "zone",
        2,
        "Zone agreement",
        frozenset({OWN, OTHER}),
        frozenset(),
        frozenset(),
        frozenset(shares),
        LAW,
        None,
    )
    return replace(plain, **other)


def campaign(**other: Any) -> CampaignFacts:
    end = date(2026, 6, 30)
    plain = CampaignFacts("c-1", "府发〔2026〕3号", "区政府", False, frozenset(), frozenset(), LAW, end)
    return replace(plain, **other)


def quiet(first: int, last: int, **other: Any) -> QuietFacts:
    return replace(QuietFacts(OWN, first, last, "南阳", False, LAW), **other)


def listing(**other: Any) -> ListingFacts:
    return replace(ListingFacts("listing-1", OWN, LAW), **other)


def scene(*items: ItemFacts, officers: tuple[OfficerFacts, ...] | None = None, **other: Any) -> Facts:
    """The facts of an application of one district agency for one item, next Monday to Friday, that is allowed.

    Named fields are those of the application, of its enterprise, or of the facts; a trigger is named by its code or
    given as a row, a campaign likewise.
    """
    asked_for = items or (item(),)
    going = officers if officers is not None else (officer("c1"), officer("c2"))
    enterprise = EnterpriseFacts("91", "Firm", "active", "B", OWN, "", (OWN, CITY), ())
    application = Application(
        agency=MARKET,
        uscc="91",
        items=tuple(one.code for one in asked_for),
        kind=ContactKind.DAILY,
        trigger="initiative",
        from_on=date(2026, 3, 9),
        until_on=date(2026, 3, 13),
        officers=tuple(one.certificate for one in going),
        approved_by="Head",
    )
    facts = Facts(
        today=TODAY,
        application=application,
        agency=AgencyFacts(MARKET, "Market", "market", OWN, Level.DISTRICT),
        enterprise=enterprise,
        trigger=trigger(),
        items=asked_for,
        officers=going,
        numbers=numbers(),
    )
    asked, place, around = _sorted(other)
    if place:
        around["enterprise"] = replace(enterprise, **place)
    return replace(facts, application=replace(application, **asked), **around)


_PLACE = {"status", "risk_class", "region", "place_regions", "zone_regions"}


def _sorted(other: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any], dict[str, Any]]:
    """Fields of the application, of the enterprise, and of the facts around them."""
    asked: dict[str, Any] = {}
    place: dict[str, Any] = {}
    around: dict[str, Any] = {}
    for name, value in other.items():
        if name == "trigger" and value is not None:
            row = trigger(value) if isinstance(value, str) else value
            around["trigger"], asked["trigger"] = row, row.code
        elif name in {"agency", "campaign", "trigger"} and not isinstance(value, str):
            around[name] = value
        elif name == "premises":
            asked[name] = place[name] = value
        elif name in _PLACE:
            place[name] = value
        elif name in Application.__dataclass_fields__:
            asked[name] = value
        else:
            around[name] = value
    return asked, place, around


def codes(verdict: Verdict) -> set[str]:
    return {row.code for row in verdict.grounds}


def ground(verdict: Verdict, code: str, item: str | None = None) -> Ground:
    """The one ground of this code. Fails when there is none, or more than one."""
    found = [row for row in verdict.grounds if row.code == code and item in (None, row.item)]
    assert len(found) == 1, f"{code}: {[(row.code, row.item) for row in verdict.grounds]}"
    return found[0]


def barring(verdict: Verdict) -> dict[str, Bars]:
    """What stands in the way, by code."""
    return {row.code: row.bars for row in verdict.grounds if row.bars}
