"""Results that stand in, visits to join, data instead of a visit; and the undisturbed list."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from yicha.decide.gate.rules import judge
from yicha.decide.gate.terms import AgencyFacts, Bars, Facts, Level, Outcome
from yicha.know.visits.terms import ContactKind, ResultCode

from .scene import (
    CITY,
    FIRE,
    MARKET,
    OTHER,
    OWN,
    TODAY,
    agreement,
    barring,
    codes,
    contact,
    ground,
    item,
    listing,
    officer,
    planned,
    quiet,
    result,
    scene,
    trigger,
)

WEDNESDAY = date(2026, 3, 11)


def test_a_clean_result_of_ones_own_region_stands_in() -> None:
    verdict = judge(scene(results=(result(),)))
    assert verdict.outcome is Outcome.RECOGNISE
    (row,) = verdict.items
    assert (row.result, row.valid_until) == ("result-1", result().valid_until)
    told = ground(verdict, "gate.result-recognised")
    assert (told.leads_to, told.item, told.facts["result"]) == (Outcome.RECOGNISE, "food", "result-1")
    assert verdict.on is None


def test_of_several_results_the_one_that_holds_longest_stands_in() -> None:
    longer = result(uuid="result-2", valid_until=result().valid_until + timedelta(days=1))
    assert judge(scene(results=(result(), longer))).items[0].result == "result-2"
    assert judge(scene(results=(longer, result()))).items[0].result == "result-2"


def test_without_an_agreement_nothing_crosses() -> None:
    verdict = judge(scene(results=(result(region=OTHER, agency=FIRE),)))
    assert verdict.outcome is Outcome.ALLOW
    assert ground(verdict, "gate.result-not-usable-no-agreement").item == "food"


def test_a_result_crosses_under_an_agreement_on_results() -> None:
    facts = scene(results=(result(region=OTHER),), agreements=(agreement("results"),))
    verdict = judge(facts)
    assert verdict.outcome is Outcome.RECOGNISE
    (row,) = ground(verdict, "gate.result-recognised").rows
    assert (row.table, row.code, row.value, row.source) == ("agreement", "zone", "v2", "Zone agreement")


@pytest.mark.parametrize(
    "other",
    [
        agreement("undisturbed"),
        agreement("results", kinds=frozenset({"fire"})),
        agreement("results", items=frozenset({"gas"})),
        agreement("results", regions=frozenset({OWN, "110111"})),
        agreement("results", valid_until=TODAY - timedelta(days=1)),
        agreement("results", valid_from=TODAY + timedelta(days=1)),
    ],
    ids=["shares lists only", "other kinds", "other items", "other regions", "is over", "is to come"],
)
def test_an_agreement_that_does_not_fit_lets_nothing_cross(other: object) -> None:
    facts = scene(results=(result(region=OTHER),), agreements=(other,))
    assert judge(facts).outcome is Outcome.ALLOW


def test_a_result_of_an_equivalent_item_stands_in() -> None:
    equal = item(accepts=frozenset({("food-115", OTHER)}))
    other = result(item="food-115", region=OTHER)
    assert (
        judge(scene(equal, results=(other,), agreements=(agreement("results"),))).outcome is Outcome.RECOGNISE
    )
    assert judge(scene(results=(result(item="food-115"),))).outcome is Outcome.ALLOW


def test_an_equivalent_item_counts_only_in_the_region_where_it_is_equivalent() -> None:
    equal = item(accepts=frozenset({("food-115", CITY)}))
    other = result(item="food-115", region=OTHER)
    assert judge(scene(equal, results=(other,), agreements=(agreement("results"),))).outcome is Outcome.ALLOW


@pytest.mark.parametrize(
    ("other", "code"),
    [
        ({"result_code": ResultCode.CORRECTION_ORDERED.value}, "gate.result-not-usable"),
        ({"result_code": ResultCode.CLOSED.value}, "gate.result-not-usable"),
        ({"valid_until": date(2026, 3, 8)}, "gate.result-not-usable-expired"),
        ({"refused": True}, "gate.result-not-usable-refused"),
        ({"premises": "site-2"}, "gate.result-not-usable-elsewhere"),
        ({"region": OTHER}, "gate.result-not-usable-no-agreement"),
    ],
)
def test_a_result_that_does_not_do_says_why(other: dict[str, Any], code: str) -> None:
    verdict = judge(scene(results=(result(**other),)))
    assert verdict.outcome is Outcome.ALLOW
    assert ground(verdict, code).bars is Bars.NOTHING


def test_a_result_holds_on_its_last_day() -> None:
    assert judge(scene(results=(result(valid_until=date(2026, 3, 9)),))).outcome is Outcome.RECOGNISE


def test_a_result_found_after_today_is_none() -> None:
    facts = scene(results=(result(found_on=TODAY + timedelta(days=1)),))
    assert "gate.result-not-usable" in codes(judge(facts))
    assert judge(scene(results=(result(found_on=TODAY),))).outcome is Outcome.RECOGNISE


def test_a_result_that_nothing_was_found_in_for_want_of_the_activity_stands_in() -> None:
    facts = scene(results=(result(result_code=ResultCode.NO_SUCH_ACTIVITY.value),))
    assert judge(facts).outcome is Outcome.RECOGNISE


def test_a_result_of_the_same_premises_stands_in_there() -> None:
    assert judge(scene(premises="site-2", results=(result(premises="site-2"),))).outcome is Outcome.RECOGNISE
    assert judge(scene(premises="site-2", results=(result(),))).outcome is Outcome.ALLOW


def test_a_complaint_is_looked_into_whatever_was_found_before() -> None:
    facts = scene(item(method="offsite"), trigger="complaint", evidence="e", results=(result(),))
    verdict = judge(facts)
    assert verdict.outcome is Outcome.ALLOW
    assert "gate.result-not-usable-trigger" in codes(verdict)


def test_only_the_newest_three_results_that_do_not_do_are_told() -> None:
    old = tuple(result(uuid=f"r{n}", refused=True, found_on=TODAY - timedelta(days=n)) for n in range(1, 9))
    told = [row for row in judge(scene(results=old)).grounds if row.code == "gate.result-not-usable-refused"]
    assert [row.facts["result"] for row in told] == ["r1", "r2", "r3"]


def test_one_item_recognised_and_one_visited_make_a_visit() -> None:
    verdict = judge(scene(item(), item("gas"), results=(result(),)))
    assert [row.outcome for row in verdict.items] == [Outcome.RECOGNISE, Outcome.ALLOW]
    assert verdict.outcome is Outcome.ALLOW


def test_a_planned_visit_inside_the_window_is_joined() -> None:
    verdict = judge(scene(contacts=(planned(WEDNESDAY),)))
    assert verdict.outcome is Outcome.MERGE
    assert verdict.items[0].contact == f"visit-{WEDNESDAY}"
    assert verdict.on == WEDNESDAY
    told = ground(verdict, "gate.visit-to-join")
    assert told.leads_to is Outcome.MERGE
    assert told.facts["contact"] == f"visit-{WEDNESDAY}"
    assert "gate.budget" not in codes(verdict)


def test_the_earliest_visit_is_joined() -> None:
    verdict = judge(scene(contacts=(planned(date(2026, 3, 12)), planned(WEDNESDAY))))
    assert verdict.on == WEDNESDAY
    assert "gate.second-visit" in codes(verdict)


@pytest.mark.parametrize(
    "visit",
    [
        planned(date(2026, 3, 16)),
        planned(date(2026, 3, 6)),
        planned(WEDNESDAY, kind="courtesy"),
        planned(WEDNESDAY, premises="site-2"),
        planned(WEDNESDAY, state="cancelled"),
    ],
    ids=["after", "before", "courtesy call", "other premises", "cancelled"],
)
def test_other_visits_are_not_joined(visit: object) -> None:
    verdict = judge(scene(contacts=(visit,)))
    assert verdict.outcome is Outcome.ALLOW
    assert "gate.visit-to-join" not in codes(verdict)


def test_a_visit_on_the_first_or_the_last_day_of_the_window_is_joined() -> None:
    for day in (date(2026, 3, 9), date(2026, 3, 13)):
        assert judge(scene(contacts=(planned(day),))).on == day


def test_a_visit_on_a_day_without_a_valid_certificate_is_not_joined_but_the_next_one_is() -> None:
    """Officers, consent and campaign are looked at on the day of the visit that would be joined."""
    late = officer("c2", valid_from=date(2026, 3, 11))
    visits = (planned(date(2026, 3, 10)), planned(date(2026, 3, 12)))
    verdict = judge(scene(officers=(officer("c1"), late), contacts=visits))
    assert (verdict.outcome, verdict.on) == (Outcome.MERGE, date(2026, 3, 12))


def test_a_courtesy_call_joins_no_inspection() -> None:
    facts = scene(trigger="courtesy", kind=ContactKind.COURTESY, contacts=(planned(WEDNESDAY),))
    assert judge(facts).outcome is Outcome.ALLOW


def test_joining_is_free_of_quiet_days_and_of_the_rest_of_class_a() -> None:
    contacts = (contact(date(2025, 9, 1)), planned(WEDNESDAY))
    verdict = judge(scene(risk_class="A", quiet=(quiet(1, 31),), contacts=contacts))
    assert verdict.outcome is Outcome.MERGE
    assert set(barring(verdict)) >= {"gate.quiet-day", "gate.class-a-rest"}


def test_joining_needs_fit_officers_all_the_same() -> None:
    verdict = judge(scene(officers=(), contacts=(planned(WEDNESDAY),)))
    assert barring(verdict)["gate.officers-too-few"] is Bars.ENTRY
    assert verdict.outcome is Outcome.REFUSE
    assert "gate.visit-to-join" in codes(verdict)


def test_a_visit_to_join_after_the_window_is_waited_for() -> None:
    later = planned(date(2026, 3, 24))
    full = (contact(date(2026, 1, 12)), later)
    verdict = judge(scene(contacts=full))
    assert (verdict.outcome, verdict.until) == (Outcome.DEFER, date(2026, 3, 24))


@pytest.mark.parametrize("method", ["offsite", "written"])
def test_what_can_be_done_from_data_or_in_writing_needs_no_visit(method: str) -> None:
    verdict = judge(scene(item(method=method), approved_by="", officers=()))
    assert verdict.outcome is Outcome.OFFSITE
    assert ground(verdict, "gate.offsite").leads_to is Outcome.OFFSITE
    assert judge(scene(item(method="onsite"))).outcome is Outcome.ALLOW


@pytest.mark.parametrize("method", ["offsite", "written"])
def test_what_a_rate_asks_to_be_done_without_a_visit_joins_none(method: str) -> None:
    """Whatever the item says, and although a visit could be joined; a result still goes before."""
    given: dict[str, Any] = {"contacts": (planned(WEDNESDAY),), "planned": True, "method": method}
    verdict = judge(scene(item(method="onsite"), **given))
    assert verdict.outcome is Outcome.OFFSITE
    assert ground(verdict, "gate.offsite-by-rate").leads_to is Outcome.OFFSITE
    assert judge(scene(results=(result(),), **given)).outcome is Outcome.RECOGNISE


def test_the_order_is_recognise_merge_offsite_allow() -> None:
    """Every candidate is told, also those that did not decide."""
    given: dict[str, Any] = {"results": (result(),), "contacts": (planned(WEDNESDAY),)}
    verdict = judge(scene(item(method="offsite"), **given))
    assert verdict.outcome is Outcome.RECOGNISE
    assert {"gate.result-recognised", "gate.visit-to-join", "gate.offsite"} <= codes(verdict)
    del given["results"]
    assert judge(scene(item(method="offsite"), **given)).outcome is Outcome.MERGE
    del given["contacts"]
    assert judge(scene(item(method="offsite"), **given)).outcome is Outcome.OFFSITE
    assert judge(scene(**given)).outcome is Outcome.ALLOW


SPARED = item(is_spared=True)


def undisturbed(facts: Facts) -> None:
    verdict = judge(facts)
    assert barring(verdict) == {"gate.undisturbed": Bars.ENTRY}
    assert ground(verdict, "gate.undisturbed").until is None
    assert verdict.outcome is Outcome.REFUSE
    assert verdict.until is None


def test_an_undisturbed_enterprise_is_left_alone_at_home() -> None:
    undisturbed(scene(SPARED, listing=listing()))
    undisturbed(scene(SPARED, listing=listing(), contacts=(planned(WEDNESDAY),)))


def test_an_agency_of_the_city_leaves_alone_whom_its_district_lists() -> None:
    agency = AgencyFacts(MARKET, "Market of the city", "market", CITY, Level.CITY)
    undisturbed(scene(SPARED, listing=listing(), agency=agency))


def test_a_list_of_another_region_binds_under_an_agreement() -> None:
    facts = scene(SPARED, listing=listing(region=OTHER), agreements=(agreement("undisturbed"),))
    undisturbed(facts)
    assert ground(judge(facts), "gate.undisturbed").rows[0].code == "zone"


def test_a_list_of_another_region_binds_nobody_without_an_agreement() -> None:
    assert judge(scene(SPARED, listing=listing(region=OTHER))).outcome is Outcome.ALLOW
    shares_results = agreement("results")
    facts = scene(SPARED, listing=listing(region=OTHER), agreements=(shares_results,))
    assert judge(facts).outcome is Outcome.ALLOW


def test_items_that_are_not_on_the_list_of_spared_items_are_checked() -> None:
    verdict = judge(scene(listing=listing()))
    assert verdict.outcome is Outcome.ALLOW
    assert ground(verdict, "gate.undisturbed-other-item").item == "food"
    mixed = judge(scene(SPARED, item("gas"), listing=listing()))
    assert [row.outcome for row in mixed.items] == [Outcome.REFUSE, Outcome.ALLOW]


def test_a_complaint_disturbs_the_undisturbed() -> None:
    verdict = judge(scene(SPARED, listing=listing(), trigger="complaint", evidence="e"))
    assert verdict.outcome is Outcome.ALLOW
    assert ground(verdict, "gate.undisturbed-exempt").rows[0].code == "complaint"
    strict = trigger("complaint", exempt_from_undisturbed=False)
    undisturbed(scene(SPARED, listing=listing(), trigger=strict, evidence="e"))


def test_the_undisturbed_are_still_seen_from_data_and_through_results() -> None:
    listed: dict[str, Any] = {"listing": listing()}
    assert judge(scene(item(is_spared=True, method="offsite"), **listed)).outcome is Outcome.OFFSITE
    assert judge(scene(SPARED, results=(result(),), **listed)).outcome is Outcome.RECOGNISE


def test_an_item_that_could_join_says_so_beside_one_that_is_barred() -> None:
    facts = scene(item(), item("gas", status="draft"), contacts=(planned(WEDNESDAY),))
    verdict = judge(facts)
    assert [row.outcome for row in verdict.items] == [Outcome.MERGE, Outcome.REFUSE]
    assert verdict.items[0].contact == f"visit-{WEDNESDAY}"
    assert verdict.outcome is Outcome.REFUSE
