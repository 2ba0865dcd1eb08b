"""Rules of messages: audiences, addresses, when to try again, and how a webhook is signed."""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
import uuid
from datetime import datetime, timedelta

from yicha.base.messages.terms import Channel, DeliveryState
from yicha.kernel.refusal import Reason
from yicha.kernel.transitions import Transitions

MOST_TRIES = 8
"""About a day of tries: a mail server that is mended overnight gets everything."""
FIRST_WAIT, LONGEST_WAIT = timedelta(minutes=2), timedelta(hours=6)
"""The first is longer than any one try can take, so that nobody begins a second one beside it."""
MOST_ADDRESSES = 5
"""Of one audience on one channel."""

STEPS: Transitions[DeliveryState] = Transitions(
    "delivery",
    {
        "sent": (frozenset({DeliveryState.QUEUED}), DeliveryState.SENT),
        "give-up": (frozenset({DeliveryState.QUEUED}), DeliveryState.FAILED),
        "retry": (frozenset({DeliveryState.FAILED}), DeliveryState.QUEUED),
    },
)

_PATTERNS = {
    Channel.EMAIL: re.compile(r"[^@\s<>\"(),;:\\\[\]\x00-\x1f]{1,64}@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+"),
    Channel.SMS: re.compile(r"\+?[0-9]{8,15}"),
    Channel.ROBOT: re.compile(r"[A-Za-z0-9._-]{1,100}"),
}
_WRONG = {
    Channel.EMAIL: Reason(
        "messages.address",
        "This is not an e-mail address; write one like name@example.cn.",
        at_field="address",
    ),
    Channel.SMS: Reason(
        "messages.address",
        "This is not a telephone number; write digits alone, like 13800000000.",
        at_field="address",
    ),
    Channel.ROBOT: Reason(
        "messages.address",
        "This is not the name of a robot; write letters, digits, dots and hyphens.",
        at_field="address",
    ),
    Channel.INSIDE: Reason(
        "messages.address",
        "Messages lie inside for everybody; that needs no address.",
        at_field="channel",
    ),
}


def audience_of(kind: str, code: str) -> str:
    """Whom a message is for: `enterprise:<uscc>`, `agency:<code>` or `officer:<certificate>`."""
    if kind not in {"enterprise", "agency", "officer"} or not code:
        raise ValueError(f"nobody is called {kind}:{code}")
    return f"{kind}:{code}"


def tidy_address(channel: Channel, text: str) -> str:
    """An address as it is kept: without spaces around, of a telephone number without any between."""
    text = text.strip()
    return re.sub(r"[ -]", "", text) if channel is Channel.SMS else text


def refuse_address(channel: Channel, address: str, others: int) -> list[Reason]:
    """Why an address is not taken; `others` is how many of the channel the audience has already."""
    reasons = []
    pattern = _PATTERNS.get(channel)
    if pattern is None or not pattern.fullmatch(address) or len(address) > 254:
        reasons.append(_WRONG[channel])
    if others >= MOST_ADDRESSES:
        reasons.append(
            Reason(
                "messages.too-many-addresses",
                "There are %(most)s addresses already, which is as many as there may be; remove one first.",
                facts={"most": MOST_ADDRESSES},
                at_field="address",
            )
        )
    return reasons


def mask(address: str) -> str:
    """An address as lists show it: enough to recognise one's own, too little to write to."""
    name, at, host = address.partition("@")
    if at:
        return f"{name[0]}***@{host}"
    return f"{address[:3]}****{address[-4:]}" if len(address) > 7 else "****"


def wait_after(tries: int) -> timedelta:
    """How long to wait after so many tries: 2, 6, 18, 54 minutes, 2 h 42 min, then every six hours."""
    longer: int = 3 ** (tries - 1)
    return min(FIRST_WAIT * longer, LONGEST_WAIT)


def is_over(tries: int) -> bool:
    """Whether that was the last try."""
    return tries >= MOST_TRIES


def reference_of(message: uuid.UUID, channel: Channel, address: str) -> str:
    """The name of one delivery for the other side: the same at every try, another for every address."""
    return str(uuid.uuid5(message, f"{channel.value}:{address}"))


def sign(secret: str, reference: str, at: datetime, body: bytes) -> str:
    """The signature of a webhook: HMAC-SHA256 over id, seconds and body (Standard Webhooks 1.0.0).

    `secret` is `whsec_` and base64, as the settings were read.
    """
    key = base64.b64decode(secret.removeprefix("whsec_"))
    signed = b".".join((reference.encode(), str(int(at.timestamp())).encode(), body))
    return "v1," + base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
