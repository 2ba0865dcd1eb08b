"""What becomes of a visit on its way when it moves, is staffed anew, loses a part, or is given up."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from functools import partial
from typing import Any

import pytest
from django.db import connection
from procrastinate.contrib.django.models import ProcrastinateJob

from tests.cast import NOW, TODAY, Cast
from yicha.act.dispatch import jobs, queries, services
from yicha.act.dispatch.models import Dispatch
from yicha.act.dispatch.tests.factories import (
    DAY,
    LATE,
    approved,
    notified,
    prepared,
    ready,
    refused,
    reschedule,
    told,
)
from yicha.decide.gate import queries as gate
from yicha.kernel.refusal import Refused
from yicha.know.catalogue.models import ItemVersion
from yicha.know.registry.models import Officer
from yicha.know.registry.terms import DayPart
from yicha.know.visits import services as contacts
from yicha.know.visits.models import Contact
from yicha.share.recognition.tests.reading import words_of


def test_a_withdrawn_visit_has_no_code_and_who_had_a_notice_is_told(cast: Cast) -> None:
    contact = ready(cast.noodle_shop)
    row = notified(contact)
    assert refused(services.withdraw, dispatch=row, because=" ") == {"dispatch.withdraw-reason"}
    services.withdraw(actor="planner", now=NOW, dispatch=row, because="台风")
    row.refresh_from_db()
    assert row.state == "withdrawn" and gate.find_live_code(contact) is None
    (message,) = told(cast, "withdrawn")
    assert "台风" in message.text
    assert refused(services.withdraw, dispatch=row, because="…") == {"dispatch.state"}
    assert prepared(contact).number == "2026Q3-0002"


def test_a_visit_that_has_begun_is_not_withdrawn(cast: Cast) -> None:
    row = notified(ready(cast.noodle_shop))
    contacts.begin(contact=row.contact, on=DAY)
    assert refused(services.withdraw, dispatch=row, because="…") == {"dispatch.begun"}
    row = Dispatch.objects.get(pk=row.pk)
    assert "withdraw" not in queries.list_acts(row) and told(cast, "withdrawn") == []


def test_who_had_no_notice_does_not_hear_of_the_withdrawal(cast: Cast) -> None:
    row = approved(ready(cast.noodle_shop))
    services.withdraw(actor="planner", now=NOW, dispatch=row, because="台风")
    assert told(cast) == []


def test_after_a_move_the_next_version_says_what_is_otherwise(cast: Cast) -> None:
    contact = ready(cast.noodle_shop)
    row = notified(contact)
    reschedule(contact, date(2026, 7, 22), DayPart.AFTERNOON)
    (notice,) = services.after_move(actor="office", now=NOW, contacts=[contact], because="企业申请改期")
    row.refresh_from_db()
    assert (notice.version, notice.day, notice.part) == (2, date(2026, 7, 22), "pm")
    assert notice.changed == [{"of": "day", "was": "2026-07-20 am", "now": "2026-07-22 pm"}]
    assert row.state == "notified" and row.notice_due_on == date(2026, 7, 12)
    assert row.sha256 == notice.sha256
    assert [one.kind for one in told(cast)] == ["notice", "moved"]
    assert "检查时间" in told(cast)[1].text and "企业申请改期" in told(cast)[1].text
    assert "检查时间" not in told(cast)[0].text
    assert services.after_move(actor="office", now=NOW, contacts=[contact], because="…") == []


def test_a_move_before_the_notice_moves_its_clock_and_tells_nobody(cast: Cast) -> None:
    contact = ready(cast.noodle_shop)
    row = approved(contact)
    reschedule(contact, date(2026, 7, 22), DayPart.MORNING)
    services.after_move(actor="office", now=NOW, contacts=[contact], because="…")
    row.refresh_from_db()
    assert row.notice_due_on == date(2026, 7, 12) and told(cast) == []


def test_a_new_officer_is_in_the_next_notice_and_in_the_code(cast: Cast) -> None:
    contact = ready(cast.noodle_shop)
    notified(contact)
    new = Officer.objects.get(certificate="D-0001")
    contact.visit_officers.filter(officer__certificate="T-0003").update(officer=new)
    (notice,) = services.after_move(actor="office", now=NOW, contacts=[contact], because="人员请假")
    assert [one["of"] for one in notice.changed] == ["officers"]
    code = gate.find_live_code(contact)
    assert code is not None and "D-0001" in gate.read_code(code)["officers"]


def test_other_officers_items_and_papers_reach_the_enterprise_without_anybody_saying_so(cast: Cast) -> None:
    contact = ready(cast.noodle_shop)
    row = notified(contact)
    waiting = approved(ready(cast.chip_maker))
    for one in (contact, waiting.contact):
        new = Officer.objects.get(certificate="D-0001")
        one.visit_officers.filter(officer__certificate="T-0003").update(officer=new)
    assert services.follow(actor="yicha", now=NOW) == 2
    assert queries.list_notices(row)[0].changed == [
        {"of": "officers", "was": "甲三（T-0003）", "now": "乙一（D-0001）"}
    ]
    for one in (contact, waiting.contact):
        code = gate.find_live_code(one)
        assert code is not None
        assert (
            "D-0001" in gate.read_code(code)["officers"] and "T-0003" not in gate.read_code(code)["officers"]
        )
    ItemVersion.objects.filter(item__code="fire-001").update(papers=["灭火器检修记录"])
    assert services.follow(actor="yicha", now=NOW) == 1
    assert [change["of"] for change in queries.list_notices(row)[0].changed] == ["papers"]
    assert (
        services.follow(actor="yicha", now=NOW) == 0 and [one.kind for one in told(cast)][1:] == ["moved"] * 2
    )


def test_another_half_day_in_the_window_keeps_the_approval_as_the_form_says(cast: Cast) -> None:
    contact = ready(cast.noodle_shop)
    row = approved(contact)
    form = words_of(queries.approval_pdf(row, NOW))
    assert "2026年7月1日至2026年9月30日" in form and "2026年7月20日" in form and "不再审批" in form
    reschedule(contact, date(2026, 7, 22), DayPart.AFTERNOON)
    services.follow(actor="yicha", now=NOW)
    row.refresh_from_db()
    assert row.state == "approved" and queries.list_approvals(row).count() == 2
    with pytest.raises(Refused) as caught:
        reschedule(contact, contact.window_to + timedelta(days=1), DayPart.MORNING)
    assert caught.value.codes == ("visits.outside-window",)


def test_an_officer_taken_off_without_another_leaves_the_code(cast: Cast) -> None:
    contact = ready(cast.noodle_shop)
    approved(contact)
    contact.visit_officers.filter(officer__certificate="T-0003").delete()
    assert services.follow(actor="yicha", now=NOW) == 1
    code = gate.find_live_code(contact)
    assert code is not None and "T-0003" not in gate.read_code(code)["officers"]
    assert services.follow(actor="yicha", now=NOW) == 0


def test_a_long_reason_of_a_late_move_is_no_fault(cast: Cast) -> None:
    contact = ready(cast.noodle_shop)
    row = notified(contact)
    reschedule(contact, date(2026, 7, 21), DayPart.MORNING)
    services.after_move(actor="office", now=LATE, contacts=[contact], because="雨" * 400)
    row.refresh_from_db()
    assert row.late_because == "雨" * 300


def test_one_that_cannot_be_announced_keeps_no_other_from_its_notice(cast: Cast) -> None:
    given_up, fine = approved(ready(cast.noodle_shop)), approved(ready(cast.chip_maker))
    contacts.cancel_contacts(actor="office", now=NOW, because={given_up.contact_id: "…"})
    send = partial(services.notify_those_that_may, actor="planner", now=NOW, dispatches=[given_up, fine])
    assert send() == 1
    for row in (given_up, fine):
        row.refresh_from_db()
    assert (given_up.state, fine.state) == ("approved", "notified")
    assert send() == 0
    assert queries.list_notices(fine).count() == 1 and told(cast) == []


def test_notices_that_a_worker_was_sending_when_it_died_are_sent_by_another(cast: Cast) -> None:
    jobs.start_notify(["2026Q3-0001"], "planner", "")
    asked = ProcrastinateJob.objects.filter(task_name=jobs.NOTIFY).latest("pk")

    def work(since: str) -> str:
        with connection.cursor() as cursor:
            cursor.execute(
                "INSERT INTO procrastinate_workers (last_heartbeat) VALUES (now() - %s::interval) RETURNING id",
                [since],
            )
            cursor.execute(
                "UPDATE procrastinate_jobs SET status = 'doing', worker_id = %s WHERE id = %s",
                [cursor.fetchone()[0], asked.pk],
            )
        jobs.follow(0)
        asked.refresh_from_db()
        return str(asked.status)

    assert work("10 seconds") == "doing", "who lives is left alone"
    assert work("10 minutes") == "todo" and asked.args["numbers"] == ["2026Q3-0001"]


def test_a_late_move_carries_its_reason_as_the_reason_of_the_late_notice(cast: Cast) -> None:
    contact = ready(cast.noodle_shop)
    row = notified(contact)
    reschedule(contact, date(2026, 7, 21), DayPart.MORNING)
    services.after_move(actor="office", now=LATE, contacts=[contact], because="暴雨预警")
    row.refresh_from_db()
    assert row.late_because == "暴雨预警"


def test_what_was_given_up_is_withdrawn_even_if_nobody_says_so_here(cast: Cast) -> None:
    given_up, moved = notified(ready(cast.noodle_shop)), notified(ready(cast.chip_maker))
    contacts.cancel_contacts(actor="office", now=NOW, because={given_up.contact_id: "…"})
    reschedule(moved.contact, date(2026, 7, 22), DayPart.AFTERNOON)
    assert services.follow(actor="yicha", now=NOW) == 2
    given_up.refresh_from_db()
    assert given_up.state == "withdrawn" and queries.list_notices(moved).count() == 2
    assert services.follow(actor="yicha", now=NOW) == 0


def test_whoever_moves_one_visit_looks_at_that_visit_alone(cast: Cast) -> None:
    moved, other = notified(ready(cast.noodle_shop)), notified(ready(cast.chip_maker))
    for row in (moved, other):
        reschedule(row.contact, date(2026, 7, 22), DayPart.AFTERNOON)
    assert services.follow(actor="office", now=NOW, contacts=[moved.contact]) == 1
    assert [queries.list_notices(row).count() for row in (moved, other)] == [2, 1]
    assert services.follow(actor="yicha", now=NOW) == 1


def test_whoever_moves_very_many_asks_a_worker_once(
    cast: Cast, django_capture_on_commit_callbacks: Callable[..., Any]
) -> None:
    asked = ProcrastinateJob.objects.filter(task_name=jobs.follow.name, status="todo")
    with django_capture_on_commit_callbacks(execute=True):
        services.ask_to_follow()
        services.ask_to_follow()
        assert not asked.exists(), "the change is not there yet"
    assert asked.count() == 1


def test_the_list_begins_with_the_next_visit_and_ends_with_the_oldest(cast: Cast) -> None:
    shops = (cast.noodle_shop, cast.chip_maker)
    rows = [prepared(ready(shop, on=DAY + timedelta(days=7 * week))) for week in (0, 1) for shop in shops]
    for row, day in zip(rows, (-9, 3, -1, 0), strict=True):
        Contact.objects.filter(pk=row.contact_id).update(planned_on=TODAY + timedelta(days=day))
    days = queries.list_from(TODAY).values_list("contact__planned_on", flat=True)
    assert [(day - TODAY).days for day in days if day] == [0, 3, -1, -9]
