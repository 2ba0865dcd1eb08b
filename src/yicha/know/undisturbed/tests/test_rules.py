"""The protocol and the criteria, without a database: one test per reason."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from yicha.kernel.refusal import Refused
from yicha.know.undisturbed import rules
from yicha.know.undisturbed.terms import (
    Act,
    CandidateFacts,
    Criteria,
    Criterion,
    CriterionRow,
    ListingState,
    Phase,
    Trigger,
)

TODAY = date(2026, 7, 1)
FIT = CandidateFacts(
    status="active",
    region="110112",
    risk_class="A",
    industry="H6210",
    registered_on=date(2020, 1, 1),
    report_years=frozenset({2025}),
)
ENTRY = Criteria(
    worst_class="A",
    penalty_after=date(2024, 7, 1),
    report_years=(2025,),
    not_abnormal=True,
    not_serious=True,
    key_trades=("C26",),
)


def codes(facts: CandidateFacts, criteria: Criteria = ENTRY) -> list[str]:
    return [reason.code for reason in rules.check(facts, criteria)]


def test_who_meets_all_criteria_has_no_reason_against_it() -> None:
    assert codes(FIT) == []


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"status": "revoked"}, "undisturbed.not-active"),
        ({"risk_class": "B"}, "undisturbed.class"),
        ({"last_penalty_on": date(2024, 7, 2)}, "undisturbed.penalty"),
        ({"is_abnormal": True}, "undisturbed.abnormal"),
        ({"is_serious": True}, "undisturbed.serious"),
        ({"report_years": frozenset({2024})}, "undisturbed.no-report"),
        ({"industry": "C2641"}, "undisturbed.key-trade"),
    ],
)
def test_each_criterion_speaks_for_itself(changed: dict[str, Any], code: str) -> None:
    assert codes(replace(FIT, **changed)) == [code]


def test_all_reasons_are_given_at_once() -> None:
    worst = replace(FIT, status="revoked", risk_class="D", is_abnormal=True, report_years=frozenset())
    assert len(codes(worst)) == 4


def test_what_is_not_demanded_speaks_against_nobody() -> None:
    worst = CandidateFacts("active", "110112", "D", "C26", None, TODAY, is_abnormal=True, is_serious=True)
    assert codes(worst, Criteria()) == []


def test_a_penalty_on_the_day_the_months_begin_is_over() -> None:
    assert codes(replace(FIT, last_penalty_on=date(2024, 7, 1))) == []


def test_a_report_of_a_year_before_the_registration_is_not_owed() -> None:
    young = replace(FIT, registered_on=date(2026, 2, 1), report_years=frozenset())
    assert codes(young) == []


def test_a_report_is_owed_from_the_day_after_it_is_due() -> None:
    assert rules.years_owed(date(2026, 6, 30), 2, (6, 30)) == (2024, 2023)
    assert rules.years_owed(date(2026, 7, 1), 1, (6, 30)) == (2025,)


@pytest.mark.parametrize(
    ("day", "months", "before"),
    [
        (date(2026, 7, 1), 24, date(2024, 7, 1)),
        (date(2026, 3, 31), 1, date(2026, 2, 28)),
        (date(2026, 1, 15), 1, date(2025, 12, 15)),
        (date(2024, 12, 31), 1, date(2024, 11, 30)),
    ],
)
def test_months_are_counted_back_by_the_calendar(day: date, months: int, before: date) -> None:
    assert rules.months_before(day, months) == before


def _row(
    criterion: Criterion, day: date, *, region: str = "", value: str = "", on: bool = True
) -> CriterionRow:
    return CriterionRow(Phase.ENTRY, criterion, region, value, on, day)


def _at(rows: list[CriterionRow], phase: Phase = Phase.ENTRY) -> Criteria:
    return rules.criteria_at(
        rows,
        phase,
        rules.chain("110112"),
        TODAY,
        penalty_months=24,
        report_years=1,
        report_due=(6, 30),
        key_trades=("B",),
    )


def test_the_newest_row_in_force_of_the_nearest_region_counts() -> None:
    old, new, later = date(2025, 1, 1), date(2026, 1, 1), date(2027, 1, 1)
    rows = [
        _row(Criterion.CLASS, old, value="A"),
        _row(Criterion.CLASS, later, value="D"),
        _row(Criterion.PENALTY, old),
        _row(Criterion.PENALTY, new, on=False),
        _row(Criterion.KEY_TRADE, new),
        _row(Criterion.KEY_TRADE, old, region="110000", on=False),
    ]
    assert _at(rows) == Criteria(worst_class="A")
    near = _row(Criterion.CLASS, old, region="110112", value="B")
    assert _at([*rows, near]).worst_class == "B"


def test_a_region_lies_in_its_city_and_its_province() -> None:
    assert rules.chain("110112") == ("110112", "110100", "110000")
    assert rules.chain("110000") == ("110000",)
    assert rules.chain("") == ()


def test_to_stay_an_older_penalty_is_not_counted_again() -> None:
    row = CriterionRow(Phase.STAY, Criterion.PENALTY, "", "", True, date(2025, 1, 1))
    assert _at([row], Phase.STAY).penalty_after is None


STEPS = [
    (Act.REVIEW, ListingState.NOMINATED, ListingState.OBJECTION),
    (Act.LIST_AT_HOME, ListingState.APPLIED, ListingState.LISTED),
    (Act.DECLINE, ListingState.APPLIED, ListingState.DECLINED),
    (Act.OBJECT, ListingState.OBJECTION, ListingState.OBJECTED),
    (Act.REVIEW_AGAIN, ListingState.OBJECTED, ListingState.OBJECTION),
    (Act.WITHDRAW, ListingState.OBJECTED, ListingState.WITHDRAWN),
    (Act.LIST, ListingState.OBJECTION, ListingState.LISTED),
    (Act.SUSPEND, ListingState.LISTED, ListingState.SUSPENDED),
    (Act.RESTORE, ListingState.SUSPENDED, ListingState.LISTED),
    (Act.REMOVE, ListingState.SUSPENDED, ListingState.REMOVED),
]


@pytest.mark.parametrize(("act", "state", "after"), STEPS)
def test_a_step_leads_from_state_to_state(act: Act, state: ListingState, after: ListingState) -> None:
    assert rules.PROTOCOL.after(state, act) is after


@pytest.mark.parametrize("state", [ListingState.REMOVED, ListingState.DECLINED, ListingState.WITHDRAWN])
def test_what_is_history_takes_no_step(state: ListingState) -> None:
    assert rules.PROTOCOL.acts_from(state) == ()


def test_a_listed_enterprise_is_not_removed_before_it_is_suspended() -> None:
    with pytest.raises(Refused) as refused:
        rules.PROTOCOL.after(ListingState.LISTED, Act.REMOVE)
    assert refused.value.codes == ("undisturbed.state",)


@pytest.mark.parametrize("act", list(Act))
@pytest.mark.parametrize("trigger", ["", *Trigger])
def test_the_enterprise_is_never_told_its_class(act: Act, trigger: str) -> None:
    told = rules.tell(act, trigger, "" if act is Act.SUSPEND else "see the letter", TODAY)
    assert "class" not in (told.sentence % told.facts).lower()


def test_the_reason_of_a_suspension_stays_inside() -> None:
    told = rules.tell(Act.SUSPEND, Trigger.CLASS, "class D since Monday", None)
    assert told.facts == {} and "criteria" in told.sentence


@pytest.mark.parametrize("reason", ["风险分类下降", "它现在是C类", "D级企业", "it fell to class C"])
def test_a_reason_that_names_the_class_is_not_passed_on(reason: str) -> None:
    assert [one.code for one in rules.find_unfit_words(reason)] == ["undisturbed.names-class"]


def test_a_reason_that_says_something_else_is_passed_on() -> None:
    assert rules.find_unfit_words("消防通道被占用, 已责令改正") == ()
    assert [one.code for one in rules.find_unfit_words("  ")] == ["undisturbed.no-reason"]


def test_objecting_late_from_outside_and_without_a_reason_is_refused_with_all_reasons() -> None:
    found = rules.may_object("110302", ["110115"], date(2026, 6, 30), "", TODAY)
    assert [reason.code for reason in found] == [
        "undisturbed.no-reason",
        "undisturbed.not-a-member",
        "undisturbed.window-closed",
    ]


def test_the_last_day_of_the_window_belongs_to_it() -> None:
    assert rules.may_object("110115", ["110115"], TODAY, "未批先建", TODAY) == ()


def test_who_was_removed_may_apply_again_when_the_days_have_passed() -> None:
    gone = replace(FIT, removed_on=date(2026, 1, 2))
    assert [reason.code for reason in rules.may_begin(gone, 181, TODAY)] == ["undisturbed.too-soon"]
    assert rules.may_begin(gone, 180, TODAY) == ()


def test_why_an_enterprise_may_not_begin() -> None:
    facts = replace(FIT, status="cancelled", region="", is_open=True)
    assert [reason.code for reason in rules.may_begin(facts, 180, TODAY)] == [
        "undisturbed.open",
        "undisturbed.not-active",
        "undisturbed.no-region",
    ]


def test_a_row_of_the_class_names_a_class_and_no_other_does() -> None:
    for row in (_row(Criterion.CLASS, TODAY), _row(Criterion.PENALTY, TODAY, value="A")):
        assert [reason.code for reason in rules.find_row_faults(row)] == ["undisturbed.row-value"]
    complaint = _row(Criterion.VERIFIED_COMPLAINT, TODAY)
    assert [reason.code for reason in rules.find_row_faults(complaint)] == ["undisturbed.row-phase"]


def test_a_trade_is_a_code_of_the_national_standard() -> None:
    assert rules.find_trade_faults("C26") == ()
    assert [reason.code for reason in rules.find_trade_faults("26")] == ["undisturbed.trade"]
