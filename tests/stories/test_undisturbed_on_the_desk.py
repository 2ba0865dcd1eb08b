"""The undisturbed list on the desk: who sees what, who may decide, and bulk decisions with a count."""

from __future__ import annotations

import html
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from tests.cast import Cast, person
from yicha.base.accounts.terms import GrantFacts, Role
from yicha.kernel import clock
from yicha.know.agreement.tests.factories import draft, published_item, signed
from yicha.know.credit import queries as credit
from yicha.know.credit.terms import RecordKind
from yicha.know.undisturbed import queries, services
from yicha.know.undisturbed.models import CriterionRule, KeyTrade, Listing
from yicha.know.undisturbed.terms import ListingState as S
from yicha.know.undisturbed.tests.factories import make_fit, record

pytestmark = pytest.mark.django_db


@pytest.fixture
def zone(cast: Cast) -> Cast:
    """An agreement of the three regions, and two compliant enterprises."""
    now = clock.now()
    signed(draft(valid_from=clock.today(now)), now)
    for enterprise in (cast.noodle_shop, cast.chip_maker):
        make_fit(enterprise, today=clock.today(now))
    return cast


@pytest.fixture
def home(zone: Cast) -> Client:
    """The approver of 通州."""
    return _client("approver-t", Role.APPROVER, "110112-market", "110112")


@pytest.fixture
def other(zone: Cast) -> Client:
    """The approver of 大兴."""
    return _client("approver-d", Role.APPROVER, "110115-fire", "110115")


@pytest.fixture
def coordinator(zone: Cast) -> Client:
    client = Client()
    client.force_login(zone.coordinator)
    return client


def _client(name: str, role: Role, agency: str, region: str) -> Client:
    client = Client()
    client.force_login(person(name, name, GrantFacts(role, agency, region)))
    return client


def page(name: str, *args: Any) -> str:
    return reverse(f"desk:undisturbed:{name}", args=args)


def text(response: Any) -> str:
    return html.unescape(response.content.decode())


def in_window(cast: Cast) -> Listing:
    now = clock.now()
    listing = services.nominate(actor="a", now=now, uscc=cast.noodle_shop.uscc)
    return services.review(actor="a", now=now, listing=listing)


def listed(cast: Cast) -> Listing:
    listing = in_window(cast)
    services.close_windows(actor="c", now=clock.now() + timedelta(days=15))
    Listing.objects.update(listed_on=clock.today(clock.now()))
    listing.refresh_from_db()
    return listing


def test_a_person_nominates_and_reviews_all_that_fit(home: Client, zone: Cast) -> None:
    services.discover(actor="c", now=clock.now())
    many = page("nominate_many")
    shown = home.get(many)
    assert shown.context["count"] == 1 and zone.noodle_shop.name in text(shown)
    assert home.post(many, {"expected": 1}).status_code == 302
    assert Listing.objects.get().state == S.NOMINATED
    waiting = home.get(f"{page('list')}?waiting=me")
    assert zone.noodle_shop.name in text(waiting)
    review = f"{page('review_many')}?state=nominated"
    assert home.get(review).context["count"] == 1
    assert home.post(review, {"expected": 7}).status_code == 409
    assert home.post(review, {"expected": 1}).status_code == 302
    assert Listing.objects.get().state == S.OBJECTION


def test_another_region_sees_the_window_and_objects(other: Client, zone: Cast) -> None:
    listing = in_window(zone)
    address = page("object", listing.uuid)
    assert page("object_to", listing.uuid) in text(other.get(address))
    assert other.post(page("object_to", listing.uuid), {"region": "110115", "reason": ""}).status_code == 422
    sent = {"region": "110115", "reason": "在我区有未结投诉"}
    assert other.post(page("object_to", listing.uuid), sent).status_code == 302
    listing.refresh_from_db()
    assert listing.state == S.OBJECTED
    assert "在我区有未结投诉" in text(other.get(address))


def test_a_region_objects_in_its_own_name_only(other: Client, zone: Cast) -> None:
    listing = in_window(zone)
    sent = {"region": "110302", "reason": "x"}
    assert other.post(page("object_to", listing.uuid), sent).status_code == 422


def test_only_home_decides_on_its_own(other: Client, zone: Cast) -> None:
    listing = in_window(zone)
    for name in ("review", "decline", "review_again", "withdraw", "restore", "remove"):
        assert other.get(page(name, listing.uuid)).status_code == 404
        assert other.post(page(name, listing.uuid), {"reason": "x"}).status_code == 404


def test_a_listing_of_elsewhere_is_not_there(other: Client, zone: Cast) -> None:
    Listing.objects.filter(pk=in_window(zone).pk).update(partners=["110302"])
    listing = Listing.objects.get()
    for name in ("object", "object_to", "suspend"):
        assert other.get(page(name, listing.uuid)).status_code == 404
    assert zone.noodle_shop.name not in text(other.get(page("list")))


def test_the_coordination_office_answers_an_objection(coordinator: Client, zone: Cast) -> None:
    listing = in_window(zone)
    services.object_to(actor="d", now=clock.now(), listing=listing, region="110115", reason="有投诉")
    assert coordinator.post(page("review_again", listing.uuid), {"reason": "已核实"}).status_code == 302
    assert coordinator.post(page("review", listing.uuid), {"reason": ""}).status_code == 404
    assert coordinator.post(page("withdraw", listing.uuid), {"reason": "撤回"}).status_code == 302
    listing.refresh_from_db()
    assert listing.state == S.WITHDRAWN


def test_another_region_suspends_and_home_restores(other: Client, home: Client, zone: Cast) -> None:
    listing = listed(zone)
    sent = {"region": "110115", "trigger": "accident", "reason": "火灾", "reference": "应急〔2026〕1号"}
    assert other.post(page("suspend", listing.uuid), sent).status_code == 302
    listing.refresh_from_db()
    assert (listing.state, listing.trigger) == (S.SUSPENDED, "accident")
    assert "应急〔2026〕1号" in text(home.get(page("object", listing.uuid)))
    assert home.post(page("restore", listing.uuid), {"reason": "A类企业"}).status_code == 409
    assert home.post(page("restore", listing.uuid), {"reason": "责任不在企业"}).status_code == 302
    listing.refresh_from_db()
    assert listing.state == S.LISTED


def test_the_tabs_of_a_listing_open(home: Client, zone: Cast) -> None:
    listing = in_window(zone)
    record(zone.noodle_shop, RecordKind.PENALTY, now=clock.now())
    for tab in ("protocol", "criteria", "ledger"):
        assert home.get(page("tab", listing.uuid, tab)).status_code == 200
    assert home.get(page("tab", listing.uuid, "criteria")).context["unmet"][0].code == "undisturbed.penalty"


def test_the_windows_clock_is_a_filter(home: Client, zone: Cast) -> None:
    in_window(zone)
    for window, count in (("open", 1), ("soon", 0), ("over", 0)):
        assert home.get(f"{page('list')}?window={window}").context["count"] == count


def test_a_discovery_is_begun_once_and_shown_by_region(coordinator: Client, zone: Cast) -> None:
    assert coordinator.post(page("discovery"), {"region": ""}).status_code == 302
    shown = coordinator.get(page("discovery"))
    run = shown.context["running"]
    assert run is not None
    assert coordinator.get(page("discovery_progress", run.uuid)).status_code == 200
    assert coordinator.post(page("discovery"), {"region": ""}).status_code == 409
    services.run_discovery(actor="c", now=clock.now(), discovery=run)
    shown = coordinator.get(page("discovery"))
    assert shown.context["by_region"] == [("110112", "通州区", 1), ("110302", "经济技术开发区", 1)]


def test_who_acts_for_a_region_does_not_act_for_all(zone: Cast) -> None:
    local = _client("coordinator-t", Role.COORDINATOR, "", "110112")
    row = {"code": "H62", "words": "餐饮业", "in_force_from": "2026-01-01", "source": "三地协议"}
    assert local.post(page("new_trade"), {**row, "region": ""}).status_code == 404
    assert local.post(page("new_trade"), {**row, "region": "110112"}).status_code == 302
    assert local.post(page("discovery"), {"region": ""}).status_code == 404
    assert local.post(page("discovery"), {"region": "110112"}).status_code == 302


def test_who_may_not_discover_only_looks(home: Client) -> None:
    assert home.get(page("discovery")).status_code == 200
    assert home.post(page("discovery"), {"region": ""}).status_code in (404, 422)


def test_rows_are_set_by_the_coordination_office_alone(coordinator: Client, home: Client, zone: Cast) -> None:
    published_item("F-1")
    when = {"in_force_from": "2026-01-01", "source": "三地协议"}
    rows = (
        ("new_item", {"item": "F-1", "region": "110112", **when}),
        (
            "new_criterion",
            {"phase": "entry", "criterion": "class", "value": "B", "is_on": "on", "region": "110112", **when},
        ),
        ("new_trade", {"code": "H62", "words": "餐饮业", "region": "", **when}),
    )
    for name, sent in rows:
        assert home.post(page(name), sent).status_code == 404
        assert coordinator.get(page(name)).status_code == 200
        assert coordinator.post(page(name), sent).status_code == 302
    assert queries.list_spared_items()[0][:2] == ("F-1", "110112")
    assert CriterionRule.objects.filter(region="110112", value="B").exists()
    assert KeyTrade.objects.filter(prefix="H62").exists()
    for name in ("items", "criteria", "trades"):
        assert home.get(page(name)).status_code == 200


def test_a_record_is_written_on_the_desk_for_ones_own_agency(home: Client, zone: Cast) -> None:
    sent = {
        "uscc": zone.noodle_shop.uscc,
        "kind": "penalty",
        "agency": "110112-market",
        "reference": "京通市监罚〔2026〕9号",
        "happened_on": "2026-02-01",
    }
    new = reverse("desk:credit:new")
    assert home.get(new).status_code == 200
    assert home.post(new, {**sent, "agency": "110115-fire"}).status_code == 422
    assert home.post(new, sent).status_code == 302
    assert credit.find_current("110112-market", sent["reference"]) is not None
    assert sent["reference"] in text(home.get(reverse("desk:credit:list")))


def test_the_home_page_says_what_waits(home: Client, other: Client, zone: Cast) -> None:
    services.nominate(actor="a", now=clock.now(), uscc=zone.noodle_shop.uscc)
    assert page("list") in text(home.get(reverse("desk:home")))
    services.review_many(actor="a", now=clock.now(), listings=queries.list_listings())
    assert "state=objection" in text(other.get(reverse("desk:home")))


def test_the_owner_of_an_enterprise_finds_no_list_on_the_desk(zone: Cast) -> None:
    client = Client()
    client.force_login(zone.owner)
    for address in (page("list"), page("candidates"), reverse("desk:credit:list")):
        assert client.get(address).status_code == 404
