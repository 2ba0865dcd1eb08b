"""Demands are weighed again when the class or the listing of their enterprise is another."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from tests.cast import NOW, TODAY, Cast
from yicha.base.ledger import queries as ledger
from yicha.decide.gate import queries as gate_queries
from yicha.decide.gate import services as gate
from yicha.decide.planning import queries, services
from yicha.decide.planning.models import Demand, Round, VisitOfficer
from yicha.decide.planning.services.reweighing import Reweighed, weigh_again
from yicha.decide.planning.terms import DemandState, RoundState
from yicha.decide.planning.tests import factories
from yicha.know.catalogue.models import ItemVersion
from yicha.know.registry.models import Enterprise, Officer, Region
from yicha.know.undisturbed.models import Listing, SparedItem
from yicha.know.visits.models import Contact, ContactItem, Result

DAY = timedelta(days=1)


@pytest.fixture
def round_(cast: Cast) -> Round:
    """The third quarter, matched: every demand of the joint list of restaurants has its visit."""
    factories.ground()
    opened = factories.opened()
    factories.collected(factories.published())
    services.match(actor="office", now=NOW, round_=opened)
    opened.refresh_from_db()
    return opened


@pytest.fixture
def shop(round_: Round) -> Enterprise:
    """A restaurant of 通州, class B, with one planned visit of two agencies."""
    found = Demand.objects.filter(agency__code="110112-market", state="matched").order_by("id")[0].enterprise
    assert visit_of(found).items.count() == 3
    return found


def visit_of(shop: Enterprise) -> Contact:
    return Contact.objects.get(enterprise=shop, round="2026Q3")


def demands_of(shop: Enterprise) -> dict[str, Demand]:
    """By item."""
    rows = Demand.objects.filter(enterprise=shop).select_related("item_version__item", "contact", "screening")
    return {row.item_version.item.code: row for row in rows}


def states_of(shop: Enterprise) -> dict[str, str]:
    return {item: row.state for item, row in demands_of(shop).items()}


def become(shop: Enterprise, letter: str) -> None:
    Enterprise.objects.filter(pk=shop.pk).update(risk_class=letter)


def was_visited(shop: Enterprise, on: date = TODAY - 60 * DAY, *, counts: bool = False) -> Contact:
    """A visit that was made."""
    return Contact.objects.create(
        enterprise=shop,
        lead_agency=visit_of(shop).lead_agency,
        kind="daily",
        state="made",
        window_from=on,
        window_to=on,
        planned_on=on,
        made_on=on,
        counts_toward_cap=counts,
    )


def listed(shop: Enterprise, *items: str) -> None:
    """On the undisturbed list, which spares these items."""
    assert shop.region is not None
    Listing.objects.create(
        enterprise=shop,
        region=shop.region,
        state="listed",
        since=NOW,
        listed_on=TODAY,
        weighed_at=NOW,
    )
    for code in items:
        SparedItem.objects.create(
            item=ItemVersion.objects.get(item__code=code).item,
            region=Region.objects.get(code=shop.region.code),
            in_force_from=date(2026, 1, 1),
            source="清单",
        )


def weigh(shop: Enterprise, begun: tuple[int, ...] = ()) -> Reweighed:
    return weigh_again(actor="office", now=NOW, enterprise_ids=[shop.pk], because="credit:x", begun=begun)


def grounds_of(demand: Demand) -> set[str]:
    assert demand.screening is not None
    return {ground.code for ground in queries.read_verdict(demand.screening).grounds}


def test_the_visit_of_an_enterprise_that_is_now_to_rest_goes(round_: Round, shop: Enterprise) -> None:
    was_visited(shop)
    assert weigh(shop) == Reweighed(3, 0), "class B has no rest"
    become(shop, "A")
    visit = visit_of(shop)
    assert weigh(shop) == Reweighed(3, 3, (visit.pk,))
    visit.refresh_from_db()
    assert visit.state == "cancelled"
    for demand in demands_of(shop).values():
        assert (demand.state, demand.open_from) == ("deferred", TODAY - 60 * DAY + 365 * DAY)
        assert "gate.class-a-rest" in grounds_of(demand)
    entry = ledger.list_entries_of("round:2026Q3")[0]
    assert (entry.act, entry.body["changed"]) == ("demands.weighed-again", 3)


def test_weighing_again_changes_nothing_more(round_: Round, shop: Enterprise) -> None:
    was_visited(shop)
    become(shop, "A")
    weigh(shop)
    before = ledger.list_entries_of("round:2026Q3")[0].seq
    assert weigh(shop) == Reweighed(3, 0)
    assert ledger.list_entries_of("round:2026Q3")[0].seq == before


def test_a_visit_does_not_stand_only_because_it_could_join_itself_or_its_neighbour(
    round_: Round, shop: Enterprise
) -> None:
    """Two visits of a round: each could be joined by the checks of the other, and both go."""
    was_visited(shop)
    first = visit_of(shop)
    fire = first.items.get(item_version__item__code="fire-01")
    second = Contact.objects.get(pk=first.pk)
    second.pk, second.uuid = None, gate_uuid()
    assert second.planned_on is not None
    second.planned_on += 20 * DAY
    second.save()
    ContactItem.objects.filter(pk=fire.pk).update(contact=second)
    Demand.objects.filter(pk=demands_of(shop)["fire-01"].pk).update(contact=second)
    become(shop, "A")
    assert weigh(shop) == Reweighed(3, 3, (first.pk, second.pk))


def gate_uuid() -> str:
    return "7f6f7f4e-2f0f-4d0e-9d4c-1f0f4c0e9d4c"


def test_numbers_of_the_round_follow(round_: Round, shop: Enterprise) -> None:
    was_visited(shop)
    become(shop, "A")
    weigh(shop)
    units = round_.units
    with_ = round_.visits_with
    round_.refresh_from_db()
    assert (units - round_.units, with_ - round_.visits_with) == (2, 1)


def test_a_spared_item_leaves_and_the_visit_goes_on(round_: Round, shop: Enterprise) -> None:
    visit = visit_of(shop)
    fire = visit.items.get(item_version__item__code="fire-01").agency
    VisitOfficer.objects.create(
        contact=visit, agency=fire, officer=Officer.objects.get(certificate="T-0003"), draw_id="d"
    )
    code = gate.issue_code(actor="office", now=NOW, contact=visit, officers=["T-0003"])
    listed(shop, "fire-01")
    assert weigh(shop) == Reweighed(3, 1, (), (visit.pk,))
    assert states_of(shop) == {"market-01": "matched", "market-02": "matched", "fire-01": "refused"}
    assert demands_of(shop)["fire-01"].contact is None
    visit.refresh_from_db()
    assert visit.state == "planned" and visit.items.count() == 2
    assert not VisitOfficer.objects.filter(contact=visit, agency=fire).exists()
    live = gate_queries.find_live_code(visit)
    assert live is not None and live.pk != code.pk
    said = gate_queries.read_code(live)
    assert (said["items"], said["officers"]) == (["market-01", "market-02"], ["T-0003"])


def test_the_code_of_a_visit_that_goes_opens_no_door(round_: Round, shop: Enterprise) -> None:
    was_visited(shop)
    visit = visit_of(shop)
    code = gate.issue_code(actor="office", now=NOW, contact=visit, officers=[])
    become(shop, "A")
    weigh(shop)
    code.refresh_from_db()
    assert code.state == "revoked" and code.because


def test_what_the_gate_held_back_waits_again_when_it_is_allowed(round_: Round, shop: Enterprise) -> None:
    """Deferred because of class A, refused because of the list: both come back, and are matched."""
    was_visited(shop)
    become(shop, "A")
    listed(shop, "fire-01")
    weigh(shop)
    assert states_of(shop) == {"market-01": "deferred", "market-02": "deferred", "fire-01": "refused"}
    Round.objects.filter(pk=round_.pk).update(state=RoundState.STAFFED.value)
    become(shop, "B")
    assert weigh(shop).changed == 2
    Listing.objects.update(state="suspended")
    assert weigh(shop).changed == 1
    for demand in demands_of(shop).values():
        assert (demand.state, demand.outcome, demand.open_from) == ("waiting", "allow", None)
    round_.refresh_from_db()
    assert round_.state == RoundState.COLLECTED
    services.match(actor="office", now=NOW, round_=round_)
    assert set(states_of(shop).values()) == {"matched"}


def test_a_deferred_demand_comes_back_into_the_budget_that_a_cancelled_visit_leaves(
    round_: Round, shop: Enterprise
) -> None:
    """The list spares what the planned visit is for; so there is room for what was deferred for want of budget."""
    visit = visit_of(shop)
    fire = demands_of(shop)["fire-01"]
    visit.items.exclude(item_version=fire.item_version_id).delete()
    put_off = was_visited(shop)
    Contact.objects.filter(pk=put_off.pk).update(
        state="spared", made_on=None, spared_by="deferred:2027-01-01"
    )
    Demand.objects.filter(enterprise=shop).exclude(pk=fire.pk).update(
        state="deferred", outcome="defer", open_from=date(2027, 1, 1), contact=put_off
    )
    was_visited(shop, counts=True)
    listed(shop, "fire-01")
    assert weigh(shop) == Reweighed(3, 3, (visit.pk,))
    assert states_of(shop) == {"market-01": "waiting", "market-02": "waiting", "fire-01": "refused"}
    put_off.refresh_from_db()
    assert put_off.state == "cancelled", "what was put off is asked for again"


def test_a_rest_that_ends_inside_the_window_lets_the_visit_wait_for_another_day(
    round_: Round, shop: Enterprise
) -> None:
    visit = visit_of(shop)
    assert visit.planned_on is not None
    was_visited(shop, visit.planned_on + 10 * DAY - 365 * DAY)
    become(shop, "A")
    assert weigh(shop).cancelled == (visit.pk,)
    assert set(states_of(shop).values()) == {DemandState.WAITING}
    services.match(actor="office", now=NOW, round_=round_)
    again = Contact.objects.get(enterprise=shop, state="planned").planned_on
    assert again is not None and again >= visit.planned_on + 10 * DAY


def test_a_result_that_was_offered_meanwhile_spares_the_visit_its_check(
    round_: Round, shop: Enterprise
) -> None:
    demand = demands_of(shop)["market-01"]
    Result.objects.create(
        enterprise=shop,
        item_version=demand.item_version,
        agency=demand.agency,
        result_code="01",
        found_on=TODAY - 30 * DAY,
        valid_until=TODAY + 200 * DAY,
        evidence_hash="0" * 64,
        reference="r-1",
        state="offered",
        offered_at=NOW,
    )
    assert weigh(shop).fewer == (visit_of_planned(shop).pk,)
    demand.refresh_from_db()
    assert (demand.state, demand.outcome) == ("spared", "recognise")
    assert demand.contact is not None and demand.contact.state == "spared"


def visit_of_planned(shop: Enterprise) -> Contact:
    return Contact.objects.get(enterprise=shop, state="planned")


def test_a_visit_that_something_else_needs_too_may_be_joined_as_before(
    round_: Round, shop: Enterprise
) -> None:
    was_visited(shop)
    visit = visit_of(shop)
    label = factories.item("market-03", "market")
    ContactItem.objects.create(
        contact=visit,
        agency=visit.lead_agency,
        item_version=label.versions.get(),
        source="gate:7f6f7f4e-2f0f-4d0e-9d4c-1f0f4c0e9d4c",
    )
    become(shop, "A")
    assert weigh(shop) == Reweighed(3, 0)


def test_a_demand_whose_check_was_taken_off_its_visit_leaves_it(round_: Round, shop: Enterprise) -> None:
    visit = visit_of(shop)
    visit.items.filter(item_version__item__code="market-02").delete()
    assert weigh(shop) == Reweighed(3, 1)
    assert states_of(shop)["market-02"] == "waiting"
    assert visit.items.count() == 2


@pytest.mark.parametrize("why", ["begun", "day over", "result", "made", "window over", "round closed"])
def test_what_has_happened_or_begun_stays_as_it_was_judged(round_: Round, shop: Enterprise, why: str) -> None:
    was_visited(shop)
    become(shop, "A")
    visit = visit_of(shop)
    match why:
        case "day over":
            Contact.objects.filter(pk=visit.pk).update(planned_on=TODAY - DAY)
        case "result":
            item = visit.items.order_by("pk")[0]
            ContactItem.objects.filter(pk=item.pk).update(result_code="01", result_on=TODAY)
        case "made":
            Contact.objects.filter(pk=visit.pk).update(state="made", made_on=TODAY)
        case "window over":
            Demand.objects.update(window_from=TODAY - 9 * DAY, window_to=TODAY - DAY)
        case "round closed":
            Round.objects.update(state=RoundState.CLOSED.value)
    assert weigh(shop, begun=(visit.pk,) if why == "begun" else ()) == Reweighed()
    assert set(states_of(shop).values()) == {"matched"}
