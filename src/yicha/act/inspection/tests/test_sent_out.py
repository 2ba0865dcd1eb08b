"""A visit of a round begins when every head has approved and the enterprise has its notice; any other by its code."""

from __future__ import annotations

from datetime import datetime, time, timedelta

import pytest

from tests.cast import NOW, Cast
from yicha.act.dispatch import services as dispatch
from yicha.act.dispatch.tests import factories
from yicha.act.inspection import services
from yicha.act.inspection.models import Visit
from yicha.act.inspection.terms import VisitState
from yicha.act.inspection.tests.factories import CREW
from yicha.decide.gate import services as gate
from yicha.decide.planning.models import VisitOfficer
from yicha.kernel import clock
from yicha.kernel.refusal import Refused
from yicha.know.registry.models import Agency, Officer
from yicha.know.visits.models import Contact

THEN = datetime.combine(factories.DAY, time(9), clock.BEIJING)


@pytest.fixture
def contact(cast: Cast) -> Contact:
    """A visit that may be sent out."""
    return factories.ready(cast.noodle_shop)


def opened(contact: Contact) -> Visit:
    crew = [(str(contact.uuid), agency, one) for agency in factories.BOTH for one in CREW[agency]]
    (visit,) = services.open_visits(actor="planner", now=NOW, contacts=[contact.uuid], assignment=crew)
    return visit


def start(visit: Visit) -> Visit:
    return services.start_visit(actor="officer-a", now=THEN, visit=visit, on=factories.DAY)


def test_nobody_goes_on_a_visit_of_a_round_that_was_never_sent_out(contact: Contact) -> None:
    visit = opened(contact)
    with pytest.raises(Refused) as caught:
        start(visit)
    assert caught.value.codes == ("visit.not-prepared",)
    row = factories.prepared(contact)
    dispatch.withdraw(actor="planner", now=NOW, dispatch=row, because="另行安排")
    with pytest.raises(Refused) as caught:
        start(visit)
    assert caught.value.codes == ("visit.not-prepared",)


def test_on_its_day_a_visit_that_was_sent_out_is_open_for_the_officers_drawn(contact: Contact) -> None:
    row = factories.approved(contact)
    assert services.open_arriving(actor="yicha", now=THEN) == []
    dispatch.notify(actor="planner", now=NOW + timedelta(hours=1), dispatches=[row])
    assert services.open_arriving(actor="yicha", now=THEN - timedelta(days=1)) == []
    (visit,) = services.open_arriving(actor="yicha", now=THEN)
    crews = {part.agency.code: {one.certificate for one in part.officers.all()} for part in visit.parts.all()}
    assert crews == {agency: set(CREW[agency]) for agency in factories.BOTH}
    assert services.open_arriving(actor="yicha", now=THEN) == []
    assert start(visit).state == VisitState.STARTED


def test_whoever_has_the_gates_code_finds_the_visit_open(contact: Contact) -> None:
    """An emergency needs no notice; without officers it waits for them."""
    Contact.objects.filter(pk=contact.pk).update(round="", trigger="emergency")
    assert services.open_arriving(actor="yicha", now=THEN) == []
    contact.refresh_from_db()
    officers = [one for agency in factories.BOTH for one in CREW[agency]]
    gate.issue_code(actor="gate", now=NOW, contact=contact, officers=officers)
    VisitOfficer.objects.filter(officer__certificate=officers[0]).delete()
    assert services.open_arriving(actor="yicha", now=THEN) == []
    VisitOfficer.objects.create(
        contact=contact,
        agency=Agency.objects.get(code=factories.BOTH[0]),
        officer=Officer.objects.get(certificate=officers[0]),
        draw_id="D-1",
    )
    (visit,) = services.open_arriving(actor="yicha", now=THEN)
    assert start(visit).state == VisitState.STARTED


@pytest.mark.parametrize("trigger", ["emergency", "complaint", "offsite-clue"])
def test_what_came_through_the_gate_begins_at_once(contact: Contact, trigger: str) -> None:
    Contact.objects.filter(pk=contact.pk).update(round="", trigger=trigger)
    contact.refresh_from_db()
    assert start(opened(contact)).state == VisitState.STARTED


def test_nobody_goes_before_every_head_has_approved(contact: Contact) -> None:
    visit = opened(contact)
    factories.prepared(contact)
    with pytest.raises(Refused) as caught:
        start(visit)
    assert caught.value.codes == ("visit.not-sent-out",)


def test_nobody_goes_before_the_notice_is_sent(contact: Contact) -> None:
    visit = opened(contact)
    factories.approved(contact)
    with pytest.raises(Refused) as caught:
        start(visit)
    assert caught.value.codes == ("visit.not-sent-out",)


def test_with_its_notice_the_visit_begins(contact: Contact) -> None:
    visit = opened(contact)
    row = factories.approved(contact)
    dispatch.notify(actor="planner", now=NOW + timedelta(hours=1), dispatches=[row])
    assert start(visit).state == VisitState.STARTED
    contact.refresh_from_db()
    assert contact.begun_on == factories.DAY, "no calendar moves it any more"
