"""Every page with a real browser: nothing serious for axe, by keyboard, at phone width, in both languages."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.urls import reverse
from playwright.sync_api import Page

from tests.browser import PHONE, WIDE, follow, resize, serious, sign_in, width_beyond
from tests.cast import NOW, Cast, person
from yicha.base.accounts.terms import GrantFacts, Role
from yicha.doors.desk.navigation import all_entries
from yicha.know.registry import services as registry

pytestmark = pytest.mark.browser
PUBLIC = ("/", "/draws/", "/plans/", "/results/", "/enterprises/", "/code/", "/certificate/")


def speak(page: Page, language: str) -> None:
    """Choose the language as the switch does, by the cookie that it sets."""
    address = page.evaluate("location.origin")
    page.context.add_cookies([{"name": "django_language", "value": language, "url": address}])


def look(page: Page, address: str) -> list[str]:
    """What is wrong with a page: what axe finds serious in Chinese, and what is wider than a phone in English."""
    speak(page, "zh-hans")
    resize(page, WIDE)
    page.goto(address)
    wrong = [f"{address}: {one}" for one in serious(page)]
    speak(page, "en")
    resize(page, PHONE)
    page.reload()
    wide = width_beyond(page)
    if wide > 0:
        wrong.append(f"{address}: {wide} pixels wider than a phone")
    return wrong


def desk_addresses(cast: Cast) -> Iterator[str]:
    yield reverse("desk:home")
    for entry in all_entries():
        if entry.action != "calendar.own":  # an officer's own days are looked at by officers
            yield reverse(entry.url_name)
    for tab in ("", "happened/", "records/", "history/"):
        yield f"/desk/enterprises/{cast.noodle_shop.uscc}/{tab}"
    yield "/desk/agencies/110112-market/"
    yield "/desk/officers/T-0001/"
    yield "/desk/officers/T-0001/recuse/"
    yield "/desk/directories/noodles/"
    yield "/desk/people/new/"
    yield "/desk/ledger/0/"


@pytest.fixture
def everything(cast: Cast) -> Cast:
    """The cast, a directory, and somebody who may see every page."""
    registry.save_directory(
        actor="test",
        now=NOW,
        code="noodles",
        name="面馆名录库",
        rule={"keywords": ["面馆"], "regions": ["110112"]},
    )
    roles = (Role.COORDINATOR, Role.PLANNER, Role.SECURITY_ADMIN)
    person("everybody", "全能员", *(GrantFacts(role) for role in roles))
    return cast


def test_every_page_of_the_desk_is_for_everybody(everything: Cast, browser_page: Page) -> None:
    sign_in(browser_page, "everybody")
    wrong = []
    for address in desk_addresses(everything):
        wrong += look(browser_page, address)
    assert not wrong, "\n".join(wrong)


def test_dark_and_large_are_readable(everything: Cast, browser_page: Page) -> None:
    sign_in(browser_page, "everybody")
    origin = browser_page.evaluate("location.origin")
    browser_page.context.add_cookies(
        [
            {"name": name, "value": value, "url": origin}
            for name, value in (("yicha_theme", "dark"), ("yicha_type", "large"))
        ]
    )
    wrong = []
    for address in ("/desk/", "/desk/enterprises/", f"/desk/enterprises/{everything.noodle_shop.uscc}/", "/"):
        wrong += look(browser_page, address)
    assert not wrong, "\n".join(wrong)


def test_the_public_site_is_for_everybody(everything: Cast, browser_page: Page) -> None:
    browser_page.goto("/")
    wrong = []
    for address in (*PUBLIC, "/account/login/"):
        wrong += look(browser_page, address)
    assert not wrong, "\n".join(wrong)


def test_a_page_is_used_by_keyboard_alone(everything: Cast, browser_page: Page) -> None:
    sign_in(browser_page, "everybody")
    browser_page.goto("/desk/enterprises/")
    browser_page.keyboard.press("Tab")
    assert browser_page.evaluate("document.activeElement.className") == "skip"
    browser_page.keyboard.press("Enter")
    assert browser_page.evaluate("document.activeElement.id") == "main"
    browser_page.focus("[name=q]")
    browser_page.keyboard.type("马驹桥")
    browser_page.keyboard.press("Enter")
    browser_page.wait_for_url("**q=*")
    assert browser_page.locator("table.rows tbody tr").count() == 1
    browser_page.focus("table.rows tbody a")
    browser_page.keyboard.press("Enter")
    browser_page.wait_for_url(f"**/{everything.noodle_shop.uscc}/")
    assert browser_page.locator("h1").inner_text() == everything.noodle_shop.name


def test_the_menu_opens_and_closes_at_phone_width(everything: Cast, browser_page: Page) -> None:
    sign_in(browser_page, "everybody")
    resize(browser_page, PHONE)
    browser_page.goto("/desk/")
    assert not browser_page.locator("#side").is_visible()
    browser_page.click("[data-side-toggle]")
    browser_page.locator("#side").wait_for(state="visible")
    browser_page.keyboard.press("Escape")
    browser_page.locator("#side").wait_for(state="hidden")
    assert browser_page.evaluate("document.activeElement.hasAttribute('data-side-toggle')")


def test_the_language_is_switched_and_kept(everything: Cast, browser_page: Page) -> None:
    sign_in(browser_page, "everybody")
    browser_page.goto("/desk/enterprises/")
    browser_page.click("details.me summary")
    follow(browser_page, "button[name=language][value=en]")
    assert browser_page.locator("h1").inner_text() == "Enterprises"
    browser_page.goto("/desk/officers/")
    assert browser_page.locator("h1").inner_text() == "Officers"


def test_columns_are_chosen_and_remembered(everything: Cast, browser_page: Page) -> None:
    sign_in(browser_page, "everybody")
    browser_page.goto("/desk/enterprises/?status=active")
    browser_page.click("details:has([name=column]) > summary")
    browser_page.uncheck("[name=column][value=kind]")
    browser_page.check("[name=column][value=address]")
    follow(browser_page, "[name=columns-chosen]")
    assert "status=active" in browser_page.url
    browser_page.goto("/desk/enterprises/")
    heads = browser_page.locator("table.rows thead").inner_text()
    assert "地址" in heads and "类型" not in heads
