"""A partner's system from its first token to its revocation, over the API alone."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from tests.cast import NOW, Cast, person
from yicha.base.accounts.models import User
from yicha.base.accounts.terms import GrantFacts, Role
from yicha.base.ledger.models import Entry
from yicha.decide.gate.models import Application
from yicha.decide.gate.tests.stage import items
from yicha.doors.partners.policies import BUCKETS
from yicha.doors.partners.tests.factories import wish
from yicha.kernel import clock
from yicha.know.agreement.tests.factories import draft, signed

API = "/api/v1"
SCOPES = [
    "gate.preview",
    "gate.apply",
    "enterprise.read",
    "results.read",
    "results.write",
    "certificates.write",
]


@pytest.fixture
def guardian(cast: Cast) -> User:
    """A security administrator."""
    BUCKETS.forget()
    items()
    return person("guardian", "安全员", GrantFacts(Role.SECURITY_ADMIN))


def let_in(client: Client, guardian: User) -> tuple[str, str]:
    """The administrator lets the system in on the desk, and reads the secret off the page, once."""
    client.force_login(guardian)
    form = {"name": "市监办案系统", "agency": "110112-market", "scopes": SCOPES, "per_minute": "600"}
    page = client.post(reverse("desk:partners:new"), form)
    assert page.status_code == 200 and page["Cache-Control"] == "no-store"
    shown = page.context["client"].uuid, page.context["secret"]
    assert shown[1] in page.content.decode()
    again = client.get(reverse("desk:partners:object", args=[shown[0]]))
    assert again.status_code == 200 and shown[1] not in again.content.decode()
    return str(shown[0]), shown[1]


def get_token(system: Client, client_id: str, secret: str) -> Any:
    pair = base64.b64encode(f"{client_id}:{secret}".encode()).decode()
    return system.post(
        f"{API}/token",
        "grant_type=client_credentials",
        content_type="application/x-www-form-urlencoded",
        headers={"Authorization": f"Basic {pair}"},
    )


def test_a_partners_system_through_its_day(client: Client, guardian: User, cast: Cast) -> None:
    client_id, secret = let_in(client, guardian)
    system = Client()  # no cookie, no session: a program
    token = get_token(system, client_id, secret).json()["access_token"]
    bearer = {"Authorization": f"Bearer {token}"}

    def post(path: str, body: object, key: str = "") -> Any:
        headers = {**bearer, "Idempotency-Key": key} if key else bearer
        return system.post(f"{API}{path}", json.dumps(body), content_type="application/json", headers=headers)

    # It asks first, and the answer says everything in both languages.
    asked = wish(cast, clock.now())
    seen = post("/gate/preview", asked).json()
    assert seen["outcome"] == "allow" and seen["reasons"]
    assert all(reason["sentence"]["zh"] and reason["sentence"]["en"] for reason in seen["reasons"])
    assert not Application.objects.exists()

    # It applies; the answer is lost on the way, it asks again under the same key and gets the same visit and code.
    first = post("/gate/applications", asked, "2026-000001")
    again = post("/gate/applications", asked, "2026-000001")
    assert first.status_code == 201 and first.content == again.content
    made = first.json()
    assert made["state"] == "granted" and made["code"] and Application.objects.count() == 1
    assert system.get(first["Location"], headers=bearer).json() == made

    # The visit is in the enterprise's budget.
    address = f"{API}/enterprises/{cast.noodle_shop.uscc}"
    budget = system.get(f"{address}/budget", headers=bearer).json()
    assert [visit["contact"] for visit in budget["visits"]] == [made["contact"]]
    assert {(line["level"], line["used"]) for line in budget["lines"]} >= {(None, 1)}

    # What its officers found goes to all; sent twice, it is one result.
    result = {
        "uscc": cast.noodle_shop.uscc,
        "item": "food",
        "found_on": clock.today(clock.now()).isoformat(),
        "result_code": "01",
        "evidence_sha256": "ab" * 32,
        "reference": "办案-2026-17",
    }
    sent = post("/results", result, "2026-000002")
    same = post("/results", result, "2026-000003")
    assert (sent.status_code, same.status_code) == (201, 200) and sent.json() == same.json()
    listed = system.get(f"{address}/results", headers=bearer).json()
    assert [row["reference"] for row in listed["items"]] == ["办案-2026-17"]

    # An agreement carries it to other regions, so it can be certified.
    signed(draft(), NOW)
    paper = post("/certificates", {"results": [sent.json()["uuid"]]}, "2026-000004")
    assert paper.status_code == 201 and paper.json()["is_good"]

    # What it was not let do, it is refused, and told which scope it lacks.
    refused = system.get(f"{API}/listings", headers=bearer)
    assert refused.status_code == 403 and 'scope="listings.read"' in refused["WWW-Authenticate"]
    assert refused.json()["reasons"][0]["facts"] == {"scope": "listings.read"}

    # Everything it did is in the ledger under its own name.
    acts = set(Entry.objects.filter(actor=f"client:{client_id}").values_list("act", flat=True))
    assert {"gate.applied", "recognition.offered", "certificate.issued"} <= acts

    # It is shut out, and out it is.
    client.post(reverse("desk:partners:revoke", args=[client_id]))
    assert system.get(address, headers=bearer).status_code == 401
    assert get_token(system, client_id, secret).status_code == 401


def test_a_new_secret_is_shown_once_and_ends_the_old_one(client: Client, guardian: User) -> None:
    client_id, secret = let_in(client, guardian)
    page = client.post(reverse("desk:partners:rotate", args=[client_id]))
    fresh = page.context["secret"]
    assert fresh != secret and fresh in page.content.decode()
    assert get_token(Client(), client_id, secret).status_code == 401
    assert get_token(Client(), client_id, fresh).status_code == 200


def test_what_a_system_may_do_is_changed_on_the_desk(client: Client, guardian: User) -> None:
    client_id, secret = let_in(client, guardian)
    page = client.get(reverse("desk:partners:change", args=[client_id]))
    assert page.status_code == 200
    client.post(
        reverse("desk:partners:change", args=[client_id]), {"scopes": ["gate.preview"], "per_minute": "60"}
    )
    assert get_token(Client(), client_id, secret).json()["scope"] == "gate.preview"
    assert "市监办案系统" in client.get(reverse("desk:partners:list")).content.decode()


def test_a_form_with_nothing_chosen_says_what_is_missing(client: Client, guardian: User) -> None:
    client.force_login(guardian)
    page = client.post(reverse("desk:partners:new"), {"name": "", "agency": "", "per_minute": "0"})
    assert page.status_code == 422


def test_nobody_but_the_security_administrator_lets_systems_in(client: Client, cast: Cast) -> None:
    for who in (cast.planner, cast.coordinator, cast.officer_a, cast.owner):
        client.force_login(who)
        assert client.get(reverse("desk:partners:list")).status_code == 404
        assert client.get(reverse("desk:partners:new")).status_code == 404
