"""What a plan refuses by name: rates, repeats, titles, comments, windows of a resolution; one wrong thing at a time."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from tests.cast import NOW, Cast
from yicha.decide.planning import queries, services
from yicha.decide.planning.models import AnnualPlan, OverlapRuling
from yicha.decide.planning.rules import workbook
from yicha.decide.planning.terms import EntryDraft, OverlapChoice, PlanOwner
from yicha.decide.planning.tests import factories
from yicha.kernel.refusal import Reason, Refused
from yicha.know.catalogue.models import ItemVersion, LegalNumber
from yicha.know.registry.models import Enterprise

MARKET = EntryDraft(3, "catering", ("market-01",))
AUTUMN = replace(MARKET, quarter=4)


@pytest.fixture
def ground(cast: Cast) -> Cast:
    factories.ground()
    return cast


def codes(act: Callable[[], object]) -> tuple[str, ...]:
    """The codes with which something is refused."""
    with pytest.raises(Refused) as caught:
        act()
    return caught.value.codes


def begin(*drafts: EntryDraft) -> AnnualPlan:
    return factories.plan(factories.OWN, *drafts)


def test_the_ceiling_of_a_general_item_is_of_the_year_and_not_of_an_entry(ground: Cast) -> None:
    LegalNumber.objects.filter(code="general-rate-ceiling").update(value=Decimal("0.3"))
    half = replace(MARKET, rate=Decimal("0.15"))
    assert begin(half, replace(half, quarter=4)).entries.count() == 2
    AnnualPlan.objects.all().delete()
    over = replace(half, quarter=4, rate=Decimal("0.16"))
    assert codes(lambda: begin(half, over)) == ("plan.rate-ceiling",)
    assert begin(half, replace(over, items=("market-02",))), "of each item"


def test_a_key_item_is_drawn_once_a_year_from_everybody_and_not_more(ground: Cast) -> None:
    ItemVersion.objects.filter(item__code="market-01").update(weight="key")
    most = replace(MARKET, rate=Decimal("0.60"))
    assert codes(lambda: begin(most, replace(most, quarter=4))) == ("plan.rate-ceiling",)
    mixed = replace(MARKET, items=("market-01", "market-02"), rate=Decimal("0.6"))
    assert codes(lambda: begin(mixed)) == ("plan.rate-ceiling",), "a general item is with it"
    assert begin(most, replace(most, quarter=4, rate=Decimal("0.40"))).entries.count() == 2


@pytest.mark.parametrize("rate", ["0", "-0.1", "1.01"])
def test_a_rate_is_more_than_nobody_and_at_most_everybody(ground: Cast, rate: str) -> None:
    assert codes(lambda: begin(replace(MARKET, rate=Decimal(rate)))) == ("plan.rate-share",)


def test_a_region_may_have_a_ceiling_of_its_own(ground: Cast) -> None:
    factories.ceiling_of_region("110112", "0.1")
    assert codes(lambda: begin(replace(MARKET, rate=Decimal("0.11")))) == ("plan.rate-ceiling",)
    assert queries.list_places_of(begin(replace(MARKET, rate=Decimal("0.1")))) == ["110112", "110000"]


def test_the_same_check_stands_in_a_plan_once(ground: Cast) -> None:
    plan = begin(MARKET, AUTUMN)
    again = replace(MARKET, title="又一次", window_to=date(2026, 7, 31))
    add = lambda: services.add_entry(actor="p", now=NOW, plan=plan, draft=again)  # noqa: E731
    assert codes(add) == ("plan.entry-twice",)


def test_a_title_that_a_table_would_take_for_a_formula_is_refused(ground: Cast) -> None:
    assert codes(lambda: begin(replace(MARKET, title="=1+1"))) == ("plan.title",)


def test_a_comment_says_something_of_an_entry_that_is_there_and_of_somebody_elses_plan(ground: Cast) -> None:
    plan = begin(MARKET)

    def say(agency: str = "110112-fire", text: str = "合并？", entry: int | None = 1) -> object:
        return services.comment(actor="f", now=NOW, plan=plan, agency=agency, text=text, entry_number=entry)

    with pytest.raises(Refused):
        say()  # a draft is nobody else's business
    services.submit_plan(actor="planner", now=NOW, plan=plan)
    assert codes(lambda: say(text=" ")) == ("comment.empty",)
    assert codes(lambda: say(entry=2)) == ("comment.no-entry",)
    assert codes(lambda: say(agency="110112-market")) == ("comment.not-concerned",), "its own"
    assert codes(lambda: say(agency="110115-fire")) == ("comment.not-concerned",), "of another region"
    said = services.comment(actor="f", now=NOW, plan=plan, agency="110112-fire", text="合并？")
    answer = lambda: services.answer_comment(actor="p", now=NOW, comment=said, text=" ")  # noqa: E731
    assert codes(answer) == ("comment.empty",)
    plan.refresh_from_db()
    services.approve_plan(actor="approver", now=NOW, plan=plan)
    with pytest.raises(Refused):
        say()


def test_a_window_for_both_is_given_runs_forward_and_lies_in_one_quarter(ground: Cast) -> None:
    LegalNumber.objects.filter(code="overlap-most-firms").update(value=5)
    Enterprise.objects.update(risk_class="D")
    fire = PlanOwner(agency="110112-fire")
    july = replace(MARKET, window_to=date(2026, 7, 31))
    september = EntryDraft(3, "catering", ("fire-01",), window_from=date(2026, 9, 1))
    for owner, draft in ((factories.OWN, july), (fire, september)):
        services.submit_plan(actor="planner", now=NOW, plan=factories.plan(owner, draft))
    (row,) = queries.list_overlaps(2026)

    def together(window: tuple[date, date] | None) -> OverlapRuling:
        return services.rule_overlap(
            actor="office", now=NOW, first=row.first, second=row.second, choice=OverlapChoice.TOGETHER,
            window=window,
        )  # fmt: skip

    assert codes(lambda: together(None)) == ("overlap.window",)
    assert codes(lambda: together((date(2026, 8, 2), date(2026, 8, 1)))) == ("overlap.window-order",)
    assert set(codes(lambda: together((date(2026, 8, 1), date(2026, 10, 1))))) == {"plan.window"}
    together((date(2026, 8, 1), date(2026, 8, 31)))
    (again,) = queries.list_overlaps(2026)
    assert again.meeting.days == 31 and not again.needs_decision


def test_an_order_in_the_workbook_has_a_day_that_exists() -> None:
    found = workbook.split_kind("专项检查（市政府；1号；2026-02-30）")
    assert isinstance(found, Reason) and found.code == "plan-kind-day"
