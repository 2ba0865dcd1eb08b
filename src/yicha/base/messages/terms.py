"""Words of messages."""

from __future__ import annotations

from dataclasses import dataclass, field
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
    """What an adapter is given. `address` is of its own kind: an e-mail address, a telephone number, a robot's name.

    `reference` is the same at every try, so that the other side can tell a second copy from a second message.
    """

    address: str = field(repr=False)
    subject: str
    text: str
    reference: str
    attachments: tuple[Attachment, ...] = ()


@dataclass(frozen=True, slots=True)
class Letter:
    """What is to be said to an audience (`rules.audience_of`). `document` is a PDF; `subject_key` what it is about,
    as in the ledger (`visit:<uuid>`)."""

    audience: str
    kind: str
    subject_key: str
    title: str
    text: str
    document: bytes = field(default=b"", repr=False)
    document_name: str = ""


class Adapter(Protocol):
    """Speaks one channel's language: the one interface for e-mail, SMS and robots."""

    channel: Channel

    def send(self, message: Outgoing) -> str:
        """Hand over, and return the other side's receipt.

        Raises `Undeliverable` when trying again is of no use, `NotSent` when it may be.
        """
        ...

    def close(self) -> None:
        """Give back what is held between messages, like a connection."""
        ...


class NotSent(RuntimeError):
    """It did not go out this time. The words are a code, and hold neither the address nor a secret."""


class Away(NotSent):
    """The other side takes nothing now, whomever it is for: no answer, or our sign-in is refused."""


class Undeliverable(NotSent):
    """The address cannot be reached, now or later."""


class Tls(StrEnum):
    """How the way to the mail server is kept secret."""

    STARTTLS = "starttls"
    TLS = "tls"
    OFF = "off"


@dataclass(frozen=True, slots=True)
class MailServer:
    """Who takes e-mail from us. Without `user` nobody signs in."""

    host: str
    port: int
    sender: str
    tls: Tls = Tls.STARTTLS
    user: str = ""
    password: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Hook:
    """Where messages of a channel are posted to, and the secret that signs them (`whsec_` and base64)."""

    url: str = field(repr=False)
    secret: str = field(repr=False)
