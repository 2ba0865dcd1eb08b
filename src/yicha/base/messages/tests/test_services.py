"""Messages go out to real other sides, at least once, and tell nobody where to."""

from __future__ import annotations

import base64
import hashlib
import json
import logging
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from django.db import connection, transaction
from procrastinate.contrib.django.models import ProcrastinateJob
from pytest_django.fixtures import Settings

from tests.cast import NOW
from yicha.base.documents import services as documents
from yicha.base.ledger.models import Entry
from yicha.base.messages import queries, rules, services
from yicha.base.messages.models import Address, Delivery, Message
from yicha.base.messages.services import delivering
from yicha.base.messages.services.adapters.email import EmailAdapter
from yicha.base.messages.terms import Channel, Hook, MailServer, Outgoing, Tls
from yicha.base.messages.tests.receivers import Gateway, Mailbox, gateway, mail_server
from yicha.kernel.refusal import Refused
from yicha.site.logs import JsonLine

pytestmark = pytest.mark.django_db
AUDIENCE = "enterprise:91110112MA00000016"
SECRET = "whsec_" + base64.b64encode(b"twenty-four bytes or more").decode()
TITLE = "入企检查通知书 2026Q3-0042：北京马驹桥老面馆，7月15日上午"


class Clock:
    """A clock that stands until it is moved."""

    def __init__(self) -> None:
        self.at = NOW

    def __call__(self) -> datetime:
        return self.at

    def pass_(self, time: timedelta) -> None:
        self.at += time


@pytest.fixture
def hands() -> Clock:
    return Clock()


@pytest.fixture
def mailbox(settings: Settings) -> Iterator[Mailbox]:
    """A mail server that is set up."""
    with mail_server() as found:
        server = MailServer("127.0.0.1", found.port, "一查 <yicha@example.cn>", Tls.OFF)
        settings.YICHA = replace(settings.YICHA, mail=server, sms=None, robot=None)
        yield found


@pytest.fixture
def robots(settings: Settings) -> Iterator[Gateway]:
    """A gateway for SMS and robots that is set up."""
    with gateway() as found:
        hook = Hook(found.url, SECRET)
        settings.YICHA = replace(settings.YICHA, mail=None, sms=hook, robot=hook)
        yield found


@pytest.fixture
def queue(transactional_db: None) -> Iterator[None]:
    """The queue of jobs, which emptying the tables leaves as it is: without ours before and after."""
    for _when in ("before", "after"):
        with connection.cursor() as cursor:
            cursor.execute("DELETE FROM procrastinate_jobs WHERE task_name = 'messages.deliver'")
        if _when == "before":
            yield


def keep(channel: Channel, address: str) -> Address:
    return services.add_address(actor="owner", now=NOW, audience=AUDIENCE, channel=channel, address=address)


def say(document: bytes = b"") -> Message:
    return services.say(
        now=NOW,
        audience=AUDIENCE,
        kind="notice",
        subject_key=f"visit:{UUID(int=7)}",
        title=TITLE,
        text="7月15日上午，通州区市场监督管理局等两个部门到你单位检查。",
        document=document,
        document_name="入企检查通知书.pdf" if document else "",
    )


def deliver(hands: Callable[[], datetime]) -> int:
    return services.deliver_due(now=hands)


def only() -> Delivery:
    return Delivery.objects.get()


def test_what_is_said_lies_inside_even_where_nothing_else_is_set_up(settings: Settings) -> None:
    settings.YICHA = replace(settings.YICHA, mail=None, sms=None, robot=None)
    keep(Channel.EMAIL, "shop@example.cn")
    message = say()
    assert list(queries.list_messages([AUDIENCE])) == [message] and queries.count_unread([AUDIENCE]) == 1
    assert not Delivery.objects.exists(), "nothing piles up for a channel that is not there"


def test_it_is_said_with_the_act_that_it_tells_of_or_not_at_all(mailbox: Mailbox, hands: Clock) -> None:
    keep(Channel.EMAIL, "shop@example.cn")
    with pytest.raises(RuntimeError, match="the act failed"), transaction.atomic():
        say()
        raise RuntimeError("the act failed")
    assert deliver(hands) == 0 and not Message.objects.exists() and not mailbox.mails


@pytest.mark.django_db(transaction=True)
def test_outside_a_transaction_nothing_is_said() -> None:
    with pytest.raises(transaction.TransactionManagementError):
        say()


def test_an_email_arrives_with_its_subject_and_its_pdf(mailbox: Mailbox, hands: Clock) -> None:
    keep(Channel.EMAIL, "shop@example.cn")
    pdf = documents.typeset('#set text(font: "Noto Serif SC")\n通知'.encode(), {}, now=NOW)
    message = say(pdf)
    assert deliver(hands) == 1
    (mail,) = mailbox.mails
    assert mailbox.recipients == ["shop@example.cn"]
    assert mail["Subject"].strip() == TITLE and "yicha@example.cn" in mail["From"] and "一查" in mail["From"]
    body = mail.get_body(("plain",))
    assert body is not None and message.text in body.get_content()
    (file,) = list(mail.iter_attachments())
    assert (file.get_content_type(), file.get_filename()) == ("application/pdf", "入企检查通知书.pdf")
    assert file.get_payload(decode=True) == pdf
    row = only()
    assert (row.state, row.sent_at, row.next_at, row.receipt) == ("sent", NOW, None, mail["Message-ID"])


def test_every_address_of_the_audience_gets_it_and_nobody_elses(mailbox: Mailbox, hands: Clock) -> None:
    for name in ("one", "two"):
        keep(Channel.EMAIL, f"{name}@example.cn")
    services.add_address(
        actor="x", now=NOW, audience="agency:110112-market", channel=Channel.EMAIL, address="other@example.cn"
    )
    say()
    assert deliver(hands) == 2 and sorted(mailbox.recipients) == ["one@example.cn", "two@example.cn"]
    assert len({mail["Message-ID"] for mail in mailbox.mails}) == 2


def test_a_title_of_several_lines_cannot_add_a_header(mailbox: Mailbox, hands: Clock) -> None:
    keep(Channel.EMAIL, "shop@example.cn")
    services.say(
        now=NOW,
        audience=AUDIENCE,
        kind="notice",
        subject_key="x",
        title="通知\nBcc: all@example.cn",
        text="x",
    )
    deliver(hands)
    (mail,) = mailbox.mails
    assert mail["Bcc"] is None and mail["Subject"] == "通知 Bcc: all@example.cn"


def test_a_server_that_is_busy_is_tried_again_later_under_the_same_name(
    mailbox: Mailbox, hands: Clock
) -> None:
    keep(Channel.EMAIL, "shop@example.cn")
    mailbox.data_answers = ["451 busy"]
    say()
    assert deliver(hands) == 1
    row = only()
    assert (row.state, row.tries, row.error) == ("queued", 1, "smtp 451")
    assert row.next_at == NOW + rules.wait_after(1)
    assert deliver(hands) == 0, "not before its time"
    hands.pass_(rules.wait_after(1))
    assert deliver(hands) == 1 and only().state == "sent"


def test_a_mailbox_that_does_not_exist_is_given_up_at_once(mailbox: Mailbox, hands: Clock) -> None:
    keep(Channel.EMAIL, "shop@example.cn")
    mailbox.answers = ["550 shop@example.cn is nobody here"]
    say()
    deliver(hands)
    row = only()
    assert (row.state, row.tries, row.next_at, row.error) == ("failed", 1, None, "smtp 550")
    hands.pass_(timedelta(days=3))
    assert deliver(hands) == 0


def test_a_mailbox_that_is_busy_is_not_given_up(mailbox: Mailbox, hands: Clock) -> None:
    keep(Channel.EMAIL, "shop@example.cn")
    mailbox.answers = ["450 try later"]
    say()
    deliver(hands)
    assert (only().state, only().error) == ("queued", "smtp 450")


def test_one_that_fails_does_not_hold_up_the_others(mailbox: Mailbox, hands: Clock) -> None:
    for name in ("one", "two", "three"):
        keep(Channel.EMAIL, f"{name}@example.cn")
    mailbox.answers = ["550 nobody"]
    say()
    assert deliver(hands) == 3
    assert sorted(Delivery.objects.values_list("state", flat=True)) == ["failed", "sent", "sent"]


@pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS")
def test_a_wrong_sign_in_is_ours_to_mend_and_is_tried_again(settings: Settings, hands: Clock) -> None:
    with mail_server(password="right") as mailbox:
        server = MailServer("127.0.0.1", mailbox.port, "yicha@example.cn", Tls.OFF, "yicha", "wrong")
        settings.YICHA = replace(settings.YICHA, mail=server)
        keep(Channel.EMAIL, "shop@example.cn")
        say()
        deliver(hands)
        assert (only().state, only().error) == ("queued", "smtp 535 sign-in")
        settings.YICHA = replace(settings.YICHA, mail=replace(server, password="right"))
        hands.pass_(rules.wait_after(1))
        deliver(hands)
        assert only().state == "sent" and len(mailbox.mails) == 1


def test_a_server_that_is_away_is_tried_until_the_last_try_and_then_somebody_looks(
    settings: Settings, hands: Clock
) -> None:
    with mail_server() as mailbox:
        away = MailServer("127.0.0.1", mailbox.port, "yicha@example.cn", Tls.OFF)
    settings.YICHA = replace(settings.YICHA, mail=away)
    keep(Channel.EMAIL, "shop@example.cn")
    say()
    for tries in range(1, rules.MOST_TRIES + 1):
        assert only().state == "queued"
        assert deliver(hands) == 1 and only().tries == tries
        hands.pass_(rules.wait_after(tries))
    row = only()
    assert row.state == "failed" and row.error == "no answer ConnectionRefusedError"
    assert deliver(hands) == 0


def test_a_server_that_is_away_costs_one_try_of_one_message_and_holds_up_no_other_channel(
    robots: Gateway, settings: Settings, hands: Clock
) -> None:
    with mail_server() as mailbox:
        away = MailServer("127.0.0.1", mailbox.port, "yicha@example.cn", Tls.OFF)
    settings.YICHA = replace(settings.YICHA, mail=away)
    for name in ("a", "b", "c"):
        keep(Channel.EMAIL, f"{name}@example.cn")
    keep(Channel.SMS, "13800000000")
    say()
    assert deliver(hands) == 2
    found = Delivery.objects.order_by("pk").values_list("channel", "state", "tries")
    assert list(found) == [("email", "queued", 1), *[("email", "queued", 0)] * 2, ("sms", "sent", 1)]
    assert deliver(hands) == 1, "the next run tries the next one"


@pytest.mark.parametrize(("status", "tries"), [(401, 1), (500, 2)])
def test_a_gateway_that_takes_nothing_from_us_is_not_asked_for_each_message(
    robots: Gateway, hands: Clock, status: int, tries: int
) -> None:
    robots.statuses = [status, status]
    for number in ("13800000000", "13900000000"):
        keep(Channel.SMS, number)
    say()
    assert deliver(hands) == tries


def test_a_slow_server_leaves_the_worker_to_others_and_the_next_run_goes_on(mailbox: Mailbox) -> None:
    for name in ("a", "b", "c", "d"):
        keep(Channel.EMAIL, f"{name}@example.cn")
    say()
    hands = Clock()

    def slow() -> datetime:
        hands.pass_(timedelta(seconds=15))
        return hands.at

    assert (deliver(slow), len(mailbox.mails)) == (2, 2)
    assert (deliver(hands), len(mailbox.mails)) == (2, 4)


def test_what_was_given_up_is_tried_again_when_somebody_says_so(mailbox: Mailbox, hands: Clock) -> None:
    keep(Channel.EMAIL, "shop@example.cn")
    mailbox.answers = ["550 nobody"]
    say()
    deliver(hands)
    services.retry(actor="coordinator", now=hands(), delivery=only())
    assert (only().state, only().tries) == ("queued", 0)
    assert deliver(hands) == 1 and only().state == "sent"
    entry = Entry.objects.get(act="message.retried")
    assert entry.actor == "coordinator" and "shop@example.cn" not in json.dumps(entry.body)


def test_what_was_sent_is_not_sent_again_by_hand(mailbox: Mailbox, hands: Clock) -> None:
    keep(Channel.EMAIL, "shop@example.cn")
    say()
    deliver(hands)
    with pytest.raises(Refused):
        services.retry(actor="coordinator", now=NOW, delivery=only())


def test_a_webhook_is_signed_and_has_everything(robots: Gateway, hands: Clock) -> None:
    keep(Channel.ROBOT, "street-12")
    pdf = b"%PDF-1.7 little"
    message = say(pdf)
    deliver(hands)
    ((headers, body),) = robots.posts
    reference = rules.reference_of(message.uuid, Channel.ROBOT, "street-12")
    at = datetime.fromtimestamp(int(headers["webhook-timestamp"]), NOW.tzinfo)
    assert headers["webhook-id"] == reference
    assert headers["webhook-signature"] == rules.sign(SECRET, reference, at, body)
    sent = json.loads(body)
    assert sent["type"] == "message.robot"
    assert sent["data"]["to"] == "street-12" and sent["data"]["subject"] == TITLE
    (file,) = sent["data"]["attachments"]
    assert base64.b64decode(file["content"]) == pdf and file["sha256"] == hashlib.sha256(pdf).hexdigest()
    assert (only().state, only().receipt) == ("sent", "gw-1")


def test_a_telephone_gets_no_file(robots: Gateway, hands: Clock) -> None:
    keep(Channel.SMS, "138 0000 0000")
    say(b"%PDF-1.7 little")
    deliver(hands)
    (sent,) = robots.bodies
    assert sent["type"] == "message.sms" and sent["data"]["to"] == "13800000000"
    assert sent["data"]["attachments"] == []


@pytest.mark.parametrize("status", [302, 401, 404, 429, 500, 503])
def test_a_gateway_that_fails_is_tried_again_under_the_same_name(
    robots: Gateway, hands: Clock, status: int
) -> None:
    keep(Channel.SMS, "13800000000")
    robots.statuses = [status]
    say()
    deliver(hands)
    assert (only().state, only().error) == ("queued", f"http {status}")
    hands.pass_(rules.wait_after(1))
    deliver(hands)
    assert only().state == "sent"
    first, second = (headers["webhook-id"] for headers, _body in robots.posts)
    assert first == second, "the other side can drop the second copy"


@pytest.mark.parametrize("status", [400, 410, 422])
def test_a_gateway_that_will_never_take_it_is_not_asked_again(
    robots: Gateway, hands: Clock, status: int
) -> None:
    keep(Channel.SMS, "13800000000")
    robots.statuses = [status]
    say()
    deliver(hands)
    assert (only().state, only().error) == ("failed", f"http {status}")


class Killed(BaseException):
    """The process dies: nothing of ours runs any more."""


class Dying:
    """An adapter during which the process dies; the other side may have taken the message or not."""

    channel = Channel.EMAIL

    def send(self, message: Outgoing) -> str:
        raise Killed

    def close(self) -> None:
        pass


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("queue")
def test_what_was_being_sent_when_the_process_died_is_sent_again(mailbox: Mailbox, hands: Clock) -> None:
    keep(Channel.EMAIL, "shop@example.cn")
    with transaction.atomic():
        say()
    with pytest.raises(Killed):
        services.deliver_due(now=hands, makers={Channel.EMAIL: Dying})
    assert (only().state, only().tries) == ("queued", 1)
    assert deliver(hands) == 0, "while it may still be on its way nobody sends it too"
    hands.pass_(rules.wait_after(1))
    assert deliver(hands) == 1 and only().state == "sent" and len(mailbox.mails) == 1


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("queue")
def test_what_kills_the_process_every_time_is_given_up_too(mailbox: Mailbox, hands: Clock) -> None:
    keep(Channel.EMAIL, "shop@example.cn")
    with transaction.atomic():
        say()
    for tries in range(1, rules.MOST_TRIES + 1):
        with pytest.raises(Killed):
            services.deliver_due(now=hands, makers={Channel.EMAIL: Dying})
        hands.pass_(rules.wait_after(tries))
    assert deliver(hands) == 0
    assert (only().state, only().error) == ("failed", "lost")


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("queue")
def test_nothing_is_locked_while_the_other_side_is_spoken_to(mailbox: Mailbox, hands: Clock) -> None:
    keep(Channel.EMAIL, "shop@example.cn")
    with transaction.atomic():
        say()
    seen: list[bool] = []

    class Looking(EmailAdapter):
        def send(self, message: Outgoing) -> str:
            seen.append(connection.in_atomic_block)
            return super().send(message)

    server = MailServer("127.0.0.1", mailbox.port, "yicha@example.cn", Tls.OFF)
    services.deliver_due(now=hands, makers={Channel.EMAIL: lambda: Looking(server, "example.cn")})
    assert seen == [False] and only().state == "sent"


def test_a_slow_try_that_ends_after_a_later_one_changes_nothing(mailbox: Mailbox, hands: Clock) -> None:
    keep(Channel.EMAIL, "shop@example.cn")
    say()
    slow = delivering._claim(NOW, [Channel.EMAIL])
    assert slow is not None
    hands.pass_(rules.wait_after(1))
    mailbox.data_answers = ["451 busy"]
    deliver(hands)
    before = Delivery.objects.values().get()
    delivering._failed(slow, "no answer TimeoutError", hands(), is_final=True)
    assert Delivery.objects.values().get() == before


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("queue")
def test_after_the_commit_a_worker_is_woken_once(mailbox: Mailbox) -> None:
    keep(Channel.EMAIL, "shop@example.cn")
    with transaction.atomic():
        say()
        assert not ProcrastinateJob.objects.exists()
    with transaction.atomic():
        say()
    assert ProcrastinateJob.objects.filter(task_name="messages.deliver", status="todo").count() == 1


def test_neither_addresses_nor_secrets_nor_answers_are_logged(
    mailbox: Mailbox, hands: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    keep(Channel.EMAIL, "shop@example.cn")
    mailbox.answers = ["550 shop@example.cn is nobody here"]
    say()

    class Faulty(Dying):
        def send(self, message: Outgoing) -> str:
            raise ValueError(f"cannot write to {message.address}")

    with caplog.at_level(logging.DEBUG):
        deliver(hands)
        services.retry(actor="coordinator", now=hands(), delivery=only())
        services.deliver_due(now=hands, makers={Channel.EMAIL: Faulty})
    assert only().error == "fault ValueError"
    lines = [JsonLine().format(record) for record in caplog.records if record.name.startswith("yicha")]
    assert any("smtp 550" in line for line in lines)
    for line in lines:
        assert "shop" not in line and "nobody here" not in line
    assert "shop" not in repr(Outgoing("shop@example.cn", "x", "y", "z"))
    assert "shop" not in str(only()) and "key" not in repr(Hook("http://h/?key=1", SECRET))


def test_reading_counts_once_and_is_an_act() -> None:
    message = say()
    services.mark_read(actor="owner", now=NOW, message=message)
    services.mark_read(actor="partner", now=NOW + timedelta(hours=1), message=message)
    message.refresh_from_db()
    assert (message.read_at, message.read_by) == (NOW, "owner")
    assert queries.count_unread([AUDIENCE]) == 0
    assert Entry.objects.filter(act="message.read").count() == 1


def test_a_message_is_found_by_its_audience_alone() -> None:
    message = say()
    assert queries.find_message(message.uuid, [AUDIENCE]) == message
    assert queries.find_message(message.uuid, ["enterprise:other"]) is None


def test_an_address_is_kept_once_shown_masked_and_not_in_the_ledger() -> None:
    first = keep(Channel.EMAIL, "shop@example.cn")
    assert keep(Channel.EMAIL, " shop@example.cn ") == first
    (shown,) = queries.list_addresses(AUDIENCE)
    assert shown.masked == "s***@example.cn"
    entry = Entry.objects.get(act="message.address-added")
    assert "shop" not in json.dumps(entry.body)
    services.remove_address(actor="owner", now=NOW, address=first)
    services.remove_address(actor="owner", now=NOW, address=first)
    assert queries.list_addresses(AUDIENCE) == []
    assert Entry.objects.filter(act="message.address-removed").count() == 1


def test_an_address_that_cannot_be_is_refused() -> None:
    with pytest.raises(Refused) as caught:
        keep(Channel.EMAIL, "nobody")
    assert caught.value.codes == ("messages.address",)


def test_more_addresses_than_may_be_are_refused() -> None:
    for number in range(rules.MOST_ADDRESSES):
        keep(Channel.EMAIL, f"shop{number}@example.cn")
    with pytest.raises(Refused) as caught:
        keep(Channel.EMAIL, "one-more@example.cn")
    assert caught.value.codes == ("messages.too-many-addresses",)


def test_the_job_delivers_what_is_due(mailbox: Mailbox) -> None:
    from yicha.base.messages.jobs import deliver as job

    keep(Channel.EMAIL, "shop@example.cn")
    say()
    call: Any = job
    call(timestamp=0)
    assert only().state == "sent" and len(mailbox.mails) == 1
