"""Systems of agencies for tests: they hold a token and speak JSON."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from itertools import count
from typing import Any

from django.http import HttpResponse
from django.test import Client

from tests.cast import NOW, Cast
from yicha.base.accounts import services as accounts
from yicha.base.accounts.models import ApiClient
from yicha.base.accounts.terms import ApiScope
from yicha.kernel import clock

EVERYTHING = tuple(scope.value for scope in ApiScope)
PREFIX = "/api/v1"


@dataclass
class System:
    """An agency's own system with a token that is good."""

    client: ApiClient
    secret: str
    token: str
    http: Client = field(default_factory=Client)
    keys: Iterator[int] = field(default_factory=lambda: count(1))

    def get(self, path: str, **headers: str) -> Any:
        return self.http.get(f"{PREFIX}{path}", headers={**self.bearer, **headers})

    def post(self, path: str, body: object, *, key: str | None = "", **headers: str) -> Any:
        """Send JSON (bytes as they are); a new key each time unless one is given (None: no key)."""
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        named = {} if key is None else {"Idempotency-Key": key or f"key-{next(self.keys)}"}
        return self.http.generic(
            "POST",
            f"{PREFIX}{path}",
            data,
            "application/json",
            headers={**self.bearer, **named, **headers},
        )

    @property
    def bearer(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}"}


def system(agency: str = "110112-market", *scopes: str, per_minute: int = 10_000_000) -> System:
    """A system of an agency with everything, or with some scopes."""
    now = clock.now()
    client, secret = accounts.create_client(
        actor="test",
        now=now,
        name=f"系统 {agency} {' '.join(scopes)}",
        agency=agency,
        scopes=scopes or EVERYTHING,
        per_minute=per_minute,
    )
    token, _scopes = accounts.issue_token(now=now, client_id=str(client.uuid), secret=secret, scope="")
    return System(client, secret, token)


def wish(cast: Cast, now: datetime = NOW, **more: object) -> dict[str, Any]:
    """What a system sends: market regulation of 通州 wants to see the noodle shop about food, today."""
    today = clock.today(now).isoformat()
    return {
        "uscc": cast.noodle_shop.uscc,
        "items": ["food"],
        "kind": "daily",
        "trigger": "initiative",
        "from_on": today,
        "until_on": today,
        "officers": ["T-0001", "T-0002"],
        "approved_by": "局长",
        **more,
    }


def codes(answer: HttpResponse) -> list[str]:
    """The codes of a problem's reasons, or of a verdict's grounds."""
    body = json.loads(answer.content)
    return [reason["code"] for reason in body.get("verdict", body)["reasons"]]
