"""The rules of recognition, without a database."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.cast import NOW, TODAY
from yicha.act.inspection.terms import CheckRecord, FindingRecord
from yicha.know.agreement.terms import AgreementFacts
from yicha.know.visits.terms import ResultCode
from yicha.share.recognition import rules
from yicha.share.recognition.terms import (
    MOST_RESULTS,
    NOT_CHECKED,
    AgreementNamed,
    AskerFacts,
    CertificateDraft,
    CertifiedResult,
    ExternalFacts,
    ExternalResult,
    ResultFacts,
    Standing,
)

RESULT = ResultFacts("110112-fire", "110112", "fire", "fire-001", TODAY, TODAY + timedelta(days=180))
ASKER = AskerFacts("110115-fire", "110115", "fire")
PACT = AgreementFacts(
    "YZ-1",
    1,
    "三地协议",
    frozenset({"110112", "110115"}),
    frozenset(),
    frozenset(),
    frozenset({"results"}),
    date(2026, 1, 1),
    None,
)
RECORD = CheckRecord(
    contact_item_id=7,
    visit="0d2f",
    uscc="91110112MA0000001X",
    premises_id=None,
    agency="110112-fire",
    item="fire-001",
    item_version=1,
    item_version_id=3,
    result_code=ResultCode.CORRECTION_ORDERED,
    found_on=TODAY,
    recorded_at=NOW,
    recorded_by="officer-a",
    officers=("T-0003", "T-0004"),
    findings=(FindingRecord("灭火器过期", "general", date(2026, 7, 15)),),
)
EXTERNAL = ExternalFacts(
    ExternalResult("110112-fire", RECORD.uscc, "fire-001", TODAY, "01", "ab" * 32, "F-1"),
    AskerFacts("110112-fire", "110112", "fire"),
    True,
    frozenset({"110112", "110000"}),
    3,
    "fire",
)


def refused(
    facts: ResultFacts = RESULT,
    asker: AskerFacts = ASKER,
    pacts: list[AgreementFacts] | None = None,
    because: str = "灭火器未检查",
) -> list[str]:
    given = [PACT] if pacts is None else pacts
    return [one.code for one in rules.refusal_reasons(facts, asker, given, TODAY, because)]


def test_an_agency_of_a_member_region_may_refuse_with_a_reason() -> None:
    assert refused() == []


def test_a_refusal_without_a_reason_is_none() -> None:
    assert refused(because="  ") == ["recognition.why"]


def test_nobody_refuses_what_nobody_offers_them() -> None:
    assert refused(pacts=[]) == ["recognition.not-offered"]


def test_nobody_refuses_their_own_result() -> None:
    assert refused(asker=AskerFacts("110112-fire", "110112", "fire")) == ["recognition.own-result"]


def test_an_agency_of_the_same_region_needs_no_agreement() -> None:
    assert refused(asker=AskerFacts("110112-market", "110112", "market"), pacts=[]) == []


def test_what_is_over_or_revoked_needs_no_refusal() -> None:
    over = replace(RESULT, found_on=TODAY - timedelta(days=9), valid_until=TODAY - timedelta(days=1))
    assert refused(over) == ["recognition.over"]
    assert refused(replace(RESULT, revoked=True)) == ["recognition.over"]


def test_an_agency_refuses_once() -> None:
    assert refused(replace(RESULT, refused_by=frozenset({ASKER.agency}))) == ["recognition.refused-already"]


@pytest.mark.parametrize(
    "pact",
    [
        replace(PACT, shares=frozenset({"undisturbed"})),
        replace(PACT, regions=frozenset({"110112", "110302"})),
        replace(PACT, regions=frozenset({"110115", "110302"})),
        replace(PACT, kinds=frozenset({"market"})),
        replace(PACT, items=frozenset({"fire-002"})),
        replace(PACT, valid_from=TODAY + timedelta(days=1)),
        replace(PACT, valid_until=TODAY - timedelta(days=1)),
    ],
)
def test_an_agreement_that_does_not_cover_a_result_offers_it_to_nobody(pact: AgreementFacts) -> None:
    assert not rules.is_offered_to(RESULT, ASKER, [pact], TODAY)
    assert rules.is_offered_to(RESULT, ASKER, [pact, PACT], TODAY)


def test_the_last_day_belongs_to_a_result() -> None:
    assert rules.is_valid_on(RESULT, RESULT.valid_until)
    assert not rules.is_valid_on(RESULT, RESULT.valid_until + timedelta(days=1))
    assert not rules.is_valid_on(RESULT, TODAY - timedelta(days=1))
    assert rules.standing(True, RESULT.valid_until, TODAY) is Standing.REVOKED


def test_who_was_not_reached_was_not_checked() -> None:
    assert rules.can_stand_in(ResultCode.NO_PROBLEM) and rules.can_stand_in(ResultCode.CORRECTION_ORDERED)
    assert not any(rules.can_stand_in(code) for code in NOT_CHECKED)


@pytest.mark.parametrize(
    "other",
    [
        replace(RECORD, result_code=ResultCode.NO_PROBLEM),
        replace(RECORD, officers=("T-0003",)),
        replace(RECORD, found_on=TODAY - timedelta(days=1)),
        replace(RECORD, recorded_at=NOW + timedelta(minutes=1)),
        replace(RECORD, findings=()),
        replace(RECORD, findings=(FindingRecord("灭火器过期", "serious", date(2026, 7, 15)),)),
    ],
)
def test_any_change_of_the_record_is_another_evidence(other: CheckRecord) -> None:
    assert rules.evidence_hash(other) != rules.evidence_hash(RECORD)


def test_the_evidence_of_a_record_is_known_for_ever() -> None:
    """A change of this number breaks every certificate that was issued: it needs a new name in the record."""
    assert rules.evidence_hash(RECORD) == KNOWN


KNOWN = "068f5fd5fe75e0593e2113b90a3f44303b83d0923d27bd5f8369942ea30463a4"


def external(facts: ExternalFacts) -> list[str]:
    return [one.code for one in rules.external_reasons(facts, TODAY)]


def sent(**change: object) -> ExternalFacts:
    return replace(EXTERNAL, sent=replace(EXTERNAL.sent, **change))  # type: ignore[arg-type]


def test_a_competent_agency_may_send_a_result() -> None:
    assert external(EXTERNAL) == []


@pytest.mark.parametrize(
    ("facts", "code"),
    [
        (replace(EXTERNAL, asker=None), "recognition.unknown-agency"),
        (replace(EXTERNAL, asker=AskerFacts("x", "110112", "market")), "recognition.not-your-item"),
        (replace(EXTERNAL, asker=AskerFacts("x", "110115", "fire")), "recognition.not-your-place"),
        (replace(EXTERNAL, known_enterprise=False), "recognition.unknown-enterprise"),
        (replace(EXTERNAL, item_version_id=None), "recognition.unknown-item"),
        (sent(found_on=TODAY + timedelta(days=1)), "recognition.future"),
        (sent(result_code="99"), "recognition.code"),
        (sent(result_code="03"), "recognition.code"),
        (sent(evidence_hash="AB" * 32), "recognition.evidence"),
        (sent(evidence_hash="ab"), "recognition.evidence"),
        (sent(reference=" "), "recognition.reference"),
    ],
)
def test_a_result_of_another_system_is_refused_by_name(facts: ExternalFacts, code: str) -> None:
    assert external(facts) == [code]


def certified(*facts: ResultFacts, pacts: tuple[AgreementFacts, ...] = (PACT,), firms: int = 1) -> list[str]:
    names = frozenset(str(number) for number in range(firms))
    return [one.code for one in rules.certificate_reasons(facts, names, pacts, TODAY)]


def test_a_certificate_is_of_one_agency_about_one_enterprise() -> None:
    assert certified(RESULT) == []
    assert certified(RESULT, firms=2) == ["certificate.mixed"]
    assert certified(RESULT, replace(RESULT, agency="110112-market")) == ["certificate.mixed"]


def test_nothing_is_certified_that_is_not_valid_or_that_no_agreement_carries() -> None:
    assert certified() == ["certificate.empty"]
    assert certified(replace(RESULT, revoked=True)) == ["certificate.over"]
    assert certified(RESULT, pacts=()) == ["certificate.no-agreement"]
    assert certified(*[RESULT] * (MOST_RESULTS + 1)) == ["certificate.too-many"]


@given(name=st.text(max_size=300), longest=st.integers(1, 60))
def test_a_name_on_a_certificate_is_never_longer_than_it_fits(name: str, longest: int) -> None:
    cut = rules.short(name, longest)
    assert len(cut) <= longest
    assert cut == name or cut.endswith("…")


def test_a_certificate_holds_to_the_end_of_the_last_day_of_its_results() -> None:
    line = CertifiedResult("fire-001", "消防", 1, "01", TODAY, date(2026, 12, 28), "ab" * 32)
    earlier = replace(line, valid_until=date(2026, 8, 1))
    draft = CertificateDraft(
        "0d2f",
        "HR-110112-fire-2026-0001",
        "9111",
        "店",
        "110112-fire",
        "支队",
        TODAY,
        (line, earlier),
        (AgreementNamed("YZ-1", 1, "三地协议", ("110112",), None),),
    )
    said = rules.payload(draft)
    assert said["exp"] == rules.seconds(date(2026, 12, 29))
    assert "simulated" not in said and rules.payload(replace(draft, simulated=True))["simulated"] is True
