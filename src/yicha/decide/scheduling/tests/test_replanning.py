"""A calendar that holds is made anew: illness, rain, an enterprise that asks. As little as possible moves."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from tests.cast import NOW, Cast, enterprise, officer
from yicha.decide.gate.models import VisitCode
from yicha.decide.planning.models import Round
from yicha.decide.scheduling import queries, services
from yicha.decide.scheduling.models import Schedule
from yicha.decide.scheduling.terms import ScheduleCause, ScheduleState, Slot
from yicha.decide.scheduling.tests import stage
from yicha.decide.scheduling.tests.stage import AM, FIRE, MARKET, MONDAY, PM, WEEK
from yicha.kernel.refusal import Refused
from yicha.know.registry.models import Agency, Officer
from yicha.know.visits.models import Contact

pytestmark = pytest.mark.django_db


@pytest.fixture
def round_(cast: Cast) -> Round:
    return stage.empty_round()


@pytest.fixture
def standing(cast: Cast, round_: Round) -> list[Contact]:
    """Three visits of the same two officers, on Monday morning, Monday afternoon and Tuesday morning."""
    who = [cast.noodle_shop, enterprise(60, "乙面馆", "110112"), enterprise(61, "丙面馆", "110112")]
    slots = [(MONDAY, AM), (MONDAY, PM), (WEEK[1], AM)]
    contacts = [stage.stand(stage.visit(one), *slot) for one, slot in zip(who, slots, strict=True)]
    for contact in contacts:
        stage.draw_people(contact, MARKET, "T-0001", "T-0002")
    return contacts


def keep(schedule: Schedule) -> Schedule:
    made = stage.made(schedule)
    services.keep(actor="office", now=NOW, schedule=made)
    return made


def test_an_officer_falls_ill_and_only_his_visits_of_these_days_move(
    round_: Round, standing: list[Contact]
) -> None:
    stage.away("T-0001", MONDAY)
    schedule = keep(services.officer_absent(actor="office", now=NOW, round_=round_, certificate="T-0001"))
    assert schedule.cause == ScheduleCause.ABSENCE
    changes = queries.list_changes(schedule)
    assert [change.contact for change in changes] == [
        str(contact.uuid)
        for contact in sorted(standing[:2], key=lambda row: stage.slot_of(row) or Slot(MONDAY, AM))
    ]
    slots = [stage.slot_of(contact) for contact in standing]
    assert slots[2] == Slot(WEEK[1], AM)
    assert all(slot and slot.day > MONDAY for slot in slots)
    assert len(set(slots)) == 3


def test_a_visit_keeps_its_day_when_enough_of_its_officers_are_there(
    cast: Cast, round_: Round, standing: list[Contact]
) -> None:
    officer("T-0009", "甲九", cast.agency_a)
    stage.draw_people(standing[0], MARKET, "T-0009")
    stage.away("T-0001", MONDAY, part="am")
    stage.away("T-0001", WEEK[1])
    schedule = keep(services.officer_absent(actor="office", now=NOW, round_=round_, certificate="T-0001"))
    assert [change.contact for change in queries.list_changes(schedule)] == [str(standing[2].uuid)]
    assert stage.slot_of(standing[0]) == Slot(MONDAY, AM)


def test_an_absence_that_hits_no_visit_changes_nothing(round_: Round, standing: list[Contact]) -> None:
    stage.away("T-0001", WEEK[4])
    with pytest.raises(Refused) as refused:
        services.officer_absent(actor="office", now=NOW, round_=round_, certificate="T-0001")
    assert refused.value.codes == ("schedule.absence-hits-nothing",)


def test_a_rain_day_moves_its_visits_and_no_other(round_: Round, standing: list[Contact]) -> None:
    schedule = keep(
        services.lose_day(actor="office", now=NOW, round_=round_, day=MONDAY, because="暴雨红色预警")
    )
    changes = {change.contact: change for change in queries.list_changes(schedule)}
    assert set(changes) == {str(contact.uuid) for contact in standing[:2]}
    assert all(change.was and change.was.day == MONDAY for change in changes.values())
    assert all(change.to and change.to.day != MONDAY for change in changes.values())
    assert stage.slot_of(standing[2]) == Slot(WEEK[1], AM)


def test_made_anew_a_second_time_nothing_moves(round_: Round, standing: list[Contact]) -> None:
    """Whoever was drawn has changed the agency by then: his visits say so, the others stay as well."""
    keep(services.lose_day(actor="office", now=NOW, round_=round_, day=MONDAY, because="暴雨"))
    slots = [stage.slot_of(contact) for contact in standing]
    second = keep(services.officers_drawn(actor="office", now=NOW, round_=round_))
    assert queries.list_changes(second) == []
    assert [stage.slot_of(contact) for contact in standing] == slots
    Officer.objects.filter(certificate="T-0002").update(agency=Agency.objects.get(code=FIRE))
    third = stage.made(services.officers_drawn(actor="office", now=NOW, round_=round_))
    said = [reason for change in queries.list_changes(third) for reason in change.why]
    assert third.report["placed"] == 0 and {reason.code for reason in said} >= {"calendar.no-officer"}


def test_a_day_that_was_lost_stays_lost_for_later_calendars(round_: Round, standing: list[Contact]) -> None:
    keep(services.lose_day(actor="office", now=NOW, round_=round_, day=MONDAY, because="暴雨"))
    reasons = services.try_move(now=NOW, contact=stage.again(standing[2]), slot=Slot(MONDAY, AM))
    assert [reason.code for reason in reasons] == ["calendar.lost"]


def test_rain_in_one_district_keeps_others_where_they_are(cast: Cast, round_: Round) -> None:
    wet = stage.stand(stage.visit(cast.noodle_shop), MONDAY)
    dry = stage.stand(stage.visit(cast.paint_factory, "110115-fire"), MONDAY)
    keep(
        services.lose_day(
            actor="office", now=NOW, round_=round_, day=MONDAY, because="积水", districts=["110112"]
        )
    )
    assert stage.slot_of(dry) == Slot(MONDAY, AM)
    slot = stage.slot_of(wet)
    assert slot and slot.day > MONDAY


def test_an_afternoon_that_is_lost_today_leaves_the_morning_alone(cast: Cast, round_: Round) -> None:
    who = [cast.noodle_shop, enterprise(63, "戊面馆", "110112")]
    window = {"first": stage.TODAY, "last": WEEK[-1]}
    early, late = (
        stage.stand(stage.visit(one, **window), stage.TODAY, part)  # type: ignore[arg-type]
        for one, part in zip(who, (AM, PM), strict=True)
    )
    schedule = keep(
        services.lose_day(actor="office", now=NOW, round_=round_, day=stage.TODAY, because="停电", part=PM)
    )
    assert [change.contact for change in queries.list_changes(schedule)] == [str(late.uuid)]
    assert stage.slot_of(early) == Slot(stage.TODAY, AM)


def test_a_visit_whose_code_is_issued_stays_where_it_is_in_a_first_calendar(
    cast: Cast, round_: Round
) -> None:
    contact = stage.stand(stage.visit(cast.noodle_shop), WEEK[2], PM)
    VisitCode.objects.create(
        contact=contact,
        token="t",
        digest="d",
        kid="k",
        state="live",
        issued_at=NOW,
        valid_from=WEEK[2],
        valid_until=WEEK[2],
    )
    rival = stage.visit(enterprise(64, "己面馆", "110112"), first=WEEK[2], last=WEEK[2])
    stage.kept(round_)
    assert (stage.slot_of(contact), stage.slot_of(rival)) == (Slot(WEEK[2], PM), Slot(WEEK[2], AM))
    VisitCode.objects.all().delete()
    stage.away("T-0001", WEEK[2])
    assert stage.made(services.ask_schedule(actor="office", now=NOW, round_=round_)).placements.get(
        contact=contact
    ).day not in (None, WEEK[2])


@pytest.mark.parametrize(
    ("day", "because", "code"),
    [
        (stage.TODAY - timedelta(days=1), "雨", "schedule.day-over"),
        (MONDAY, " ", "schedule.because"),
        (WEEK[4], "雨", "schedule.day-empty"),
    ],
)
def test_a_day_is_lost_only_when_it_lies_ahead_with_a_reason_and_visits(
    round_: Round, standing: list[Contact], day: date, because: str, code: str
) -> None:
    with pytest.raises(Refused) as refused:
        services.lose_day(actor="office", now=NOW, round_=round_, day=day, because=because)
    assert refused.value.codes == (code,)


def test_a_pinned_visit_stays_whatever_else_moves(round_: Round, standing: list[Contact]) -> None:
    services.pin(actor="office", now=NOW, contact=standing[0], because="局长同去")
    schedule = keep(services.lose_day(actor="office", now=NOW, round_=round_, day=MONDAY, because="暴雨"))
    assert stage.slot_of(standing[0]) == Slot(MONDAY, AM)
    assert stage.again(standing[0]).state == "planned"
    said = next(row for row in queries.list_changes(schedule) if row.contact == str(standing[0].uuid))
    assert said.to is None and [reason.code for reason in said.why] == ["calendar.lost"]


def test_an_enterprise_gets_the_half_day_that_it_asks_for_and_others_make_room(
    round_: Round, standing: list[Contact]
) -> None:
    wanted = Slot(WEEK[1], AM)
    schedule = services.ask_slot(actor="owner", now=NOW, contact=standing[0], slot=wanted, because="周一盘点")
    keep(schedule)
    assert stage.slot_of(standing[0]) == wanted
    assert stage.slot_of(standing[1]) == Slot(MONDAY, PM)
    assert stage.slot_of(standing[2]) not in (None, wanted)


def test_an_enterprise_is_told_why_it_cannot_have_a_half_day(round_: Round, standing: list[Contact]) -> None:
    stage.away("T-0001", WEEK[3])
    done = stage.made(
        services.ask_slot(actor="owner", now=NOW, contact=standing[0], slot=Slot(WEEK[3], AM), because="盘点")
    )
    assert done.state == ScheduleState.REFUSED
    assert [reason.code for reason in done.reason_list] == ["calendar.no-officer"]
    assert "甲一" in str(done.reason_list[0])
    assert stage.slot_of(standing[0]) == Slot(MONDAY, AM)


def test_a_half_day_is_asked_for_only_where_the_visit_has_another_one(
    cast: Cast, round_: Round, standing: list[Contact]
) -> None:
    provisional = stage.visit(cast.paint_factory, "110115-fire")
    for contact, code in ((provisional, "wish.no-visit"), (standing[0], "wish.same-slot")):
        with pytest.raises(Refused) as refused:
            services.ask_slot(actor="owner", now=NOW, contact=contact, slot=Slot(MONDAY, AM), because="盘点")
        assert refused.value.codes == (code,)


def test_an_officer_whom_nobody_knows_cannot_be_absent(round_: Round, standing: list[Contact]) -> None:
    with pytest.raises(Refused) as refused:
        services.officer_absent(actor="office", now=NOW, round_=round_, certificate="X-9999")
    assert refused.value.codes == ("schedule.unknown-officer",)


def test_an_enterprise_asks_once_for_a_visit(round_: Round, standing: list[Contact]) -> None:
    keep(
        services.ask_slot(actor="owner", now=NOW, contact=standing[0], slot=Slot(WEEK[2], AM), because="盘点")
    )
    with pytest.raises(Refused) as refused:
        services.ask_slot(
            actor="owner", now=NOW, contact=stage.again(standing[0]), slot=Slot(WEEK[3], AM), because="又"
        )
    assert refused.value.codes == ("wish.asked-before",)


def test_a_wish_that_another_calendar_has_overtaken_may_be_said_again(
    round_: Round, standing: list[Contact]
) -> None:
    wanted = Slot(WEEK[2], PM)
    first = stage.made(
        services.ask_slot(actor="owner", now=NOW, contact=standing[0], slot=wanted, because="盘点")
    )
    services.move(actor="office", now=NOW, contact=standing[2], slot=Slot(WEEK[4], AM))
    assert queries.get_schedule(str(first.uuid)).state == ScheduleState.DISCARDED
    moved = stage.again(standing[0])
    keep(services.ask_slot(actor="owner", now=NOW, contact=moved, slot=wanted, because="盘点"))
    assert stage.slot_of(standing[0]) == wanted


def test_days_follow_the_people_who_were_drawn(cast: Cast, round_: Round) -> None:
    """Two visits stand in one half day; one pair of officers was drawn for both."""
    for number in range(2):
        officer(f"T-02{number}", f"丁{number}", cast.agency_a)
    contacts = [
        stage.stand(stage.visit(one), MONDAY)
        for one in (cast.noodle_shop, enterprise(62, "丁面馆", "110112"))
    ]
    for contact in contacts:
        stage.draw_people(contact, MARKET, "T-0001", "T-0002")
    schedule = keep(services.officers_drawn(actor="office", now=NOW, round_=round_))
    assert len(queries.list_changes(schedule)) == 1
    slots = [stage.slot_of(contact) for contact in contacts]
    assert Slot(MONDAY, AM) in slots and len(set(slots)) == 2


def test_the_calendar_reads_by_day_officer_and_enterprise(
    cast: Cast, round_: Round, standing: list[Contact]
) -> None:
    stage.visit(cast.paint_factory, FIRE)
    rows = queries.calendar(round_, MONDAY, MONDAY)
    assert [(row.part, row.enterprise) for row in rows][-2:] == [
        ("am", cast.noodle_shop.name),
        ("pm", "乙面馆"),
    ]
    own = queries.calendar(round_, officer="T-0001")
    assert [row.contact for row in own] == [str(contact.uuid) for contact in standing]
    assert own[0].officers == (("T-0001", "甲一"), ("T-0002", "甲二"))
    assert own[0].agencies == (MARKET,) and own[0].lead == MARKET and own[0].items == 1
    assert [row.uscc for row in queries.calendar(enterprise=cast.noodle_shop.uscc)] == [cast.noodle_shop.uscc]
    assert [row.agencies for row in queries.calendar(round_, MONDAY, WEEK[-1], agency=FIRE)] == [(FIRE,)]
