"""Why not? One fact changed, and the verdict that would result."""

from __future__ import annotations

from datetime import date

import pytest

from yicha.decide.gate.rules import judge, vary, what_would_change
from yicha.decide.gate.terms import Change, ChangeKind, Facts, Outcome

from .scene import (
    CITY,
    OTHER,
    OWN,
    contact,
    item,
    listing,
    officer,
    quiet,
    result,
    scene,
    trigger,
)

OTHERS = [trigger(code) for code in ("initiative", "draw", "complaint", "courtesy")]


def offered(facts: Facts) -> dict[tuple[str, str], Outcome | None]:
    """What may be changed, and the answer that would be given."""
    return {(row.kind.value, row.value): row.outcome for row in what_would_change(facts, OTHERS)}


def test_an_allowed_visit_is_offered_only_what_would_change_it() -> None:
    assert offered(scene()) == {}


def test_quiet_days_are_answered_by_another_day_or_a_trigger_that_may_come() -> None:
    assert offered(scene(quiet=(quiet(6, 25),))) == {
        ("day", "2026-03-26"): Outcome.ALLOW,
        ("trigger", "complaint"): Outcome.ALLOW,
    }


def test_a_missing_approval_is_answered_by_one() -> None:
    found = offered(scene(approved_by=""))
    assert found[("approval", "")] is Outcome.ALLOW
    assert ("reason", "gate.approval-missing") not in found


def test_futile_visits_are_answered_by_a_reason_or_by_other_officers() -> None:
    days = (date(2025, 5, 5), date(2025, 8, 4), date(2025, 11, 3))
    facts = scene(contacts=tuple(contact(day, officers=("c1",)) for day in days))
    found = offered(facts)
    assert found[("reason", "gate.futile-visits")] is Outcome.ALLOW
    assert found[("officers", "")] is Outcome.ALLOW


def test_unfit_officers_are_answered_by_others() -> None:
    facts = scene(officers=(officer("c1", active=False), officer("c2", recused="kin")))
    assert offered(facts) == {("officers", ""): Outcome.ALLOW}


def test_a_barred_item_is_answered_by_leaving_it_out() -> None:
    facts = scene(item(), item("gas", status="draft"))
    assert offered(facts) == {("without-item", "gas"): Outcome.ALLOW}


def test_another_region_is_answered_by_consent_or_by_an_agreement_in_a_zone() -> None:
    assert offered(scene(region=OTHER, place_regions=(OTHER, CITY))) == {("consent", ""): Outcome.ALLOW}
    assert offered(scene(zone_regions=(OWN, OTHER), region=OTHER, place_regions=(OTHER, CITY))) == {
        ("consent", ""): Outcome.ALLOW,
        ("agreement", ""): Outcome.ALLOW,
    }


def test_the_undisturbed_list_is_answered_by_a_complaint_or_by_leaving_it() -> None:
    assert offered(scene(item(is_spared=True), listing=listing())) == {
        ("not-listed", ""): Outcome.ALLOW,
        ("trigger", "complaint"): Outcome.ALLOW,
    }


def test_missing_evidence_is_answered_by_it() -> None:
    assert offered(scene(trigger="complaint"))[("evidence", "")] is Outcome.ALLOW


def test_a_campaign_is_answered_by_an_approval() -> None:
    found = offered(scene(trigger="campaign", evidence="e"))
    assert found[("campaign", "")] is Outcome.ALLOW
    assert found[("trigger", "initiative")] is Outcome.ALLOW


def test_the_rest_of_class_a_is_answered_by_another_class() -> None:
    found = offered(scene(risk_class="A", contacts=(contact(date(2025, 6, 2)),)))
    assert found[("risk-class", "B")] is Outcome.ALLOW


def test_a_result_without_an_agreement_is_answered_by_one() -> None:
    found = offered(scene(results=(result(region=OTHER),)))
    assert found[("agreement", "")] is Outcome.RECOGNISE


def test_of_two_things_in_the_way_no_single_change_is_offered() -> None:
    facts = scene(item(status="draft"), officers=())
    assert offered(facts) == {}


def test_the_best_answer_comes_first() -> None:
    facts = scene(item(is_spared=True), approved_by="", officers=(), results=(result(region=OTHER),))
    assert next(iter(offered(facts))) == ("agreement", "")


def test_a_change_tells_the_whole_answer() -> None:
    (change, _) = what_would_change(scene(quiet=(quiet(6, 25),)), OTHERS)
    assert (change.on, change.until, change.wants) == (date(2026, 3, 26), None, ())
    assert change.sentence % change.facts == "On another day: 2026-03-26"


def test_a_page_may_try_a_day_of_its_own() -> None:
    facts = scene(quiet=(quiet(6, 25),))
    tried = vary(facts, Change(ChangeKind.DAY, "2026-03-20"))
    assert judge(tried).until == date(2026, 3, 26)


@pytest.mark.parametrize(
    "change",
    [
        Change(ChangeKind.DAY, "soon"),
        Change(ChangeKind.TRIGGER, "no-such"),
        Change(ChangeKind.WITHOUT_ITEM, "no-such"),
    ],
    ids=lambda change: change.kind.value,
)
def test_a_change_to_nothing_is_refused(change: Change) -> None:
    with pytest.raises(ValueError, match=r"soon|no-such"):
        vary(scene(), change, OTHERS)


def test_changes_of_what_is_not_known_leave_it_unknown() -> None:
    facts = scene(agency=None)
    for kind in (ChangeKind.OFFICERS, ChangeKind.CAMPAIGN, ChangeKind.CONSENT, ChangeKind.AGREEMENT):
        assert vary(facts, Change(kind)) == facts
