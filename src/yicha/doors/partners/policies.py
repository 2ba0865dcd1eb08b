"""Who may call what: the one table of the API. A route that is not in it cannot even be declared.

A policy runs before anything of the request is looked at: size and kind of the body, the token, how often its client
has asked, and whether the token has the scope. Routes that write name `once`: they want an Idempotency-Key.
"""

from __future__ import annotations

import math
import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from typing import Any, TypeVar

from django.http import HttpRequest
from ninja import Router

from yicha.base.accounts import queries as accounts
from yicha.base.accounts.terms import ApiScope, BearerFacts
from yicha.doors.partners.limits import Buckets
from yicha.doors.partners.problems import JSON, Problem
from yicha.kernel import clock
from yicha.kernel.refusal import Reason

MOST_BYTES = 256 * 1024
"""A larger body is refused before it is read; nothing that the API takes is near it."""
FORM = "application/x-www-form-urlencoded"
REALM = 'Bearer realm="yicha"'
SOURCE = "RFC 6750"
BUCKETS = Buckets()
F = TypeVar("F", bound=Callable[..., Any])
_BEARER = re.compile(r"bearer +([A-Za-z0-9._~+/=-]{1,512}) *", re.IGNORECASE)


@dataclass(frozen=True)
class Caller:
    """Who asks, and when: `request.auth` of every route but the open ones."""

    bearer: BearerFacts
    now: datetime

    @property
    def agency(self) -> str:
        """The code of the agency that the client acts for."""
        return self.bearer.agency

    @property
    def actor(self) -> str:
        """Who asks, as the ledger writes it."""
        return f"client:{self.bearer.client}"

    @cached_property
    def today(self) -> date:
        """The day in Beijing."""
        return clock.today(self.now)


@dataclass(frozen=True)
class Policy:
    """What a token must have. `scope` None: anybody may call. `once`: it writes, and wants an Idempotency-Key."""

    scope: ApiScope | None
    once: bool = False
    takes: str = JSON

    def __call__(self, request: HttpRequest) -> Caller | bool:
        """Called by ninja first of all. Raises `Problem` with 401, 403, 413, 415 or 429."""
        _check_body(request, self.takes)
        if self.scope is None:
            return True
        now = clock.now()
        bearer = _bearer(request, now)
        check_rate(bearer.client, bearer.per_minute)
        if self.scope.value not in bearer.scopes:
            raise _lacking(self.scope)
        return Caller(bearer, now)


OPEN = Policy(None)
POLICIES: dict[tuple[str, str], Policy] = {
    ("POST", "/token"): Policy(None, takes=FORM),
    ("GET", "/keys"): OPEN,
    ("POST", "/gate/preview"): Policy(ApiScope.GATE_PREVIEW),
    ("POST", "/gate/applications"): Policy(ApiScope.GATE_APPLY, once=True),
    ("GET", "/gate/applications/{uuid}"): Policy(ApiScope.GATE_APPLY),
    ("POST", "/gate/applications/{uuid}/completion"): Policy(ApiScope.GATE_APPLY, once=True),
    ("GET", "/enterprises/{uscc}"): Policy(ApiScope.ENTERPRISE_READ),
    ("GET", "/enterprises/{uscc}/budget"): Policy(ApiScope.ENTERPRISE_READ),
    ("GET", "/enterprises/{uscc}/results"): Policy(ApiScope.RESULTS_READ),
    ("POST", "/results"): Policy(ApiScope.RESULTS_WRITE, once=True),
    ("GET", "/listings"): Policy(ApiScope.LISTINGS_READ),
    ("GET", "/listings/{uscc}"): Policy(ApiScope.LISTINGS_READ),
    ("POST", "/certificates"): Policy(ApiScope.CERTIFICATES_WRITE, once=True),
    ("GET", "/certificates/{uuid}"): Policy(ApiScope.CERTIFICATES_READ),
    ("GET", "/certificates/{uuid}/pdf"): Policy(ApiScope.CERTIFICATES_READ),
    ("GET", "/credit-records"): Policy(ApiScope.RECORDS_READ),
    ("POST", "/credit-records"): Policy(ApiScope.RECORDS_WRITE, once=True),
    ("POST", "/credit-records/{uuid}/correction"): Policy(ApiScope.RECORDS_WRITE, once=True),
    ("POST", "/credit-records/{uuid}/ending"): Policy(ApiScope.RECORDS_WRITE, once=True),
    ("GET", "/events"): Policy(ApiScope.EVENTS_READ),
    ("POST", "/events/acknowledgement"): Policy(ApiScope.EVENTS_READ, once=True),
}


def route(router: Router, method: str, path: str, **options: Any) -> Callable[[F], F]:
    """Declare a route of the API under its policy; `options` are ninja's. Without a policy: `KeyError` at start."""
    policy = POLICIES[method, path]
    return router.api_operation([method], path, auth=policy, **options)


def caller_of(request: HttpRequest) -> Caller:
    """Who asks, in a route whose policy has a scope."""
    caller = request.auth  # type: ignore[attr-defined]
    assert isinstance(caller, Caller)
    return caller


def check_rate(name: str, per_minute: int) -> None:
    """Raise `Problem` 429 with Retry-After when a client asks too often."""
    wait = BUCKETS.take(name, per_minute, time.monotonic())
    if wait:
        seconds = math.ceil(wait)
        reason = Reason(
            "request.too-often",
            "More than %(limit)s requests a minute; ask again in %(seconds)s s.",
            facts={"limit": per_minute, "seconds": seconds},
        )
        raise Problem(429, [reason], {"Retry-After": str(seconds)})


def _check_body(request: HttpRequest, takes: str) -> None:
    if request.method != "POST":
        return
    length = request.META.get("CONTENT_LENGTH") or "0"
    if not length.isdigit() or int(length) > MOST_BYTES:
        reason = Reason(
            "request.too-large", "The body is larger than %(limit)s KB.", facts={"limit": MOST_BYTES // 1024}
        )
        raise Problem(413, [reason])
    if (request.content_type or "").lower() != takes:
        reason = Reason("request.type", "The body must be %(type)s.", facts={"type": takes})
        raise Problem(415, [reason], {"Accept": takes})


def _bearer(request: HttpRequest, now: datetime) -> BearerFacts:
    given = request.META.get("HTTP_AUTHORIZATION", "")
    if not given:
        reason = Reason("token.missing", "An access token is needed: POST /token gives one.", SOURCE)
        raise Problem(401, [reason], {"WWW-Authenticate": REALM})
    found = _BEARER.fullmatch(given)
    bearer = accounts.find_bearer(found.group(1), now) if found else None
    if bearer is None:
        reason = Reason("token.invalid", "The access token is not known, has ended or was revoked.", SOURCE)
        raise Problem(401, [reason], {"WWW-Authenticate": f'{REALM}, error="invalid_token"'})
    return bearer


def _lacking(scope: ApiScope) -> Problem:
    challenge = f'{REALM}, error="insufficient_scope", scope="{scope.value}"'
    reason = Reason(
        "token.scope", "The access token lacks the scope “%(scope)s”.", SOURCE, {"scope": scope.value}
    )
    return Problem(403, [reason], {"WWW-Authenticate": challenge})
