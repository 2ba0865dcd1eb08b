"""Words of messages."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol


class Channel(StrEnum):
    """How a message goes out. INSIDE: it lies in the product, read when its audience comes."""

    INSIDE = "inside"
    EMAIL = "email"
    SMS = "sms"
    ROBOT = "robot"


class DeliveryState(StrEnum):
    """Where a delivery stands. FAILED: given up after the last try; somebody has to look."""

    QUEUED = "queued"
    SENT = "sent"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file that goes along."""

    name: str
    media_type: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Outgoing:
    """What an adapter is given. `address` is of its own kind: an e-mail address, a telephone number, a robot's name."""

    address: str
    subject: str
    text: str
    reference: str
    attachments: tuple[Attachment, ...] = ()


class Adapter(Protocol):
    """Speaks one channel's language: the one interface for e-mail, SMS and robots."""

    channel: Channel

    def send(self, message: Outgoing) -> str:
        """Hand over, and return the other side's receipt; raises `Undeliverable` when trying again is of no use."""
        ...


class Undeliverable(RuntimeError):
    """The address cannot be reached, now or later."""
