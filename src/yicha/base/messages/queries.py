"""Reading messages, deliveries and addresses."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.db.models import QuerySet
from django.utils.functional import Promise

from yicha.base.messages import rules
from yicha.base.messages.models import CHANNELS, Address, Delivery, Message
from yicha.base.messages.terms import Channel


@dataclass(frozen=True, slots=True)
class ShownAddress:
    """An address as lists show it."""

    uuid: UUID
    channel: str
    name: str | Promise
    """The channel in the reader's language."""
    masked: str
    since: datetime


def audience_of(kind: str, code: str) -> str:
    """Whom a message is for: `enterprise:<uscc>`, `agency:<code>` or `officer:<certificate>`."""
    return rules.audience_of(kind, code)


def list_channels() -> tuple[Channel, ...]:
    """The channels that are set up here, besides inside."""
    own = settings.YICHA
    found = {Channel.EMAIL: own.mail, Channel.SMS: own.sms, Channel.ROBOT: own.robot}
    return tuple(channel for channel, set_up in found.items() if set_up)


def name_channel(channel: str) -> str | Promise:
    """A channel in the reader's language."""
    return CHANNELS[Channel(channel)]


def list_messages(audiences: Collection[str]) -> QuerySet[Message]:
    """What was said to somebody, the latest first; without the documents."""
    return Message.objects.filter(audience__in=audiences).defer("document").order_by("-said_at", "-id")


def count_unread(audiences: Collection[str]) -> int:
    """How many of them were not opened yet."""
    return Message.objects.filter(audience__in=audiences, read_at=None).count()


def find_message(uuid: UUID, audiences: Collection[str]) -> Message | None:
    """A message to one of these; None if there is none, or it is for somebody else."""
    return list_messages(audiences).filter(uuid=uuid).first()


def list_about(subject_key: str) -> QuerySet[Message]:
    """What was said about something, to whomever, with its deliveries."""
    found = Message.objects.filter(subject_key=subject_key).defer("document")
    return found.prefetch_related("deliveries").order_by("said_at", "id")


def list_deliveries() -> QuerySet[Delivery]:
    """All deliveries with their messages, what failed first."""
    return Delivery.objects.select_related("message").defer("message__document").order_by("state", "-pk")


def list_addresses(audience: str) -> list[ShownAddress]:
    """Where an audience wants its messages, masked."""
    rows: Iterable[Address] = Address.objects.filter(audience=audience).order_by("channel", "since")
    return [
        ShownAddress(
            one.uuid, one.channel, CHANNELS[Channel(one.channel)], rules.mask(one.address), one.since
        )
        for one in rows
    ]


def find_address(uuid: UUID, audience: str) -> Address | None:
    """An address of this audience; None if there is none."""
    return Address.objects.filter(uuid=uuid, audience=audience).first()


def mask(address: str) -> str:
    """An address as lists show it."""
    return rules.mask(address)
