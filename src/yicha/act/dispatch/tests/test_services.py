"""What dispatch does to visits, enterprises and officers: one test for each way it goes, and for each refusal."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from hashlib import sha256
from uuid import uuid4

import pytest

from tests.cast import NOW, Cast
from yicha.act.dispatch import queries, services
from yicha.act.dispatch.models import Dispatch, Notice, Reminder
from yicha.act.dispatch.terms import DispatchState
from yicha.act.dispatch.tests.factories import (
    BOTH,
    DAY,
    EVE,
    LATE,
    approved,
    notified,
    prepared,
    ready,
    refused,
    reschedule,
    told,
)
from yicha.base.ledger.models import Entry
from yicha.base.messages import services as messages
from yicha.base.messages.models import Message
from yicha.decide.gate import queries as gate
from yicha.decide.scheduling.models import Answer
from yicha.kernel import clock
from yicha.kernel.refusal import NotFound
from yicha.know.catalogue.models import Item
from yicha.know.registry.models import Officer, Premises, Region
from yicha.know.registry.terms import DayPart
from yicha.know.visits import services as contacts
from yicha.know.visits.models import Contact
from yicha.share.recognition.tests.reading import words_of


def test_a_prepared_visit_has_number_clocks_and_one_list_of_papers(cast: Cast) -> None:
    first, second = (prepared(ready(one)) for one in (cast.noodle_shop, cast.chip_maker))
    assert (first.number, second.number) == ("2026Q3-0001", "2026Q3-0002")
    assert first.papers == ["营业执照", "食品经营许可证", "消防设施维护保养记录"]
    assert first.approval_due_on == date(2026, 7, 3)
    assert first.notice_due_on == DAY - timedelta(days=10)


def test_many_are_prepared_at_once_by_day_and_all_or_none(cast: Cast) -> None:
    late, early = ready(cast.noodle_shop, on=date(2026, 7, 22)), ready(cast.chip_maker)
    bad = ready(cast.paint_factory, answer="asked")
    assert refused(services.prepare, contacts=[late, early, bad]) == {"dispatch.not-accepted"}
    assert not Dispatch.objects.exists()
    rows = services.prepare(actor="planner", now=NOW, contacts=[late, early])
    assert [row.contact_id for row in rows] == [early.pk, late.pk]
    assert list(queries.list_to_prepare(NOW.date())) == []


def test_visits_that_may_be_prepared_are_found(cast: Cast) -> None:
    good = ready(cast.noodle_shop)
    ready(cast.paint_factory, answer="asked")
    assert [row.pk for row in queries.list_to_prepare(NOW.date())] == [good.pk]


def test_a_visit_is_on_its_way_once(cast: Cast) -> None:
    contact = ready(cast.noodle_shop)
    prepared(contact)
    assert refused(services.prepare, contacts=[contact]) == {"dispatch.already"}


def test_a_visit_that_does_not_exist_is_not_prepared(cast: Cast) -> None:
    contact = ready(cast.noodle_shop)
    contact.pk += 1000
    with pytest.raises(NotFound):
        services.prepare(actor="planner", now=NOW, contacts=[contact])


def test_the_last_head_completes_the_approval_and_the_gate_issues_the_code(cast: Cast) -> None:
    contact = ready(cast.noodle_shop)
    row = prepared(contact)
    services.approve(actor="head-1", now=NOW, dispatches=[row], agency=BOTH[0])
    row.refresh_from_db()
    assert row.state == "prepared" and gate.find_live_code(contact) is None
    services.approve(actor="head-2", now=NOW, dispatches=[row], agency=BOTH[1])
    row.refresh_from_db()
    code = gate.find_live_code(contact)
    assert row.state == "approved" and code is not None
    assert set(gate.read_code(code)["officers"]) == {"T-0001", "T-0002", "T-0003", "T-0004"}
    assert [one.agency.code for one in queries.list_approvals(row)] == list(BOTH)


def test_who_prepared_a_visit_does_not_approve_it(cast: Cast) -> None:
    row = prepared(ready(cast.noodle_shop))
    assert refused(services.approve, dispatches=[row], agency=BOTH[0]) == {"dispatch.own-paper"}


def test_a_head_approves_no_visit_of_others(cast: Cast) -> None:
    row = prepared(ready(cast.noodle_shop))
    found = refused(services.approve, actor="head", dispatches=[row], agency="110115-fire")
    assert found == {"dispatch.not-your-part"}


def test_a_head_approves_once(cast: Cast) -> None:
    row = prepared(ready(cast.noodle_shop))
    services.approve(actor="head", now=NOW, dispatches=[row], agency=BOTH[0])
    found = refused(services.approve, actor="head", dispatches=[row], agency=BOTH[0])
    assert found == {"dispatch.approved-before"}


def test_what_is_approved_by_all_is_not_approved_again(cast: Cast) -> None:
    row = approved(ready(cast.noodle_shop))
    assert refused(services.approve, actor="x", dispatches=[row], agency=BOTH[0]) == {"dispatch.state"}


def test_the_enterprise_gets_its_notice_with_the_pdf_whose_hash_is_kept(cast: Cast) -> None:
    row = notified(ready(cast.noodle_shop))
    (message,) = told(cast, "notice")
    (notice,) = queries.list_notices(row)
    pdf = queries.notice_pdf(notice)
    assert row.state == "notified" and row.running == 1 and not row.late_because
    assert pdf.startswith(b"%PDF") and sha256(pdf).hexdigest() == row.sha256 == notice.sha256
    assert bytes(message.document) == pdf and row.number in message.title and "营业执照" in message.text


def test_a_notice_says_nothing_internal(cast: Cast) -> None:
    row = notified(ready(cast.noodle_shop))
    (notice,) = queries.list_notices(row)
    code = gate.find_live_code(row.contact)
    assert code is not None and code.token not in str(notice.said)
    assert set(notice.said) == {
        "enterprise", "uscc", "address", "lead", "agencies", "kind", "trigger", "day", "part", "running",
        "items", "officers", "papers", "simulated",
    }  # fmt: skip


def test_the_number_of_a_visit_counts_those_before_it_and_no_unannounced_one(cast: Cast) -> None:
    before = ready(cast.noodle_shop, on=date(2026, 7, 6))
    hidden = ready(cast.noodle_shop, on=date(2026, 7, 7), trigger="complaint")
    contact = ready(cast.noodle_shop)
    after = ready(cast.noodle_shop, on=date(2026, 7, 27))
    complaint = ready(cast.noodle_shop, on=date(2026, 7, 8), trigger="complaint")
    Contact.objects.filter(pk=complaint.pk).update(round="")
    Contact.objects.filter(pk=hidden.pk).update(unannounced=True)
    rows = [before, hidden, contact, after]

    def numbers() -> list[int]:
        return [one.running for one in queries.read_visits([row.pk for row in rows])]

    assert numbers() == [1, 1, 1, 1], "of what is only planned no number tells"
    services.notify(actor="planner", now=NOW, dispatches=[approved(contact), approved(after)])
    assert numbers() == [1, 1, 1, 2]
    assert list(Notice.objects.order_by("day").values_list("dispatch__running", flat=True)) == [1, 2]
    services.notify(actor="planner", now=NOW, dispatches=[approved(before)], late_because="…")
    assert numbers() == [1, 2, 2, 3]
    Contact.objects.filter(pk=complaint.pk).update(trigger="draw")
    assert numbers() == [1, 2, 3, 4], "who applied at the gate for what never comes unannounced was open"


def test_a_late_notice_needs_a_reason_and_says_it(cast: Cast) -> None:
    row = approved(ready(cast.noodle_shop))
    assert refused(services.notify, now=LATE, dispatches=[row]) == {"dispatch.late-reason"}
    services.notify(actor="planner", now=LATE, dispatches=[row], late_because="抽取结果变更")
    row.refresh_from_db()
    assert row.late_because == "抽取结果变更"


def test_a_notice_is_not_sent_after_the_day(cast: Cast) -> None:
    row = approved(ready(cast.noodle_shop))
    after = datetime(2026, 7, 21, 9, tzinfo=clock.BEIJING)
    assert refused(services.notify, now=after, dispatches=[row], late_because="…") == {"dispatch.too-late"}


def test_no_notice_before_the_approval_and_no_second_one(cast: Cast) -> None:
    row = prepared(ready(cast.noodle_shop))
    assert refused(services.notify, dispatches=[row]) == {"dispatch.state"}
    other = notified(ready(cast.chip_maker))
    assert refused(services.notify, dispatches=[other]) == {"dispatch.state"}


def test_no_notice_of_a_visit_that_is_given_up(cast: Cast) -> None:
    row = approved(ready(cast.noodle_shop))
    contacts.cancel_contacts(actor="office", now=NOW, because={row.contact_id: "…"})
    assert refused(services.notify, dispatches=[row]) == {"dispatch.not-planned"}


# Unannounced


def test_an_unannounced_visit_is_ready_after_approval_and_its_enterprise_hears_nothing(cast: Cast) -> None:
    contact = ready(cast.noodle_shop, trigger="complaint")
    row = approved(contact, unannounced_because="投诉核查，事先通知将影响检查")
    contact.refresh_from_db()
    assert row.state == "ready" and contact.unannounced and gate.find_live_code(contact) is not None
    services.remind(now=EVE)
    services.after_move(actor="office", now=NOW, contacts=[contact], because="…")
    assert told(cast) == []
    assert refused(services.notify, dispatches=[row]) == {"dispatch.state"}


def test_a_drawn_visit_is_announced(cast: Cast) -> None:
    contact = ready(cast.noodle_shop)
    found = refused(services.prepare, contacts=[contact], unannounced_because="…")
    assert found == {"dispatch.must-be-announced"}


def test_an_unannounced_visit_needs_a_reason(cast: Cast) -> None:
    contact = ready(cast.noodle_shop, trigger="complaint")
    assert refused(services.prepare, contacts=[contact], unannounced_because=" ") == {
        "dispatch.unannounced-reason"
    }


# What time brings


def leave(contact: Contact, agency: str, now: datetime) -> None:
    """After a move the agency was asked anew, and declines: its checks and officers leave the visit."""
    contact.items.filter(agency__code=agency).delete()
    contact.visit_officers.filter(agency__code=agency).delete()
    Answer.objects.filter(contact=contact, agency__code=agency).update(state="declined", answered_at=now)


def test_when_an_agency_leaves_the_next_notice_and_the_code_name_the_others_alone(cast: Cast) -> None:
    contact = ready(cast.noodle_shop)
    row, later = notified(contact), NOW + timedelta(hours=1)
    leave(contact, BOTH[1], later)
    assert services.follow(actor="yicha", now=later + timedelta(minutes=1)) == 1
    notice = queries.list_notices(row)[0]
    assert notice.version == 2 and {change["of"] for change in notice.changed} >= {"officers", "items"}
    assert {one["name"] for one in notice.said["items"]} and BOTH[1] not in str(notice.said["officers"])
    assert services.follow(actor="yicha", now=later + timedelta(minutes=2)) == 0


def test_an_agency_that_left_holds_up_no_approval(cast: Cast) -> None:
    contact = ready(cast.noodle_shop)
    row = prepared(contact)
    services.approve(actor="head", now=NOW, dispatches=[row], agency=BOTH[0])
    leave(contact, BOTH[1], NOW + timedelta(hours=1))
    assert services.follow(actor="yicha", now=NOW + timedelta(hours=2)) == 1
    row.refresh_from_db()
    assert row.state == DispatchState.APPROVED
    assert services.follow(actor="yicha", now=NOW + timedelta(hours=3)) == 0


def test_enterprise_and_officers_are_reminded_the_working_day_before_and_once(cast: Cast) -> None:
    row = notified(ready(cast.noodle_shop))
    assert services.remind(now=EVE - timedelta(days=1)) == 0
    assert services.remind(now=EVE) == 6
    assert services.remind(now=EVE + timedelta(days=1)) == 0
    assert {one.audience for one in Reminder.objects.filter(dispatch=row, of="visit")} == {
        f"enterprise:{cast.noodle_shop.uscc}",
        *(f"officer:T-000{number}" for number in (1, 2, 3, 4)),
    }
    assert [one.kind for one in told(cast)] == ["notice", "reminder"]


def test_a_visit_that_moved_is_reminded_of_again(cast: Cast) -> None:
    contact = ready(cast.noodle_shop)
    notified(contact)
    services.remind(now=EVE)
    reschedule(contact, date(2026, 7, 21), DayPart.MORNING)
    services.after_move(actor="office", now=EVE, contacts=[contact], because="…")
    assert services.remind(now=EVE + timedelta(days=3)) == 6


def test_the_lead_is_told_when_an_enterprise_does_not_know_of_its_visit_yet(cast: Cast) -> None:
    rows = [notified(ready(one)) for one in (cast.noodle_shop, cast.chip_maker, cast.paint_factory)]
    read, mailed, nobody = (queries.list_notices(row)[0].message for row in rows)
    messages.mark_read(actor="owner", now=NOW, message=read)
    mailed.deliveries.create(channel="email", address="a@example.cn", state="sent")
    nobody.deliveries.create(channel="email", address="b@example.cn", state="failed")
    services.remind(now=EVE)
    (told_lead,) = Message.objects.filter(kind="unread")
    assert told_lead.audience == f"agency:{BOTH[0]}" and cast.paint_factory.name in told_lead.text
    assert "未读" in told_lead.title


def test_what_is_only_approved_reminds_nobody_of_the_visit(cast: Cast) -> None:
    approved(ready(cast.noodle_shop))
    services.remind(now=EVE)
    assert {one.of for one in Reminder.objects.all()} == {"notice"}


def test_agencies_are_told_once_and_in_time_of_an_approval_or_a_notice_that_is_due(cast: Cast) -> None:
    row = prepared(ready(cast.noodle_shop))
    services.approve(actor="head", now=NOW, dispatches=[row], agency=BOTH[0])
    assert services.remind(now=datetime(2026, 7, 2, 9, tzinfo=clock.BEIJING)) == 0
    due, late = (datetime(2026, 7, day, 9, tzinfo=clock.BEIJING) for day in (3, 4))
    assert (services.remind(now=due), services.remind(now=due), services.remind(now=late)) == (1, 0, 0)
    message = Message.objects.get(kind="overdue")
    assert message.audience == f"agency:{BOTH[1]}" and "即将到期" in message.title
    services.approve(actor="head", now=late, dispatches=[row], agency=BOTH[1])
    assert (services.remind(now=LATE), services.remind(now=LATE)) == (1, 0)
    assert "逾期" in Message.objects.get(kind="overdue", audience=f"agency:{BOTH[0]}").title


def test_a_notice_that_is_due_on_a_holiday_is_reminded_of_on_the_last_working_day_before(cast: Cast) -> None:
    """Ten days before Wednesday the 22nd is a Sunday."""
    row = approved(ready(cast.noodle_shop, on=date(2026, 7, 22)))
    assert row.notice_due_on == date(2026, 7, 12)
    thursday, friday = (datetime(2026, 7, day, 9, tzinfo=clock.BEIJING) for day in (9, 10))
    assert (services.remind(now=thursday), services.remind(now=friday)) == (0, 1)


def test_an_officer_who_was_reminded_and_does_not_go_is_told_so(cast: Cast) -> None:
    contact = ready(cast.noodle_shop)
    row = notified(contact)
    services.remind(now=EVE)
    place = contact.visit_officers.get(officer__certificate="T-0003")
    place.officer = Officer.objects.get(certificate="D-0001")
    place.save()
    services.follow(actor="yicha", now=EVE)

    def told_back() -> list[str]:
        rows = Message.objects.filter(kind="taken-back").order_by("pk")
        return [one.audience.removeprefix("officer:") for one in rows]

    assert told_back() == ["T-0003"]
    assert services.remind(now=EVE) == 1, "who goes instead is reminded"
    assert Message.objects.filter(kind="reminder").latest("pk").audience == "officer:D-0001"
    place.officer = Officer.objects.get(certificate="T-0003")
    place.save()
    services.follow(actor="yicha", now=EVE)
    assert (told_back(), services.remind(now=EVE)) == (["T-0003", "D-0001"], 1), "back again, reminded again"
    services.withdraw(actor="planner", now=EVE, dispatch=row, because="台风")
    assert sorted(told_back()[2:]) == ["T-0001", "T-0002", "T-0003", "T-0004"]
    assert services.remind(now=EVE) == 0


def test_who_is_sent_on_the_day_itself_is_told_and_the_enterprise_has_its_notice(cast: Cast) -> None:
    contact = ready(cast.noodle_shop)
    notified(contact)
    services.remind(now=EVE)
    notified(ready(cast.chip_maker))
    contact.visit_officers.filter(officer__certificate="T-0003").update(
        officer=Officer.objects.get(certificate="D-0001")
    )
    morning = datetime(2026, 7, 20, 8, 5, tzinfo=clock.BEIJING)
    assert services.remind(now=morning) == 2 + 4, "who goes, who does not, and the officers of the late one"
    assert not Reminder.objects.filter(audience=f"enterprise:{cast.chip_maker.uscc}").exists()


def test_a_name_that_no_font_has_stops_no_notice_and_its_own_says_which_sign_is_missing(cast: Cast) -> None:
    cast.noodle_shop.name = "北京𠮷野面馆"
    cast.noodle_shop.save()
    rows = [approved(ready(one)) for one in (cast.noodle_shop, cast.chip_maker)]
    services.notify(actor="planner", now=NOW, dispatches=rows)
    pages = [words_of(queries.notice_pdf(queries.list_notices(row)[0])) for row in rows]
    assert "北京〓野面馆" in pages[0] and "U+20BB7" in pages[0] and "〓" not in pages[1]
    assert queries.list_notices(rows[0])[0].said["enterprise"] == cast.noodle_shop.name
    assert queries.approval_pdf(rows[0], NOW).startswith(b"%PDF")


def test_a_notice_has_everything_that_an_enterprise_is_to_know(cast: Cast) -> None:
    row = notified(ready(cast.noodle_shop))
    page = words_of(queries.notice_pdf(queries.list_notices(row)[0])).replace(" ", "")
    for said in (
        "第1次",
        "食品",
        "消防",
        "T-0001",
        "T-0004",
        "拒绝检查",
        "申请其回避",
        row.number,
        "第1页，共1页",
    ):
        assert said in page, said
    assert page.count("营业执照") == 1


def test_documents_are_set_without_a_warning(cast: Cast) -> None:
    contact = ready(cast.noodle_shop)
    row = prepared(contact)
    officer = Officer.objects.get(certificate="T-0001")
    assert queries.approval_pdf(row, NOW).startswith(b"%PDF")
    services.approve(actor="head-1", now=NOW, dispatches=[row], agency=BOTH[0])
    services.approve(actor="head-2", now=NOW, dispatches=[row], agency=BOTH[1])
    assert queries.approval_pdf(row, NOW).startswith(b"%PDF")
    assert queries.day_sheet_pdf(officer, DAY, NOW).startswith(b"%PDF")
    assert queries.day_sheet_pdf(officer, NOW.date(), NOW).startswith(b"%PDF")


def test_a_day_sheet_of_very_many_items_has_them_all(cast: Cast) -> None:
    contact = ready(cast.noodle_shop)
    approved(contact)
    item = Item.objects.get(code="market-001")
    version = item.versions.latest("pk")
    for number in range(60):
        item.pk, item.uuid, item.code = None, uuid4(), f"market-9{number:02d}"
        item.save()
        version.pk, version.item = None, item
        version.name = f"编{number:02d}号{'很长的事项名称' * 6}"
        version.save()
        contact.items.create(item_version=version, agency=contact.lead_agency, source="plan")
    sheet = queries.day_sheet_pdf(Officer.objects.get(certificate="T-0001"), DAY, NOW)
    page = words_of(sheet).replace(" ", "")
    assert [number for number in range(60) if f"编{number:02d}号" not in page] == []
    assert "第3页" in page, "what one page cannot hold goes on"
    assert page.index("编59号") < page.index("T-0004"), "who comes along is not cut off"


def test_numbers_of_the_law_are_those_of_the_site_that_is_visited(cast: Cast) -> None:
    contact = ready(cast.noodle_shop)
    site = Premises.objects.create(
        enterprise=cast.noodle_shop,
        name="二店",
        address="大兴区黄村镇1号",
        region=Region.objects.get(code="110115"),
    )
    Contact.objects.filter(pk=contact.pk).update(premises=site)
    (facts,) = queries.read_visits([contact.pk])
    assert facts.regions[0] == "110115" and facts.address == "大兴区黄村镇1号"


def test_the_ledger_tells_the_whole_way_under_the_visit(cast: Cast) -> None:
    contact = ready(cast.noodle_shop)
    services.withdraw(actor="planner", now=NOW, dispatch=notified(contact), because="台风")
    acts = Entry.objects.filter(subject=f"visit:{contact.uuid}", act__startswith="dispatch.").order_by("seq")
    assert [entry.act for entry in acts] == [
        "dispatch.prepared",
        "dispatch.approved",
        "dispatch.approved",
        "dispatch.notified",
        "dispatch.withdrawn",
    ]
