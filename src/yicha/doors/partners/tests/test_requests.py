"""What every request of the API meets: tokens, scopes, places, kinds of body, repetition, pages, limits."""

from __future__ import annotations

import base64
import json
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from tests.cast import Cast
from yicha.base.accounts import services as accounts
from yicha.decide.gate.models import Application
from yicha.decide.gate.tests.stage import items, result, visit
from yicha.doors.partners.limits import Buckets
from yicha.doors.partners.parsing import parse
from yicha.doors.partners.policies import BUCKETS, MOST_BYTES, POLICIES
from yicha.doors.partners.problems import Problem
from yicha.doors.partners.tests.factories import EVERYTHING, PREFIX, System, codes, system, wish
from yicha.ingest.exchange.models import Receipt
from yicha.kernel import clock
from yicha.know.agreement.tests.factories import draft, signed
from yicha.know.catalogue.models import ItemVersion
from yicha.know.registry import queries as registry
from yicha.know.undisturbed.models import Listing

POSTS = sorted(path for method, path in POLICIES if method == "POST" and path != "/token")
NOWHERE = "00000000-0000-0000-0000-000000000000"


@pytest.fixture(autouse=True)
def _full_buckets() -> None:
    BUCKETS.forget()


@pytest.fixture
def own(cast: Cast) -> System:
    items()
    return system()


def body(cast: Cast, **more: object) -> dict[str, Any]:
    return wish(cast, clock.now(), **more)


# Tokens


def ask_token(form: dict[str, str], **headers: str) -> Any:
    return Client().post(
        f"{PREFIX}/token",
        data="&".join(f"{name}={value}" for name, value in form.items()),
        content_type="application/x-www-form-urlencoded",
        headers=headers,
    )


def basic(own: System, secret: str = "") -> dict[str, str]:
    pair = f"{own.client.uuid}:{secret or own.secret}".encode()
    return {"Authorization": "Basic " + base64.b64encode(pair).decode()}


GRANT = {"grant_type": "client_credentials"}


def test_a_secret_in_the_header_or_in_the_form_gets_a_token(own: System) -> None:
    form = {**GRANT, "client_id": str(own.client.uuid), "client_secret": own.secret}
    for answer in (ask_token(GRANT, **basic(own)), ask_token(form)):
        assert answer.status_code == 200 and answer["Cache-Control"] == "no-store"
        given = answer.json()
        assert given["token_type"] == "Bearer" and given["expires_in"] == 3600
        assert set(given["scope"].split()) == set(EVERYTHING)


@pytest.mark.parametrize(
    ("form", "status", "error"),
    [
        ({"grant": "x"}, 400, "invalid_request"),
        ({"grant_type": "password"}, 400, "unsupported_grant_type"),
        ({**GRANT, "scope": "no.such"}, 400, "invalid_scope"),
        ({**GRANT, "client_secret": "x"}, 400, "invalid_request"),
        ({**GRANT, "scope": "gate.preview&scope=gate.apply"}, 400, "invalid_request"),
    ],
)
def test_a_wrong_request_for_a_token_is_told_as_rfc_6749_says(
    own: System, form: dict[str, str], status: int, error: str
) -> None:
    answer = ask_token(form, **basic(own))
    assert answer.status_code == status and answer.json()["error"] == error
    assert answer["Content-Type"] == "application/problem+json"


def test_a_wrong_secret_an_unknown_client_and_a_broken_header_are_one_answer(own: System) -> None:
    answers = [
        ask_token(GRANT, **basic(own, "wrong")),
        ask_token({**GRANT, "client_id": NOWHERE, "client_secret": "x"}),
        ask_token(GRANT, Authorization="Basic ÿÿÿ"),
        ask_token(GRANT, Authorization="Bearer x"),
        ask_token(GRANT),
    ]
    assert {answer.status_code for answer in answers} == {401}
    assert len({answer.content for answer in answers}) == 1
    assert all(answer["WWW-Authenticate"].startswith("Basic ") for answer in answers)


def test_whoever_guesses_secrets_is_stopped(own: System) -> None:
    answers = [ask_token(GRANT, **basic(own, f"guess-{number}")) for number in range(61)]
    assert answers[-1].status_code == 429 and int(answers[-1]["Retry-After"]) >= 1


@pytest.mark.parametrize(
    "header", ["", "Bearer", "Bearer x", "Bearer \x00", "Basic abc", "Bearer " + "x" * 600]
)
def test_without_a_good_token_the_answer_is_401(own: System, header: str) -> None:
    answer = Client().get(f"{PREFIX}/listings", headers={"Authorization": header} if header else {})
    assert answer.status_code == 401 and answer["WWW-Authenticate"].startswith("Bearer ")


def test_a_revoked_client_is_out_with_its_next_request(own: System) -> None:
    assert own.get("/listings").status_code == 200
    accounts.revoke_client(actor="test", now=clock.now(), client=own.client)
    assert own.get("/listings").status_code == 401


@pytest.mark.parametrize("scope", EVERYTHING)
def test_a_token_opens_the_routes_of_its_scopes_and_no_other(cast: Cast, scope: str) -> None:
    own = system("110112-market", scope)
    for (method, path), policy in POLICIES.items():
        if policy.scope is None:
            continue
        address = path.replace("{uscc}", cast.noodle_shop.uscc).replace("{uuid}", NOWHERE)
        answer = own.get(address) if method == "GET" else own.post(address, {})
        assert (answer.status_code == 403) is (policy.scope.value != scope), (method, path)


# Bodies


@pytest.mark.parametrize(
    ("text", "status", "code"),
    [
        (b" ", 400, "json.invalid"),
        (b"{", 400, "json.invalid"),
        (b"\xff{}", 400, "json.invalid"),
        (b"\xef\xbb\xbf{}", 400, "json.invalid"),
        (b'{"a": "\x00"}', 400, "json.invalid"),
        (b'{"a": "\\u0000"}', 422, "json.text"),
        (b'{"a": "\\ud800"}', 422, "json.text"),
        (b'{"\\udfff": 1}', 422, "json.text"),
        (b'[["\\ud800"]]', 422, "json.text"),
        (b'{"a": 1, "a": 2}', 422, "json.repeated"),
        (b'{"a": NaN}', 422, "json.number"),
        (b'{"a": -Infinity}', 422, "json.number"),
        (b'{"a": ' + b"1" * 5000 + b"}", 400, "json.extreme"),
        (b"[" * 100_000, 400, "json.extreme"),
        (b"null", 422, "request.invalid"),
        (b"[]", 422, "request.invalid"),
        (b"1e999", 422, "request.invalid"),
    ],
)
def test_no_body_breaks_a_route(own: System, text: bytes, status: int, code: str) -> None:
    for path in POSTS:
        answer = own.post(path.replace("{uuid}", NOWHERE), text)
        assert answer.status_code == status, (path, answer.content)
        assert code in codes(answer) and answer["Content-Type"] == "application/problem+json"
        sentence = answer.json()["reasons"][0]["sentence"]
        assert sentence["zh"] and sentence["en"]


def test_a_whole_surrogate_pair_is_a_character() -> None:
    assert parse(b'{"a": "\\ud83d\\ude00"}') == {"a": "😀"}
    with pytest.raises(Problem):
        parse(b'{"a": "\\ude00\\ud83d"}')


@pytest.mark.parametrize(
    "path",
    ["%00", "%ED%A0%80", "%ff%fe", "a%00b", "..%2f", "x" * 300, "’"],
)
def test_no_address_breaks_the_api(own: System, path: str) -> None:
    for before in (
        "/enterprises/",
        "/listings/",
        "/gate/applications/",
        "/certificates/",
        "/",
        "/listings?cursor=",
    ):
        answer = own.get(before + path)
        assert answer.status_code in (404, 422), (before, answer.content)
        assert answer["Content-Type"] == "application/problem+json"


def test_another_kind_of_body_is_415(own: System) -> None:
    for path in POSTS:
        answer = own.http.post(f"{PREFIX}{path.replace('{uuid}', NOWHERE)}", {"a": "b"}, headers=own.bearer)
        assert answer.status_code == 415, path


def test_a_large_body_is_refused_before_it_is_read(own: System) -> None:
    assert own.post("/gate/preview", b" " * (MOST_BYTES + 1)).status_code == 413


def test_another_method_is_405_and_says_which_one_is_meant(own: System) -> None:
    answer = own.http.put(f"{PREFIX}/gate/preview", headers=own.bearer)
    assert answer.status_code == 405 and answer["Allow"] == "POST"
    assert [reason["code"] for reason in answer.json()["reasons"]] == ["request.method"]


def test_a_member_that_is_not_described_is_refused(own: System, cast: Cast) -> None:
    answer = own.post("/gate/preview", body(cast, budget=0))
    assert answer.status_code == 422
    assert answer.json()["reasons"][0]["at_field"] == "body.budget"


@pytest.mark.parametrize(
    "wrong",
    [
        {"from_on": "1999-12-31"},
        {"from_on": "2026-02-30"},
        {"from_on": 0},
        {"until_on": "2000-01-01"},
        {"items": []},
        {"items": ["food\n"]},
        {"uscc": "91110112MA"},
        {"kind": "visit"},
    ],
)
def test_a_wish_that_cannot_be_is_refused_by_its_field(
    own: System, cast: Cast, wrong: dict[str, Any]
) -> None:
    answer = own.post("/gate/preview", body(cast, **wrong))
    assert answer.status_code == 422
    assert answer.json()["reasons"][0]["at_field"].startswith("body")


# Places


def test_a_client_acts_for_its_own_agency_only(own: System, cast: Cast) -> None:
    assert own.post("/gate/preview", body(cast, agency="110112-market")).status_code == 200
    for path in ("/gate/preview", "/gate/applications"):
        answer = own.post(path, body(cast, agency="110115-fire"))
        assert answer.status_code == 403 and codes(answer) == ["client.other-agency"]
    assert not Application.objects.exists()


def addresses(uscc: str) -> list[str]:
    return [f"/enterprises/{uscc}{part}" for part in ("", "/budget", "/results")] + [f"/listings/{uscc}"]


def test_foreign_and_missing_are_the_same_404(own: System, cast: Cast) -> None:
    """The factory lies in 大兴, with which 通州 has no agreement."""
    missing = "91110112MA0000099X"
    for foreign, nothing in zip(addresses(cast.paint_factory.uscc), addresses(missing), strict=True):
        answers = own.get(foreign), own.get(nothing)
        assert [answer.status_code for answer in answers] == [404, 404], foreign
        assert answers[0].content == answers[1].content
    for path in ("/gate/preview", "/gate/applications"):
        asked = [own.post(path, body(cast, uscc=code)) for code in (cast.paint_factory.uscc, missing)]
        assert [answer.status_code for answer in asked] == [404, 404]
        assert asked[0].content == asked[1].content


def test_an_agreement_lets_look_and_its_end_shuts(own: System, cast: Cast) -> None:
    factory = f"/enterprises/{cast.paint_factory.uscc}"
    assert own.get(factory).status_code == 404
    agreement = signed(draft(regions=("110112", "110115"), shares=("results",)))
    assert own.get(factory).status_code == 200 and own.get(f"{factory}/results").status_code == 200
    assert own.get(f"/listings/{cast.paint_factory.uscc}").status_code == 404
    agreement.delete()
    assert own.get(factory).status_code == 404


def test_an_application_of_another_agency_is_not_there(own: System, cast: Cast) -> None:
    made = own.post("/gate/applications", body(cast)).json()
    assert own.get(f"/gate/applications/{made['uuid']}").json() == made
    other = system("110112-fire")
    assert other.get(f"/gate/applications/{made['uuid']}").status_code == 404
    assert other.post(f"/gate/applications/{made['uuid']}/completion", {}).status_code == 404


def test_the_class_never_goes_out(own: System, cast: Cast) -> None:
    """Class A rests on own initiative: the answer says that there is a rest, never for whom."""
    cast.noodle_shop.risk_class = "A"
    cast.noodle_shop.save()
    version = ItemVersion.objects.get(item__code="food")
    today = clock.today(clock.now())
    visit(cast.noodle_shop, cast.agency_a, today - timedelta(days=40), version)
    for answer in (own.post("/gate/preview", body(cast)), own.post("/gate/applications", body(cast))):
        assert "gate.rest" in codes(answer) and "class" not in answer.content.decode().lower()
        assert "Ａ类" not in answer.content.decode() and "A类" not in answer.content.decode()
    assert "risk_class" not in own.get(f"/enterprises/{cast.noodle_shop.uscc}").json()


# Repetition


def test_a_request_that_is_sent_again_is_carried_out_once(own: System, cast: Cast) -> None:
    first = own.post("/gate/applications", body(cast), key="k-1")
    again = own.post("/gate/applications", body(cast), key="k-1")
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.content == again.content and first["Location"] == again["Location"]
    assert (first["Idempotency-Replayed"], again["Idempotency-Replayed"]) == ("false", "true")
    assert Application.objects.count() == 1


def test_a_key_for_another_body_is_refused(own: System, cast: Cast) -> None:
    own.post("/gate/applications", body(cast), key="k-1")
    answer = own.post("/gate/applications", body(cast, evidence="x"), key="k-1")
    assert answer.status_code == 422 and codes(answer) == ["receipt.other-request"]


@pytest.mark.parametrize("key", [None, "x" * 256, "ключ"])
def test_what_writes_needs_a_key(own: System, cast: Cast, key: str | None) -> None:
    answer = own.post("/gate/applications", body(cast), key=key)
    assert answer.status_code == 400 and codes(answer) == ["request.key"]
    assert not Application.objects.exists() and not Receipt.objects.exists()


def test_what_is_refused_is_answered_again_the_same(own: System, cast: Cast) -> None:
    made = own.post("/gate/applications", body(cast)).json()
    path = f"/gate/applications/{made['uuid']}/completion"
    answers = [own.post(path, {"approved_by": "局长"}, key="k-1") for _try in range(2)]
    assert [answer.status_code for answer in answers] == [409, 409]
    assert answers[0].content == answers[1].content and codes(answers[0]) == ["gate.state"]
    assert answers[1]["Idempotency-Replayed"] == "true"


# Pages and limits


def test_pages_are_not_moved_by_rows_that_are_added(own: System, cast: Cast) -> None:
    version = ItemVersion.objects.get(item__code="food")
    today = clock.today(clock.now())
    for number in range(5):
        result(cast.noodle_shop, cast.agency_a, version, today, reference=f"r-{number}")
    address = f"/enterprises/{cast.noodle_shop.uscc}/results?limit=2"
    found, cursor = [], ""
    for number in range(4):
        page = own.get(f"{address}&cursor={cursor}").json()
        found += [row["reference"] for row in page["items"]]
        result(cast.noodle_shop, cast.agency_a, version, today, reference=f"late-{number}")
        cursor = page["next"] or ""
    assert found[:5] == [f"r-{number}" for number in range(5)] and len(set(found)) == len(found)


@pytest.mark.parametrize("cursor", ["x", "YWZ0ZXI6", "YWZ0ZXI6LTE", "YWZ0ZXI6eA"])
def test_a_cursor_that_no_page_gave_is_refused(own: System, cursor: str) -> None:
    answer = own.get(f"/listings?cursor={cursor}")
    assert answer.status_code == 422 and codes(answer) == ["page.cursor"]


def test_the_list_shows_who_is_on_it_at_home(own: System, cast: Cast) -> None:
    now = clock.now()
    for enterprise in (cast.noodle_shop, cast.paint_factory):
        assert enterprise.region
        Listing.objects.create(
            enterprise=enterprise,
            region=enterprise.region,
            state="listed",
            since=now,
            weighed_at=now,
            listed_on=clock.today(now),
        )
    assert [row["uscc"] for row in own.get("/listings").json()["items"]] == [cast.noodle_shop.uscc]
    assert own.get(f"/listings/{cast.noodle_shop.uscc}").json()["state"] == "listed"
    signed(draft(regions=("110112", "110115"), shares=("undisturbed",)))
    assert len(own.get("/listings").json()["items"]) == 2


def test_who_asks_too_often_is_told_when_to_come_again(cast: Cast) -> None:
    own = system("110112-market", per_minute=2)
    answers = [own.get("/listings") for _try in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert answers[2]["Retry-After"] == "30" and codes(answers[2]) == ["request.too-often"]


def test_a_bucket_fills_evenly() -> None:
    buckets = Buckets()
    assert [buckets.take("a", 2, 0.0) for _try in range(3)] == [0, 0, 30]
    assert buckets.take("b", 2, 0.0) == 0
    assert buckets.take("a", 2, 29.0) == pytest.approx(1)
    assert buckets.take("a", 2, 30.0) == 0


def test_a_mistake_of_ours_is_a_problem_document_without_its_words(
    own: System, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_args: object, **_more: object) -> None:
        raise ValueError("the secret of the house")

    monkeypatch.setattr(registry, "get_enterprise", fail)
    answer = own.get(f"/enterprises/{cast.noodle_shop.uscc}/budget")
    assert answer.status_code == 500 and codes(answer) == ["server.failed"]
    assert b"secret" not in answer.content


def test_the_database_is_asked_once_for_the_token_and_at_most_thrice_for_the_verdict(
    own: System, cast: Cast, django_assert_max_num_queries: Any
) -> None:
    own.post("/gate/preview", body(cast))
    with django_assert_max_num_queries(2):
        assert own.post("/gate/preview", body(cast)).status_code == 200
    with django_assert_max_num_queries(2):
        assert own.get(f"/enterprises/{cast.noodle_shop.uscc}").status_code == 200


def test_the_api_opens_no_session_and_sets_no_cookie(own: System, cast: Cast) -> None:
    answer = own.post("/gate/preview", body(cast))
    assert answer.status_code == 200 and not answer.cookies
    assert json.loads(answer.content)["outcome"] == "allow"
