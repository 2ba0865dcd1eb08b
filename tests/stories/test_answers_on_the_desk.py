"""Agencies answer for their parts on the desk; officers and planners say who is away; equipment is counted."""

from __future__ import annotations

import html
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from tests.cast import NOW, Cast, person
from yicha.base.accounts.terms import GrantFacts, Role
from yicha.base.workdays import queries as workdays
from yicha.decide.planning.models import Demand, Round
from yicha.decide.planning.terms import DemandState
from yicha.decide.scheduling.models import Answer
from yicha.decide.scheduling.queries import answers as queries
from yicha.decide.scheduling.services import ask_answers
from yicha.decide.scheduling.tests import stage
from yicha.kernel import clock
from yicha.know.catalogue.models import ItemVersion
from yicha.know.registry.models import Absence, Equipment
from yicha.know.registry.terms import DayPart
from yicha.know.visits import services as visits
from yicha.know.visits.models import Contact

pytestmark = pytest.mark.django_db


@pytest.fixture
def round_(cast: Cast) -> Round:
    """A matched round, every visit with its half day, every agency asked just now."""
    found = stage.matched_round()
    slots = {
        contact.pk: (contact.planned_on, DayPart.MORNING)
        for contact in Contact.objects.filter(state="planned", planned_on__isnull=False)
    }
    visits.reschedule(actor="office", now=NOW, slots=slots, because="calendar")  # type: ignore[arg-type]
    ask_answers(actor="office", now=clock.now(), round_=found)
    due = workdays.find_deadline(clock.today(clock.now()), 3, workdays.get_calendar()).on
    Answer.objects.update(due_on=due)  # these visits lie in the past: their clocks would end today
    return found


def client_of(user: Any) -> Client:
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def planner(cast: Cast) -> Client:
    """Plans for market regulation of 通州."""
    return client_of(cast.planner)


def page(area: str, name: str, *args: Any) -> str:
    return reverse(f"desk:{area}:{name}", args=args)


def text(response: Any) -> str:
    return html.unescape(response.content.decode())


def mine() -> Answer:
    found = queries.list_open().filter(agency__code="110112-market").first()
    assert found is not None
    return found


def theirs() -> Answer:
    found = queries.list_open().exclude(agency__code="110112-market").first()
    assert found is not None
    return found


def test_what_is_to_be_answered_waits_on_the_home_with_its_day(planner: Client, round_: Round) -> None:
    count = queries.list_open().filter(agency__code="110112-market").count()
    home = text(planner.get(reverse("desk:home")))
    assert f"{count} 项检查" in home
    listed = text(planner.get(page("answers", "list"), {"clock": "open"}))
    assert mine().contact.enterprise.name in listed
    assert "还剩 3 个工作日" in listed


def test_an_agency_accepts_one_part(planner: Client, round_: Round) -> None:
    answer = mine()
    shown = text(planner.get(page("answers", "object", answer.uuid)))
    assert page("answers", "accept", answer.uuid) in shown
    done = planner.post(page("answers", "accept", answer.uuid), follow=True)
    answer.refresh_from_db()
    assert (answer.state, answer.answered_by) == ("accepted", "planner")
    assert page("answers", "accept", answer.uuid) not in text(done)


def test_an_agency_accepts_what_it_ticked_and_nothing_of_others(planner: Client, round_: Round) -> None:
    own, other = mine(), theirs()
    planner.post(page("answers", "accept_picked"), {"picked": [own.pk, other.pk, "x"]})
    own.refresh_from_db()
    other.refresh_from_db()
    assert (own.state, other.state) == ("accepted", "asked")


def test_an_agency_accepts_all_that_fit_if_they_are_as_many_as_it_saw(planner: Client, round_: Round) -> None:
    address = f"{page('answers', 'accept_many')}?clock=open"
    count = queries.list_open().filter(agency__code="110112-market").count()
    assert str(count) in text(planner.get(address))
    assert planner.post(address, {"expected": count + 1}).status_code == 409
    assert planner.post(address, {"expected": count}).status_code == 302
    assert not queries.list_open().filter(agency__code="110112-market").exists()
    assert queries.list_open().exists()


def test_who_declines_gives_a_reason_and_the_office_decides(
    planner: Client, cast: Cast, round_: Round
) -> None:
    answer = mine()
    address = page("answers", "decline", answer.uuid)
    assert planner.post(address, {"because": ""}).status_code == 422
    planner.post(address, {"because": "人员借调，无法到场"})
    assert page("answers", "let_fall", answer.uuid) not in text(
        planner.get(page("answers", "object", answer.uuid))
    )
    office = client_of(cast.coordinator)
    assert "1 项未接受的检查" in text(office.get(reverse("desk:home")))
    shown = text(office.get(page("answers", "object", answer.uuid)))
    assert "人员借调，无法到场" in shown and page("answers", "let_fall", answer.uuid) in shown
    office.post(page("answers", "let_fall", answer.uuid), {"because": "同意"})
    gone = Demand.objects.filter(enterprise=answer.contact.enterprise, agency=answer.agency)
    assert {demand.state for demand in gone} == {DemandState.WITHDRAWN}
    assert planner.post(page("answers", "let_fall", answer.uuid), {"because": "x"}).status_code == 404


def test_a_part_is_moved_off_site_with_a_reason(planner: Client, round_: Round) -> None:
    answer = mine()
    planner.post(page("answers", "off_site", answer.uuid), {"because": "数据核查即可"})
    answer.refresh_from_db()
    assert answer.state == "offsite"
    assert "数据核查即可" in text(planner.get(page("answers", "object", answer.uuid)))


def test_parts_of_others_and_parts_that_are_not_there_answer_the_same(planner: Client, round_: Round) -> None:
    other = theirs().uuid
    missing = round_.pk and "00000000-0000-0000-0000-000000000000"
    for name in ("decline", "off_site"):
        assert planner.get(page("answers", name, other)).status_code == 404
        assert planner.get(page("answers", name, missing)).status_code == 404
    assert planner.post(page("answers", "accept", other)).status_code == 404
    assert planner.post(page("answers", "accept", missing)).status_code == 404


def test_who_may_not_answer_sees_no_buttons(cast: Cast, round_: Round) -> None:
    officer = client_of(cast.officer_a)
    answer = mine()
    shown = text(officer.get(page("answers", "object", answer.uuid)))
    assert page("answers", "accept", answer.uuid) not in shown
    assert officer.post(page("answers", "accept", answer.uuid)).status_code == 404


def test_an_overdue_part_is_drawn_as_overdue(planner: Client, round_: Round) -> None:
    Answer.objects.update(due_on=clock.today(clock.now()) - timedelta(days=3))
    assert "已逾期" in text(planner.get(page("answers", "list"), {"clock": "late"}))


# Absences


def days() -> dict[str, str]:
    first = clock.today(clock.now()) + timedelta(days=1)
    return {"kind": "leave", "from_on": str(first), "until_on": str(first + timedelta(days=4)), "part": ""}


def test_an_officer_enters_his_own_absence_and_takes_it_back(cast: Cast) -> None:
    officer = client_of(cast.officer_a)
    officer.post(page("absences", "new_mine"), days())
    row = Absence.objects.get()
    assert row.officer.certificate == "T-0001"
    assert "休假" in text(officer.get(page("absences", "mine")))
    other = client_of(cast.officer_b)
    assert other.post(page("absences", "take_back_mine", row.uuid)).status_code == 404
    officer.post(page("absences", "take_back_mine", row.uuid))
    assert not Absence.objects.exists()


def test_an_absence_that_ends_first_is_said_at_its_field(cast: Cast) -> None:
    officer = client_of(cast.officer_a)
    wrong = days() | {"until_on": "2020-01-01"}
    answer = officer.post(page("absences", "new_mine"), wrong)
    assert answer.status_code == 409 and not Absence.objects.exists()


def test_a_planner_enters_absences_of_the_own_agency_only(planner: Client, cast: Cast) -> None:
    planner.post(page("absences", "new"), days() | {"officer": "T-0002"})
    assert Absence.objects.get().officer.certificate == "T-0002"
    assert planner.post(page("absences", "new"), days() | {"officer": "D-0001"}).status_code == 422
    assert "T-0002" in text(planner.get(page("absences", "list"), {"time": "ahead"}))
    away = Absence.objects.get()
    stranger = client_of(person("planner-d", "丁", GrantFacts(Role.PLANNER, "110115-fire", "110115")))
    assert "T-0002" not in text(stranger.get(page("absences", "list")))
    assert stranger.get(page("absences", "take_back", away.uuid)).status_code == 404


def test_a_planner_is_told_of_visits_on_the_days_of_an_absence(planner: Client, cast: Cast) -> None:
    stage.empty_round()
    contact = stage.visit(cast.noodle_shop)
    first = clock.today(clock.now()) + timedelta(days=2)
    Contact.objects.filter(pk=contact.pk).update(planned_on=first)
    stage.draw_people(contact, "110112-market", "T-0001")
    done = planner.post(page("absences", "new"), days() | {"officer": "T-0001"}, follow=True)
    assert "1 次检查" in text(done)


def test_without_a_certificate_nobody_enters_an_own_absence(cast: Cast) -> None:
    nobody = client_of(person("officer-x", "无证", GrantFacts(Role.OFFICER, "110112-market", "110112")))
    assert nobody.get(page("absences", "new_mine")).status_code == 404
    assert "您的账号没有对应执法人员" in text(nobody.get(page("absences", "mine")))


# Equipment


def test_equipment_is_counted_changed_and_removed(planner: Client, cast: Cast) -> None:
    given = {"agency": "110112-market", "kind": "vehicle", "code": "", "name": "执法车", "count": "2"}
    planner.post(page("equipment", "new"), given)
    row = Equipment.objects.get()
    assert (row.code, row.count) == ("vehicle", 2)
    address = page("equipment", "edit", "110112-market", "vehicle")
    planner.post(address, {"name": "执法车", "count": "3"})
    assert Equipment.objects.get().count == 3
    assert "执法车" in text(planner.get(page("equipment", "list")))
    planner.post(page("equipment", "remove", "110112-market", "vehicle"))
    assert not Equipment.objects.exists()


def test_an_instrument_without_a_code_is_refused_at_its_field(planner: Client, cast: Cast) -> None:
    given = {"agency": "110112-market", "kind": "instrument", "code": "", "name": "检测仪", "count": "2"}
    assert planner.post(page("equipment", "new"), given).status_code == 409


def test_equipment_of_others_is_not_changed(planner: Client, cast: Cast) -> None:
    Equipment.objects.create(agency=cast.agency_b, kind="vehicle", code="vehicle", name="车", count=1)
    assert planner.get(page("equipment", "edit", "110115-fire", "vehicle")).status_code == 404
    given = {"agency": "110115-fire", "kind": "vehicle", "code": "", "name": "车", "count": "9"}
    assert planner.post(page("equipment", "new"), given).status_code == 422


def test_what_items_need_and_nobody_has_is_named(cast: Cast, planner: Client) -> None:
    stage.empty_round()
    ItemVersion.objects.filter(item__code="fire-01").update(equipment=["gas-detector"])
    assert "gas-detector" in text(planner.get(page("equipment", "list")))
