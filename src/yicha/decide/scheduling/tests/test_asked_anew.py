"""An answer was given for a half day: with another one the agency is told and asked anew."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.cast import NOW, Cast
from yicha.base.ledger import queries as ledger
from yicha.base.messages.models import Message
from yicha.decide.planning.models import Round
from yicha.decide.scheduling import services
from yicha.decide.scheduling.models import Answer
from yicha.decide.scheduling.queries import answers as queries
from yicha.decide.scheduling.services import answers as answering
from yicha.decide.scheduling.terms import AnswerState, Slot
from yicha.decide.scheduling.tests import stage
from yicha.decide.scheduling.tests.stage import FIRE, MARKET
from yicha.kernel.refusal import Refused
from yicha.know.visits import services as visits
from yicha.know.visits.models import Contact
from yicha.know.visits.terms import ContactState

pytestmark = pytest.mark.django_db


@pytest.fixture
def round_(cast: Cast) -> Round:
    """A round with a calendar; every agency has accepted every part."""
    found = stage.matched_round()
    stage.kept(found)
    rows = list(queries.list_open())
    answering.accept_all(actor="planner", now=NOW, answers=rows, expected=len(rows))
    return found


@pytest.fixture
def joint(round_: Round) -> Contact:
    """A visit of market regulation and fire in 通州."""
    found = Contact.objects.filter(round=round_.code, state="planned", items__agency__code=FIRE)
    contact = found.filter(pk__in=found.filter(items__agency__code=MARKET).values("pk")).first()
    assert contact is not None
    return contact


def other_slot(contact: Contact) -> Slot:
    """The first free half day on another day."""
    contact = stage.again(contact)
    free = services.list_free_slots(now=NOW, contact=contact)
    return next(slot for slot in free if slot.day != contact.planned_on)


def of(contact: Contact, agency: str) -> Answer:
    return Answer.objects.get(contact=contact, agency__code=agency)


def states() -> dict[tuple[int, str], str]:
    return {(row.contact_id, row.agency.code): row.state for row in Answer.objects.select_related("agency")}


def test_who_accepted_another_half_day_is_told_and_asked_anew_and_nobody_else(
    round_: Round, joint: Contact
) -> None:
    was, to = stage.slot_of(joint), other_slot(joint)
    services.move(actor="office", now=NOW, contact=joint, slot=to, because="店主出差")
    asked = {key for key, state in states().items() if state == AnswerState.ASKED}
    assert asked == {(joint.pk, MARKET), (joint.pk, FIRE)}
    row = of(joint, MARKET)
    assert (row.day, row.part, row.answered_at, row.times_asked) == (to.day, to.part, None, 1)
    told = Message.objects.filter(kind="part-moved")
    assert {one.audience for one in told} == {f"agency:{MARKET}", f"agency:{FIRE}"}
    assert was and str(was.day) in told[0].text and str(to.day) in told[0].text and "店主出差" in told[0].text
    acts = [
        entry for entry in ledger.list_entries_of(f"visit:{joint.uuid}") if entry.act == "answer.asked-anew"
    ]
    assert {entry.body["agency"] for entry in acts} == {MARKET, FIRE}
    assert acts[0].body["to"] == f"{to.day} {to.part}"


def test_who_asked_for_the_move_has_accepted_it(round_: Round, joint: Contact) -> None:
    services.move(actor="planner", now=NOW, contact=joint, slot=other_slot(joint), agency=MARKET)
    assert (of(joint, MARKET).state, of(joint, FIRE).state) == (AnswerState.ACCEPTED, AnswerState.ASKED)
    assert [one.audience for one in Message.objects.filter(kind="part-moved")] == [f"agency:{FIRE}"]
    services.move(actor="planner", now=NOW, contact=stage.again(joint), slot=other_slot(joint), agency=FIRE)
    assert (of(joint, MARKET).state, of(joint, FIRE).state) == (AnswerState.ASKED, AnswerState.ACCEPTED)
    assert of(joint, FIRE).answered_by == "planner", "what was open is accepted too"


def test_after_a_lost_day_all_that_moves_is_asked_anew_in_one_message_for_each_agency(
    round_: Round, joint: Contact
) -> None:
    day = joint.planned_on
    assert day is not None
    schedule = services.lose_day(actor="office", now=NOW, round_=round_, day=day, because="暴雨")
    services.keep(actor="office", now=NOW, schedule=stage.made(schedule))
    moved = Contact.objects.filter(placements__schedule=schedule, placements__was_day=day, state="planned")
    asked = {contact for (contact, _), state in states().items() if state == AnswerState.ASKED}
    assert joint.pk in asked == set(moved.values_list("pk", flat=True))
    told = list(Message.objects.filter(kind="part-moved").values_list("audience", flat=True))
    assert len(told) == len(set(told)) and {f"agency:{MARKET}", f"agency:{FIRE}"} <= set(told)
    rows = Answer.objects.filter(contact__in=asked).select_related("contact")
    assert all((row.day, row.part) == (row.contact.planned_on, row.contact.planned_part) for row in rows)


def test_the_new_clock_is_whole_but_ends_before_the_visit(round_: Round, joint: Contact) -> None:
    slot = other_slot(joint)
    eve = NOW + timedelta(days=(slot.day - stage.TODAY).days - 1)
    Contact.objects.filter(pk=joint.pk).update(unannounced=True)
    services.move(actor="office", now=eve, contact=joint, slot=slot)
    row = of(joint, MARKET)
    assert row.due_on == slot.day - timedelta(days=1) == eve.date()
    answering.settle_silence(actor="yicha", now=eve + timedelta(days=1))
    row.refresh_from_db()
    assert (row.state, row.by_silence) == (AnswerState.ACCEPTED, True)


def test_what_stays_or_comes_back_is_asked_about_as_it_is(round_: Round, joint: Contact) -> None:
    before = states()
    assert services.ask_answers(actor="office", now=NOW, round_=round_) == 0
    assert states() == before and not Message.objects.filter(kind="part-moved").exists()
    Contact.objects.filter(pk=joint.pk).update(planned_part="pm" if joint.planned_part == "am" else "am")
    assert services.ask_answers(actor="office", now=NOW, round_=round_) == 2


def test_a_part_that_was_moved_may_be_declined_after_all(round_: Round, joint: Contact) -> None:
    services.move(actor="office", now=NOW, contact=joint, slot=other_slot(joint))
    answering.decline(actor="planner", now=NOW, answer=of(joint, FIRE), because="当日另有任务")
    assert stage.again(joint).state == ContactState.PLANNED
    assert not joint.items.filter(agency__code=FIRE).exists()


def test_of_a_visit_that_has_begun_nothing_moves_and_no_part_leaves(round_: Round, joint: Contact) -> None:
    """The officers came before the planned day: the visit is not made yet, and no longer the calendar's."""
    slot, before = other_slot(joint), stage.slot_of(joint)
    services.move(actor="office", now=NOW, contact=joint, slot=slot)
    schedule = stage.made(
        services.lose_day(actor="office", now=NOW, round_=round_, day=slot.day, because="暴雨")
    )
    assert str(joint.uuid) in {str(row.contact.uuid) for row in schedule.placements.filter(was_day=slot.day)}
    visits.begin(contact=joint, on=stage.TODAY)
    kept = services.keep(actor="office", now=NOW, schedule=schedule)
    assert kept.left_out == (str(joint.uuid),) and stage.slot_of(joint) == slot != before
    again = stage.again(joint)
    reasons = services.try_move(now=NOW, contact=again, slot=slot)
    assert [reason.code for reason in reasons] == ["calendar.begun"]
    assert services.list_free_slots(now=NOW, contact=again) == []
    with pytest.raises(Refused) as caught:
        answering.decline(actor="planner", now=NOW, answer=of(joint, FIRE), because="当日另有任务")
    assert caught.value.codes == ("answer.begun",)
    anew = stage.proposed(round_)
    assert not anew.placements.filter(contact=joint).exists()
    with pytest.raises(Refused) as caught:
        visits.reschedule(actor="office", now=NOW, slots={joint.pk: slot}, because="x")
    assert caught.value.codes == ("visits.begun",)
    with pytest.raises(Refused) as caught:
        visits.cancel_contacts(actor="office", now=NOW, because={joint.pk: "x"})
    assert caught.value.codes == ("visits.begun",)
