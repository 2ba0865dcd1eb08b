"""What agencies say to their parts of placed visits, and what comes of it."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.cast import NOW, TODAY, Cast
from yicha.base.ledger import queries as ledger
from yicha.base.workdays import queries as workdays
from yicha.decide.planning import queries as planning
from yicha.decide.planning import services as planning_services
from yicha.decide.planning.models import Demand, Round, VisitOfficer
from yicha.decide.planning.terms import DemandState, RoundState
from yicha.decide.planning.tests import factories
from yicha.decide.scheduling.models import Answer
from yicha.decide.scheduling.queries import answers as queries
from yicha.decide.scheduling.rules.answers import ANSWER_LIFE, is_late
from yicha.decide.scheduling.services import answers as services
from yicha.decide.scheduling.services import ask_answers
from yicha.decide.scheduling.terms import AnswerState
from yicha.kernel.refusal import Refused
from yicha.know.catalogue.models import LegalNumber
from yicha.know.registry.models import Agency, Officer
from yicha.know.registry.terms import DayPart
from yicha.know.visits import services as visits
from yicha.know.visits.models import Contact
from yicha.know.visits.terms import ContactState


@pytest.fixture
def round_(cast: Cast) -> Round:
    """The third quarter, matched; every visit has its half day."""
    factories.ground(people=4)
    found = factories.opened()
    factories.collected(factories.published())
    planning_services.match(actor="office", now=NOW, round_=found)
    place(found)
    return planning.get_round("2026Q3")


def place(round_: Round) -> None:
    """Put every visit on the last day of its window, in the morning: all clocks are shorter than that."""
    slots = {
        contact.pk: (contact.window_to, DayPart.MORNING)
        for contact in Contact.objects.filter(round=round_.code, state="planned")
    }
    visits.reschedule(actor="office", now=NOW, slots=slots, because="a calendar")


def ask(round_: Round) -> list[Answer]:
    ask_answers(actor="office", now=NOW, round_=round_)
    return list(queries.list_answers())


def of(agency_kind: str, contact: Contact | None = None) -> Answer:
    """An open part of an agency of a kind, in a visit that a second agency takes part in."""
    rows = queries.list_open().filter(agency__kind__code=agency_kind)
    found = rows.filter(contact=contact).first() if contact else rows.first()
    assert found is not None
    return found


def decline(answer: Answer, because: str = "证件均已到期") -> Answer:
    return services.decline(actor="planner", now=NOW, answer=answer, because=because)


def codes_of(subject: str) -> list[str]:
    return [entry.act for entry in ledger.list_entries_of(subject)]


def test_every_agency_of_every_visit_is_asked_once_with_its_clock(round_: Round) -> None:
    answers = ask(round_)
    assert len(answers) == len(queries.list_parts("2026Q3")) > Contact.objects.filter(round="2026Q3").count()
    assert {answer.state for answer in answers} == {AnswerState.ASKED}
    assert {answer.due_on for answer in answers} == {
        workdays.find_deadline(TODAY, 3, workdays.get_calendar()).on
    }
    assert ask_answers(actor="office", now=NOW, round_=round_) == 0


def test_the_list_begins_with_what_waits_for_an_answer(round_: Round) -> None:
    place(round_)
    first, second, *others = ask(round_)
    services.accept(actor="fire", now=NOW, answer=first)
    Answer.objects.filter(pk=second.pk).update(due_on=second.due_on + timedelta(days=1))
    listed = [row.pk for row in queries.list_open_first()]
    assert (listed[-1], listed[-2]) == (first.pk, second.pk) and len(listed) == len(others) + 2


def test_a_visit_that_no_calendar_has_placed_is_not_asked_about(round_: Round) -> None:
    Contact.objects.update(planned_part="")
    assert ask(round_) == []


def test_an_accepted_part_is_written_down_with_who_and_when(round_: Round) -> None:
    answer = services.accept(actor="planner", now=NOW, answer=ask(round_)[0])
    assert (answer.state, answer.answered_by, answer.answered_at, answer.by_silence) == (
        AnswerState.ACCEPTED,
        "planner",
        NOW,
        False,
    )
    assert "answer.accepted" in codes_of(f"visit:{answer.contact.uuid}")


def test_an_accepted_part_is_not_declined_afterwards(round_: Round) -> None:
    answer = services.accept(actor="planner", now=NOW, answer=ask(round_)[0])
    with pytest.raises(Refused) as caught:
        decline(answer)
    assert caught.value.codes == ("answer.state",)


def test_who_declines_says_why(round_: Round) -> None:
    answer = ask(round_)[0]
    for act in (services.decline, services.move_off_site, services.let_fall):
        with pytest.raises(Refused) as caught:
            act(actor="planner", now=NOW, answer=answer, because=" ")
        assert caught.value.codes == ("answer.because",)


def test_of_a_visit_that_is_gone_nothing_is_answered(round_: Round) -> None:
    answer = ask(round_)[0]
    visits.cancel_contacts(actor="office", now=NOW, because={answer.contact_id: "closed"})
    with pytest.raises(Refused) as caught:
        services.accept(actor="planner", now=NOW, answer=answer)
    assert caught.value.codes == ("answer.visit-gone",)
    assert not queries.list_open().filter(contact=answer.contact).exists()


def test_many_are_accepted_at_once_if_they_are_as_many_as_were_shown(round_: Round) -> None:
    ask(round_)
    mine = queries.list_open().filter(agency__code="110112-fire")
    count = mine.count()
    with pytest.raises(Refused) as caught:
        services.accept_all(actor="planner", now=NOW, answers=mine, expected=count + 1)
    assert caught.value.codes == ("answer.others-by-now",)
    assert services.accept_all(actor="planner", now=NOW, answers=mine, expected=count) == count > 1
    assert not mine.all().exists()
    assert queries.list_open().exists(), "those of other agencies stay open"


def test_a_declined_part_leaves_the_visit_which_goes_on_with_the_others(round_: Round) -> None:
    ask(round_)
    answer = of("fire")
    contact = answer.contact
    officer = Officer.objects.get(certificate="T-0003")
    VisitOfficer.objects.create(contact=contact, agency=answer.agency, officer=officer, draw_id="x")
    declined = decline(answer)
    contact.refresh_from_db()
    assert (declined.state, declined.because) == (AnswerState.DECLINED, "证件均已到期")
    assert contact.state == ContactState.PLANNED
    assert contact.lead_agency.kind.code == "market", "the lead stays"
    assert {item.agency.kind.code for item in contact.items.all()} == {"market"}
    assert not VisitOfficer.objects.filter(contact=contact).exists(), "its officers are free"
    back = Demand.objects.filter(enterprise=contact.enterprise, agency=answer.agency)
    assert {demand.state for demand in back} == {DemandState.WAITING}
    assert {demand.contact_id for demand in back} == {None}
    assert planning.get_round("2026Q3").state == RoundState.MATCHED, "it can be matched as it is"
    assert [found.pk for found in queries.list_to_arbitrate()] == [answer.pk]


def test_the_lead_that_declines_is_followed_by_another(round_: Round) -> None:
    ask(round_)
    contact = of("market").contact
    fire = contact.items.exclude(agency=contact.lead_agency).get().agency
    decline(of("market", contact))
    contact.refresh_from_db()
    assert contact.lead_agency == fire
    assert "visit.part-left" in codes_of(f"visit:{contact.uuid}")


def test_a_visit_that_everybody_declines_is_cancelled(round_: Round) -> None:
    ask(round_)
    contact = of("market").contact
    before = planning.get_round("2026Q3").visits_with
    decline(of("market", contact))
    decline(of("fire", contact))
    contact.refresh_from_db()
    assert contact.state == ContactState.CANCELLED
    assert planning.get_round("2026Q3").visits_with == before - 1


def test_the_office_lets_the_checks_of_a_declined_part_fall(round_: Round) -> None:
    ask(round_)
    answer = decline(of("fire"))
    fallen = services.let_fall(actor="office", now=NOW, answer=answer, because="下季度另行安排")
    back = Demand.objects.filter(enterprise=answer.contact.enterprise, agency=answer.agency)
    assert {demand.state for demand in back} == {DemandState.WITHDRAWN}
    assert fallen == back.count()
    assert not queries.list_to_arbitrate().exists()


def test_a_part_that_matching_brings_back_is_asked_about_again(round_: Round) -> None:
    ask(round_)
    answer = decline(of("fire"))
    planning_services.match(actor="office", now=NOW, round_=round_)
    assert ask_answers(actor="office", now=NOW, round_=round_) == 1
    answer.refresh_from_db()
    assert (answer.state, answer.because, answer.answered_at) == (AnswerState.ASKED, "", None)


def test_a_part_moved_off_site_becomes_spared_checks(round_: Round) -> None:
    ask(round_)
    answer = of("fire")
    contact = answer.contact
    services.move_off_site(actor="planner", now=NOW, answer=answer, because="物联网已接入")
    contact.refresh_from_db()
    assert contact.state == ContactState.PLANNED
    demands = Demand.objects.filter(enterprise=contact.enterprise, agency=answer.agency)
    assert {(demand.state, demand.outcome) for demand in demands} == {(DemandState.SPARED, "offsite")}
    (spared,) = {demand.contact for demand in demands}
    assert spared is not None
    assert (spared.state, spared.spared_by) == (ContactState.SPARED, "offsite:fire-01")
    assert not spared.counts_toward_cap
    assert planning.get_round("2026Q3").state == RoundState.MATCHED, "nothing waits because of it"


def test_items_that_the_agency_applied_for_itself_stay_when_it_declines(round_: Round) -> None:
    ask(round_)
    answer = of("fire")
    item = answer.contact.items.get(agency=answer.agency)
    extra = factories.item("fire-09", "fire").versions.get()
    answer.contact.items.create(agency=answer.agency, item_version=extra, source="gate:1")
    decline(answer)
    left = answer.contact.items.filter(agency=answer.agency)
    assert [row.item_version for row in left] == [extra] and item.item_version != extra


def test_silence_is_acceptance_once_the_clock_has_run_out(round_: Round) -> None:
    due = ask(round_)[0].due_on
    last = NOW + timedelta(days=(due - TODAY).days)
    assert services.settle_silence(actor="yicha", now=last) == 0, "the last day belongs to the clock"
    assert services.settle_silence(actor="yicha", now=last + timedelta(days=1)) == Answer.objects.count()
    assert set(Answer.objects.values_list("state", "by_silence", "answered_by")) == {
        ("accepted", True, "yicha")
    }


def test_where_silence_is_not_acceptance_the_clock_begins_anew(round_: Round) -> None:
    LegalNumber.objects.filter(code="silence-accepts").update(value=Decimal(0))
    due = ask(round_)[0].due_on
    late = NOW + timedelta(days=(due - TODAY).days + 1)
    services.settle_silence(actor="yicha", now=late)
    answers = list(queries.list_answers())
    assert {(answer.state, answer.times_asked) for answer in answers} == {("asked", 2)}
    assert all(answer.due_on > late.date() for answer in answers)


def test_a_region_may_say_otherwise_of_silence(round_: Round) -> None:
    row = LegalNumber.objects.get(code="silence-accepts")
    row.pk, row.region, row.value = None, "110115", Decimal(0)
    row.save()
    due = ask(round_)[0].due_on
    services.settle_silence(actor="yicha", now=NOW + timedelta(days=(due - TODAY).days + 1))
    states = {(answer.agency.region.code, answer.state) for answer in queries.list_answers()}
    assert states == {("110112", "accepted"), ("110115", "asked")}


def test_an_answer_is_of_its_agency_alone(round_: Round, cast: Cast) -> None:
    from yicha.base.accounts import queries as accounts

    ask(round_)
    mine = accounts.scoped(queries.list_answers(), cast.planner, "schedule.answer")
    assert {answer.agency.code for answer in mine} == {"110112-market"}
    assert not accounts.may(cast.officer_a, "schedule.answer")
    assert Agency.objects.count() > 1


@given(st.dates(date(2026, 1, 1), date(2027, 1, 1)), st.integers(-400, 400))
def test_the_last_day_of_a_clock_belongs_to_it(due: date, days: int) -> None:
    assert is_late(due, due + timedelta(days=days)) == (days > 0)


@pytest.mark.parametrize("state", list(AnswerState))
def test_only_an_open_part_can_be_answered(state: AnswerState) -> None:
    possible = set(ANSWER_LIFE.acts_from(state))
    given = {"accept", "decline", "move-off-site", "stay-silent", "remind"}
    moved = {"ask-anew", "move-along"}
    expected = {AnswerState.ASKED: given | moved, AnswerState.ACCEPTED: moved}.get(state, {"ask-again"})
    assert possible == expected
