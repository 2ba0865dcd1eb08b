"""Facts of every combination, drawn from few values, so that grounds meet each other often."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from hypothesis import strategies as st

from yicha.decide.gate.terms import (
    AgencyFacts,
    Application,
    CampaignFacts,
    ContactFacts,
    EnterpriseFacts,
    Facts,
    ItemFacts,
    Level,
    OfficerFacts,
    QuietFacts,
    ResultFacts,
    TriggerFacts,
)
from yicha.know.agreement.terms import AgreementFacts, ConsentFacts, Share
from yicha.know.catalogue.terms import NumberFacts
from yicha.know.visits.terms import ContactKind

from .scene import CITY, FIRE, LAW, MARKET, NUMBERS, OTHER, OWN, TODAY, item, listing, number, officer, scene

REGIONS = (OWN, OTHER, CITY)
ITEMS = ("food", "gas")
OFFICERS = ("c1", "c2", "c3")


def mostly(value: Any, *others: Any) -> st.SearchStrategy[Any]:
    """The plain value three times in four."""
    return st.sampled_from((value,) * (3 * max(1, len(others))) + others)


def days(first: int, last: int) -> st.SearchStrategy[date]:
    return st.integers(first, last).map(lambda count: TODAY + timedelta(days=count))


texts = mostly("", "x")
sets = st.frozensets


def _span(pair: tuple[date, date]) -> tuple[date, date]:
    return min(pair), max(pair)


spans = st.tuples(days(-60, 300), days(-60, 300)).map(_span)

items = st.builds(
    ItemFacts,
    code=st.sampled_from(ITEMS),
    known=mostly(True, False),
    name=texts,
    status=mostly("published", "draft"),
    version=st.just(1),
    version_id=st.just(1),
    in_force_from=st.one_of(st.none(), st.just(LAW), days(-5, 60)),
    agency_kind=mostly("market", "fire"),
    method=mostly("onsite", "offsite"),
    annual_cap=mostly(None, 0, 1, 2),
    accepts=sets(st.tuples(st.sampled_from(ITEMS), st.sampled_from(REGIONS))),
    ruled_out=mostly("", "ruling"),
    is_spared=st.booleans(),
)
officers = st.builds(
    OfficerFacts,
    certificate=st.sampled_from(OFFICERS),
    known=mostly(True, False),
    agency=mostly(MARKET, FIRE),
    active=mostly(True, False),
    valid_from=st.one_of(st.none(), days(-300, 40)),
    valid_until=st.one_of(st.none(), days(-5, 300)),
    competences=mostly(("market",), ("food",), ()),
    recused=mostly("", "kin"),
)
contacts = st.builds(
    ContactFacts,
    uuid=st.sampled_from("abcdefgh"),
    state=st.sampled_from(("made", "planned", "planned", "cancelled", "spared")),
    on=days(-400, 400) | days(-3, 40),
    kind=mostly("daily", "courtesy", "special"),
    trigger=st.just("draw"),
    counts=mostly(True, False),
    level=st.sampled_from(Level),
    lead=st.just(MARKET),
    agencies=st.just((MARKET,)),
    items=st.sampled_from(((), ("food",), ITEMS)),
    officers=st.sampled_from(((), ("c1",), ("c1", "c2"))),
    found=st.sampled_from((None, False, False, True)),
    premises=texts,
)
results = st.builds(
    ResultFacts,
    uuid=st.sampled_from("rst"),
    item=st.sampled_from(ITEMS),
    agency=st.just(FIRE),
    region=st.sampled_from(REGIONS),
    agency_kind=st.just("market"),
    result_code=mostly("01", "02", "07", "10"),
    found_on=days(-300, 1),
    valid_until=days(-10, 100),
    refused=mostly(False, True),
    premises=texts,
)
triggers = st.builds(
    TriggerFacts,
    code=st.just("initiative"),
    words=st.just("words"),
    own_initiative=st.booleans(),
    counts_toward_cap=mostly(True, False),
    exempt_from_cap=mostly(False, True),
    exempt_from_quiet=mostly(False, True),
    exempt_from_undisturbed=mostly(False, True),
    spareable=st.booleans(),
    needs_evidence=mostly(False, True),
    source=st.just("source"),
    is_ours=st.booleans(),
    in_force_from=st.just(LAW),
)


@st.composite
def agreements(draw: st.DrawFn) -> AgreementFacts:
    """Those that share the undisturbed list do not end, so that what does not pass by waiting never passes."""
    shares = draw(sets(st.sampled_from([share.value for share in Share]), min_size=1))
    first, last = draw(spans)
    return AgreementFacts(
        code="zone",
        version=1,
        name="zone",
        regions=draw(sets(st.sampled_from(REGIONS), min_size=2)),
        kinds=draw(st.sampled_from((frozenset(), frozenset({"market"}), frozenset({"fire"})))),
        items=draw(st.sampled_from((frozenset(), frozenset({"food"})))),
        shares=shares,
        valid_from=first,
        valid_until=None if Share.UNDISTURBED in shares else draw(st.sampled_from((None, last))),
    )


consents = st.builds(lambda region, span: ConsentFacts("k", region, *span), st.sampled_from(REGIONS), spans)
quiets = st.builds(
    QuietFacts,
    region=st.sampled_from(REGIONS),
    from_day=st.integers(0, 31),
    until_day=st.integers(0, 31),
    source=st.just("source"),
    is_ours=st.booleans(),
    in_force_from=st.just(LAW) | days(-5, 60),
)
campaigns = st.builds(
    lambda above, agencies, of, span: CampaignFacts("c", "d", "by", above, agencies, of, *span),
    st.booleans(),
    st.sampled_from((frozenset(), frozenset({MARKET}), frozenset({FIRE}))),
    st.sampled_from((frozenset(), frozenset({"food"}))),
    spans,
)
enterprises = st.builds(
    EnterpriseFacts,
    uscc=st.just("91"),
    name=st.just("Firm"),
    status=mostly("active", "cancelled"),
    risk_class=st.sampled_from("AB"),
    region=st.just(OWN),
    zone=st.just(""),
    place_regions=st.just((OWN, CITY)),
    zone_regions=st.sampled_from(((), (OWN, OTHER))),
    premises=mostly("x", ""),
) | st.just(EnterpriseFacts("91", "Firm", "active", "A", OTHER, "", (OTHER, CITY), (OWN, OTHER)))
agencies = mostly(
    AgencyFacts(MARKET, "Market", "market", OWN, Level.DISTRICT),
    AgencyFacts(MARKET, "Market", "market", CITY, Level.CITY),
)


@st.composite
def numbers(draw: st.DrawFn) -> dict[str, NumberFacts]:
    missing = draw(mostly(frozenset(), frozenset(NUMBERS), frozenset({"visits-a-week", "annual-visit-cap"})))
    other = draw(st.dictionaries(st.sampled_from(sorted(NUMBERS)), st.integers(0, 4), max_size=2))
    return {
        code: number(code, other.get(code, value)) for code, value in NUMBERS.items() if code not in missing
    }


@st.composite
def applications(draw: st.DrawFn) -> Application:
    start = draw(days(-3, 30))
    codes = ("initiative",) * 15 + ("draw", "draw", "campaign", "emergency", "courtesy")
    return Application(
        agency=MARKET,
        uscc="91",
        items=tuple(draw(st.lists(st.sampled_from(ITEMS), max_size=2).map(lambda row: row or ["food"]))),
        kind=draw(st.sampled_from((ContactKind.DAILY,) * 12 + tuple(ContactKind))),
        trigger=draw(st.sampled_from(codes)),
        from_on=start,
        until_on=start + timedelta(days=draw(st.integers(0, 12))),
        officers=tuple(draw(mostly(OFFICERS[:2], OFFICERS, ()))),
        premises=draw(mostly("", "", "", "x")),
        evidence=draw(mostly("ref", "")),
        approved_by=draw(mostly("Head", "")),
        reasons=draw(st.sampled_from(({}, {"gate.futile-visits": "why"}))),
        planned=bool(draw(mostly(False, True))),
    )


_PLAIN = scene(item(), item("gas"), officers=tuple(officer(code) for code in OFFICERS))


def _items(draw: st.DrawFn) -> Facts:
    return replace(_PLAIN, items=tuple(replace(draw(items), code=code) for code in ITEMS))


def _officers(draw: st.DrawFn) -> Facts:
    return replace(_PLAIN, officers=tuple(replace(draw(officers), certificate=code) for code in OFFICERS))


def _trigger(draw: st.DrawFn) -> Facts:
    return replace(_PLAIN, trigger=draw(triggers))


def _enterprise(draw: st.DrawFn) -> Facts:
    return replace(_PLAIN, enterprise=draw(enterprises))


def _agency(draw: st.DrawFn) -> Facts:
    return replace(_PLAIN, agency=draw(agencies))


def _contacts(draw: st.DrawFn) -> Facts:
    return replace(_PLAIN, contacts=tuple(draw(st.lists(contacts, min_size=1, max_size=6))))


def _results(draw: st.DrawFn) -> Facts:
    return replace(_PLAIN, results=tuple(draw(st.lists(results, min_size=1, max_size=3))))


def _listing(draw: st.DrawFn) -> Facts:
    return replace(_PLAIN, listing=draw(st.sampled_from((listing(), listing(region=OTHER)))))


def _agreements(draw: st.DrawFn) -> Facts:
    return replace(_PLAIN, agreements=tuple(draw(st.lists(agreements(), min_size=1, max_size=2))))


def _consents(draw: st.DrawFn) -> Facts:
    return replace(_PLAIN, consents=(draw(consents),))


def _quiet(draw: st.DrawFn) -> Facts:
    return replace(_PLAIN, quiet=tuple(draw(st.lists(quiets, min_size=1, max_size=2))))


def _campaign(draw: st.DrawFn) -> Facts:
    return replace(_PLAIN, campaign=draw(campaigns))


def _numbers(draw: st.DrawFn) -> Facts:
    return replace(_PLAIN, numbers=draw(numbers()))


_PARTS = {
    "items": _items,
    "officers": _officers,
    "trigger": _trigger,
    "enterprise": _enterprise,
    "agency": _agency,
    "contacts": _contacts,
    "results": _results,
    "listing": _listing,
    "agreements": _agreements,
    "consents": _consents,
    "quiet": _quiet,
    "campaign": _campaign,
    "numbers": _numbers,
}


@st.composite
def facts(draw: st.DrawFn) -> Facts:
    """An application that would be allowed, and a few parts of its world otherwise: any ground, and several at once."""
    asked = draw(applications())
    found = replace(_PLAIN, application=asked)
    for part in sorted(draw(sets(st.sampled_from(sorted(_PARTS)), max_size=4))):
        found = _put(found, part, getattr(_PARTS[part](draw), part))
    return (
        found if found.trigger is None else replace(found, trigger=replace(found.trigger, code=asked.trigger))
    )


@st.composite
def waiting_facts(draw: st.DrawFn) -> Facts:
    """Only grounds that pass with time or can be answered: of these, many at once."""
    asked = draw(applications())
    code = draw(mostly("initiative", "campaign"))
    asked = replace(
        asked, kind=ContactKind.DAILY, trigger=code, officers=OFFICERS[:2], premises="", evidence="ref"
    )
    asked = replace(asked, from_on=max(asked.from_on, TODAY), until_on=max(asked.until_on, TODAY))
    found = replace(_PLAIN, application=asked, campaign=draw(campaigns))
    for part in ("contacts", "quiet", "numbers", "enterprise", "results", "consents", "agreements"):
        if draw(st.booleans()):
            found = _put(found, part, getattr(_PARTS[part](draw), part))
    start, end, force = draw(days(-300, 40)), draw(days(100, 600)), draw(days(-20, 40))
    going = tuple(replace(row, valid_from=start, valid_until=end) for row in found.officers)
    dated = tuple(replace(row, in_force_from=force) for row in found.items)
    return replace(found, officers=going, items=dated)


def _put(found: Facts, part: str, value: Any) -> Facts:
    return replace(found, **{part: value})


@st.composite
def broken_facts(draw: st.DrawFn) -> Facts:
    """The same with parts missing, and days at the ends of the calendar."""
    whole = draw(facts())
    ends = st.sampled_from((date.min, TODAY, date.max))
    for part in sorted(draw(sets(st.sampled_from(("agency", "enterprise", "trigger", "items", "officers"))))):
        whole = _put(whole, part, () if part in {"items", "officers"} else None)
    asked = replace(whole.application, from_on=draw(ends), until_on=draw(ends))
    asked = replace(asked, entered_on=draw(st.none() | ends), items=draw(st.sampled_from((asked.items, ()))))
    return replace(whole, application=asked, today=draw(ends))
