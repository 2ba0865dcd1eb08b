"""Where a round stands, what may be signed, and the check-up of a trade."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yicha.share.reporting import rules
from yicha.share.reporting.terms import (
    Advice,
    Counted,
    EightStep,
    Finding,
    Limits,
    Share,
    Signed,
    StepState,
    Trade,
)

TODAY = date(2026, 7, 1)


def counted(**done: int) -> dict[EightStep, Counted]:
    """Ten of each; done as said, by the step's name."""
    return {step: Counted(done.get(step.name.lower(), 0), 10, TODAY) for step in EightStep}


def signed(*steps: EightStep, about: int = 10) -> dict[EightStep, Signed]:
    return dict.fromkeys(steps, Signed("document", 1, about))


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
    empty = {step: Counted(0, 0, TODAY) for step in EightStep}
    assert all(row.state is not StepState.DONE for row in rules.rail(empty, {}, TODAY))


def test_a_step_is_late_the_day_after_its_last_one() -> None:
    rows = rules.rail(counted(plan=10), {}, TODAY)
    assert not any(row.is_late for row in rows)
    later = rules.rail(counted(plan=10), {}, TODAY + timedelta(days=1))
    assert [row.is_late for row in later] == [False, *[True] * 7]


def test_what_came_after_a_document_was_signed_is_counted() -> None:
    done = counted(dispatch=7, check_up=9, report=4)
    before = signed(EightStep.DISPATCH, EightStep.CHECK_UP, EightStep.REPORT, about=7)
    rows = {row.step: row.newer for row in rules.rail(done, before, TODAY) if row.document}
    assert rows == {EightStep.DISPATCH: 3, EightStep.CHECK_UP: 2, EightStep.REPORT: 0}, (
        "tasks count as they are"
    )


def codes(step: EightStep, words: str = "", /, **done: int) -> list[str]:
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
    rows = rules.rail({one: Counted(0, 0, TODAY) for one in EightStep}, {}, TODAY)
    assert [one.code for one in rules.check_signing(step, rows, "")] == [code]


def test_the_trades_are_checked_up_before_the_report() -> None:
    rows = rules.rail(counted(), {}, TODAY)
    assert [one.code for one in rules.check_signing(EightStep.REPORT, rows, "")] == ["report.check-up-first"]


@pytest.mark.parametrize("step", [EightStep.CHECK_UP, EightStep.REPORT])
def test_what_is_signed_before_the_visits_are_made_says_why(step: EightStep) -> None:
    done = {"plan": 10, "draw": 10, "assign": 10, "inspect": 9, "check_up": 9, "publish": 10}
    assert codes(step, "", **done) == ["report.unfinished"]
    assert codes(step, "洪水", **done) == []
    assert codes(step, "", **done | {"inspect": 10}) == []


def test_a_report_waits_for_the_other_steps_too_and_a_check_up_does_not() -> None:
    done = {"inspect": 10, "check_up": 10}
    assert codes(EightStep.CHECK_UP, "", **done) == []
    assert codes(EightStep.REPORT, "", **done) == ["report.unfinished"]


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


TRADES = {name: Trade(name, f"{name}名录库", 90) for name in ("餐饮", "化工")}
LIMITS = Limits(least=4, share=20, change=10)


@given(FINDINGS)
def test_a_check_up_counts_every_check_once(rows: list[Finding]) -> None:
    made = rules.check_up(rows, TRADES, LIMITS)
    closed = [row for row in rows if row.has_result]
    assert made.checks == Share("", len(closed), sum(row.found for row in closed))
    for counted in (made.regions, [share for one in made.trades for share in one.items]):
        assert sum(share.checked for share in counted) == len(closed)
        assert sum(share.found for share in counted) == made.checks.found
    assert made.open == sum(one.open for one in made.trades) == len(rows) - len(closed)
    assert made.whole.checked == len({row.enterprise for row in closed})
    for one in made.trades:
        own = [row for row in closed if row.trade == one.trade.code]
        assert one.whole.checked == len({row.enterprise for row in own})
        assert one.whole.found == len({row.enterprise for row in own if row.found})


@given(FINDINGS)
def test_a_check_up_does_not_depend_on_the_order(rows: list[Finding]) -> None:
    assert rules.check_up(rows, TRADES, LIMITS) == rules.check_up(rows[::-1], TRADES, LIMITS)


def advice(
    *checks: tuple[int, str, str, bool], former: Share | None = None, others: int = 0
) -> list[tuple[Advice, str]]:
    """Of a trade with these checks (enterprise, item, region, found), beside so many enterprises without a problem."""
    rows = [
        Finding("餐饮", region, "a", item, True, found, enterprise)
        for enterprise, item, region, found in checks
    ]
    rows += [Finding("化工", "大兴", "a", "z", True, False, 100 + number) for number in range(others)]
    trades = TRADES | {"餐饮": Trade("餐饮", "餐饮", 90, former)}
    found = {one.trade.code: one for one in rules.check_up(rows, trades, LIMITS).trades}
    return [(one.advice, one.on.name) for one in found["餐饮"].advised]


def test_a_clean_trade_of_enough_enterprises_may_have_a_lower_rate() -> None:
    assert advice(*((number, "x", "通州", False) for number in range(4))) == [(Advice.CLEAN, "餐饮")]
    assert advice(*((number, "x", "通州", False) for number in range(3))) == []


def test_an_item_with_many_problems_calls_for_guidance() -> None:
    few = [(number % 5, "y", "通州", False) for number in range(20)]
    assert advice(*few, (0, "x", "通州", True), *((n, "x", "通州", False) for n in (1, 2, 3))) == [
        (Advice.GUIDE, "x")
    ]
    assert advice(*few, (0, "x", "通州", True), *((n, "x", "通州", False) for n in (1, 2, 3, 4, 1))) == []
    assert advice(*few, (0, "x", "通州", True)) == [], "one check is not enough to say"


def test_a_region_with_most_problems_in_few_checks_is_looked_at_together() -> None:
    found = [(number, f"{number}", "通州", True) for number in range(4)]
    elsewhere = [(10 + number, f"{number}", "大兴", False) for number in range(16)]
    assert (Advice.REGION, "通州") in advice(*found, *elsewhere)
    assert advice(*found[:3], *elsewhere) == [], "three problems are not enough to say"
    assert (Advice.REGION, "通州") not in advice(*found, *elsewhere[:4]), "half of the checks were there"


def test_a_trade_well_above_the_others_comes_first_next_time() -> None:
    found = [(number, f"{number}", "通州", True) for number in range(4)]
    assert advice(*found) == [], "there is nothing to compare with"
    assert advice(*found, others=1) == [(Advice.OFTEN, "餐饮")]


@pytest.mark.parametrize(
    ("former", "said"),
    [
        (Share("餐饮", 10, 4), [Advice.WORSE]),
        (Share("餐饮", 10, 5), []),
        (Share("餐饮", 10, 6), [Advice.BETTER]),
        (Share("餐饮", 3, 0), []),
    ],
)
def test_a_trade_is_compared_with_the_round_before(former: Share, said: list[Advice]) -> None:
    checks = [(number, f"{number}", "通州", number < 2) for number in range(4)]
    assert [one for one, _ in advice(*checks, former=former)] == said
