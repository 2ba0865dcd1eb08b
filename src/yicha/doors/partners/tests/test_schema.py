"""Five thousand requests that nobody would think of: no 5xx, and every answer as the description says.

The cases are made by schemathesis from the description, always the same ones; every other one is given codes that
exist, so that it comes further than the first check.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

import pytest
import schemathesis
from django.core.wsgi import get_wsgi_application
from django.db import connection
from hypothesis import HealthCheck, given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from tests.cast import Cast
from yicha.decide.gate.tests.stage import items
from yicha.doors.partners.policies import BUCKETS, POLICIES
from yicha.doors.partners.tests.factories import PREFIX, System, system, wish
from yicha.kernel import clock

CASES = 5000
CHECKS: list[Callable[..., Any]] = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
OPERATIONS = sorted(POLICIES)
NOT_GENERATED = ("GET", "/keys")
"""It takes nothing: one case is all that there is."""
OF_POST, OF_GET = 500, 250


class Known:
    """What exists: put in place of what was generated, it leads a case to where something happens."""

    def __init__(self, own: System, cast: Cast) -> None:
        self.own = own
        self.body = wish(cast, clock.now())
        answer = own.post("/gate/applications", self.body)
        assert answer.status_code == 201, answer.content
        self.path = {"uscc": cast.noodle_shop.uscc, "uuid": answer.json()["uuid"]}
        self.form = {
            "grant_type": "client_credentials",
            "client_id": str(own.client.uuid),
            "client_secret": own.secret,
        }

    def put_into(self, case: Any) -> None:
        for name in set(case.path_parameters or ()) & set(self.path):
            case.path_parameters[name] = self.path[name]
        if isinstance(case.body, dict):
            known = self.form if "grant_type" in case.body else {**self.body, "item": "food"}
            for name in list(case.body):
                if name in known and name not in ("approved_by", "officers"):
                    case.body[name] = known[name]
            case.body.pop("agency", None)


def number_of(method: str) -> int:
    """Cases of an operation, half of them as the description says and half against it."""
    return OF_POST if method == "POST" else OF_GET


@pytest.fixture
def schema(db: None, monkeypatch: pytest.MonkeyPatch) -> Any:
    """The description as the product serves it, and the product behind it.

    A request does not close the connection on which the test's transaction is; Django's own test client sees to that
    in the same way.
    """
    monkeypatch.setattr(connection, "close_if_unusable_or_obsolete", lambda: None)
    monkeypatch.setattr(logging.getLogger("yicha.request"), "disabled", True)
    return schemathesis.openapi.from_wsgi(f"{PREFIX}/openapi.json", get_wsgi_application())


def test_there_are_five_thousand_cases() -> None:
    assert sum(number_of(method) for method, path in OPERATIONS if (method, path) != NOT_GENERATED) >= CASES


@pytest.mark.parametrize(("method", "path"), OPERATIONS, ids=lambda value: str(value))
def test_no_case_breaks_the_api(schema: Any, cast: Cast, method: str, path: str) -> None:
    items()
    BUCKETS.forget()
    own = system()
    known = Known(own, cast)
    operation = schema[f"{PREFIX}{path}"][method]
    wanted = 1 if (method, path) == NOT_GENERATED else number_of(method) // 2
    for mode in schemathesis.GenerationMode:
        if (method, path) == NOT_GENERATED and mode is schemathesis.GenerationMode.NEGATIVE:
            continue
        assert try_many(operation.as_strategy(generation_mode=mode), wanted, known) >= wanted


def try_many(strategy: Any, number: int, known: Known) -> int:
    """Send so many cases; returns how many were sent."""
    sent = 0

    @settings(
        max_examples=number,
        derandomize=True,
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(case=strategy)
    def send(case: Any) -> None:
        nonlocal sent
        sent += 1
        if sent % 2:
            known.put_into(case)
        headers = {} if case.path.endswith("/token") else known.own.bearer
        answer = case.call(headers=headers)
        case.validate_response(answer, checks=CHECKS)

    send()
    return sent
