"""Days of planned visits: moved all or none, given up with a reason."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from tests.cast import NOW, TODAY, Cast
from yicha.base.ledger.models import Entry
from yicha.kernel.refusal import Refused
from yicha.know.registry.terms import DayPart
from yicha.know.visits import services
from yicha.know.visits.models import Contact
from yicha.know.visits.terms import ContactKind, PlannedContact

pytestmark = pytest.mark.django_db

AM, PM = DayPart.MORNING, DayPart.AFTERNOON
LAST = TODAY + timedelta(days=9)


@pytest.fixture
def two(cast: Cast) -> list[Contact]:
    """Two planned visits whose windows are ten days."""
    return services.plan_contacts(
        actor="office",
        now=NOW,
        planned=[
            PlannedContact(
                uscc, cast.agency_a.code, ContactKind.DAILY, "2026Q3", TODAY, LAST, TODAY, items=()
            )
            for uscc in (cast.noodle_shop.uscc, cast.chip_maker.uscc)
        ],
    )


def move(contacts: list[Contact], day: date, part: DayPart = AM) -> list[Contact]:
    slots = {contact.pk: (day, part) for contact in contacts}
    return services.reschedule(actor="office", now=NOW, slots=slots, because="test")


def test_what_moves_is_written_with_where_it_was(two: list[Contact]) -> None:
    move(two, LAST, PM)
    assert set(Contact.objects.values_list("planned_on", "planned_part")) == {(LAST, "pm")}
    said = Entry.objects.filter(act="visit.rescheduled").values_list("body", flat=True)
    expected = {"from": TODAY.isoformat(), "to": f"{LAST.isoformat()} pm", "because": "test"}
    assert list(said) == [expected, expected]


def test_what_stays_is_no_act(two: list[Contact]) -> None:
    move(two, LAST)
    assert move(two, LAST) == []
    assert Entry.objects.filter(act="visit.rescheduled").count() == 2


def test_outside_its_window_no_visit_is_put_and_none_of_the_others(two: list[Contact]) -> None:
    slots = {two[0].pk: (LAST, AM), two[1].pk: (LAST + timedelta(days=1), AM)}
    with pytest.raises(Refused) as refused:
        services.reschedule(actor="office", now=NOW, slots=slots, because="test")
    assert refused.value.codes == ("visits.outside-window",)
    assert set(Contact.objects.values_list("planned_on", "planned_part")) == {(TODAY, "")}


def test_what_is_not_planned_any_more_moves_nowhere(two: list[Contact]) -> None:
    services.cancel_contacts(actor="office", now=NOW, because={two[0].pk: "nobody is there"})
    with pytest.raises(Refused) as refused:
        move(two, LAST)
    assert refused.value.codes == ("visits.not-planned-any-more",)
    assert "北京马驹桥老面馆" in str(refused.value)
    with pytest.raises(Refused) as refused:
        services.cancel_contacts(actor="office", now=NOW, because={two[0].pk: "again"})
    assert refused.value.codes == ("visits.not-planned-any-more",)


def test_a_visit_that_is_given_up_says_why(two: list[Contact]) -> None:
    services.cancel_contacts(actor="office", now=NOW, because={two[0].pk: "nobody is there"})
    assert [contact.state for contact in Contact.objects.order_by("pk")] == ["cancelled", "planned"]
    assert Entry.objects.get(act="visit.cancelled").body == {"because": "nobody is there"}
