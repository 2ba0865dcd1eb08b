"""A person signs in and out with a real browser."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page

from tests.cast import PASSWORD, Cast


@pytest.mark.browser
def test_an_officer_signs_in_and_sees_the_desk(browser_page: Page, cast: Cast) -> None:
    browser_page.goto("/desk/")
    assert "/account/login/" in browser_page.url
    browser_page.fill("input[name=login]", cast.officer_a.username)
    browser_page.fill("input[name=password]", PASSWORD)
    browser_page.click("button[type=submit]")
    browser_page.wait_for_url("**/desk/")
    assert browser_page.evaluate("document.documentElement.lang") == "zh-Hans"
