"""Checks that nobody drew: what visits left behind and what the law prescribes become demands of the quarter."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from tests.cast import NOW, TODAY, Cast
from yicha.base.ledger import queries as ledger
from yicha.decide.gate import services as gate
from yicha.decide.gate.terms import Outcome, QuietFacts
from yicha.decide.planning import queries, services
from yicha.decide.planning.models import Demand, Round
from yicha.decide.planning.rules import due as rules
from yicha.decide.planning.terms import DemandState, Origin, RoundState
from yicha.decide.planning.tests import factories
from yicha.kernel.refusal import Refused
from yicha.know.catalogue.models import ItemVersion
from yicha.know.registry import services as registry
from yicha.know.registry.models import Agency, Enterprise
from yicha.know.visits import services as visits
from yicha.know.visits.models import Contact, ContactItem
from yicha.know.visits.terms import ContactKind, ContactState, PlannedItem, SparedContact

MARKET = "110112-market"
ONE = (Origin.RECHECK, Origin.FOLLOW_UP, Origin.STATUTORY)


@pytest.fixture
def round_(cast: Cast) -> Round:
    """The third quarter, with items and restaurants; nothing was drawn."""
    factories.ground()
    return factories.opened()


def shop() -> Enterprise:
    return Enterprise.objects.get(name="110112 饭店 0")


def checked(
    code: str, on: date, correct_by: date | None = None, item: str = "market-01", agency: str = MARKET
) -> ContactItem:
    """An item that an agency checked at the shop."""
    contact = Contact.objects.create(
        enterprise=shop(),
        lead_agency=Agency.objects.get(code=agency),
        kind="daily",
        state="made",
        window_from=on,
        window_to=on,
        planned_on=on,
        made_on=on,
        counts_toward_cap=False,
    )
    return ContactItem.objects.create(
        contact=contact,
        agency=contact.lead_agency,
        item_version=ItemVersion.objects.get(item__code=item),
        source="gate:…",
        result_code=code,
        result_on=on,
        correct_by=correct_by,
    )


def prescribed(months: int = 12, item: str = "market-01") -> None:
    services.prescribe_check(
        actor="law",
        now=NOW,
        item=item,
        directory="alone",
        every_months=months,
        source="特种设备安全法 第四十条",
        in_force_from=date(2026, 1, 1),
    )


def alone() -> None:
    """A directory of the shop alone."""
    rule: dict[str, list[str]] = {"keywords": ["110112 饭店 0"]}
    registry.save_directory(actor="test", now=NOW, code="alone", name="一家", rule=rule)


def due(origin: Origin) -> None:
    """Something of this kind is due at the shop from 6 July on, and nothing else."""
    if origin is Origin.RECHECK:
        checked("07", date(2026, 6, 1), correct_by=date(2026, 7, 5))
    elif origin is Origin.FOLLOW_UP:
        checked("08", date(2026, 7, 5))
    else:
        alone()
        prescribed()


def collect(round_: Round) -> Demand:
    services.collect_due(actor="office", now=NOW, round_=round_)
    return Demand.objects.select_related("contact").get()


def put_off(until: date) -> Contact:
    """The one demand is deferred until a day, as the gate would have it."""
    demand = Demand.objects.select_related("agency", "round").get()
    spared = SparedContact(
        uscc=shop().uscc,
        agency=demand.agency.code,
        kind=ContactKind.CASE,
        trigger=demand.origin,
        window_from=demand.window_from,
        window_to=demand.window_to,
        items=[PlannedItem(demand.agency.code, demand.item_version_id, demand.draw_id)],
        spared_by=f"deferred:{until}",
        round=demand.round.code,
    )
    (contact,) = visits.spare_contacts(actor="office", now=NOW, spared=[spared])
    Demand.objects.update(
        state=DemandState.DEFERRED.value, outcome="defer", open_from=until, contact=contact.pk
    )
    return contact


def quiet(region: str) -> None:
    """No day of the quarter is open in a region."""
    facts = QuietFacts(region, 1, 31, "宁静日", False, date(2026, 1, 1))
    gate.set_quiet_days(actor="test", now=NOW, facts=facts)


WINDOWS = {
    Origin.RECHECK: (date(2026, 7, 6), date(2026, 7, 17)),
    Origin.FOLLOW_UP: (date(2026, 7, 6), date(2026, 7, 31)),
    Origin.STATUTORY: (date(2026, 7, 1), date(2026, 9, 30)),
}


@pytest.mark.parametrize("origin", ONE)
def test_what_is_due_becomes_a_demand_passes_the_gate_and_has_a_visit_in_its_window(
    round_: Round, origin: Origin
) -> None:
    due(origin)
    services.collect_and_match(actor="office", now=NOW, round_=round_)
    demand = Demand.objects.select_related("contact", "screening").get()
    assert (demand.origin, demand.state, demand.outcome) == (origin, DemandState.MATCHED, Outcome.ALLOW)
    assert (demand.window_from, demand.window_to) == WINDOWS[origin]
    assert demand.contact is not None and demand.contact.planned_on is not None
    assert demand.window_from <= demand.contact.planned_on <= demand.window_to
    assert demand.contact.trigger == origin
    assert demand.contact.counts_toward_cap is (origin is Origin.FOLLOW_UP)
    (item,) = demand.contact.items.all()
    assert item.source == demand.draw_id and demand.draw_id.startswith(f"{origin.value}:2026Q3")
    assert demand.screening is not None
    said = {ground["code"] for ground in demand.screening.verdict["grounds"]}
    assert "gate.approved-before-sending" in said and "gate.approved-with-plan" not in said
    assert ledger.list_entries_of("round:2026Q3").filter(act="demands.due").count() == 1


@pytest.mark.parametrize("origin", ONE)
def test_where_no_day_is_open_it_has_no_visit_and_says_why(round_: Round, origin: Origin) -> None:
    due(origin)
    quiet("110112")
    services.collect_and_match(actor="office", now=NOW, round_=round_)
    demand = Demand.objects.select_related("screening").get()
    assert demand.state in (DemandState.DEFERRED, DemandState.REFUSED) and demand.contact is None
    assert demand.screening is not None
    assert "gate.quiet-day" in {ground["code"] for ground in demand.screening.verdict["grounds"]}
    assert not Contact.objects.filter(round="2026Q3").exists()


def test_what_is_due_and_what_was_drawn_is_one_joint_visit_because_of_the_draw(round_: Round) -> None:
    factories.collected(factories.published())
    drawn = Demand.objects.filter(item_version__item__code="fire-01", agency__region__code="110112")[0]
    Enterprise.objects.filter(name="110112 饭店 0").update(name="另一家")
    Enterprise.objects.filter(pk=drawn.enterprise_id).update(name="110112 饭店 0")
    checked("07", date(2026, 6, 1), correct_by=date(2026, 7, 5), item="market-02")
    services.collect_and_match(actor="office", now=NOW, round_=round_)
    here = Demand.objects.filter(enterprise=drawn.enterprise_id)
    assert {row.origin for row in here} == {"draw", "recheck"}
    (contact,) = {row.contact for row in here}
    assert contact is not None and contact.planned_on is not None
    assert date(2026, 7, 6) <= contact.planned_on <= date(2026, 7, 17)
    assert (contact.trigger, contact.counts_toward_cap) == ("draw", True)


@pytest.mark.parametrize("approved", [False, True])
def test_what_is_due_later_joins_a_visit_unless_its_heads_have_signed_it(
    round_: Round, approved: bool
) -> None:
    due(Origin.RECHECK)
    services.collect_and_match(actor="office", now=NOW, round_=round_)
    first = Contact.objects.get(round="2026Q3")
    if approved:
        gate.issue_code(actor="office", now=NOW, contact=first)
    checked("08", date(2026, 7, 5), item="fire-01", agency="110112-fire")
    services.collect_and_match(actor="office", now=NOW, round_=round_)
    joined = Demand.objects.get(origin="follow-up").contact == first
    assert joined is not approved
    assert first.items.count() == (1 if approved else 2)


def test_what_the_law_prescribes_is_spared_where_papers_will_do(round_: Round) -> None:
    due(Origin.STATUTORY)
    ItemVersion.objects.filter(item__code="market-01").update(method="written")
    services.collect_and_screen(actor="office", now=NOW, round_=round_)
    demand = Demand.objects.select_related("contact").get()
    assert (demand.state, demand.outcome) == (DemandState.SPARED, Outcome.OFFSITE)
    assert demand.contact is not None
    assert (demand.contact.spared_by, demand.contact.trigger) == ("offsite:market-01", "statutory")
    later = services.open_round(actor="office", now=NOW, year=2026, quarter=4, organiser="yizhuang")
    assert queries.list_due(later, date(2026, 10, 1)) == []


def test_an_order_that_still_runs_or_was_fulfilled_or_checked_since_is_not_due(round_: Round) -> None:
    checked("07", date(2026, 6, 1), correct_by=date(2026, 9, 30))
    done = checked("07", date(2026, 5, 1), correct_by=date(2026, 6, 1), item="market-02")
    visits.note_corrected(contact=done.contact, items=[done.pk], on=date(2026, 5, 20))
    checked("08", date(2026, 5, 1), item="fire-01", agency="110112-fire")
    checked("01", date(2026, 6, 20), item="fire-01", agency="110112-fire")
    checked("01", date(2026, 6, 20), item="market-02")
    assert queries.list_due(round_, TODAY) == []


def test_what_a_demonstration_left_is_not_followed_up_in_earnest(round_: Round) -> None:
    left = checked("08", date(2026, 6, 30))
    Contact.objects.filter(pk=left.contact_id).update(simulated=True)
    assert queries.count_due(round_, TODAY) == (0, 0)
    Round.objects.update(simulated=True)
    round_.refresh_from_db()
    assert queries.count_due(round_, TODAY) == (1, 0)


def test_what_is_due_is_asked_for_once(round_: Round) -> None:
    due(Origin.RECHECK)
    collect(round_)
    assert services.collect_due(actor="office", now=NOW, round_=round_).demands == 0
    later = services.open_round(actor="office", now=NOW, year=2026, quarter=4, organiser="yizhuang")
    assert queries.list_due(later, date(2026, 10, 1)) == []
    put_off(date(2026, 10, 1))
    (again,) = queries.list_due(later, date(2026, 10, 1))
    assert (again.window_from, again.reference.split(":")[1]) == (date(2026, 10, 1), "2026Q4")


def test_what_is_corrected_meanwhile_falls_away_and_its_visit_with_it(round_: Round) -> None:
    due(Origin.RECHECK)
    services.collect_and_match(actor="office", now=NOW, round_=round_)
    order = ContactItem.objects.exclude(correct_by=None).get()
    visits.note_corrected(contact=order.contact, items=[order.pk], on=TODAY)
    with pytest.raises(Refused) as caught:  # nothing else is left to match
        services.collect_and_match(actor="office", now=NOW, round_=round_)
    assert caught.value.codes == ("match.nothing",)
    assert Demand.objects.get().state == DemandState.WITHDRAWN
    assert Contact.objects.get(round="2026Q3").state == ContactState.CANCELLED


def test_what_is_corrected_before_a_deferred_recheck_falls_away_with_its_spared_visit(round_: Round) -> None:
    due(Origin.RECHECK)
    collect(round_)
    spared = put_off(date(2026, 10, 1))
    order = ContactItem.objects.exclude(correct_by=None).get()
    visits.note_corrected(contact=order.contact, items=[order.pk], on=TODAY)
    assert services.collect_due(actor="office", now=NOW, round_=round_).withdrawn == 1
    spared.refresh_from_db()
    assert (Demand.objects.get().contact, spared.state) == (None, ContactState.CANCELLED)


def test_a_law_that_is_dropped_or_a_check_that_was_made_asks_no_more(round_: Round) -> None:
    due(Origin.STATUTORY)
    collect(round_)
    prescribed(months=0)
    assert services.collect_due(actor="office", now=NOW, round_=round_).withdrawn == 1
    assert Demand.objects.get().state == DemandState.WITHDRAWN


@pytest.mark.parametrize(
    ("on", "window"),
    [
        (date(2025, 8, 14), (date(2026, 7, 1), date(2026, 8, 14))),
        (date(2024, 1, 31), (date(2026, 7, 1), date(2026, 9, 30))),
        (date(2025, 10, 1), None),
    ],
    ids=["due in the quarter", "overdue", "not yet due"],
)
def test_the_law_asks_again_so_many_months_after_the_last_check(
    round_: Round, on: date, window: tuple[date, date] | None
) -> None:
    due(Origin.STATUTORY)
    checked("01", on)
    found = queries.list_due(round_, TODAY)
    assert [(row.window_from, row.window_to) for row in found] == ([window] if window else [])


def test_whom_nobody_met_was_not_checked(round_: Round) -> None:
    due(Origin.STATUTORY)
    checked("03", date(2026, 6, 1))
    assert queries.count_due(round_, TODAY) == (1, 0)


def test_two_directories_ask_for_one_check(round_: Round) -> None:
    due(Origin.STATUTORY)
    services.prescribe_check(
        actor="law",
        now=NOW,
        item="market-01",
        directory="catering",
        every_months=6,
        source="法",
        in_force_from=TODAY,
    )
    checked("01", date(2025, 8, 14))
    mine = [row for row in queries.list_due(round_, TODAY) if row.enterprise_id == shop().pk]
    assert [row.window_to for row in mine] == [date(2026, 9, 30)]


def test_what_nobody_may_check_is_named(round_: Round) -> None:
    due(Origin.STATUTORY)
    ItemVersion.objects.filter(item__code="market-01").update(status="retired")
    assert services.collect_due(actor="office", now=NOW, round_=round_).unpublished == ("market-01",)
    assert queries.count_due(round_, TODAY) == (0, 1)
    ItemVersion.objects.filter(item__code="market-01").update(status="published")
    Enterprise.objects.filter(pk=shop().pk).update(region=None)
    assert services.collect_due(actor="office", now=NOW, round_=round_).unserved == ("market-01 ",)
    assert queries.count_due(round_, TODAY) == (0, 1)
    assert not Demand.objects.exists()


def test_a_window_that_is_over_begins_again(round_: Round) -> None:
    due(Origin.RECHECK)
    demand = collect(round_)
    services.collect_due(actor="office", now=NOW + timedelta(days=30), round_=round_)
    demand.refresh_from_db()
    assert (demand.window_from, demand.window_to) == (date(2026, 7, 31), date(2026, 8, 11))


def test_a_round_whose_officers_are_being_drawn_takes_nothing(round_: Round) -> None:
    due(Origin.RECHECK)
    Round.objects.update(state=RoundState.STAFFING.value)
    round_.refresh_from_db()
    assert queries.count_due(round_, TODAY) == (0, 0)
    with pytest.raises(Refused):
        services.collect_due(actor="office", now=NOW, round_=round_)


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"item": "nothing"}, "statutory.item"),
        ({"directory": "nothing"}, "statutory.directory"),
        ({"source": " "}, "statutory.source"),
    ],
)
def test_the_law_needs_an_item_a_directory_and_its_name(
    round_: Round, given: dict[str, str], code: str
) -> None:
    right = {"item": "market-01", "directory": "catering", "source": "法"}
    with pytest.raises(Refused) as caught:
        services.prescribe_check(
            actor="law", now=NOW, every_months=12, in_force_from=TODAY, **{**right, **given}
        )
    assert caught.value.codes == (code,)


def test_a_source_says_whether_a_demand_brought_the_item() -> None:
    for origin in Origin:
        draw = "yizhuang-2026-0001" if origin is Origin.DRAW else rules.reference(origin, "2026Q3", "…")
        assert rules.is_demanded(rules.source_of(origin, draw))
    assert not rules.is_demanded("gate:6f1c")
