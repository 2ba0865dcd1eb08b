"""One visit by hand: every rule that may stand in the way says so in words."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from tests.cast import NOW, Cast, enterprise
from yicha.base.ledger.models import Entry
from yicha.decide.planning.models import Round
from yicha.decide.scheduling import queries, services
from yicha.decide.scheduling.terms import ScheduleCause, Slot
from yicha.decide.scheduling.tests import stage
from yicha.decide.scheduling.tests.stage import AM, MARKET, MONDAY, PM, WEEK
from yicha.kernel.refusal import Refused
from yicha.know.catalogue.models import LegalNumber
from yicha.know.registry.models import Equipment, Officer, Recusal, VisitWish
from yicha.know.visits.models import Contact

pytestmark = pytest.mark.django_db


@pytest.fixture
def round_(cast: Cast) -> Round:
    return stage.empty_round()


@pytest.fixture
def contact(cast: Cast, round_: Round) -> Contact:
    return stage.stand(stage.visit(cast.noodle_shop), MONDAY)


def codes(contact: Contact, slot: Slot) -> list[str]:
    return [reason.code for reason in services.try_move(now=NOW, contact=stage.again(contact), slot=slot)]


def test_a_free_half_day_has_no_reason_against_it(contact: Contact) -> None:
    assert codes(contact, Slot(WEEK[2], PM)) == []


def test_outside_its_window_a_visit_cannot_stand(contact: Contact) -> None:
    assert codes(contact, Slot(MONDAY + timedelta(days=7), AM)) == ["calendar.no-window"]


def test_a_weekend_is_no_half_day(contact: Contact) -> None:
    assert codes(contact, Slot(MONDAY - timedelta(days=1), AM)) == ["calendar.no-window"]


def test_a_closed_day_says_so(cast: Cast, contact: Contact) -> None:
    VisitWish.objects.create(
        enterprise=cast.noodle_shop, kind="closed", weekday=2, part="pm", said_by="owner", said_at=NOW
    )
    assert codes(contact, Slot(WEEK[2], PM)) == ["calendar.closed"]
    assert codes(contact, Slot(WEEK[2], AM)) == []


def test_more_closed_days_than_the_number_allows_do_not_hold(cast: Cast, contact: Contact) -> None:
    LegalNumber.objects.filter(code="closed-days-a-month").update(value=1)
    VisitWish.objects.create(
        enterprise=cast.noodle_shop,
        kind="closed",
        from_on=WEEK[1],
        until_on=WEEK[3],
        said_by="owner",
        said_at=NOW,
    )
    assert codes(contact, Slot(WEEK[1], AM)) == ["calendar.closed"]
    assert codes(contact, Slot(WEEK[2], AM)) == []


def test_another_visit_on_the_day_is_one_too_many(cast: Cast, contact: Contact) -> None:
    stage.stand(stage.visit(cast.noodle_shop, "110112-fire"), WEEK[2])
    assert codes(contact, Slot(WEEK[2], PM)) == ["calendar.often"]


def test_officers_who_are_on_another_visit_are_not_there(contact: Contact) -> None:
    other = stage.stand(stage.visit(enterprise(70, "他家", "110112")), WEEK[2])
    stage.draw_people(contact, MARKET, "T-0001", "T-0002")
    assert codes(contact, Slot(WEEK[2], AM)) == []
    stage.draw_people(other, MARKET, "T-0001")
    assert codes(contact, Slot(WEEK[2], AM)) == ["calendar.no-officer"]
    assert codes(contact, Slot(WEEK[2], PM)) == []


def test_a_pool_that_other_visits_have_emptied_has_nobody_left(contact: Contact) -> None:
    stage.stand(stage.visit(enterprise(70, "他家", "110112")), WEEK[2])
    reasons = services.try_move(now=NOW, contact=contact, slot=Slot(WEEK[2], AM))
    assert [reason.code for reason in reasons] == ["calendar.no-pool"]
    assert str(reasons[0]).startswith("通州区市场监督管理局")


def test_an_officer_who_is_away_leaves_too_few(contact: Contact) -> None:
    stage.away("T-0001", WEEK[2], part="am")
    assert codes(contact, Slot(WEEK[2], AM)) == ["calendar.no-pool"]
    assert codes(contact, Slot(WEEK[2], PM)) == []


def test_a_certificate_that_has_ended_leaves_too_few(contact: Contact) -> None:
    Officer.objects.filter(certificate="T-0001").update(valid_until=WEEK[1])
    assert codes(contact, Slot(WEEK[1], AM)) == []
    assert codes(contact, Slot(WEEK[2], AM)) == ["calendar.no-pool"]


def test_the_competence_that_is_missing_is_named(contact: Contact) -> None:
    Officer.objects.filter(certificate="T-0002").update(competences=["market-02"])
    reasons = services.try_move(now=NOW, contact=contact, slot=Slot(WEEK[2], AM))
    assert [reason.code for reason in reasons] == ["calendar.no-competence"]
    assert "market-01" in str(reasons[0]) and WEEK[2].isoformat() in str(reasons[0])


def test_a_recused_officer_does_not_count(cast: Cast, contact: Contact) -> None:
    Recusal.objects.create(
        officer=Officer.objects.get(certificate="T-0001"),
        enterprise=cast.noodle_shop,
        reason="亲属",
        from_on=WEEK[2],
    )
    assert codes(contact, Slot(WEEK[1], AM)) == []
    assert codes(contact, Slot(WEEK[2], AM)) == ["calendar.recused"]


def test_who_went_there_the_last_time_does_not_count(cast: Cast, contact: Contact) -> None:
    earlier = stage.visit(cast.noodle_shop, first=stage.TODAY, last=stage.TODAY)
    stage.draw_people(earlier, MARKET, "T-0002")
    Contact.objects.filter(pk=earlier.pk).update(state="made", made_on=date(2026, 3, 2))
    assert codes(contact, Slot(WEEK[2], AM)) == ["calendar.recused"]


def test_without_a_vehicle_nobody_goes(cast: Cast, contact: Contact) -> None:
    Equipment.objects.create(agency=cast.agency_a, kind="vehicle", code="vehicle", name="车辆", count=0)
    assert codes(contact, Slot(WEEK[2], AM)) == ["calendar.no-vehicle"]


def test_an_officer_has_so_many_visits_a_day_at_most(contact: Contact) -> None:
    LegalNumber.objects.filter(code="visits-an-officer-a-day").update(value=1)
    other = stage.stand(stage.visit(enterprise(70, "他家", "110112")), WEEK[2])
    for one in (contact, other):
        stage.draw_people(one, MARKET, "T-0001", "T-0002")
    assert codes(contact, Slot(WEEK[2], PM)) == ["calendar.no-officer"] * 2
    assert codes(contact, Slot(WEEK[1], PM)) == []


def test_a_notice_would_come_too_late(cast: Cast, round_: Round) -> None:
    soon = stage.TODAY + timedelta(days=2)
    announced = stage.visit(cast.paint_factory, "110115-fire", first=stage.TODAY)
    assert codes(announced, Slot(soon, AM)) == ["calendar.notice"]
    Contact.objects.filter(pk=announced.pk).update(unannounced=True)
    assert codes(announced, Slot(soon, AM)) == []


def test_moved_by_hand_it_is_kept_pinned_and_listed(round_: Round, contact: Contact) -> None:
    schedule = services.move(
        actor="office", now=NOW, contact=contact, slot=Slot(WEEK[2], PM), because="店主出差"
    )
    assert stage.slot_of(contact) == Slot(WEEK[2], PM)
    assert schedule.cause == ScheduleCause.MOVE and queries.find_kept(round_) == schedule
    (change,) = queries.list_changes(schedule)
    assert (change.was, change.to) == (Slot(MONDAY, AM), Slot(WEEK[2], PM))
    pin = queries.find_pin(contact)
    assert pin is not None and pin.because == "店主出差"
    acts = Entry.objects.filter(subject=f"visit:{contact.uuid}").values_list("act", flat=True)
    assert {"visit.rescheduled", "visit.pinned"} <= set(acts)


def test_a_move_that_breaks_a_rule_is_refused_and_changes_nothing(contact: Contact) -> None:
    stage.away("T-0001", WEEK[2])
    with pytest.raises(Refused) as refused:
        services.move(actor="office", now=NOW, contact=contact, slot=Slot(WEEK[2], AM))
    assert refused.value.codes == ("calendar.no-pool",)
    assert stage.slot_of(contact) == Slot(MONDAY, AM)
    assert queries.find_pin(contact) is None


def test_where_a_visit_may_be_dragged_to_is_known(contact: Contact) -> None:
    stage.away("T-0001", WEEK[1], WEEK[3])
    free = services.list_free_slots(now=NOW, contact=contact)
    assert free == [Slot(day, part) for day in (MONDAY, WEEK[4]) for part in (AM, PM)]


def test_only_a_visit_with_a_half_day_and_a_reason_is_pinned(cast: Cast, round_: Round) -> None:
    with pytest.raises(Refused) as refused:
        services.pin(
            actor="office", now=NOW, contact=stage.visit(cast.paint_factory, "110115-fire"), because=""
        )
    assert refused.value.codes == ("pin.because", "pin.no-place")


def test_a_visit_of_no_round_asks_the_gate_and_not_the_calendar(contact: Contact) -> None:
    Contact.objects.filter(pk=contact.pk).update(round="")
    assert codes(contact, Slot(WEEK[2], AM)) == ["calendar.no-round"]


def test_unpinned_it_may_move_again(contact: Contact) -> None:
    services.pin(actor="office", now=NOW, contact=contact, because="局长同去")
    services.unpin(actor="office", now=NOW, contact=contact)
    assert queries.find_pin(contact) is None
    with pytest.raises(Refused) as refused:
        services.unpin(actor="office", now=NOW, contact=contact)
    assert refused.value.codes == ("pin.none",)


def test_a_visit_that_is_not_planned_any_more_does_not_move(contact: Contact) -> None:
    Contact.objects.filter(pk=contact.pk).update(state="cancelled")
    assert codes(contact, Slot(WEEK[2], AM)) == ["calendar.not-planned"]
