"""Demands pass the gate before they are matched, and come back when what spared them is revoked."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.cast import NOW, TODAY, Cast
from yicha.base.ledger import queries as ledger
from yicha.decide.gate import services as gate
from yicha.decide.gate.models.applications import Turn
from yicha.decide.gate.terms import Bars, Ground, ItemVerdict, Outcome, QuietFacts, Verdict
from yicha.decide.planning import queries, services
from yicha.decide.planning.models import Demand, Round
from yicha.decide.planning.rules import matching
from yicha.decide.planning.rules import screening as rules
from yicha.decide.planning.services.demands import let_go
from yicha.decide.planning.terms import (
    Breach,
    DemandFacts,
    DemandState,
    EntryDraft,
    Fate,
    PlanOwner,
    RoundState,
    VisitPlan,
)
from yicha.decide.planning.tests import factories
from yicha.kernel.refusal import Refused
from yicha.know.catalogue import services as catalogue
from yicha.know.catalogue.models import ItemVersion
from yicha.know.catalogue.terms import RateFacts
from yicha.know.registry.models import Region
from yicha.know.undisturbed.models import Listing, SparedItem
from yicha.know.visits.models import Contact, Result
from yicha.know.visits.terms import ContactKind, ContactState


@pytest.fixture
def round_(cast: Cast) -> Round:
    """The third quarter with the demands of the joint list of restaurants."""
    factories.ground()
    opened = factories.opened()
    factories.collected(factories.published())
    return opened


def some(item: str = "market-01") -> Demand:
    """A demand for an item, of an agency of 通州."""
    return Demand.objects.select_related("enterprise", "agency", "item_version").filter(
        item_version__item__code=item, agency__region__code="110112"
    )[0]


def made(demand: Demand, on: date, *, counts: bool = True) -> Contact:
    """A visit that was made where a demand is for."""
    return Contact.objects.create(
        enterprise=demand.enterprise,
        lead_agency=demand.agency,
        kind="daily",
        state="made",
        window_from=on,
        window_to=on,
        planned_on=on,
        made_on=on,
        counts_toward_cap=counts,
    )


def result_for(demand: Demand) -> Result:
    """A clean result that stands in for a demand."""
    return Result.objects.create(
        enterprise=demand.enterprise,
        item_version=demand.item_version,
        agency=demand.agency,
        result_code="01",
        found_on=TODAY - timedelta(days=30),
        valid_until=TODAY + timedelta(days=200),
        evidence_hash="0" * 64,
        reference="r-1",
        state="offered",
        offered_at=NOW,
    )


def screen(round_: Round) -> None:
    services.screen(actor="office", now=NOW, round_=round_)


# What the gate does to demands


def test_a_result_that_exists_spares_the_demand_and_says_so(round_: Round) -> None:
    demand = some()
    result = result_for(demand)
    report = services.screen(actor="office", now=NOW, round_=round_)
    demand.refresh_from_db()
    assert (demand.state, demand.outcome) == (DemandState.SPARED, Outcome.RECOGNISE)
    assert demand.contact is not None
    assert (demand.contact.state, demand.contact.spared_by) == (ContactState.SPARED, f"result:{result.uuid}")
    assert report.recognised == 1 and report.left == report.demands - 1
    assert ledger.list_entries_of("round:2026Q3")[0].act == "round.screened"
    assert Demand.objects.filter(state=DemandState.WAITING.value).count() == report.left


def test_what_can_be_read_in_papers_is_moved_off_site(round_: Round) -> None:
    ItemVersion.objects.filter(item__code="market-02").update(method="written")
    screen(round_)
    moved = Demand.objects.filter(item_version__item__code="market-02")
    assert {(row.state, row.outcome) for row in moved} == {("spared", "offsite")}
    assert {row.contact.spared_by for row in moved if row.contact} == {"offsite:market-02"}


def test_a_used_budget_defers_to_the_next_year(round_: Round) -> None:
    demand = some()
    for months in (2, 3):
        made(demand, TODAY - timedelta(days=30 * months))
    screen(round_)
    demand.refresh_from_db()
    assert (demand.state, demand.open_from) == (DemandState.DEFERRED, date(2027, 1, 1))
    assert demand.screening is not None
    codes = {ground.code for ground in queries.read_verdict(demand.screening).grounds}
    assert "gate.cap-used-district" in codes


def test_what_is_deferred_is_recorded_as_spared_until_its_day(round_: Round) -> None:
    demand = some()
    for months in (2, 3):
        made(demand, TODAY - timedelta(days=30 * months))
    screen(round_)
    own = Demand.objects.filter(enterprise=demand.enterprise, agency=demand.agency, state="deferred")
    (spared,) = {row.contact for row in own.select_related("contact")}
    assert spared is not None and (spared.state, spared.round) == (ContactState.SPARED, "2026Q3")
    assert (spared.spared_by, spared.counts_toward_cap) == ("deferred:2027-01-01", False)
    assert {item.item_version_id for item in spared.items.all()} == {row.item_version_id for row in own}
    assert ledger.list_entries_of(f"visit:{spared.uuid}")[0].body["by"] == "deferred:2027-01-01"


def _listed(demand: Demand, *items: str) -> None:
    region = demand.enterprise.region
    assert region is not None
    Listing.objects.create(
        enterprise=demand.enterprise,
        region=region,
        state="listed",
        since=NOW,
        listed_on=TODAY,
        weighed_at=NOW,
    )
    for code in items:
        SparedItem.objects.create(
            item=ItemVersion.objects.get(item__code=code).item,
            region=Region.objects.get(code=region.code),
            in_force_from=date(2026, 1, 1),
            source="清单",
        )


def test_an_undisturbed_enterprise_is_left_alone_in_what_it_is_spared(round_: Round) -> None:
    demand = some()
    _listed(demand, "market-01")
    screen(round_)
    demand.refresh_from_db()
    assert (demand.state, demand.outcome) == (DemandState.REFUSED, Outcome.REFUSE)
    other = Demand.objects.get(enterprise=demand.enterprise, item_version__item__code="market-02")
    assert (other.state, other.outcome) == (DemandState.WAITING, Outcome.ALLOW)


def test_a_refused_item_holds_no_other_back_until_a_quiet_day_has_passed(round_: Round) -> None:
    demand = some()
    assert demand.enterprise.region is not None
    quiet = QuietFacts(demand.enterprise.region.code, 1, 20, "试点", True, date(2026, 1, 1))
    gate.set_quiet_days(actor="admin", now=NOW, facts=quiet)
    _listed(demand, "market-01")
    screen(round_)
    other = Demand.objects.get(enterprise=demand.enterprise, item_version__item__code="market-02")
    assert (other.state, other.outcome) == (DemandState.WAITING, Outcome.ALLOW)


def test_officers_are_not_missed_before_they_are_drawn(round_: Round) -> None:
    screen(round_)
    assert not Demand.objects.filter(state=DemandState.REFUSED.value).exists()
    verdicts = [queries.read_verdict(row) for row in round_.screenings.all()]
    codes = {ground.code for verdict in verdicts for ground in verdict.grounds}
    assert "gate.officers-drawn-later" in codes and "gate.officers-too-few" not in codes


def test_a_deferred_demand_waits_again_when_its_day_lies_in_its_window(round_: Round) -> None:
    demand = some()
    for months in (2, 3):
        made(demand, TODAY - timedelta(days=30 * months))
    screen(round_)
    Contact.objects.filter(state="made").update(counts_toward_cap=False)
    together = Demand.objects.filter(enterprise=demand.enterprise, agency=demand.agency)
    spared = Contact.objects.get(demands=demand)
    together.update(open_from=date(2026, 8, 1))
    screen(round_)
    demand.refresh_from_db()
    spared.refresh_from_db()
    assert (demand.state, demand.open_from, demand.contact) == (DemandState.WAITING, None, None)
    assert (spared.state, spared.items.count()) == (ContactState.CANCELLED, together.count())
    acts = [entry.act for entry in ledger.list_entries_of(f"visit:{spared.uuid}")]
    assert sorted(acts) == ["visit.cancelled", "visit.spared"]


def test_of_a_spared_visit_only_what_comes_back_is_taken_off(round_: Round) -> None:
    demand = some()
    for months in (2, 3):
        made(demand, TODAY - timedelta(days=30 * months))
    screen(round_)
    spared = Contact.objects.get(demands=demand)
    left = set(spared.items.values_list("item_version", flat=True)) - {demand.item_version_id}
    assert left
    Contact.objects.filter(state="made").update(counts_toward_cap=False)
    Demand.objects.filter(pk=demand.pk).update(open_from=date(2026, 8, 1))
    screen(round_)
    spared.refresh_from_db()
    assert spared.state == ContactState.SPARED
    assert set(spared.items.values_list("item_version", flat=True)) == left


def test_nothing_to_ask_is_a_refusal(cast: Cast) -> None:
    factories.ground()
    opened = factories.opened()
    with pytest.raises(Refused) as caught:
        services.screen(actor="office", now=NOW, round_=opened)
    assert caught.value.codes == ("screen.nothing",)


# What it means for matching


def _three_windows(cast: Cast) -> Round:
    """One agency wants the same enterprises three times, in windows that share no day; every one is drawn."""
    factories.ground()
    for letter in factories.RATES:
        everyone = RateFacts("", "", letter, "", Decimal(1), date(2026, 1, 1), "the tests")
        catalogue.set_rate(actor="test", now=NOW, facts=everyone)
    opened = factories.opened()
    for month in (7, 8, 9):
        factories.item(f"market-3{month}", "market")
    entries = [
        EntryDraft(
            quarter=3,
            directory="catering",
            items=(f"market-3{month}",),
            window_from=date(2026, month, 6),
            window_to=date(2026, month, 24),
        )
        for month in (7, 8, 9)
    ]
    plan = factories.plan(PlanOwner(agency="110112-market"), *entries)
    plan = services.approve_plan(
        actor="approver", now=NOW, plan=services.submit_plan(actor="planner", now=NOW, plan=plan)
    )
    services.accept_breach(
        actor="approver",
        now=NOW,
        plan=plan,
        breach=Breach.BUDGET,
        because="the tests want the gate to say no",
    )
    plan.refresh_from_db()
    factories.collected(services.publish_plan(actor="planner", now=NOW, plan=plan))
    return opened


def test_visits_that_are_planned_use_the_budget_for_those_that_follow(cast: Cast) -> None:
    opened = _three_windows(cast)
    thrice = [
        uscc
        for uscc in set(Demand.objects.values_list("enterprise__uscc", flat=True))
        if Demand.objects.filter(enterprise__uscc=uscc).count() == 3
    ]
    assert thrice
    report = services.match(actor="office", now=NOW, round_=opened)
    for uscc in thrice:
        own = Demand.objects.filter(enterprise__uscc=uscc)
        assert Contact.objects.filter(enterprise__uscc=uscc, state="planned").count() == 2
        assert own.filter(state="matched").count() == 2
        assert own.get(state="deferred").open_from == date(2027, 1, 1)
    assert report.screen.deferred == len(thrice)
    assert report.demands == Demand.objects.filter(state="matched").count()


def test_no_visit_is_planned_on_a_quiet_day(cast: Cast) -> None:
    opened = _three_windows(cast)
    quiet = QuietFacts("110112", 1, 20, "试点", True, date(2026, 1, 1))
    gate.set_quiet_days(actor="admin", now=NOW, facts=quiet)
    services.match(actor="office", now=NOW, round_=opened)
    days = set(Contact.objects.filter(state="planned").values_list("planned_on", flat=True))
    assert days and all(day is not None and day.day > 20 for day in days)


def test_a_demand_joins_the_visit_that_was_let_through_by_itself(round_: Round) -> None:
    demand = some()
    planned = made(demand, date(2026, 7, 20), counts=False)
    Contact.objects.filter(pk=planned.pk).update(state="planned", made_on=None)
    services.match(actor="office", now=NOW, round_=round_)
    demand.refresh_from_db()
    assert demand.contact_id == planned.pk and demand.state == DemandState.MATCHED
    assert Contact.objects.filter(enterprise=demand.enterprise, state="planned").count() == 1


def test_matching_has_the_turn_of_every_enterprise_that_it_plans_for(round_: Round) -> None:
    wanted = set(Demand.objects.values_list("enterprise_id", flat=True))
    services.match(actor="office", now=NOW, round_=round_)
    assert wanted <= set(Turn.objects.values_list("enterprise_id", flat=True))


def test_every_demand_has_one_fate_and_the_funnel_adds_up(round_: Round) -> None:
    result_for(some())
    ItemVersion.objects.filter(item__code="market-02").update(method="offsite")
    services.match(actor="office", now=NOW, round_=round_)
    funnel = queries.get_screen_funnel(round_)
    parts = (funnel.recognised, funnel.offsite, funnel.deferred, funnel.refused, funnel.waiting)
    assert sum(parts) + funnel.merged + funnel.allowed == funnel.demands == Demand.objects.count()
    assert funnel.recognised == 1 and funnel.merged > 0
    tops = queries.list_top_grounds(round_)
    assert tops[Fate.RECOGNISED][0].example.code == "gate.result-recognised"
    assert tops[Fate.OFFSITE][0].count == funnel.offsite
    assert sum(row.count for row in tops[Fate.MERGED]) == funnel.merged


# Coming back


def test_a_revoked_result_brings_its_demands_back(round_: Round) -> None:
    demand = some()
    result_for(demand)
    services.match(actor="office", now=NOW, round_=round_)
    demand.refresh_from_db()
    spared = demand.contact
    assert spared is not None and spared.state == "spared"
    Result.objects.update(state="revoked", revoked_at=NOW)
    assert services.reopen_spared(actor="clerk", now=NOW, contact_ids=[spared.pk]) == 1
    demand.refresh_from_db()
    spared.refresh_from_db()
    round_.refresh_from_db()
    assert (demand.state, demand.outcome, demand.contact) == (DemandState.WAITING, "", None)
    assert (spared.state, round_.state) == (ContactState.CANCELLED, RoundState.COLLECTED)
    report = services.match(actor="office", now=NOW, round_=round_)
    demand.refresh_from_db()
    assert (demand.state, report.demands) == (DemandState.MATCHED, 1)


def test_a_window_that_is_over_begins_again_with_the_day_of_the_revocation(round_: Round) -> None:
    demand = some()
    result_for(demand)
    screen(round_)
    demand.refresh_from_db()
    assert demand.contact is not None
    late = NOW + timedelta(days=120)
    length = demand.window_to - demand.window_from
    services.reopen_spared(actor="clerk", now=late, contact_ids=[demand.contact.pk])
    demand.refresh_from_db()
    assert (demand.window_from, demand.window_to) == (late.date(), late.date() + length)


def test_spared_visits_of_nobodys_demand_are_left_alone(round_: Round) -> None:
    spared = made(some(), TODAY)
    Contact.objects.filter(pk=spared.pk).update(state="spared", made_on=None)
    assert services.reopen_spared(actor="clerk", now=NOW, contact_ids=[spared.pk]) == 0
    spared.refresh_from_db()
    assert spared.state == "spared"


def test_a_demand_whose_target_is_replaced_leaves_the_gate_too(round_: Round) -> None:
    demand = some()
    for months in (2, 3):
        made(demand, TODAY - timedelta(days=30 * months))
    screen(round_)
    demand.refresh_from_db()
    assert demand.state == DemandState.DEFERRED and demand.contact is not None
    gone = Demand.objects.filter(enterprise=demand.enterprise, agency=demand.agency)
    spared, count = demand.contact, gone.count()
    assert let_go("office", NOW, gone, "the target was replaced") == count
    demand.refresh_from_db()
    spared.refresh_from_db()
    assert Demand.objects.filter(pk=demand.pk, state=DemandState.WITHDRAWN.value, contact=None).exists()
    assert spared.state == ContactState.CANCELLED, "nobody asks for it any more"
    assert queries.get_screen_funnel(round_).demands == Demand.objects.count() - count


# Rules alone

MONDAY = date(2026, 7, 6)


def facts(number: int, item: str = "a", agency: str = "110112-market", **more: object) -> DemandFacts:
    values: dict[str, object] = {
        "id": number,
        "draw_id": f"d-{number}",
        "uscc": "E1",
        "agency": agency,
        "agency_kind": "market",
        "item_version_id": number,
        "joint_list": "",
        "lead_kind": "",
        "kind": ContactKind.DAILY,
        "window_from": MONDAY,
        "window_to": MONDAY + timedelta(days=20),
        "item": item,
        "approved_by": "局长",
    }
    return DemandFacts(**{**values, **more})  # type: ignore[arg-type]


def test_one_application_per_agency_and_window_with_each_item_once() -> None:
    demands = [facts(1), facts(2, "b"), facts(3), facts(4, agency="110112-fire")]
    asked = rules.group(demands, MONDAY + timedelta(days=2))
    assert [(one.agency, len(one.demands)) for one in asked] == [("110112-market", 3), ("110112-fire", 1)]
    application = rules.application(asked[0])
    assert application.items == ("a", "b")
    assert (application.from_on, application.trigger, application.planned) == (
        MONDAY + timedelta(days=2),
        "draw",
        True,
    )
    assert (application.evidence, application.approved_by, application.officers) == ("d-1", "局长", ())


def test_a_demand_opens_when_the_last_ground_against_it_has_passed() -> None:
    grounds = (
        Ground("x", "", "", bars=Bars.NEW_VISIT, until=date(2026, 8, 1)),
        Ground("y", "", "", bars=Bars.NEW_VISIT, until=date(2026, 9, 1), item="a"),
        Ground("z", "", "", bars=Bars.NEW_VISIT, until=date(2027, 1, 1), item="b"),
        Ground("n", "", "", bars=Bars.NOTHING, until=date(2028, 1, 1)),
    )
    verdict = Verdict(Outcome.DEFER, (ItemVerdict("a", Outcome.DEFER),), grounds, until=date(2026, 9, 1))
    assert rules.open_from(verdict, "a") == date(2026, 9, 1)
    assert rules.open_from(verdict, "b") == date(2027, 1, 1)


def test_of_an_enterprise_the_visit_with_most_checks_is_planned_first() -> None:
    def visit(uscc: str, day: int, *numbers: int) -> VisitPlan:
        on = MONDAY + timedelta(days=day)
        own = tuple(facts(number) for number in numbers)
        return VisitPlan(uscc, "110112-market", ContactKind.DAILY, on, on, on, own)

    plans = [visit("E1", 0, 1), visit("E1", 8, 2, 3), visit("E2", 1, 4), visit("E2", 3, 5)]
    first = rules.first_of_each(plans)
    assert [(one.uscc, one.planned_on) for one in first] == [
        ("E2", MONDAY + timedelta(days=1)),
        ("E1", MONDAY + timedelta(days=8)),
    ]


@given(
    st.lists(st.integers(0, 60), max_size=8),
    st.frozensets(st.integers(0, 60), max_size=20),
    st.tuples(st.integers(1, 2), st.integers(1, 3), st.integers(1, 4)),
)
def test_a_visit_on_an_open_day_is_never_one_too_many(
    taken: list[int], closed: frozenset[int], limits: tuple[int, int, int]
) -> None:
    days = [MONDAY + timedelta(days=number) for number in range(60)]
    before = [MONDAY + timedelta(days=number) for number in taken]
    shut = frozenset(MONDAY + timedelta(days=number) for number in closed)
    for day in matching.open_days(days, shut, before, limits):
        assert day not in shut
        near = [other for other in before if other == day or other.isocalendar()[:2] == day.isocalendar()[:2]]
        assert sum(other == day for other in near) < limits[0] and len(near) < limits[1]
        assert sum((o.year, o.month) == (day.year, day.month) for o in before) < limits[2]


def test_quiet_days_are_those_of_the_newest_row_in_any_region_of_the_place() -> None:
    rows = [
        QuietFacts("110112", 1, 20, "", False, date(2026, 1, 1)),
        QuietFacts("110112", 0, 0, "", False, date(2026, 8, 1)),
        QuietFacts("yizhuang", 25, 31, "", False, date(2026, 1, 1)),
        QuietFacts("110115", 1, 31, "", False, date(2026, 1, 1)),
    ]
    days = [date(2026, 7, 3), date(2026, 7, 22), date(2026, 7, 28), date(2026, 8, 3)]
    assert matching.closed_days(rows, {"110112", "yizhuang"}, days) == {date(2026, 7, 3), date(2026, 7, 28)}


def test_what_is_too_late_for_its_window_is_refused_and_stops_nothing_else(round_: Round) -> None:
    late = some()
    Demand.objects.filter(pk=late.pk).update(window_from=TODAY - timedelta(9), window_to=TODAY - timedelta(2))
    report = services.match(actor="office", now=NOW, round_=round_)
    late.refresh_from_db()
    assert (late.state, report.screen.refused) == (DemandState.REFUSED, 1)
    assert late.screening is not None
    assert "gate.window-past" in {ground["code"] for ground in late.screening.verdict["grounds"]}
    assert report.visits_with > 0
    assert not Demand.objects.filter(state=DemandState.WAITING.value).exists()
