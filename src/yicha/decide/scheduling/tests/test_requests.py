"""An enterprise asks for another half day: it gets it, or not, and learns nothing of what it was not told."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from tests.cast import NOW, Cast, enterprise
from yicha.decide.gate.models import VisitCode
from yicha.decide.scheduling import queries, services
from yicha.decide.scheduling.models import Schedule
from yicha.decide.scheduling.rules.life import OVERTAKEN
from yicha.decide.scheduling.rules.requests import tell
from yicha.decide.scheduling.terms import RequestOutcome, ScheduleState, Slot
from yicha.decide.scheduling.tests import stage
from yicha.decide.scheduling.tests.stage import AM, FIRE, MARKET, MONDAY, TODAY, WEEK
from yicha.kernel.refusal import Refused
from yicha.know.visits.models import Contact

WANTED = Slot(WEEK[2], AM)
TOMORROW = TODAY + timedelta(days=1)


def ask(contact: Contact, slot: Slot = WANTED) -> Schedule:
    return services.ask_slot(actor="owner", now=NOW, contact=stage.again(contact), slot=slot, because="盘点")


def outcome(contact: Contact, today: date = TODAY) -> RequestOutcome:
    (found,) = queries.list_slot_requests(contact, today)
    assert found.slot == WANTED
    return found.outcome


@pytest.mark.django_db
def test_a_hidden_visit_in_the_way_looks_like_any_other_answer(cast: Cast) -> None:
    """Two enterprises ask the same. At one of them somebody comes unannounced on the day: nobody may know it."""
    stage.empty_round()
    other = enterprise(60, "乙面馆", "110112")
    open_, betrayed = (stage.stand(stage.visit(one), MONDAY) for one in (cast.noodle_shop, other))
    hidden = stage.stand(stage.visit(other, FIRE, unannounced=True), WEEK[2])
    Contact.objects.filter(pk=hidden.pk).update(round="")
    proposed = stage.made(ask(open_))
    refused = stage.made(ask(betrayed))
    assert (proposed.state, refused.state) == (ScheduleState.PROPOSED, ScheduleState.REFUSED)
    assert [reason.code for reason in refused.reason_list] == ["calendar.often"], "the office reads why"
    assert outcome(open_) == outcome(betrayed) == RequestOutcome.LOOKED_AT
    services.discard(actor="office", now=NOW, schedule=proposed)
    assert outcome(open_, TOMORROW) == outcome(betrayed, TOMORROW) == RequestOutcome.NOT_AGREED


@pytest.mark.django_db
def test_who_was_told_a_day_makes_no_room_for_another_ones_wish(cast: Cast) -> None:
    round_ = stage.empty_round()
    one = stage.stand(stage.visit(cast.noodle_shop), MONDAY)
    told = stage.stand(stage.visit(enterprise(60, "乙面馆", "110112")), *WANTED)
    for contact in (one, told):
        stage.draw_people(contact, MARKET, "T-0001", "T-0002")
    first = stage.made(ask(one))
    assert first.state == ScheduleState.PROPOSED and len(queries.list_changes(first)) == 2, "the other moves"
    services.discard(actor="office", now=NOW, schedule=first)
    Schedule.objects.all().delete()
    days = {"valid_from": WEEK[2], "valid_until": WEEK[2]}
    VisitCode.objects.create(
        contact=told, token="t", digest="d", kid="k", state="live", issued_at=NOW, **days
    )
    second = stage.made(ask(one))
    assert [reason.code for reason in second.reason_list] == ["calendar.no-officer"] * 2
    assert queries.find_unfinished(round_) is None


@pytest.mark.django_db
def test_what_nobody_looked_at_may_be_asked_again(cast: Cast) -> None:
    stage.empty_round()
    contact = stage.stand(stage.visit(cast.noodle_shop), MONDAY)
    schedule = ask(contact)
    with pytest.raises(Refused) as caught:
        ask(contact, Slot(WEEK[3], AM))
    assert caught.value.codes == ("wish.asked-before",)
    Schedule.objects.filter(pk=schedule.pk).update(state="running", phase="solving")
    assert services.bury(NOW) == 1
    assert outcome(contact) == RequestOutcome.OVERTAKEN
    assert stage.made(ask(contact)).state == ScheduleState.PROPOSED


@pytest.mark.django_db
def test_while_another_calendar_is_made_the_enterprise_is_asked_to_come_back(cast: Cast) -> None:
    round_ = stage.empty_round()
    contact = stage.stand(stage.visit(cast.noodle_shop), MONDAY)
    services.ask_schedule(actor="office", now=NOW, round_=round_)
    with pytest.raises(Refused) as caught:
        ask(contact)
    assert caught.value.codes == ("wish.busy",)
    assert queries.list_slot_requests(contact, TODAY) == []


@pytest.mark.django_db
def test_a_visit_that_no_longer_lies_ahead_cannot_move(cast: Cast) -> None:
    stage.empty_round()
    contact = stage.stand(stage.visit(cast.noodle_shop), MONDAY)
    schedule = ask(contact)
    Contact.objects.filter(pk=contact.pk).update(begun_on=TODAY)
    done = stage.made(schedule)
    assert [reason.code for reason in done.reason_list] == ["wish.no-visit"]


def test_before_the_next_day_only_the_office_says_no() -> None:
    """Whatever the solver found, until the next day the answer is the same."""
    for state in (ScheduleState.PROPOSED, ScheduleState.REFUSED):
        told = tell(state, phase="done", was_looked_at=True, ended_on=TODAY, today=TODAY)
        assert told == RequestOutcome.LOOKED_AT
    late = tell(ScheduleState.REFUSED, phase="", was_looked_at=True, ended_on=TODAY, today=TOMORROW)
    office = tell(ScheduleState.DISCARDED, phase="", was_looked_at=True, ended_on=TODAY, today=TODAY)
    overtaken = tell(
        ScheduleState.DISCARDED, phase=OVERTAKEN, was_looked_at=True, ended_on=TODAY, today=TODAY
    )
    assert (late, office, overtaken) == (
        RequestOutcome.NOT_AGREED,
        RequestOutcome.NOT_AGREED,
        RequestOutcome.OVERTAKEN,
    )
