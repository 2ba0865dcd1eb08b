"""The clocks of records, and one test per refusal."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yicha.kernel.months import months_after
from yicha.kernel.refusal import Refused
from yicha.know.credit.rules.repairs import (
    REPAIR_LIFE,
    clock_of,
    find_apply_faults,
    find_word_faults,
    stage_of,
)
from yicha.know.credit.terms import RecordFacts, RecordKind, RecordState, Severity
from yicha.know.credit.terms.repairs import (
    OPEN_STATES,
    Months,
    RecordClock,
    RepairRequest,
    RepairState,
    Stage,
)

PUBLISHED = date(2026, 4, 15)
FACTS = RecordFacts(
    uscc="91110112MA00000011",
    kind=RecordKind.PENALTY,
    agency="110112-market",
    reference="京通市监罚〔2026〕1号",
    happened_on=date(2026, 4, 10),
    effective_from=date(2026, 4, 10),
    severity=Severity.GENERAL,
    is_published=True,
    published_on=PUBLISHED,
)
GENERAL = Months(3, 12)
REQUEST = RepairRequest("已改正", "档案室 3-12", "a" * 64, True)
IN_TIME = date(2026, 8, 1)


def codes(
    facts: RecordFacts = FACTS,
    *,
    uscc: str = FACTS.uscc,
    state: RecordState = RecordState.IN_EFFECT,
    has_open: bool = False,
    request: RepairRequest = REQUEST,
    today: date = IN_TIME,
) -> list[str]:
    clock = clock_of(facts, None if facts.severity is Severity.NONE else GENERAL)
    found = find_apply_faults(facts, state, clock, uscc, has_open, request, today)
    return [reason.code for reason in found]


def test_a_general_record_may_be_repaired_after_three_months_and_ends_after_twelve() -> None:
    assert clock_of(FACTS, GENERAL) == RecordClock(PUBLISHED, date(2026, 7, 15), date(2027, 4, 15))


def test_a_minor_record_may_be_repaired_on_the_day_of_its_publication() -> None:
    assert clock_of(FACTS, Months(0, 3)).eligible_on == PUBLISHED


def test_a_serious_record_waits_a_year() -> None:
    assert clock_of(FACTS, Months(12, 36)).eligible_on == date(2027, 4, 15)


def test_its_own_day_ends_a_record_before_the_maximum() -> None:
    assert clock_of(replace(FACTS, effective_until=date(2026, 12, 1)), GENERAL).ends_on == date(2026, 12, 1)


def test_what_was_never_published_is_counted_from_its_effect_and_has_no_maximum() -> None:
    unseen = replace(FACTS, is_published=False, published_on=None)
    assert clock_of(unseen, GENERAL) == RecordClock(None, date(2026, 7, 10), None)


def test_an_abnormal_listing_may_be_removed_at_once_and_does_not_end_by_itself() -> None:
    listed = replace(FACTS, kind=RecordKind.ABNORMAL_LISTING)
    assert clock_of(listed, GENERAL) == RecordClock(PUBLISHED, date(2026, 4, 10), None)


def test_a_listing_for_serious_violations_has_its_clock() -> None:
    listed = replace(FACTS, kind=RecordKind.SERIOUS_VIOLATION)
    assert clock_of(listed, Months(12, 36)) == RecordClock(PUBLISHED, date(2027, 4, 15), date(2029, 4, 15))


def test_a_complaint_has_a_maximum_and_no_repair() -> None:
    complaint = replace(FACTS, kind=RecordKind.VERIFIED_COMPLAINT)
    assert clock_of(complaint, GENERAL) == RecordClock(PUBLISHED, None, date(2027, 4, 15))


@pytest.mark.parametrize(
    ("today", "stage"),
    [
        (date(2026, 4, 12), Stage.RECORDED),
        (date(2026, 4, 15), Stage.PUBLISHED),
        (date(2026, 7, 14), Stage.PUBLISHED),
        (date(2026, 7, 15), Stage.ELIGIBLE),
        (date(2027, 4, 15), Stage.ELIGIBLE),
        (date(2027, 4, 16), Stage.ENDED),
    ],
)
def test_a_record_goes_its_way_by_the_calendar(today: date, stage: Stage) -> None:
    assert stage_of(FACTS, RecordState.IN_EFFECT, clock_of(FACTS, GENERAL), today) is stage


def test_a_record_that_was_ended_has_ended_whatever_the_day() -> None:
    assert stage_of(FACTS, RecordState.ENDED, clock_of(FACTS, GENERAL), PUBLISHED) is Stage.ENDED


@given(st.dates(date(2000, 1, 1), date(2090, 1, 1)), st.integers(0, 48))
def test_months_end_on_the_same_day_or_the_last_of_the_month(day: date, months: int) -> None:
    after = months_after(day, months)
    assert (after.year * 12 + after.month) - (day.year * 12 + day.month) == months
    assert after.day == day.day or (after.day < day.day and (after + timedelta(days=1)).day == 1)


def test_an_application_in_time_with_everything_is_taken() -> None:
    assert codes() == []


def test_an_application_before_its_day_is_refused_with_the_day() -> None:
    clock = clock_of(FACTS, GENERAL)
    early = find_apply_faults(
        FACTS, RecordState.IN_EFFECT, clock, FACTS.uscc, False, REQUEST, date(2026, 7, 14)
    )
    assert [(one.code, one.facts) for one in early] == [("credit.repair-early", {"on": "2026-07-15"})]


def test_a_record_of_another_enterprise_is_refused_and_nothing_more_is_said() -> None:
    assert codes(uscc="91110112MA00000022", request=replace(REQUEST, grounds="")) == ["credit.repair-another"]


def test_a_record_that_has_ended_is_refused() -> None:
    assert codes(state=RecordState.ENDED) == ["credit.repair-ended"]


def test_a_record_past_its_maximum_is_refused_also_before_the_night_ends_it() -> None:
    assert codes(today=date(2027, 4, 16)) == ["credit.repair-ended"]


@pytest.mark.parametrize(
    "kind", [RecordKind.HONOUR, RecordKind.LICENCE, RecordKind.VERIFIED_COMPLAINT, RecordKind.ACCIDENT]
)
def test_a_kind_that_has_no_repair_is_refused(kind: RecordKind) -> None:
    assert codes(replace(FACTS, kind=kind)) == ["credit.repair-kind"]


def test_a_second_application_is_refused_while_one_is_open() -> None:
    assert codes(has_open=True) == ["credit.repair-open"]


def test_an_application_without_grounds_is_refused() -> None:
    assert codes(request=replace(REQUEST, grounds=" ")) == ["credit.repair-grounds"]


def test_an_application_without_evidence_is_refused() -> None:
    assert codes(request=replace(REQUEST, evidence="")) == ["credit.repair-evidence"]


@pytest.mark.parametrize("digest", ["", "a" * 63, "A" * 64, "g" * 64])
def test_evidence_without_its_hash_is_refused(digest: str) -> None:
    assert codes(request=replace(REQUEST, evidence_hash=digest)) == ["credit.repair-hash"]


def test_an_application_without_the_pledge_is_refused() -> None:
    assert codes(request=replace(REQUEST, has_pledged=False)) == ["credit.repair-pledge"]


def test_all_that_is_wrong_is_said_at_once() -> None:
    found = codes(request=RepairRequest("", "", "", False), has_open=True, today=PUBLISHED)
    assert found == [
        "credit.repair-early",
        "credit.repair-open",
        "credit.repair-grounds",
        "credit.repair-evidence",
        "credit.repair-hash",
        "credit.repair-pledge",
    ]


def test_a_step_that_is_told_needs_words() -> None:
    assert [one.code for one in find_word_faults("  ")] == ["credit.repair-words"]
    assert find_word_faults("准予修复") == ()


def test_the_words_that_are_told_never_name_the_class() -> None:
    assert [one.code for one in find_word_faults("已由D类调整")] == ["credit.repair-names-class"]


def test_the_way_of_an_application_is_the_one_of_the_law() -> None:
    state = RepairState.APPLIED
    for act in ("return", "apply-again", "accept", "grant", "answer", "propagate"):
        state = REPAIR_LIFE.after(state, act)
    assert state is RepairState.PROPAGATED
    assert REPAIR_LIFE.acts_from(RepairState.PROPAGATED) == ()


def test_a_decision_before_acceptance_is_refused() -> None:
    with pytest.raises(Refused):
        REPAIR_LIFE.after(RepairState.APPLIED, "grant")


def test_what_was_decided_cannot_be_withdrawn() -> None:
    for state in (RepairState.GRANTED, RepairState.REFUSED, RepairState.ANSWERED):
        with pytest.raises(Refused):
            REPAIR_LIFE.after(state, "withdraw")


def test_an_open_application_is_one_that_somebody_still_owes_a_step_before_the_answer() -> None:
    assert set(OPEN_STATES) == {
        RepairState.APPLIED,
        RepairState.RETURNED,
        RepairState.ACCEPTED,
        RepairState.GRANTED,
    }
