"""Who asks what, when, by which trigger, with whose approval."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from yicha.decide.gate.rules import judge
from yicha.decide.gate.rules.life import state_of
from yicha.decide.gate.terms import ApplicationState, Bars, Facts, Outcome
from yicha.know.visits.terms import ContactKind

from .scene import TODAY, barring, campaign, codes, ground, item, numbers, planned, result, scene, trigger


def refused(facts: Facts, code: str, bars: Bars) -> None:
    """The ground stands in the way as said, alone, and the visit is refused."""
    verdict = judge(facts)
    assert barring(verdict) == {code: bars}
    assert verdict.outcome is Outcome.REFUSE
    assert verdict.on is verdict.until is None


def test_a_plain_application_is_allowed_on_the_first_day_of_its_window() -> None:
    verdict = judge(scene())
    assert verdict.outcome is Outcome.ALLOW
    assert [row.outcome for row in verdict.items] == [Outcome.ALLOW]
    assert verdict.on == date(2026, 3, 9)
    assert not barring(verdict)
    assert verdict.counts_toward_cap


def test_an_allowed_visit_names_the_rows_that_let_it_through() -> None:
    rows = {row.code for one in judge(scene()).grounds for row in one.rows}
    assert rows >= {"annual-visit-cap", "annual-visit-cap-district", "visits-a-day", "officers-per-agency"}


def test_an_unknown_agency_is_refused() -> None:
    refused(scene(agency=None), "gate.unknown-agency", Bars.EVERYTHING)


def test_an_unknown_enterprise_is_refused() -> None:
    refused(replace(scene(), enterprise=None), "gate.unknown-enterprise", Bars.EVERYTHING)


def test_premises_that_the_enterprise_does_not_have_are_refused() -> None:
    facts = scene()
    elsewhere = replace(facts, application=replace(facts.application, premises="site-2"))
    refused(elsewhere, "gate.unknown-premises", Bars.EVERYTHING)
    assert judge(scene(premises="site-2")).outcome is Outcome.ALLOW


@pytest.mark.parametrize("status", ["cancelled", "revoked", "moved-out"])
def test_an_enterprise_that_is_not_active_is_not_inspected(status: str) -> None:
    refused(scene(status=status), "gate.enterprise-not-active", Bars.EVERYTHING)


def test_an_unknown_trigger_is_refused() -> None:
    refused(scene(trigger=None), "gate.unknown-trigger", Bars.EVERYTHING)


def test_a_visit_without_items_is_refused() -> None:
    refused(scene(items=()), "gate.no-items", Bars.EVERYTHING)


def test_a_courtesy_call_needs_no_items_and_counts_apart() -> None:
    verdict = judge(
        scene(items=(), trigger="courtesy", kind=ContactKind.COURTESY, officers=(), approved_by="")
    )
    assert verdict.outcome is Outcome.ALLOW
    assert not verdict.counts_toward_cap
    assert verdict.items == ()
    assert {"gate.courtesy-apart", "gate.budget-free"} <= codes(verdict)


def test_nobody_inspects_under_the_name_of_a_courtesy_call() -> None:
    refused(scene(kind=ContactKind.COURTESY), "gate.kind-not-of-trigger", Bars.EVERYTHING)
    refused(scene(trigger="courtesy"), "gate.kind-not-of-trigger", Bars.EVERYTHING)


def test_a_window_that_runs_backward_is_refused() -> None:
    facts = scene(from_on=date(2026, 3, 13), until_on=date(2026, 3, 9))
    refused(facts, "gate.window-reversed", Bars.EVERYTHING)


def test_a_window_that_is_over_is_refused() -> None:
    yesterday = TODAY - timedelta(days=1)
    refused(scene(from_on=yesterday, until_on=yesterday), "gate.window-past", Bars.EVERYTHING)


def test_a_window_that_began_is_open_from_today() -> None:
    verdict = judge(scene(from_on=TODAY - timedelta(days=9)))
    assert verdict.on == TODAY


def test_a_window_that_ends_too_far_ahead_is_refused() -> None:
    far = TODAY + timedelta(days=401)
    refused(scene(until_on=far), "gate.window-too-far", Bars.EVERYTHING)
    assert judge(scene(until_on=far - timedelta(days=1))).outcome is Outcome.ALLOW


def test_a_ground_names_the_field_to_mend() -> None:
    assert ground(judge(scene(trigger="complaint")), "gate.evidence-missing").at_field == "evidence"
    assert ground(judge(scene(officers=())), "gate.officers-too-few").at_field == "officers"


def test_an_exception_without_evidence_does_not_enter() -> None:
    refused(scene(trigger="complaint"), "gate.evidence-missing", Bars.ENTRY)
    assert ground(judge(scene(trigger="complaint")), "gate.evidence-missing").rows[0].code == "complaint"
    assert judge(scene(trigger="complaint", evidence="12345-0007")).outcome is Outcome.ALLOW
    assert judge(scene(trigger="initiative")).outcome is Outcome.ALLOW


def test_without_approval_an_approval_is_wanted_not_refused() -> None:
    verdict = judge(scene(approved_by=" "))
    assert barring(verdict) == {"gate.approval-missing": Bars.ENTRY}
    assert verdict.outcome is Outcome.REFUSE
    assert verdict.wants == ("gate.approval-missing",)


def test_a_result_is_recognised_without_any_approval() -> None:
    verdict = judge(scene(approved_by="", results=(result(),)))
    assert verdict.outcome is Outcome.RECOGNISE
    assert verdict.wants == ()


def test_what_a_plan_holds_is_approved_with_the_plan() -> None:
    verdict = judge(scene(approved_by="", planned=True, trigger="draw"))
    assert verdict.outcome is Outcome.ALLOW
    assert "gate.approved-with-plan" in codes(verdict)


def test_what_a_quarter_holds_beside_its_plans_is_approved_before_it_is_sent_out() -> None:
    verdict = judge(scene(approved_by="", planned=True, trigger="recheck", evidence="recheck:2026Q3:…"))
    assert verdict.outcome is Outcome.ALLOW
    assert "gate.approved-before-sending" in codes(verdict)
    assert "gate.approved-with-plan" not in codes(verdict)


def test_who_only_says_that_it_was_drawn_needs_approval() -> None:
    verdict = judge(scene(approved_by="", trigger="draw"))
    assert verdict.wants == ("gate.approval-missing",)


def test_the_papers_of_an_emergency_follow_however_it_was_reported() -> None:
    for entered_on in (None, TODAY):
        verdict = judge(scene(trigger="emergency", evidence="119", approved_by="", entered_on=entered_on))
        assert state_of(verdict) is ApplicationState.PAPERS_DUE
    whole = judge(scene(trigger="emergency", evidence="119", approved_by="局长"))
    assert state_of(whole) is ApplicationState.GRANTED


def test_an_emergency_is_approved_afterwards() -> None:
    verdict = judge(scene(trigger="emergency", evidence="119", approved_by=""))
    assert verdict.outcome is Outcome.ALLOW
    assert ground(verdict, "gate.approval-after").rows[0].code == "emergency-papers-days"


def entered(on: date = TODAY, **other: Any) -> Facts:
    """A visit that has happened already."""
    return scene(**{"from_on": on, "until_on": on, "entered_on": on, "approved_by": "", **other})


def test_an_emergency_that_has_happened_lacks_no_papers_yet() -> None:
    verdict = judge(entered(trigger="emergency"))
    assert verdict.outcome is Outcome.ALLOW
    assert verdict.on == TODAY
    assert ground(verdict, "gate.evidence-missing").bars is Bars.NOTHING


def test_an_entry_after_an_outage_needs_a_reason() -> None:
    verdict = judge(entered(TODAY - timedelta(days=2)))
    assert barring(verdict) == {"gate.back-entry": Bars.ENTRY}
    assert verdict.wants == ("gate.back-entry",)


def test_an_entry_after_an_outage_with_a_reason_lacks_approval_only_as_a_remark() -> None:
    verdict = judge(entered(TODAY - timedelta(days=2), reasons={"gate.back-entry": "Power cut"}))
    assert verdict.outcome is Outcome.ALLOW
    assert verdict.on == TODAY - timedelta(days=2)
    assert ground(verdict, "gate.back-entry").facts["reason"] == "Power cut"
    assert ground(verdict, "gate.approval-missing").bars is Bars.NOTHING


def test_an_entry_is_recorded_within_ten_days() -> None:
    reasons = {"gate.back-entry": "Power cut"}
    last = TODAY - timedelta(days=10)
    assert judge(entered(last, reasons=reasons)).outcome is Outcome.ALLOW
    refused(entered(last - timedelta(days=1), reasons=reasons), "gate.entered-late", Bars.ENTRY)


def test_nobody_has_entered_tomorrow() -> None:
    refused(
        entered(TODAY + timedelta(days=1), trigger="emergency"), "gate.entered-in-future", Bars.EVERYTHING
    )


def test_a_visit_that_has_happened_is_neither_spared_nor_deferred() -> None:
    """What would have spared it is told all the same: nothing is dropped."""
    reasons = {"gate.back-entry": "Power cut"}
    facts = entered(reasons=reasons, results=(result(),), contacts=(planned(TODAY),))
    verdict = judge(facts)
    assert barring(verdict) == {"gate.too-often-day": Bars.NEW_VISIT}
    assert "gate.result-recognised" in codes(verdict)
    assert verdict.outcome is Outcome.REFUSE
    assert verdict.until is None


def test_numbers_that_are_not_in_force_make_their_rules_silent() -> None:
    facts = replace(entered(TODAY - timedelta(days=99), trigger="emergency"), numbers={})
    assert judge(facts).outcome is Outcome.ALLOW
    assert judge(replace(scene(officers=()), numbers={})).outcome is Outcome.ALLOW


def test_rows_of_a_region_count_where_they_are_in_force() -> None:
    facts = scene(officers=(), numbers=numbers(officers_per_agency=0))
    assert judge(facts).outcome is Outcome.ALLOW


def test_a_campaign_without_an_approval_does_not_enter() -> None:
    facts = scene(trigger="campaign", evidence="e", kind=ContactKind.SPECIAL)
    refused(facts, "gate.campaign-not-approved", Bars.ENTRY)


def test_a_special_visit_on_own_initiative_is_a_campaign_whatever_it_is_called() -> None:
    refused(scene(kind=ContactKind.SPECIAL), "gate.campaign-not-approved", Bars.ENTRY)
    assert judge(scene(kind=ContactKind.SPECIAL, planned=True)).outcome is Outcome.ALLOW


def test_an_approved_campaign_enters_and_must_be_published() -> None:
    verdict = judge(scene(trigger="campaign", evidence="e", campaign=campaign()))
    assert verdict.outcome is Outcome.ALLOW
    assert verdict.counts_toward_cap
    rows = ground(verdict, "gate.campaign-published").rows
    assert [row.code for row in rows] == ["c-1", "campaign-publish-months"]


def test_an_approval_of_other_agencies_does_not_do() -> None:
    facts = scene(trigger="campaign", evidence="e", campaign=campaign(agencies=frozenset({"other"})))
    refused(facts, "gate.campaign-not-approved", Bars.ENTRY)


def test_an_approval_of_other_items_bars_the_item() -> None:
    approval = campaign(items=frozenset({"food"}))
    verdict = judge(scene(item(), item("gas"), trigger="campaign", evidence="e", campaign=approval))
    assert ground(verdict, "gate.campaign-without-item").item == "gas"
    assert [row.outcome for row in verdict.items] == [Outcome.ALLOW, Outcome.REFUSE]
    assert verdict.outcome is Outcome.REFUSE


def test_an_approval_that_begins_later_defers_until_then() -> None:
    start = date(2026, 4, 1)
    verdict = judge(scene(trigger="campaign", evidence="e", campaign=campaign(valid_from=start)))
    assert verdict.outcome is Outcome.DEFER
    assert verdict.until == start


def test_an_approval_that_is_over_refuses() -> None:
    facts = scene(trigger="campaign", evidence="e", campaign=campaign(valid_until=date(2026, 3, 8)))
    refused(facts, "gate.campaign-not-approved", Bars.ENTRY)


def test_a_campaign_ordered_from_above_uses_no_budget() -> None:
    verdict = judge(scene(trigger="campaign", evidence="e", campaign=campaign(from_above=True)))
    assert not verdict.counts_toward_cap
    assert "gate.campaign-from-above" in codes(verdict)


def test_a_trigger_that_a_newer_row_frees_is_free() -> None:
    row = trigger("initiative", exempt_from_cap=True)
    verdict = judge(scene(trigger=row))
    assert not verdict.counts_toward_cap
    assert ground(verdict, "gate.budget-free").rows[0].code == "initiative"
