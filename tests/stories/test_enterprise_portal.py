"""An owner reads what concerns the own enterprise: budget, visits with their reasons, the undisturbed list."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from tests.cast import PASSWORD, Cast
from yicha.act.dispatch.tests import factories as dispatches
from yicha.act.inspection.tests import factories
from yicha.base.accounts import services as accounts
from yicha.base.accounts.models import User
from yicha.base.accounts.terms import GrantFacts, Role
from yicha.decide.gate import queries as gate
from yicha.decide.gate import services
from yicha.decide.gate.models import Application
from yicha.decide.gate.terms import TELLS_CLASS, Ground
from yicha.decide.gate.terms import Application as Asked
from yicha.doors.templatetags.gate import public_grounds, shown_grounds
from yicha.kernel import clock
from yicha.know.agreement.models import StandardConflict
from yicha.know.registry.models import Enterprise
from yicha.know.undisturbed.models import Listing, Notice
from yicha.know.visits.models import Contact
from yicha.know.visits.terms import ContactKind
from yicha.share.recognition.tests.factories import scene


@pytest.fixture
def granted(cast: Cast) -> Application:
    """A visit of market regulation to the noodle shop, approved."""
    factories.item_versions()
    now = clock.now()
    today = clock.today(now)
    asked = Asked(
        agency="110112-market",
        uscc=cast.noodle_shop.uscc,
        items=("market-001",),
        kind=ContactKind.DAILY,
        trigger="initiative",
        from_on=today,
        until_on=today + timedelta(days=10),
        officers=("T-0001", "T-0002"),
        approved_by="王局长",
    )
    return services.apply("officer-a", now, asked)


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def page(user: User, name: str, enterprise: Enterprise, *more: Any) -> str:
    answer = signed_in(user).get(reverse(f"portal:{name}", args=[enterprise.uscc, *more]))
    assert answer.status_code == 200
    return answer.content.decode()


def test_an_owner_lands_in_the_portal_and_an_official_on_the_desk(cast: Cast) -> None:
    for username, place in (("owner", "/portal/"), ("officer-a", "/desk/"), ("stranger", "/desk/")):
        answer = Client().post("/account/login/", {"login": username, "password": PASSWORD})
        assert answer["Location"] == place, username


def test_one_enterprise_opens_at_once_and_several_are_offered(cast: Cast) -> None:
    home = reverse("portal:home", args=[cast.noodle_shop.uscc])
    assert signed_in(cast.owner).get("/portal/")["Location"] == home
    more = GrantFacts(Role.ENTERPRISE, enterprise=cast.chip_maker.uscc)
    accounts.grant(actor="test", now=clock.now(), user=cast.owner, facts=more)
    text = signed_in(User.objects.get(pk=cast.owner.pk)).get("/portal/").content.decode()
    assert cast.noodle_shop.name in text and cast.chip_maker.name in text
    assert cast.paint_factory.name not in text


def test_the_budget_of_the_year_and_every_visit_with_its_reasons(cast: Cast, granted: Application) -> None:
    text = page(cast.owner, "home", cast.noodle_shop)
    assert "1 / 4 次" in text and "1 / 2 次" in text and "0 / 2 次" in text
    assert "计一次" in page(cast.owner, "visits", cast.noodle_shop)
    contact = Contact.objects.get()
    why = page(cast.owner, "visit", cast.noodle_shop, contact.uuid)
    assert "为何放行" in why and "准予入企" in why and 'data-ground="gate.budget"' in why


def test_a_drawn_visit_says_that_it_was_drawn(cast: Cast) -> None:
    contact = dispatches.notified(dispatches.ready(cast.noodle_shop)).contact
    text = page(cast.owner, "visit", cast.noodle_shop, contact.uuid)
    assert "随机抽取" in text and "110302-2026-0007" in text


def test_no_ground_that_tells_the_class_is_shown(cast: Cast, granted: Application) -> None:
    verdict = gate.read_verdict(granted)
    telling = tuple(Ground(code, "Class A", "") for code in sorted(TELLS_CLASS))
    whole = replace(verdict, grounds=(*verdict.grounds, *telling))
    assert {one.code for one in shown_grounds(whole)} >= TELLS_CLASS
    assert not {one.code for one in public_grounds(whole)} & TELLS_CLASS

    granted.verdict["grounds"] += [
        {**granted.verdict["grounds"][0], "code": code, "sentence": "Class A", "facts": {}, "rows": []}
        for code in sorted(TELLS_CLASS)
    ]
    granted.save()
    contact = Contact.objects.get()
    texts = [page(cast.owner, name, cast.noodle_shop) for name in ("home", "visits", "undisturbed")]
    texts.append(page(cast.owner, "visit", cast.noodle_shop, contact.uuid))
    for text in texts:
        assert "Class A" not in text and "class-letter" not in text and "风险分类" not in text
        assert not any(code in text for code in TELLS_CLASS)


def test_a_foreign_enterprise_and_a_missing_one_are_the_same(cast: Cast, granted: Application) -> None:
    contact = Contact.objects.get()
    for enterprise in (cast.paint_factory.uscc, "91110112MA99999999"):
        for name in ("home", "visits", "undisturbed", "apply", "conflicts", "file"):
            address = reverse(f"portal:{name}", args=[enterprise])
            assert signed_in(cast.owner).get(address).status_code == 404, address
        address = reverse("portal:visit", args=[enterprise, contact.uuid])
        assert signed_in(cast.owner).get(address).status_code == 404


def test_the_portal_is_closed_to_officials_and_the_gate_to_owners(cast: Cast, granted: Application) -> None:
    home = reverse("portal:home", args=[cast.noodle_shop.uscc])
    assert signed_in(cast.officer_a).get(home).status_code == 404
    assert signed_in(cast.coordinator).get(home).status_code == 404
    for name in ("queues", "list", "choose"):
        assert signed_in(cast.owner).get(reverse(f"desk:gate:{name}")).status_code == 404


def test_an_owner_applies_for_the_undisturbed_list_and_is_told(cast: Cast) -> None:
    address = reverse("portal:apply", args=[cast.noodle_shop.uscc])
    client = signed_in(cast.owner)
    assert client.post(address, {"reason": "五年无处罚"}).status_code == 302
    assert Listing.objects.get().state == "applied-for"
    text = page(cast.owner, "undisturbed", cast.noodle_shop)
    assert "标为已读" in text
    assert "1 条无事不扰名单通知未读" in page(cast.owner, "home", cast.noodle_shop)
    again = client.post(address, {"reason": ""})
    assert again.status_code == 409, "it is on its way already"

    notice = Notice.objects.get()
    read = reverse("portal:read", args=[cast.noodle_shop.uscc, notice.uuid])
    assert client.get(read).status_code == 405, "reading a page writes nothing"
    assert client.post(read).status_code == 302
    notice.refresh_from_db()
    assert notice.read_by == "owner" and "标为已读" not in page(cast.owner, "undisturbed", cast.noodle_shop)


def test_a_notice_of_another_enterprise_is_not_found(cast: Cast) -> None:
    signed_in(cast.owner).post(reverse("portal:apply", args=[cast.noodle_shop.uscc]), {})
    more = GrantFacts(Role.ENTERPRISE, enterprise=cast.chip_maker.uscc)
    accounts.grant(actor="test", now=clock.now(), user=cast.stranger, facts=more)
    notice = Notice.objects.get()
    stranger = signed_in(User.objects.get(pk=cast.stranger.pk))
    for enterprise in (cast.noodle_shop, cast.chip_maker):
        read = reverse("portal:read", args=[enterprise.uscc, notice.uuid])
        assert stranger.post(read).status_code == 404
    notice.refresh_from_db()
    assert notice.read_at is None


def test_an_owner_files_a_conflict_of_standards(cast: Cast) -> None:
    factories.item_versions()
    address = reverse("portal:file", args=[cast.noodle_shop.uscc])
    form = {
        "title": "后门上锁还是敞开",
        "a_item": "market-001",
        "a_agency": "110112-market",
        "a_words": "后门应当上锁",
        "b_item": "fire-001",
        "b_agency": "",
        "b_words": "后门应当保持畅通",
        "evidence": "两份责令改正通知书",
    }
    client = signed_in(cast.owner)
    assert client.post(address, {**form, "b_item": ""}).status_code == 422
    assert client.post(address, form).status_code == 302
    filed = StandardConflict.objects.get()
    assert filed.enterprise == cast.noodle_shop and filed.filed_by == "owner"
    text = page(cast.owner, "conflicts", cast.noodle_shop)
    assert filed.code in text and "后门应当保持畅通" in text


def test_a_spared_visit_says_what_stood_in_for_it(cast: Cast) -> None:
    now = clock.now()
    world = scene(cast, now)
    row = world.ask("110302-fire")
    assert row.state == "spared"
    spared = Contact.objects.get(state="spared")
    text = page(cast.owner, "visit", cast.noodle_shop, spared.uuid)
    assert "为何无需上门" in text and "结果互认" in text and "通州区消防救援支队" in text


def test_a_check_that_was_put_off_tells_nobody_of_itself(cast: Cast) -> None:
    now = clock.now()
    scene(cast, now).ask("110302-fire")
    spared = Contact.objects.get(state="spared")
    address = reverse("portal:visit", args=[cast.noodle_shop.uscc, spared.uuid])
    assert address in page(cast.owner, "visits", cast.noodle_shop)
    Contact.objects.filter(pk=spared.pk).update(spared_by="deferred:2027-03-01")
    assert address not in page(cast.owner, "visits", cast.noodle_shop)
    assert signed_in(cast.owner).get(address).status_code == 404


def test_a_visit_names_the_certificates_that_may_enter(cast: Cast, granted: Application) -> None:
    text = page(cast.owner, "visit", cast.noodle_shop, Contact.objects.get().uuid)
    assert "可入企人员" in text and "T-0001、T-0002" in text and "甲一" not in text
