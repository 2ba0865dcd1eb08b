"""The items that are asked for, and the place they are checked at."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from yicha.decide.gate.rules import judge
from yicha.decide.gate.terms import AgencyFacts, Bars, Facts, Level, Outcome
from yicha.know.agreement.terms import ConsentFacts

from .scene import (
    CITY,
    MARKET,
    OTHER,
    OWN,
    agreement,
    barring,
    codes,
    contact,
    ground,
    item,
    officer,
    planned,
    result,
    scene,
)

NEXT_YEAR = date(2027, 1, 1)


def refused(facts: Facts, code: str, bars: Bars) -> None:
    verdict = judge(facts)
    assert barring(verdict) == {code: bars}
    assert verdict.outcome is Outcome.REFUSE


def test_an_unknown_item_is_refused() -> None:
    refused(scene(item(known=False)), "gate.item-unknown", Bars.EVERYTHING)


def test_an_item_that_nothing_is_known_of_is_unknown() -> None:
    refused(scene(items=("gas",)), "gate.item-unknown", Bars.EVERYTHING)


@pytest.mark.parametrize("status", ["draft", "retired"])
def test_only_published_items_are_inspected_not_even_from_data(status: str) -> None:
    refused(scene(item(status=status, method="offsite")), "gate.item-not-published", Bars.EVERYTHING)


def test_a_version_not_yet_in_force_waits_for_its_day() -> None:
    start = date(2026, 4, 1)
    verdict = judge(scene(item(in_force_from=start, method="offsite")))
    assert barring(verdict) == {"gate.item-not-in-force": Bars.EVERYTHING}
    assert verdict.outcome is Outcome.DEFER
    assert verdict.until == start


def test_a_version_that_comes_into_force_inside_the_window_is_checked_from_then_on() -> None:
    verdict = judge(scene(item(in_force_from=date(2026, 3, 11))))
    assert verdict.outcome is Outcome.ALLOW
    assert verdict.on == date(2026, 3, 11)
    assert ground(verdict, "gate.item-not-in-force").bars is Bars.NOTHING


def test_a_ruling_on_conflicting_standards_binds() -> None:
    facts = scene(item(ruled_out="K-2026-3: 通道宽度以消防为准"), results=(result(),))
    refused(facts, "gate.item-ruled-out", Bars.EVERYTHING)


def test_an_agency_checks_only_items_of_its_kind() -> None:
    going = (officer("c1", competences=("food",)), officer("c2", competences=("food",)))
    facts = scene(item(agency_kind="fire"), officers=going)
    refused(facts, "gate.agency-not-competent", Bars.EVERYTHING)


def test_one_barred_item_bars_the_whole() -> None:
    verdict = judge(scene(item(), item("gas", status="draft")))
    assert [row.outcome for row in verdict.items] == [Outcome.ALLOW, Outcome.REFUSE]
    assert verdict.outcome is Outcome.REFUSE


def test_an_item_checked_as_often_as_it_may_waits_for_the_next_year() -> None:
    facts = scene(item(annual_cap=1), contacts=(contact(date(2026, 1, 15), items=("food",)),))
    verdict = judge(facts)
    assert barring(verdict) == {"gate.item-annual-cap": Bars.ENTRY}
    assert verdict.outcome is Outcome.DEFER
    assert verdict.until == NEXT_YEAR


def test_an_item_without_a_frequency_or_below_it_may_be_checked() -> None:
    checked = (contact(date(2026, 1, 15), items=("food",)),)
    assert judge(scene(item(), contacts=checked)).outcome is Outcome.ALLOW
    assert judge(scene(item(annual_cap=2), contacts=checked)).outcome is Outcome.ALLOW
    assert judge(scene(item("gas", annual_cap=1), contacts=checked)).outcome is Outcome.ALLOW
    last_year = (contact(date(2025, 12, 1), items=("food",)),)
    assert judge(scene(item(annual_cap=1), contacts=last_year)).outcome is Outcome.ALLOW


def test_an_items_frequency_does_not_keep_a_complaint_out() -> None:
    checked = (contact(date(2026, 1, 15), items=("food",)),)
    facts = scene(item(annual_cap=1), contacts=checked, trigger="complaint", evidence="e")
    assert judge(facts).outcome is Outcome.ALLOW


def test_a_planned_check_of_the_item_counts_but_does_not_bar_joining_it() -> None:
    coming = planned(date(2026, 3, 11), items=("food",))
    assert judge(scene(item(annual_cap=1), contacts=(coming,))).outcome is Outcome.MERGE
    later = planned(date(2026, 5, 11), items=("food",))
    assert judge(scene(item(annual_cap=1), contacts=(later,))).until == date(2026, 5, 11)


def test_an_items_frequency_leaves_results_and_data() -> None:
    checked = (contact(date(2026, 1, 15), items=("food",)),)
    assert (
        judge(scene(item(annual_cap=1), contacts=checked, results=(result(),))).outcome is Outcome.RECOGNISE
    )
    assert judge(scene(item(annual_cap=1, method="written"), contacts=checked)).outcome is Outcome.OFFSITE


def abroad(**other: Any) -> Facts:
    """The place lies in another district; a zone crosses both."""
    return scene(
        **{"region": OTHER, "place_regions": (OTHER, "zone-1", CITY), "zone_regions": (OWN, OTHER), **other}
    )


def test_another_region_needs_assistance_consent() -> None:
    facts = abroad()
    refused(facts, "gate.place-not-competent", Bars.EVERYTHING)
    row = ground(judge(facts), "gate.place-not-competent").rows[0]
    assert row.code == "assistance-filing-days"


def test_a_city_agency_is_at_home_in_its_districts() -> None:
    agency = AgencyFacts(MARKET, "Market", "market", CITY, Level.CITY)
    assert judge(abroad(agency=agency)).outcome is Outcome.ALLOW


def test_an_agreement_on_assistance_opens_the_zone() -> None:
    verdict = judge(abroad(agreements=(agreement("assistance"),)))
    assert verdict.outcome is Outcome.ALLOW
    assert [row.code for row in ground(verdict, "gate.by-agreement").rows] == [
        "zone",
        "assistance-filing-days",
    ]


@pytest.mark.parametrize(
    "other",
    [
        {"agreements": (agreement("results"),)},
        {"agreements": (agreement("assistance", kinds=frozenset({"fire"})),)},
        {"agreements": (agreement("assistance", regions=frozenset({OWN, "110111"})),)},
        {"agreements": (agreement("assistance", valid_until=date(2026, 3, 8)),)},
        {"agreements": (agreement("assistance"),), "zone_regions": ()},
    ],
    ids=["shares other things", "other kinds", "other regions", "is over", "no zone"],
)
def test_an_agreement_that_does_not_fit_opens_nothing(other: dict[str, Any]) -> None:
    refused(abroad(**other), "gate.place-not-competent", Bars.EVERYTHING)


def test_an_agreement_on_some_items_opens_for_these() -> None:
    some = agreement("assistance", items=frozenset({"food"}))
    facts = replace(
        abroad(agreements=(some,)),
        items=(item(), item("gas")),
    )
    facts = replace(facts, application=replace(facts.application, items=("food", "gas")))
    verdict = judge(facts)
    assert ground(verdict, "gate.place-not-competent").item == "gas"
    assert ground(verdict, "gate.by-agreement").item == "food"
    assert [row.outcome for row in verdict.items] == [Outcome.ALLOW, Outcome.REFUSE]


def test_an_agreement_that_begins_later_defers_until_then() -> None:
    start = date(2026, 5, 1)
    verdict = judge(abroad(agreements=(agreement("assistance", valid_from=start),)))
    assert (verdict.outcome, verdict.until) == (Outcome.DEFER, start)


def test_a_consent_opens_its_days_and_no_others() -> None:
    first = date(2026, 3, 12)
    verdict = judge(abroad(consents=(ConsentFacts("k", OTHER, first, first + timedelta(days=1)),)))
    assert verdict.outcome is Outcome.ALLOW
    assert verdict.on == first
    assert "gate.by-consent" in codes(verdict)
    before = ConsentFacts("k", OTHER, date(2026, 3, 1), date(2026, 3, 8))
    refused(abroad(consents=(before,)), "gate.place-not-competent", Bars.EVERYTHING)


def test_the_consent_of_a_third_region_opens_nothing() -> None:
    consent = ConsentFacts("k", "110111", date(2026, 3, 1), date(2026, 3, 31))
    refused(abroad(consents=(consent,)), "gate.place-not-competent", Bars.EVERYTHING)
