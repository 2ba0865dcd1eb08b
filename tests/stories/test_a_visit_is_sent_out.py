"""One visit from a calendar that is kept to the telephones of officers: prepared, approved, announced, moved."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta

import pytest
from django.test import Client

from tests.cast import NOW, Cast, person
from yicha.act.dispatch import jobs
from yicha.act.dispatch import queries as dispatches
from yicha.act.dispatch import services as dispatch
from yicha.act.dispatch.models import Dispatch
from yicha.act.dispatch.tests.factories import DAY, approved, notified, prepared, ready
from yicha.base.accounts.models import User
from yicha.base.accounts.terms import GrantFacts, Role
from yicha.base.messages.models import Message
from yicha.decide.gate import queries as gate
from yicha.decide.gate import services as gate_services
from yicha.decide.gate.terms import Application
from yicha.kernel import clock
from yicha.know.registry.models import Officer
from yicha.know.registry.terms import DayPart
from yicha.know.visits import services as contacts
from yicha.know.visits.models import Contact
from yicha.know.visits.terms import ContactKind
from yicha.share.recognition.tests.reading import words_of

DESK = "/desk/dispatch/"


@pytest.fixture
def heads(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> tuple[User, User]:
    """The heads of market regulation and of fire rescue of 通州; on the desk it is the morning of 1 July 2026."""
    monkeypatch.setattr(clock, "now", lambda: NOW)
    found = [
        person(f"head-{kind}", "负责人", GrantFacts(Role.APPROVER, f"110112-{kind}", "110112"))
        for kind in ("market", "fire")
    ]
    return found[0], found[1]


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def see(client: Client, address: str, status: int = 200) -> str:
    response = client.get(address)
    assert response.status_code == status, address
    return response.content.decode()


def do(client: Client, address: str, data: dict[str, object] | None = None, status: int = 302) -> str:
    response = client.post(address, data or {})
    assert response.status_code == status, response.content.decode()[-2000:]
    return response.get("Location", "") or response.content.decode()


def inbox_of(cast: Cast) -> str:
    return f"/portal/{cast.noodle_shop.uscc}/messages/"


def only() -> Dispatch:
    return dispatches.list_dispatches().get()


def test_from_the_calendar_to_the_notice_and_the_reminder(
    cast: Cast, heads: tuple[User, User], monkeypatch: pytest.MonkeyPatch
) -> None:
    contact = ready(cast.noodle_shop)
    planner = signed_in(cast.planner)

    # Who prepares sees what may be prepared, and prepares all of it.
    assert "可提请审批" in see(planner, "/desk/")
    assert cast.noodle_shop.name in see(planner, f"{DESK}prepare/")
    do(planner, f"{DESK}prepare/all/", {"expected": 1})
    row = only()
    page = f"{DESK}{row.uuid}/"
    assert "待审批" in see(planner, page)
    assert planner.get(f"{page}approval.pdf").content.startswith(b"%PDF")

    # Each head finds it waiting; the second one's word makes the code.
    first, second = (signed_in(head) for head in heads)
    assert "待你审批" in see(first, "/desk/")
    do(first, f"{page}approve/110112-market/")
    assert gate.find_live_code(contact) is None
    do(second, f"{DESK}approve/?waiting=me", {"expected": 1})
    assert gate.find_live_code(contact) is not None and only().state == "approved"

    # The notice goes out and lies in the enterprise's inbox.
    do(planner, f"{page}notify/")
    message = Message.objects.get(kind="notice")
    assert message.audience == f"enterprise:{cast.noodle_shop.uscc}"
    shown = planner.get(f"{page}notice-1.pdf")
    assert shown.content == bytes(message.document) and shown["Content-Type"] == "application/pdf"
    owner = signed_in(cast.owner)
    assert row.number in see(owner, inbox_of(cast))

    # Another day: the next version says so, and the reminder comes the working day before it.
    slots = {contact.pk: (date(2026, 7, 22), DayPart.AFTERNOON)}
    contacts.reschedule(actor="office", now=NOW, slots=slots, because="企业申请改期")
    jobs.follow(timestamp=0)
    assert Message.objects.filter(kind="moved").count() == 1
    assert "第 2 版" in see(planner, f"{page}papers/")

    # Another officer goes, and nobody says so here: the notice names him, and the code lets him in.
    instead = Officer.objects.get(certificate="D-0001")
    contact.visit_officers.filter(officer__certificate="T-0004").update(officer=instead)
    jobs.follow(timestamp=0)
    last = Message.objects.filter(kind="moved").latest("pk")
    assert "D-0001" in words_of(bytes(last.document)) and "第 3 版" in see(planner, f"{page}papers/")
    code = gate.find_live_code(contact)
    assert code is not None and "D-0001" in gate.read_code(code)["officers"]
    monkeypatch.setattr(clock, "now", lambda: datetime(2026, 7, 21, 8, 5, tzinfo=clock.BEIJING))
    jobs.remind(timestamp=0)
    jobs.remind(timestamp=0)
    told = Message.objects.filter(kind="reminder").order_by("audience").values_list("audience", flat=True)
    assert list(told) == [
        f"enterprise:{cast.noodle_shop.uscc}",
        "officer:D-0001",
        "officer:T-0001",
        "officer:T-0002",
        "officer:T-0003",
    ]


def test_an_agency_that_joins_by_the_gate_is_shown_with_who_approved_it_there(
    cast: Cast, heads: tuple[User, User]
) -> None:
    contact = ready(cast.noodle_shop, ("110112-market",))
    row = approved(contact)
    page = f"{DESK}{row.uuid}/"
    joins = Application(
        agency="110112-fire",
        uscc=cast.noodle_shop.uscc,
        items=("fire-001",),
        kind=ContactKind.DAILY,
        trigger="initiative",
        from_on=DAY,
        until_on=DAY,
        officers=("T-0003", "T-0004"),
        approved_by="李支队长",
    )
    asked = gate_services.apply("fire", NOW, joins)
    assert asked.contact == contact
    text = see(signed_in(cast.planner), page)
    assert "经入企许可并入 · 李支队长" in text and "待审批" not in text


def test_an_officer_takes_the_days_along(cast: Cast, heads: tuple[User, User]) -> None:
    notified(ready(cast.noodle_shop))
    officer = signed_in(cast.officer_a)
    page = see(officer, "/desk/my-days/")
    assert cast.noodle_shop.name in page and "2026-07-20（星期一）" in page
    assert officer.get("/desk/my-days/2026-07-20.pdf").content.startswith(b"%PDF")
    see(officer, "/desk/my-days/2026-13-20.pdf", 404)

    shown = do(officer, "/desk/my-days/calendar/", status=200)
    found = re.search(r"/calendar/[\w-]+\.ics", shown)
    assert found is not None
    feed = Client().get(found[0])
    assert feed.status_code == 200 and feed["Content-Type"].startswith("text/calendar")
    assert cast.noodle_shop.name in feed.content.decode().replace("\r\n ", "")
    assert found[0] not in see(officer, "/desk/my-days/")
    do(officer, "/desk/my-days/calendar/revoke/")
    assert Client().get(found[0]).status_code == Client().get("/calendar/never-was.ics").status_code == 404


def test_who_is_no_officer_has_no_days(cast: Cast, heads: tuple[User, User]) -> None:
    see(signed_in(cast.planner), "/desk/my-days/", 404)
    see(signed_in(cast.officer_b), "/desk/my-days/")
    assert signed_in(cast.planner).post("/desk/my-days/calendar/").status_code == 404


def test_a_complaint_is_looked_into_without_notice(cast: Cast, heads: tuple[User, User]) -> None:
    contact = ready(cast.noodle_shop, trigger="complaint")
    planner = signed_in(cast.planner)
    form = f"{DESK}prepare/{contact.uuid}/"
    assert "unannounced" in see(planner, form)
    assert "请说明不事先通知的理由" in do(planner, form, {"unannounced": "on", "because": ""}, 409)
    do(planner, form, {"unannounced": "on", "because": "投诉核查"})
    for head, kind in zip(heads, ("market", "fire"), strict=True):
        do(signed_in(head), f"{DESK}{only().uuid}/approve/110112-{kind}/")
    assert only().state == "ready"
    contact.refresh_from_db()
    assert contact.unannounced and not Message.objects.filter(audience__startswith="enterprise:").exists()
    owner = signed_in(cast.owner)
    assert only().number not in see(owner, inbox_of(cast))
    assert DAY.isoformat() not in see(owner, f"/portal/{cast.noodle_shop.uscc}/")


def test_a_drawn_visit_offers_no_way_to_come_unannounced(cast: Cast, heads: tuple[User, User]) -> None:
    contact = ready(cast.noodle_shop)
    assert 'name="unannounced"' not in see(signed_in(cast.planner), f"{DESK}prepare/{contact.uuid}/")


def test_a_late_notice_asks_for_its_reason(
    cast: Cast, heads: tuple[User, User], monkeypatch: pytest.MonkeyPatch
) -> None:
    row = approved(ready(cast.noodle_shop))
    monkeypatch.setattr(clock, "now", lambda: NOW + timedelta(days=12))
    planner = signed_in(cast.planner)
    do(planner, f"{DESK}{row.uuid}/notify/", {}, 422)
    assert "逾期" in do(planner, f"{DESK}notify/", {"expected": 1}, 409)
    do(planner, f"{DESK}notify/", {"expected": 1, "late_because": "抽取结果变更"})
    assert only().late_because == "抽取结果变更"


def test_another_number_than_was_shown_is_not_prepared(cast: Cast, heads: tuple[User, User]) -> None:
    ready(cast.noodle_shop)
    do(signed_in(cast.planner), f"{DESK}prepare/all/", {"expected": 2}, 409)
    assert not Dispatch.objects.exists()


def test_heads_see_and_approve_what_is_theirs_and_nothing_else(cast: Cast, heads: tuple[User, User]) -> None:
    row = prepared(ready(cast.noodle_shop))
    page = f"{DESK}{row.uuid}/"
    do(signed_in(heads[0]), f"{page}approve/110112-fire/", status=404)
    for stranger in (cast.officer_b, cast.owner, cast.stranger):
        see(signed_in(stranger), page, 404)
        see(signed_in(stranger), f"{page}approval.pdf", 404)
    do(signed_in(cast.planner), f"{page}approve/110112-market/", status=404)
    do(signed_in(heads[0]), f"{page}withdraw/", {"because": "…"}, 404)
    do(signed_in(cast.planner), f"{page}withdraw/", {"because": "台风"})
    assert only().state == "withdrawn"


def test_reading_the_calendar_writes_nothing(cast: Cast, heads: tuple[User, User]) -> None:
    contact = ready(cast.noodle_shop)
    officer = contact.visit_officers.order_by("officer__certificate")[0].officer
    secret = dispatch.make_feed(actor="officer-a", now=NOW, officer=officer)
    before = list(Contact.objects.values())
    response = Client().get(f"/calendar/{secret}.ics")
    assert response.status_code == 200 and "no-store" in response["Cache-Control"]
    assert list(Contact.objects.values()) == before
    assert Client().post(f"/calendar/{secret}.ics").status_code == 405
