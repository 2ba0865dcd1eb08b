"""What the server finds of a pasted token: the same answers as the browser's, for browsers that cannot."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from yicha.base.keys import queries as keys
from yicha.base.keys.terms import Purpose
from yicha.doors.public.tokens import states
from yicha.doors.public.tokens.words import answers, codes, line, rows
from yicha.doors.templatetags.look import on
from yicha.kernel.clock import BEIJING
from yicha.kernel.refusal import Refused

TOKEN = re.compile(r"[\w-]{8,}\.[\w-]{8,}\.[\w-]{40,}", re.ASCII)
FOUND = {
    "keys.wrong-purpose": "other-kind",
    "keys.unknown-key": "foreign",
    "keys.bad-signature": "forged",
    "keys.not-yet": "early",
    "keys.over": "expired",
}
"""What a refusal of base/keys is called here; every other one: malformed."""


@dataclass(frozen=True)
class Answer:
    """What is found, how it looks, what it says, and the signed payload when the signature fits."""

    found: str
    look: Mapping[str, str]
    sentence: str
    rows: Iterable[tuple[str, str]] = ()
    payload: Mapping[str, Any] | None = None


def token_in(text: str) -> str:
    """The token in what was pasted: the token itself, or an address that carries it."""
    found = TOKEN.search("".join(text.split()))
    return found.group() if found else ""


def check(purpose: Purpose, text: str, now: datetime) -> Answer:
    """Everything that can be said of a pasted token at an instant."""
    looks = answers(purpose)
    token = token_in(text)
    found, payload = _verify(purpose, token, now)
    if payload is None:
        return Answer(found, looks[found], looks[found]["sentence"])
    state = states.find_state(purpose, hashlib.sha256(token.encode()).hexdigest())
    # A code whose days are over is over; one that nobody here knows is worth a word only if it were good.
    matters = found == "genuine" if state.state == "unknown" else found != "expired"
    if state.state != "valid" and matters:
        return Answer(state.state, looks[state.state], state.sentence, state.rows, payload)
    shown = state.rows or facts_of(purpose, payload)
    return Answer(found, looks[found], looks[found]["sentence"], shown, payload)


def _verify(purpose: Purpose, token: str, now: datetime) -> tuple[str, Mapping[str, Any] | None]:
    if not token:
        return "malformed", None
    try:
        return "genuine", keys.verify(purpose, token, now)
    except Refused as refused:
        found = FOUND.get(refused.codes[0], "malformed")
        # Whether a token is over is asked last, after its signature: what it says may be shown.
        return found, _payload(token) if found in ("early", "expired") else None


def _payload(token: str) -> Mapping[str, Any]:
    body = token.split(".")[1]
    read: dict[str, Any] = json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))
    return read


def facts_of(purpose: Purpose, payload: Mapping[str, Any]) -> list[tuple[str, str]]:
    """What the payload alone says, in the order of `words.rows`."""
    shown: list[tuple[str, str]] = []
    for row in rows(purpose):
        if row.get("kind") == "results":
            shown.extend(_results(payload.get(row["key"])))
        else:
            shown.append((row["label"], _value(payload.get(row["key"]), row.get("kind", ""))))
    return [(label, value) for label, value in shown if value]


def _results(found: Any) -> list[tuple[str, str]]:
    """The lines of a certificate."""
    named = codes()
    return [
        (
            str(one["name"]),
            line() % {"result": named.get(one["code"], one["code"]), "on": one["on"], "until": one["until"]},
        )
        for one in found or ()
    ]


def _value(value: Any, kind: str) -> str:
    if isinstance(value, list):
        return "、".join(str(one) for one in value)
    if kind and isinstance(value, int):
        moment = datetime.fromtimestamp(value, BEIJING)
        # An end is the first second that no longer counts.
        return on(moment - timedelta(seconds=1) if kind == "last-day" else moment)
    return "" if value is None else str(value)
