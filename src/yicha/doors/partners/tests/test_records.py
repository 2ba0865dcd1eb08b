"""Credit records and events over the API: written once, told in order, and never with a class."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from tests.cast import Cast
from yicha.doors.partners.policies import BUCKETS
from yicha.doors.partners.tests.factories import System, codes, system
from yicha.ingest.exchange.models import EventReader
from yicha.kernel import clock
from yicha.know.credit import queries
from yicha.know.credit.models import CreditRecord

DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def _full_buckets() -> None:
    BUCKETS.forget()


@pytest.fixture
def own(cast: Cast) -> System:
    return system()


def penalty(cast: Cast, **more: object) -> dict[str, Any]:
    today = clock.today(clock.now())
    return {
        "uscc": cast.noodle_shop.uscc,
        "kind": "penalty",
        "reference": "京通市监罚〔2026〕12号",
        "happened_on": (today - DAY).isoformat(),
        "amount": "2000",
        "words": "罚款 2000 元",
        "published_on": today.isoformat(),
        **more,
    }


def test_a_record_is_written_in_the_name_of_the_clients_agency(own: System, cast: Cast) -> None:
    answer = own.post("/credit-records", penalty(cast))
    assert answer.status_code == 201, answer.content
    sent = answer.json()
    assert (sent["agency"], sent["severity"], sent["amount"]) == ("110112-market", "general", "2000.00")
    assert sent["effective_until"] > sent["effective_from"]
    record = queries.find_current("110112-market", "京通市监罚〔2026〕12号")
    assert record is not None and record.recorded_by == f"client:{own.client.uuid}"


def test_the_same_under_another_key_is_the_same_record(own: System, cast: Cast) -> None:
    first, again = (own.post("/credit-records", penalty(cast)) for _try in range(2))
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json() == again.json() and CreditRecord.objects.count() == 1


def test_the_same_reference_that_says_something_else_is_refused(own: System, cast: Cast) -> None:
    own.post("/credit-records", penalty(cast))
    answer = own.post("/credit-records", penalty(cast, amount="5000"))
    assert answer.status_code == 422 and codes(answer) == ["credit.says-otherwise"]


def test_a_record_is_corrected_by_its_next_version_and_ended(own: System, cast: Cast) -> None:
    first = own.post("/credit-records", penalty(cast)).json()
    path = f"/credit-records/{first['uuid']}"
    second = own.post(f"{path}/correction", penalty(cast, amount="1000", reason="笔误")).json()
    assert (second["version"], second["amount"], second["uuid"] != first["uuid"]) == (2, "1000.00", True)
    ended = own.post(f"/credit-records/{second['uuid']}/ending", {"reason": "撤销处罚决定"})
    assert ended.status_code == 200 and ended.json()["state"] == "ended"
    again = own.post(f"/credit-records/{second['uuid']}/ending", {"reason": "撤销处罚决定"})
    assert again.status_code == 409 and codes(again) == ["credit-record.state"]


def test_a_record_of_another_agency_is_not_there(own: System, cast: Cast) -> None:
    uuid = own.post("/credit-records", penalty(cast)).json()["uuid"]
    other = system("110112-fire")
    for path, body in (("correction", penalty(cast, reason="x")), ("ending", {"reason": "x"})):
        for one in (uuid, "00000000-0000-0000-0000-000000000000"):
            assert other.post(f"/credit-records/{one}/{path}", body).status_code == 404


def test_an_enterprise_in_a_region_without_agreement_is_not_there(own: System, cast: Cast) -> None:
    assert own.post("/credit-records", penalty(cast, uscc=cast.paint_factory.uscc)).status_code == 404


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"kind": "inspection-clean"}, "body.kind"),
        ({"severity": "none"}, "body.severity"),
        ({"amount": "-1"}, "body.amount"),
        ({"amount": 2000}, "body.amount"),
        ({"amount": "1.234"}, "body.amount"),
        ({"is_published": True}, "body.is_published"),
        ({"risk_class": "D"}, "body.risk_class"),
        ({"evidence_sha256": "abc"}, "body.evidence_sha256"),
        ({"year": 2025}, "year"),
        ({"published_on": None, "publish_until": "2099-01-01"}, "publish_until"),
        ({"words": "联系人 13800138000"}, "words"),
        ({"kind": "tax-notice"}, "is_published"),
    ],
)
def test_what_cannot_be_is_refused_by_its_field(
    own: System, cast: Cast, wrong: dict[str, Any], field: str
) -> None:
    answer = own.post("/credit-records", penalty(cast, **wrong))
    assert answer.status_code == 422 and answer.json()["reasons"][0]["at_field"].startswith(field)
    assert "13800138000" not in answer.content.decode()


def test_the_list_has_what_is_public_and_nothing_else(own: System, cast: Cast) -> None:
    today = clock.today(clock.now())
    long_ago = (today - 100 * DAY).isoformat()
    own.post("/credit-records", penalty(cast, reference="public"))
    own.post("/credit-records", penalty(cast, reference="secret", published_on=None))
    own.post(
        "/credit-records",
        penalty(
            cast,
            reference="over",
            happened_on=long_ago,
            published_on=long_ago,
            severity="minor",
            effective_until="2099-01-01",
        ),
    )
    until = {"happened_on": long_ago, "published_on": long_ago, "publish_until": (today - DAY).isoformat()}
    own.post("/credit-records", penalty(cast, reference="hidden again", **until))
    ended = own.post("/credit-records", penalty(cast, reference="ended")).json()
    own.post(f"/credit-records/{ended['uuid']}/ending", {"reason": "撤销"})
    found = system("110115-fire", "records.read").get("/credit-records").json()
    assert [row["reference"] for row in found["items"]] == ["public"] and found["next"] is None


def test_the_list_comes_in_pages(own: System, cast: Cast) -> None:
    for number in range(3):
        own.post("/credit-records", penalty(cast, reference=f"n{number}"))
    first = own.get("/credit-records?limit=2").json()
    second = own.get(f"/credit-records?limit=2&since={first['next']}").json()
    assert [row["reference"] for row in first["items"] + second["items"]] == ["n0", "n1", "n2"]
    assert second["next"] is None


@pytest.mark.django_db(transaction=True)
def test_events_are_read_from_a_cursor_on_and_acknowledged(own: System, cast: Cast) -> None:
    made = own.post("/credit-records", penalty(cast)).json()
    first = own.get("/events").json()
    own.post(f"/credit-records/{made['uuid']}/ending", {"reason": "撤销"})
    second = own.get(f"/events?after={first['cursor']}").json()
    published, ended = first["items"][0], second["items"][0]
    assert published["type"] == "cn.yicha.credit-record.published" and published["specversion"] == "1.0"
    assert published["data"]["uscc"] == cast.noodle_shop.uscc
    assert ended["type"] == "cn.yicha.credit-record.ended" and published["subject"] == ended["subject"]
    nothing = own.get(f"/events?after={second['cursor']}").json()
    assert nothing == {"items": [], "cursor": second["cursor"]}
    for cursor in (second["cursor"], first["cursor"]):
        answer = own.post("/events/acknowledgement", {"cursor": cursor})
        assert answer.status_code == 200 and answer.json() == {"cursor": second["cursor"]}
    assert EventReader.objects.get().client == str(own.client.uuid)


@pytest.mark.parametrize("cursor", ["YWZ0ZXI6OTk5", "x"])
def test_a_cursor_of_events_that_was_never_given_is_refused(own: System, cursor: str) -> None:
    answer = own.post("/events/acknowledgement", {"cursor": cursor})
    assert answer.status_code == 422 and not EventReader.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_no_class_goes_out_with_records_and_events(own: System, cast: Cast) -> None:
    cast.noodle_shop.risk_class = "D"
    cast.noodle_shop.save()
    own.post("/credit-records", penalty(cast))
    for path in ("/credit-records", "/events"):
        text = own.get(path).content.decode()
        assert cast.noodle_shop.uscc in text
        assert not any(word in text.lower() for word in ("class", "score", "level", "contribution"))
