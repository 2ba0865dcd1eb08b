from __future__ import annotations

from collections import Counter
from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from yicha.act.inspection import rules
from yicha.act.inspection.terms import (
    CheckFacts,
    CheckResult,
    Crew,
    FindingFacts,
    OfficerFacts,
    PartFacts,
    PartState,
    Severity,
    VisitState,
)
from yicha.kernel.refusal import Reason
from yicha.know.visits.terms import ContactState, ResultCode

DAY = date(2026, 7, 1)
FINDING = FindingFacts("后厨无防蝇设施", Severity.GENERAL, DAY + timedelta(days=15))


def officer(certificate: str = "T-1", **changes: object) -> OfficerFacts:
    facts: dict[str, object] = {
        "certificate": certificate,
        "agency": "110112-market",
        "valid_from": date(2024, 1, 1),
        "valid_until": DAY,
        "active": True,
    }
    return OfficerFacts(**{**facts, **changes})  # type: ignore[arg-type]


def codes(reasons: list[Reason]) -> list[str]:
    return [reason.code for reason in reasons]


def test_two_fit_officers_of_the_agency_may_go() -> None:
    crew = Crew("110112-market", (officer("T-1"), officer("T-2")))
    assert rules.crew_reasons(crew, 2, DAY) == []


def test_one_officer_twice_is_one_officer() -> None:
    crew = Crew("110112-market", (officer("T-1"), officer("T-1")))
    assert codes(rules.crew_reasons(crew, 2, DAY)) == ["visit.too-few-officers"]


def test_an_officer_whose_certificate_ended_or_who_serves_elsewhere_cannot_go() -> None:
    for changes in ({"valid_until": DAY - timedelta(days=1)}, {"agency": "110112-fire"}, {"active": False}):
        crew = Crew("110112-market", (officer("T-1", **changes), officer("T-2")))
        assert codes(rules.crew_reasons(crew, 2, DAY)) == ["visit.officer-not-fit"], changes


def test_a_visit_is_not_recorded_before_its_day() -> None:
    planned = ContactState.PLANNED
    assert rules.start_reasons(DAY, DAY, planned) == []
    assert codes(rules.start_reasons(DAY + timedelta(days=1), DAY, planned)) == ["visit.in-future"]
    assert codes(rules.start_reasons(DAY, DAY, ContactState.CANCELLED)) == ["visit.taken-off"]


def test_a_result_and_its_findings_agree() -> None:
    def of(code: ResultCode, *findings: FindingFacts) -> list[str]:
        return codes(rules.result_reasons("check-1", CheckResult(code, findings), DAY))

    assert of(ResultCode.NO_PROBLEM) == []
    assert of(ResultCode.UNREACHABLE) == []
    assert of(ResultCode.CORRECTION_ORDERED, FINDING) == []
    assert of(ResultCode.NO_PROBLEM, FINDING) == ["check.finding-contradicts"]
    assert of(ResultCode.FOLLOW_UP) == ["check.finding-missing"]
    assert of(ResultCode.CORRECTION_ORDERED, FindingFacts("…", Severity.MINOR)) == ["check.deadline-missing"]
    late = FindingFacts("…", Severity.MINOR, DAY - timedelta(days=1))
    assert of(ResultCode.CORRECTION_ORDERED, late) == ["check.deadline-before-visit"]
    assert of(ResultCode.FOLLOW_UP, FindingFacts("  ", Severity.MINOR)) == ["check.finding-words"]


def test_every_missing_result_is_named() -> None:
    checks = [CheckFacts("食品经营许可", ResultCode.NO_PROBLEM), CheckFacts("明码标价", None)]
    assert [reason.facts["item"] for reason in rules.closing_reasons(checks)] == ["明码标价"]


def test_every_open_part_is_named() -> None:
    parts = [PartFacts("市场监管局", PartState.CLOSED), PartFacts("消防支队", PartState.OPEN)]
    assert [reason.facts["agency"] for reason in rules.whole_reasons(parts)] == ["消防支队"]


def test_what_is_closed_stays_closed() -> None:
    assert rules.VISIT_LIFE.acts_from(VisitState.CLOSED) == ()
    assert rules.VISIT_LIFE.acts_from(VisitState.CALLED_OFF) == ()
    assert rules.VISIT_LIFE.acts_from(VisitState.OPENED) == ("start", "call-off")


@given(st.text(max_size=8), st.text(max_size=18), st.text(max_size=20))
def test_a_simulated_result_holds_by_the_rules_and_is_always_the_same(
    seed: str, uscc: str, item: str
) -> None:
    result = rules.simulate(seed, uscc, item, DAY)
    assert rules.result_reasons("check-1", result, DAY) == []
    assert result == rules.simulate(seed, uscc, item, DAY)


def test_simulated_results_have_about_the_shares_that_the_table_says() -> None:
    found = Counter(rules.simulate("7", str(number), "x", DAY).code for number in range(5000))
    assert 4400 < found[ResultCode.NO_PROBLEM] < 4650
    assert 100 < found[ResultCode.CORRECTION_ORDERED] < 200


def test_a_simulated_enterprise_that_cannot_be_reached_is_so_for_every_item() -> None:
    unreachable = [u for u in map(str, range(500)) if rules.simulate("7", u, "x", DAY).code == "03"]
    assert unreachable
    assert all(rules.simulate("7", u, "y", DAY).code == "03" for u in unreachable)


def test_a_simulated_problem_is_either_to_be_corrected_by_a_day_or_to_be_followed_up() -> None:
    ordered = rules.simulate_code(ResultCode.CORRECTION_ORDERED, "7", "u", "x", DAY)
    left = rules.simulate_code(ResultCode.FOLLOW_UP, "7", "u", "x", DAY)
    assert [found.correct_by is not None and found.correct_by > DAY for found in ordered.findings] == [True]
    assert [found.correct_by for found in left.findings] == [None]


def test_an_order_of_a_demonstration_that_nobody_ever_fulfils_is_one_of_ten_on_whatever_day() -> None:
    never = [str(n) for n in range(1000) if rules.is_never_corrected("7", str(n), "x")]
    assert 60 < len(never) < 140
    later = DAY + timedelta(days=900)
    assert all(rules.simulate_correction("7", uscc, "x", DAY, later) is None for uscc in never)
