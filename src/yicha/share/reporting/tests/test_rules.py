"""Where a round stands, what may be signed, and the check-up of a trade."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yicha.share.reporting import rules
from yicha.share.reporting.terms import Counted, EightStep, Finding, StepState

TODAY = date(2026, 7, 1)


def counted(**done: int) -> dict[EightStep, Counted]:
    """Ten of each; done as said, by the step's name."""
    return {step: Counted(done.get(step.name.lower(), 0), 10, TODAY) for step in EightStep}


def signed(*steps: EightStep) -> dict[EightStep, tuple[str, int]]:
    return dict.fromkeys(steps, ("document", 1))


def test_the_first_step_that_is_not_done_is_the_present_one() -> None:
    rows = rules.rail(counted(plan=10), signed(EightStep.DISPATCH), TODAY)
    assert [row.state for row in rows][:4] == [
        StepState.DONE,
        StepState.DONE,
        StepState.PRESENT,
        StepState.AHEAD,
    ]


def test_all_eight_are_there_in_their_order() -> None:
    assert [row.step for row in rules.rail(counted(), {}, TODAY)] == list(EightStep)


def test_a_step_with_nothing_to_do_is_not_done() -> None:
    empty = {step: Counted(0, 0, None) for step in EightStep}
    assert all(row.state is not StepState.DONE for row in rules.rail(empty, {}, TODAY))


def test_a_step_is_late_the_day_after_its_last_one() -> None:
    rows = rules.rail(counted(plan=10), {}, TODAY)
    assert not any(row.is_late for row in rows)
    later = rules.rail(counted(plan=10), {}, TODAY + timedelta(days=1))
    assert [row.is_late for row in later] == [False, *[True] * 7]


def codes(step: EightStep, words: str = "", **done: int) -> list[str]:
    documents = signed(EightStep.DISPATCH, EightStep.CHECK_UP)
    return [
        one.code for one in rules.check_signing(step, rules.rail(counted(**done), documents, TODAY), words)
    ]


def test_a_step_with_its_document_elsewhere_is_not_signed_here() -> None:
    assert codes(EightStep.DRAW) == ["report.no-document"]


@pytest.mark.parametrize(
    ("step", "code"),
    [
        (EightStep.DISPATCH, "report.no-task"),
        (EightStep.CHECK_UP, "report.no-result"),
        (EightStep.REPORT, "report.no-visit"),
    ],
)
def test_nothing_is_not_signed(step: EightStep, code: str) -> None:
    rows = rules.rail({one: Counted(0, 0, None) for one in EightStep}, {}, TODAY)
    assert [one.code for one in rules.check_signing(step, rows, "")] == [code]


def test_the_trades_are_checked_up_before_the_report() -> None:
    rows = rules.rail(counted(), {}, TODAY)
    assert [one.code for one in rules.check_signing(EightStep.REPORT, rows, "")] == ["report.check-up-first"]


def test_a_report_of_an_unfinished_round_says_why() -> None:
    assert codes(EightStep.REPORT, plan=10) == ["report.unfinished"]
    assert codes(EightStep.REPORT, "洪水", plan=10) == []


def test_a_report_of_a_finished_round_needs_no_words() -> None:
    assert codes(EightStep.REPORT, plan=10, draw=10, assign=10, inspect=10, publish=10) == []


FINDINGS = st.lists(
    st.builds(
        Finding,
        trade=st.sampled_from(["餐饮", "化工"]),
        region=st.sampled_from(["通州", "大兴"]),
        agency=st.sampled_from("ab"),
        item=st.sampled_from("xyz"),
        has_result=st.booleans(),
        found=st.booleans(),
        enterprise=st.integers(1, 4),
    ),
    max_size=30,
)


@given(FINDINGS)
def test_a_check_up_counts_every_check_once(rows: list[Finding]) -> None:
    made = rules.check_up(rows)
    closed = [row for row in rows if row.has_result]
    assert sum(share.checked for one in made for share in one.items) == len(closed)
    assert sum(share.checked for one in made for share in one.regions) == len(closed)
    assert sum(share.found for one in made for share in one.items) == sum(row.found for row in closed)
    assert sum(one.open for one in made) == len(rows) - len(closed)
    for one in made:
        own = {row.enterprise for row in closed if row.trade == one.trade}
        assert (one.enterprises, one.with_problem <= one.enterprises) == (len(own), True)


@given(FINDINGS)
def test_a_check_up_does_not_depend_on_the_order(rows: list[Finding]) -> None:
    assert rules.check_up(rows) == rules.check_up(rows[::-1])
