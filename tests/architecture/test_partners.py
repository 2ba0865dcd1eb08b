"""The partners' API: every route has a policy, every policy a route, and every answer a description."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client
from django.urls import URLResolver, get_resolver

from yicha.doors.partners.api import api
from yicha.doors.partners.description import PREFIX, description
from yicha.doors.partners.policies import POLICIES, Policy

WITHOUT_TOKEN = {("POST", "/token"), ("GET", "/keys")}
"""What anybody may ask: tokens are given for a secret, public keys are public."""
WRITE_NOTHING = {("POST", "/token"), ("POST", "/gate/preview")}
"""POSTs without an Idempotency-Key: one asks only, the other hands out a new token each time."""


def operations() -> Iterator[tuple[str, str, Any]]:
    """Every operation of the API as (method, path, ninja's operation)."""
    for router in api._get_bound_routers():
        for path, view in router.path_operations.items():
            for operation in view.operations:
                for method in operation.methods:
                    yield method, path, operation


def test_there_are_routes() -> None:
    assert len(list(operations())) >= 15


@pytest.mark.parametrize(
    ("method", "path", "operation"),
    [pytest.param(*one, id=f"{one[0]} {one[1]}") for one in operations()],
)
def test_every_route_has_the_policy_of_the_table(method: str, path: str, operation: Any) -> None:
    policies = [callback for callback in operation.auth_callbacks if isinstance(callback, Policy)]
    assert len(policies) == len(operation.auth_callbacks) == 1, "declare it with policies.route"
    assert policies[0] is POLICIES[method, path]


def test_every_policy_has_its_route() -> None:
    assert {(method, path) for method, path, _operation in operations()} == set(POLICIES)


def test_only_tokens_and_public_keys_are_open() -> None:
    assert {key for key, policy in POLICIES.items() if policy.scope is None} == WITHOUT_TOKEN


def test_every_post_that_writes_wants_a_key() -> None:
    posts = {key for key in POLICIES if key[0] == "POST"}
    assert {key for key in posts if not POLICIES[key].once} == WRITE_NOTHING
    assert not [key for key, policy in POLICIES.items() if policy.once and key[0] != "POST"]


def test_no_address_of_the_api_is_served_around_the_policies() -> None:
    """Beside ninja's views there are the description and the 404."""
    found = next(one for one in get_resolver().url_patterns if str(one.pattern) == f"{PREFIX}/")
    paths = {
        path.strip("/").replace("{", "<").replace("}", ">") for _method, path, _operation in operations()
    }
    assert isinstance(found, URLResolver)
    others = {str(one.pattern) for one in found.url_patterns} - paths
    assert others == {"openapi.json", ""}


@pytest.mark.parametrize(("method", "path"), sorted(set(POLICIES) - WITHOUT_TOKEN), ids=str)
def test_without_a_token_every_route_says_how_to_get_one(
    method: str, path: str, client: Client, db: None
) -> None:
    address = f"/{PREFIX}{path}".replace("{uscc}", "0" * 15).replace(
        "{uuid}", "0" * 8 + "-0000" * 3 + "-" + "0" * 12
    )
    answer = client.generic(method, address, b"{}", "application/json")
    assert answer.status_code == 401, answer.content
    assert answer["Content-Type"] == "application/problem+json"
    assert answer["WWW-Authenticate"].startswith("Bearer ")


def test_the_description_is_openapi_3_1_and_says_every_scope_and_error() -> None:
    found = description()
    assert found["openapi"].startswith("3.1")
    for (method, path), policy in POLICIES.items():
        operation = found["paths"][f"/{PREFIX}{path}"][method.lower()]
        assert operation["security"] == ([{"client": [policy.scope.value]}] if policy.scope else [])
        headers = [one["name"] for one in operation["parameters"] if one["in"] == "header"]
        assert headers == (["Idempotency-Key"] if policy.once else [])
        errors = [status for status in operation["responses"] if int(status) >= 400]
        for status in errors:
            assert list(operation["responses"][status]["content"]) == ["application/problem+json"]
        assert ("401" in errors and "403" in errors and "429" in errors) or policy.scope is None
