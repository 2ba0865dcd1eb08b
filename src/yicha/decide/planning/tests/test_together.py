"""Plans of several agencies together: rates and their ceiling, orders of specials, overlaps and what is decided."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from functools import partial
from typing import Any

import pytest

from tests.cast import NOW, TODAY, Cast
from yicha.base.ledger import queries as ledger
from yicha.decide.drawing import queries as drawing_queries
from yicha.decide.planning import queries, services
from yicha.decide.planning.models import AnnualPlan, OverlapRuling
from yicha.decide.planning.rules import overlaps as rules
from yicha.decide.planning.terms import (
    EntryDraft,
    Meeting,
    OverlapChoice,
    OverlapState,
    PlanOwner,
    Ruling,
    Side,
)
from yicha.decide.planning.tests import factories
from yicha.kernel.refusal import Refused
from yicha.know.catalogue.models import ItemVersion, LegalNumber
from yicha.know.registry.models import Enterprise
from yicha.know.visits.terms import ContactKind

FIRE = PlanOwner(agency="110112-fire")
MARKET = EntryDraft(3, "catering", ("market-01",))
SPECIAL = replace(MARKET, quarter=4, kind=ContactKind.SPECIAL)


@pytest.fixture
def ground(cast: Cast) -> Cast:
    factories.ground()
    return cast


def refused(act: Callable[[], object]) -> tuple[str, ...]:
    """The codes with which something is refused."""
    with pytest.raises(Refused) as caught:
        act()
    return caught.value.codes


# Rates of their own


def test_a_general_item_above_the_ceiling_is_refused(ground: Cast) -> None:
    at_ceiling = factories.plan(factories.OWN, replace(MARKET, rate=Decimal("0.05")))
    assert at_ceiling.entries.get().rate == Decimal("0.05")
    too_much = [replace(MARKET, rate=Decimal("0.99"))]
    saved = lambda: services.save_entries(actor="p", now=NOW, plan=at_ceiling, entries=too_much)  # noqa: E731
    assert refused(saved) == ("plan.rate-ceiling",)


def test_a_key_item_with_rate_one_draws_everybody_and_only_their_order_is_random(ground: Cast) -> None:
    ItemVersion.objects.filter(item__code="market-01").update(weight="key")
    made = factories.published(factories.OWN, replace(MARKET, rate=Decimal(1)))
    entry = queries.list_entries(made).get()
    assert (
        entry.expected
        == entry.population
        == Enterprise.objects.filter(region__code="110112", industry="H6210").count()
    )
    factories.opened()
    draw = drawing_queries.get_draw(factories.drawn(made)[0])
    targets = list(drawing_queries.list_targets(draw))
    assert len(targets) == entry.population
    by_stratum: dict[str, list[tuple[str, str]]] = {}
    for target in targets:
        by_stratum.setdefault(target.stratum, []).append((target.ticket, target.key))
    longest = max(by_stratum.values(), key=len)
    assert len(longest) > 5
    assert [key for _ticket, key in sorted(longest)] != sorted(key for _ticket, key in longest)
    assert all(rows == sorted(rows) for rows in by_stratum.values()), "in the order of their tickets"


# Specials outside the plan


def test_a_special_outside_the_plan_without_its_order_is_refused(ground: Cast) -> None:
    plan = services.amend_plan(actor="p", now=NOW, plan=factories.published(factories.OWN))

    def add(draft: EntryDraft) -> AnnualPlan:
        return services.add_entry(actor="p", now=NOW, plan=plan, draft=draft)

    assert refused(lambda: add(SPECIAL)) == ("plan.order-missing",)
    half = replace(SPECIAL, ordered_by="市安委办", order_number="安委办〔2026〕1号")
    assert refused(lambda: add(half)) == ("plan.order-missing",)
    add(replace(half, ordered_on=TODAY))
    assert plan.entries.count() == 2


def test_a_special_of_the_plan_itself_needs_no_order(ground: Cast) -> None:
    assert factories.plan(factories.OWN, SPECIAL).entries.get().ordered_on is None


@pytest.mark.parametrize(("days_late", "body"), [(0, None), (1, [2])])
def test_a_special_that_is_published_late_is_published_and_the_ledger_says_so(
    ground: Cast, days_late: int, body: list[int] | None
) -> None:
    plan = services.amend_plan(actor="planner", now=NOW, plan=factories.published(factories.OWN))
    ordered = replace(SPECIAL, ordered_by="市安委办", order_number="1号", ordered_on=TODAY)
    plan = services.add_entry(actor="planner", now=NOW, plan=plan, draft=ordered)
    last_day = queries.list_order_days(plan)[2]
    assert last_day == queries.list_publish_days([plan], TODAY)[plan.pk] > TODAY
    then = NOW + (last_day - TODAY) + timedelta(days=days_late)
    plan = services.submit_plan(actor="planner", now=then, plan=plan)
    plan = services.approve_plan(actor="approver", now=then, plan=plan)
    services.publish_plan(actor="planner", now=then, plan=plan)
    assert ledger.list_entries_of(plan.subject)[0].body.get("late_orders") == body
    following = services.amend_plan(actor="planner", now=then, plan=AnnualPlan.objects.get(version=2))
    assert queries.list_order_days(following) == queries.list_publish_days([following], TODAY) == {}, (
        "it is in the plan"
    )


# Titles and numbers


def test_a_title_that_is_too_long_is_refused_by_name(ground: Cast) -> None:
    plan = factories.plan(factories.OWN)
    long = "题" * 201

    def begin(title: str) -> AnnualPlan:
        return services.create_plan(actor="p", now=NOW, year=2027, title=title, owner=factories.OWN)

    assert refused(lambda: begin(long)) == ("plan.title-long",)
    rename = lambda: services.save_entries(actor="p", now=NOW, plan=plan, entries=[MARKET], title=long)  # noqa: E731
    assert refused(rename) == ("plan.title-long",)
    add = lambda: services.add_entry(actor="p", now=NOW, plan=plan, draft=replace(SPECIAL, title=long))  # noqa: E731
    assert refused(add) == ("plan.title-long",)
    assert begin(long[:200]).title == long[:200]


def test_a_zone_and_a_region_of_one_code_have_a_plan_of_a_joint_list_each(ground: Cast) -> None:
    factories.zone_of_one_code()
    owners = [
        PlanOwner(joint_list="catering", zone="110302"),
        PlanOwner(joint_list="catering", region="110302"),
    ]
    plans = [factories.plan(owner) for owner in owners]
    assert [plan.code for plan in plans] == ["2026-catering@110302", "2026-catering-110302"]
    assert [plan.owned_by for plan in plans] == owners
    for owner in owners:
        assert refused(lambda owner=owner: factories.plan(owner)) == ("plan.exists",)  # type: ignore[misc]
    AnnualPlan.objects.filter(zone=None).update(code="2026-formerly")
    assert refused(lambda: factories.plan(owners[1])) == ("plan.exists",), "the owner counts, not the code"


# Overlaps


def side(start: date, end: date, plan: str = "a", quarter: int = 3) -> Side:
    """One side of an overlap."""
    return Side(plan, plan, 1, quarter, start, end, 0)


JULY = side(date(2026, 7, 1), date(2026, 7, 31))
SEPTEMBER = side(date(2026, 9, 1), date(2026, 9, 30), "b")
AUTUMN = side(date(2026, 10, 1), date(2026, 10, 31), "b", 4)


def state_of(first: Side, second: Side, both: float, choice: OverlapChoice | None = None) -> OverlapState:
    """The state of a meeting where five may be drawn by both, and ten days in common are enough."""
    meeting = Meeting(first, second, 40, both, rules.shared_days(first, second))
    ruling = Ruling(first.key, second.key, choice, "", "office", NOW) if choice else None
    return rules.state_of(meeting, ruling, most=5, common=10)


@pytest.mark.parametrize(
    ("second", "both", "state"),
    [
        (SEPTEMBER, 5.1, OverlapState.OPEN),
        (SEPTEMBER, 5, OverlapState.SMALL),
        (AUTUMN, 30, OverlapState.NEAR),
        (side(date(2026, 7, 22), date(2026, 8, 31), "b"), 30, OverlapState.JOINED),
        (side(date(2026, 7, 23), date(2026, 8, 31), "b"), 30, OverlapState.OPEN),
        (side(date(2026, 7, 6), date(2026, 7, 8), "b"), 30, OverlapState.JOINED),
    ],
)
def test_where_an_overlap_stands(second: Side, both: float, state: OverlapState) -> None:
    """Ten days in common, or the whole of the shorter window, are joined; few, and other quarters, wait for nobody."""
    assert state_of(JULY, second, both) is state


def test_a_decision_holds_until_a_window_moves_away() -> None:
    near = side(date(2026, 7, 15), date(2026, 8, 15), "b")
    assert state_of(JULY, near, 30, OverlapChoice.TOGETHER) is OverlapState.RULED
    assert state_of(JULY, SEPTEMBER, 30, OverlapChoice.TOGETHER) is OverlapState.BROKEN
    assert state_of(JULY, SEPTEMBER, 30, OverlapChoice.APART) is OverlapState.RULED
    assert state_of(JULY, SEPTEMBER, 30, OverlapChoice.DROPPED) is OverlapState.BROKEN, "it came back"


def overlapping() -> queries.Overlap:
    """Two submitted plans that go to the same restaurants on different days of one quarter."""
    LegalNumber.objects.filter(code="overlap-most-firms").update(value=5)
    Enterprise.objects.update(risk_class="D")
    spans = {
        factories.OWN: replace(MARKET, window_to=date(2026, 7, 31)),
        FIRE: replace(MARKET, items=("fire-01",), window_from=date(2026, 9, 1)),
    }
    for owner, draft in spans.items():
        kept = replace(draft, quarter=4, window_from=None, window_to=None)
        services.submit_plan(actor="planner", now=NOW, plan=factories.plan(owner, draft, kept))
    rows = [row for row in queries.list_overlaps(2026) if row.needs_decision]
    assert len(rows) == 1
    return rows[0]


def rule(row: queries.Overlap, choice: OverlapChoice, because: str = "") -> OverlapRuling:
    """The coordination office decides."""
    return services.rule_overlap(
        actor="office", now=NOW, first=row.first, second=row.second, choice=choice, because=because
    )


def test_of_two_who_decide_at_once_the_second_is_told_and_writes_nothing_over(ground: Cast) -> None:
    row = overlapping()
    rule(row, OverlapChoice.APART, "九月才换证")
    for choice in OverlapChoice:
        assert refused(partial(rule, row, choice, "不知情")) == ("overlap.ruled-meanwhile",)
    now = again(row)
    assert now is not None and now.ruling is not None
    assert (now.ruling.because, row.first.plan.entries.count(), row.second.plan.entries.count()) == (
        "九月才换证",
        2,
        2,
    )
    services.rule_overlap(
        actor="office",
        now=NOW,
        first=now.first,
        second=now.second,
        choice=OverlapChoice.APART,
        because="读过之后",
        read_at=now.ruling.at,
    )
    changed = again(row)
    assert changed is not None and changed.ruling is not None and changed.ruling.because == "读过之后"


def again(row: queries.Overlap) -> queries.Overlap | None:
    """The same overlap as it is now."""
    return queries.find_overlap(2026, row.meeting.first.key, row.meeting.second.key)


def test_two_checks_are_kept_apart_for_a_reason_only(ground: Cast) -> None:
    row = overlapping()
    assert refused(lambda: rule(row, OverlapChoice.APART, " ")) == ("overlap.reason",)
    made = rule(row, OverlapChoice.APART, "九月才换证")
    now = again(row)
    assert now is not None and now.state is OverlapState.RULED and not now.needs_decision
    assert (made.because, made.choice) == ("九月才换证", "apart")
    assert (now.first.window_to, now.second.window_from) == (row.first.window_to, row.second.window_from)


def test_the_second_falls_away_and_its_plan_says_so(ground: Cast) -> None:
    row = overlapping()
    plan = row.second.plan
    rule(row, OverlapChoice.DROPPED)
    assert again(row) is None
    assert [entry.quarter for entry in queries.list_entries(plan)] == [4]
    assert queries.list_entries(plan).get().number == 1
    assert ledger.list_entries_of(plan.subject)[0].act == "plan.merged"
    assert row.first.plan.entries.count() == 2


def test_what_is_approved_does_not_fall_away(ground: Cast) -> None:
    row = overlapping()
    services.approve_plan(actor="approver", now=NOW, plan=row.second.plan)
    now = again(row)
    assert now is not None
    assert refused(lambda: rule(now, OverlapChoice.DROPPED)) == ("overlap.plan-fixed",)
    assert row.second.plan.entries.count() == 2


def test_plans_meet_across_agencies_regions_and_zones_where_they_share_enterprises(ground: Cast) -> None:
    fires = EntryDraft(3, "catering", ("fire-01",))
    plans = {
        "zone": factories.plan(),
        "here": factories.plan(factories.OWN),
        "there": factories.plan(PlanOwner(agency="110115-fire"), fires),
        "later": factories.plan(FIRE, replace(fires, quarter=1)),
    }
    some = Enterprise.objects.filter(industry="H6210").values_list("pk", flat=True)[:5]
    Enterprise.objects.filter(pk__in=list(some)).update(risk_class="D")
    for plan in plans.values():
        services.submit_plan(actor="planner", now=NOW, plan=plan)
    found = {
        frozenset((row.first.plan_id, row.second.plan_id)): (row.meeting.shared, row.meeting.both)
        for row in queries.list_overlaps(2026)
    }
    rates = {letter: float(rate) for letter, rate in factories.RATES.items()}
    wanted: dict[frozenset[int], Any] = {}
    for name, region in (("here", "110112"), ("there", "110115")):
        firms = Enterprise.objects.filter(industry="H6210", zone__code="yizhuang", region__code=region)
        both = sum(rates[firm.risk_class] ** 2 for firm in firms)
        wanted[frozenset((plans["zone"].pk, plans[name].pk))] = (firms.count(), pytest.approx(both))
    assert found == wanted, "other regions share nobody, and other quarters have no quarter between them"
