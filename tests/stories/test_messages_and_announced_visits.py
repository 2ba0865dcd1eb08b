"""An enterprise is told of its visits, knows of no other, asks for another day, and says where and when."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from io import BytesIO
from typing import Any
from uuid import UUID

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from pytest_django.fixtures import Settings
from python_calamine import CalamineWorkbook

from tests.cast import NOW, Cast, person
from yicha.act.dispatch import services as dispatch
from yicha.act.dispatch.tests import factories
from yicha.act.dispatch.tests.factories import ready
from yicha.act.inspection.tests.factories import plan
from yicha.base.accounts.models import User
from yicha.base.accounts.terms import GrantFacts, Role
from yicha.base.messages import services as messages
from yicha.base.messages.models import Address, Delivery, Message
from yicha.base.messages.terms import Channel, MailServer, Tls
from yicha.base.messages.tests.receivers import mail_server
from yicha.decide.planning.models import Round
from yicha.decide.scheduling.models import Schedule
from yicha.know.registry.models import Enterprise, VisitWish
from yicha.know.registry.terms import DayPart
from yicha.know.visits.models import Contact

MORNING = NOW


@pytest.fixture(autouse=True)
def _in_july(monkeypatch: pytest.MonkeyPatch) -> None:
    """The cast's visits are in July 2026, and so is today."""
    monkeypatch.setattr("yicha.kernel.clock.now", lambda: MORNING)


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def address(name: str, enterprise: Enterprise, *more: Any) -> str:
    return reverse(f"portal:{name}", args=[enterprise.uscc, *more])


def page(user: User, name: str, enterprise: Enterprise, *more: Any) -> str:
    answer = signed_in(user).get(address(name, enterprise, *more))
    assert answer.status_code == 200
    return answer.content.decode()


def announced(cast: Cast) -> Contact:
    """A visit on 20 July, in the morning, of which the noodle shop has its notice."""
    contact = ready(cast.noodle_shop)
    factories.notified(contact)
    return contact


def test_a_notice_lies_in_the_inbox_and_is_read_by_saying_so(cast: Cast) -> None:
    announced(cast)
    message = Message.objects.get()
    assert "1 条消息未读" in page(cast.owner, "home", cast.noodle_shop)
    inbox = page(cast.owner, "messages", cast.noodle_shop)
    assert message.title in inbox and "未读" in inbox
    assert message.text.split("。")[0] in page(cast.owner, "message", cast.noodle_shop, message.uuid)
    assert not Message.objects.exclude(read_at=None).exists(), "opening a page writes nothing"

    client = signed_in(cast.owner)
    read = address("message_read", cast.noodle_shop, message.uuid)
    assert client.get(read).status_code == 405
    assert client.post(read).status_code == 302
    message.refresh_from_db()
    assert (message.read_at, message.read_by) == (MORNING, "owner")
    assert "条消息未读" not in page(cast.owner, "home", cast.noodle_shop)


def test_who_takes_the_document_has_read_the_message(cast: Cast) -> None:
    announced(cast)
    message = Message.objects.get()
    file = address("message_file", cast.noodle_shop, message.uuid)
    client = signed_in(cast.owner)
    assert client.get(file).status_code == 405
    answer = client.post(file)
    pdf = b"".join(answer)
    assert pdf == bytes(message.document) and pdf.startswith(b"%PDF-")
    assert message.document_name in answer["Content-Disposition"]
    message.refresh_from_db()
    assert message.read_at == MORNING


def test_a_message_without_a_document_gives_none(cast: Cast) -> None:
    message = say(f"enterprise:{cast.noodle_shop.uscc}")
    file = address("message_file", cast.noodle_shop, message.uuid)
    assert signed_in(cast.owner).post(file).status_code == 404


def say(audience: str) -> Message:
    return messages.say(
        now=NOW,
        audience=audience,
        kind="reminder",
        subject_key=f"visit:{UUID(int=9)}",
        title="提醒",
        text="明天上午。",
    )


def test_messages_of_others_are_not_there(cast: Cast) -> None:
    foreign = say(f"enterprise:{cast.paint_factory.uscc}")
    client = signed_in(cast.owner)
    for name in ("message", "message_read", "message_file"):
        method = client.get if name == "message" else client.post
        assert method(address(name, cast.noodle_shop, foreign.uuid)).status_code == 404
    foreign.refresh_from_db()
    assert foreign.read_at is None


def test_an_announced_visit_stands_with_number_day_items_and_papers(cast: Cast) -> None:
    announced(cast)
    text = page(cast.owner, "coming", cast.noodle_shop)
    for said in ("2026-07-20", "上午", "通州区市场监督管理局", "通州区消防救援支队", "消防设施维护保养记录"):
        assert said in text, said
    assert Contact.objects.get().dispatches.get().number in text
    for said in (
        "2026-07-20（星期一）上午",
        "甲一（T-0001）",
        cast.noodle_shop.address,
        "还有 19 天",
        "申请其回避",
    ):
        assert said in text, said
    assert text.count("营业执照</li>") == 1 and "通知有变更" not in text
    assert "2026-07-20 上午" in page(cast.owner, "home", cast.noodle_shop)


def test_a_changed_notice_says_on_the_page_and_in_the_message_what_is_otherwise(cast: Cast) -> None:
    contact = announced(cast)
    factories.reschedule(contact, date(2026, 7, 22), DayPart.AFTERNOON)
    dispatch.follow(actor="office", now=NOW, contacts=[contact])
    text = page(cast.owner, "coming", cast.noodle_shop)
    assert "通知有变更" in text and "检查时间</p>" in text and "2026-07-22（星期三）下午" in text
    message = Message.objects.get(kind="moved")
    assert "与此前通知不同：检查时间" in message.text
    assert "即将检查</a>" in page(cast.owner, "message", cast.noodle_shop, message.uuid).split("<main")[1]


def test_a_day_that_is_past_is_said_to_be_so_and_nobody_asks_for_another(
    cast: Cast, round_: Round, monkeypatch: pytest.MonkeyPatch
) -> None:
    contact = announced(cast)
    for days, words in ((19, "今天"), (20, "检查日已过")):
        monkeypatch.setattr("yicha.kernel.clock.now", lambda days=days: NOW + timedelta(days=days))
        text = page(cast.owner, "coming", cast.noodle_shop)
        assert words in text and "申请改期</a>" not in text
        form = page(cast.owner, "ask_slot", cast.noodle_shop, contact.uuid)
        assert "不能再申请改期" in form and "<select" not in form


def everywhere(cast: Cast) -> str:
    names = ("home", "messages", "coming", "visits", "undisturbed", "settings")
    return "".join(page(cast.owner, name, cast.noodle_shop) for name in names)


def assert_unknown(cast: Cast, contact: Contact) -> None:
    """Nothing of a visit is on any page: no day, no agency, not even that the budget is used."""
    text = everywhere(cast)
    assert "2026-07-20" not in text and "通州区消防救援支队" not in text and str(contact.uuid) not in text
    assert "0 / 4 次" in text
    client = signed_in(cast.owner)
    for name in ("visit", "ask_slot"):
        assert client.get(address(name, cast.noodle_shop, contact.uuid)).status_code == 404


def test_a_visit_that_is_only_planned_is_not_known(cast: Cast) -> None:
    assert_unknown(cast, plan(cast.noodle_shop, on=factories.DAY))


def test_a_visit_that_was_approved_is_not_known_before_its_notice(cast: Cast) -> None:
    contact = ready(cast.noodle_shop)
    factories.approved(contact)
    assert_unknown(cast, contact)


def test_an_unannounced_visit_is_not_known_even_when_it_is_ready(cast: Cast) -> None:
    contact = ready(cast.noodle_shop, trigger="complaint")
    row = factories.approved(contact, unannounced_because="先通知会毁灭证据")
    assert row.state == "ready"
    assert_unknown(cast, contact)


def test_a_planned_visit_that_was_cancelled_before_its_notice_was_never_known(cast: Cast) -> None:
    contact = plan(cast.noodle_shop, on=factories.DAY)
    Contact.objects.filter(pk=contact.pk).update(state="cancelled")
    assert_unknown(cast, contact)


def test_an_unannounced_visit_is_known_once_it_was_made(cast: Cast) -> None:
    contact = ready(cast.noodle_shop, trigger="complaint")
    factories.approved(contact, unannounced_because="先通知会毁灭证据")
    Contact.objects.filter(pk=contact.pk).update(state="made", made_on=factories.DAY)
    assert "2026-07-20" in page(cast.owner, "visits", cast.noodle_shop)


@pytest.fixture
def round_(cast: Cast) -> Round:
    return Round.objects.create(code="2026Q3", year=2026, quarter=3, organiser="yizhuang", state="matched")


def test_an_enterprise_asks_for_another_day_once(cast: Cast, round_: Round) -> None:
    contact = announced(cast)
    assert "申请改期" in page(cast.owner, "coming", cast.noodle_shop)
    ask = address("ask_slot", cast.noodle_shop, contact.uuid)
    client = signed_in(cast.owner)
    form = client.get(ask)
    assert form.status_code == 200 and "2026-07-22 上午" in form.content.decode()
    assert client.post(ask, {"slot": "2026-07-22 am", "because": ""}).status_code == 422
    assert client.post(ask, {"slot": "2026-07-20 am", "because": "盘点"}).status_code == 422
    assert client.post(ask, {"slot": "2026-07-22 am", "because": "当天盘点"}).status_code == 302
    asked = Schedule.objects.get()
    assert (asked.cause, asked.actor, asked.params["slot"]) == ("wish", "owner", ["2026-07-22", "am"])
    text = page(cast.owner, "coming", cast.noodle_shop)
    assert "2026-07-22 上午" in text and "办理中" in text and "申请改期</a>" not in text
    Schedule.objects.update(state="discarded")
    assert client.post(ask, {"slot": "2026-07-23 am", "because": "再问一次"}).status_code == 409
    assert "未同意" in page(cast.owner, "coming", cast.noodle_shop)


def test_closed_days_are_said_and_taken_back(cast: Cast) -> None:
    client = signed_in(cast.owner)
    add = address("wish_add", cast.noodle_shop)
    given = {"kind": "closed", "weekday": "0", "from_on": "", "until_on": "", "part": "", "because": "店休"}
    assert client.post(add, given).status_code == 302
    wish = VisitWish.objects.get()
    assert (wish.weekday, wish.said_by, wish.from_on) == (0, "owner", None)
    assert "星期一" in page(cast.owner, "settings", cast.noodle_shop)
    nothing = {**given, "weekday": "", "kind": "preferred"}
    assert client.post(add, nothing).status_code == 409, "which days?"
    remove = address("wish_remove", cast.noodle_shop, wish.uuid)
    foreign = address("wish_remove", cast.paint_factory, wish.uuid)
    assert client.post(foreign).status_code == 404 and client.get(remove).status_code == 405
    assert client.post(remove).status_code == 302 and not VisitWish.objects.exists()


def test_one_day_alone_is_from_and_until(cast: Cast) -> None:
    given = {"kind": "closed", "from_on": "2026-07-20", "part": "pm"}
    assert signed_in(cast.owner).post(address("wish_add", cast.noodle_shop), given).status_code == 302
    wish = VisitWish.objects.get()
    assert wish.from_on == wish.until_on == factories.DAY and wish.part == "pm"


def test_more_closed_days_than_may_be_are_refused(cast: Cast) -> None:
    client, add = signed_in(cast.owner), address("wish_add", cast.noodle_shop)
    assert client.post(add, {"kind": "closed", "weekday": "0"}).status_code == 302
    assert client.post(add, {"kind": "closed", "weekday": "1"}).status_code == 409
    assert VisitWish.objects.count() == 1


def with_mail(settings: Settings, port: int = 25) -> None:
    mail = MailServer("127.0.0.1", port, "yicha@example.cn", Tls.OFF)
    settings.YICHA = replace(settings.YICHA, mail=mail, sms=None, robot=None)


def test_an_address_is_given_shown_in_part_and_forgotten(cast: Cast, settings: Settings) -> None:
    with_mail(settings)
    client, add = signed_in(cast.owner), address("address_add", cast.noodle_shop)
    assert client.post(add, {"channel": "email", "address": "nobody"}).status_code == 409
    assert client.post(add, {"channel": "sms", "address": "13800000000"}).status_code == 422
    assert client.post(add, {"channel": "email", "address": "lao-mian@example.cn"}).status_code == 302
    text = page(cast.owner, "settings", cast.noodle_shop)
    assert "l***@example.cn" in text and "lao-mian@" not in text
    kept = Address.objects.get()
    assert kept.audience == f"enterprise:{cast.noodle_shop.uscc}"
    assert client.post(address("address_remove", cast.paint_factory, kept.uuid)).status_code == 404
    assert client.post(address("address_remove", cast.noodle_shop, kept.uuid)).status_code == 302
    assert not Address.objects.exists()


def test_where_nothing_is_set_up_no_address_is_asked_for(cast: Cast, settings: Settings) -> None:
    settings.YICHA = replace(settings.YICHA, mail=None, sms=None, robot=None)
    text = page(cast.owner, "settings", cast.noodle_shop)
    assert "添加地址" not in text and "暂不对外发送" in text


def test_the_notice_goes_out_by_email_with_its_pdf(cast: Cast, settings: Settings) -> None:
    with mail_server() as mailbox:
        with_mail(settings, mailbox.port)
        messages.add_address(
            actor="owner",
            now=NOW,
            audience=f"enterprise:{cast.noodle_shop.uscc}",
            channel=Channel.EMAIL,
            address="lao-mian@example.cn",
        )
        announced(cast)
        assert messages.deliver_due(now=lambda: MORNING) == 1
        (mail,) = mailbox.mails
        (file,) = list(mail.iter_attachments())
        assert file.get_payload(decode=True) == bytes(Message.objects.get().document)


def failed(cast: Cast, audience: str = "") -> Delivery:
    message = say(audience or f"enterprise:{cast.noodle_shop.uscc}")
    return Delivery.objects.create(
        message=message,
        channel="email",
        address="lao-mian@example.cn",
        state="failed",
        tries=1,
        error="smtp 550",
    )


def test_the_office_sees_what_did_not_arrive_and_tries_it_again(cast: Cast) -> None:
    row = failed(cast)
    client = signed_in(cast.coordinator)
    home = client.get(reverse("desk:home")).content.decode()
    assert "1 次投递已放弃" in home
    listed = client.get(reverse("desk:messages:deliveries")).content.decode()
    assert "北京马驹桥老面馆" in listed and "550" in listed
    one = client.get(reverse("desk:messages:delivery", args=[row.uuid])).content.decode()
    for text in (home, listed, one):
        assert "lao-mian@" not in text
    book = client.get(reverse("desk:messages:deliveries") + "?export=xlsx")
    sheet = CalamineWorkbook.from_filelike(BytesIO(book.getvalue())).get_sheet_by_index(0).to_python()
    words = " ".join(str(cell) for line in sheet for cell in line)
    assert "l***@example.cn" in words and "lao-mian@" not in words
    retry = reverse("desk:messages:retry", args=[row.uuid])
    assert client.get(retry).status_code == 405 and client.post(retry).status_code == 302
    row.refresh_from_db()
    assert (row.state, row.tries) == ("queued", 0)
    assert client.post(retry).status_code == 409, "it is on its way"


def test_after_an_outage_everything_is_tried_again_at_once(cast: Cast) -> None:
    rows = [failed(cast), failed(cast)]
    assert signed_in(cast.coordinator).post(reverse("desk:messages:retry_all")).status_code == 302
    assert {Delivery.objects.get(pk=row.pk).state for row in rows} == {"queued"}


def test_an_office_of_a_region_sees_and_tries_again_what_is_for_its_own(cast: Cast) -> None:
    own, officers, foreign = failed(cast), failed(cast, "officer:T-0001"), failed(cast, "agency:110115-fire")
    client = signed_in(person("tongzhou", "通州协调员", GrantFacts(Role.COORDINATOR, region="110112")))
    assert "2 次投递已放弃" in client.get(reverse("desk:home")).content.decode()
    listed = client.get(reverse("desk:messages:deliveries")).content.decode()
    assert "北京马驹桥老面馆" in listed and "大兴" not in listed
    assert client.get(reverse("desk:messages:delivery", args=[foreign.uuid])).status_code == 404
    assert client.post(reverse("desk:messages:retry", args=[foreign.uuid])).status_code == 404
    assert client.post(reverse("desk:messages:retry_all")).status_code == 302
    states = [Delivery.objects.get(pk=row.pk).state for row in (own, officers, foreign)]
    assert states == ["queued", "queued", "failed"]


def test_deliveries_are_for_the_office_alone(cast: Cast) -> None:
    row = failed(cast)
    for user in (cast.officer_a, cast.planner, cast.owner):
        client = signed_in(user)
        assert client.get(reverse("desk:messages:deliveries")).status_code == 404
        assert client.get(reverse("desk:messages:delivery", args=[row.uuid])).status_code == 404
        assert client.post(reverse("desk:messages:retry", args=[row.uuid])).status_code == 404


def test_officials_read_what_their_agency_and_they_themselves_are_told(cast: Cast) -> None:
    of_agency, of_officer = say("agency:110112-market"), say("officer:T-0001")
    foreign = say("agency:110115-fire")
    client = signed_in(cast.officer_a)
    assert "2 条消息未读" in client.get(reverse("desk:home")).content.decode()
    for message in (of_agency, of_officer):
        assert client.get(reverse("desk:messages:object", args=[message.uuid])).status_code == 200
        assert client.post(reverse("desk:messages:read", args=[message.uuid])).status_code == 302
    assert client.get(reverse("desk:messages:object", args=[foreign.uuid])).status_code == 404
    assert client.post(reverse("desk:messages:read", args=[foreign.uuid])).status_code == 404
    assert Message.objects.filter(read_by="officer-a").count() == 2


def test_reading_pages_writes_nothing(cast: Cast, round_: Round) -> None:
    contact = announced(cast)
    message = Message.objects.get()
    client = signed_in(cast.owner)
    with CaptureQueriesContext(
        connection,
    ) as seen:
        for name in ("home", "messages", "coming", "visits", "settings", "wish_add", "address_add"):
            client.get(address(name, cast.noodle_shop))
        client.get(address("message", cast.noodle_shop, message.uuid))
        client.get(address("ask_slot", cast.noodle_shop, contact.uuid))
    written = [one["sql"] for one in seen if one["sql"].startswith(("INSERT", "UPDATE", "DELETE"))]
    assert written == []
