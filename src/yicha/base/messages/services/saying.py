"""Saying something: it lies inside at once, and a delivery waits for every address of its audience."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime

from django.db import connection, transaction

from yicha.base.jobs import services as jobs
from yicha.base.ledger import services as ledger
from yicha.base.ledger.terms import JSON
from yicha.base.messages import queries
from yicha.base.messages.models import Address, Delivery, Message
from yicha.base.messages.terms import DeliveryState, Letter

JOB = "messages.deliver"
"""Comes every minute; whoever says something wakes it."""


def say(
    *,
    now: datetime,
    audience: str,
    kind: str,
    subject_key: str,
    title: str,
    text: str,
    document: bytes = b"",
    document_name: str = "",
) -> Message:
    """Say one thing (`say_many`)."""
    letter = Letter(audience, kind, subject_key, title, text, document, document_name)
    return say_many(now=now, letters=[letter])[0]


def say_many(*, now: datetime, letters: Sequence[Letter]) -> list[Message]:
    """Say something to each, in the transaction of the act that it tells of; the messages in the order of the letters.

    When that is undone nothing was said. Whoever has very many documents says them in lots: a lot is held in memory.
    """
    if not connection.in_atomic_block:
        raise transaction.TransactionManagementError("Something is said in the transaction that it tells of.")
    messages = Message.objects.bulk_create(
        [
            Message(
                audience=one.audience,
                kind=one.kind,
                subject_key=one.subject_key,
                title=one.title,
                text=one.text,
                document=one.document,
                document_name=one.document_name,
                said_at=now,
            )
            for one in letters
        ]
    )
    deliveries = _deliveries(now, messages)
    if deliveries:
        Delivery.objects.bulk_create(deliveries)
        jobs.wake(JOB)
    return messages


def _deliveries(now: datetime, messages: Sequence[Message]) -> list[Delivery]:
    """One for every address of its audience on a channel that is set up."""
    channels = [channel.value for channel in queries.list_channels()]
    audiences = {message.audience for message in messages}
    addresses: dict[str, list[Address]] = defaultdict(list)
    if channels:
        for one in Address.objects.filter(audience__in=audiences, channel__in=channels).order_by("pk"):
            addresses[one.audience].append(one)
    return [
        Delivery(
            message=message,
            channel=one.channel,
            address=one.address,
            state=DeliveryState.QUEUED.value,
            next_at=now,
        )
        for message in messages
        for one in addresses[message.audience]
    ]


@transaction.atomic
def mark_read(*, actor: str, now: datetime, message: Message) -> None:
    """Its audience has opened it; the first time counts. That is an act: a notice is known from then on."""
    locked = Message.objects.select_for_update().defer("document").get(pk=message.pk)
    if locked.read_at is not None:
        return
    locked.read_at, locked.read_by = now, actor
    locked.save(update_fields=["read_at", "read_by"])
    body: JSON = {"audience": locked.audience, "kind": locked.kind, "about": locked.subject_key}
    ledger.append(actor=actor, now=now, act="message.read", subject=f"message:{locked.uuid}", body=body)
