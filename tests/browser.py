"""Fixtures for tests that drive a real Chromium against a real server. Mark such tests `browser`.

`browser_page` is a page of Playwright at a live server; what is put into the database is seen by it.
An error in the page's console fails the test at its end.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, ConsoleMessage, Error, Page, sync_playwright
from pytest_django.live_server_helper import LiveServer

from tests.cast import PASSWORD
from tools import browser as chromium

REFUSALS = ("status of 409 (Conflict)", "status of 422 (Unprocessable Content)", "(Unprocessable Entity)")
"""A refusal is an answer, with its reasons on the page; Chromium calls it an error in its console."""
NO_NETWORK = ("net::ERR_FAILED", "net::ERR_INTERNET_DISCONNECTED")
"""What Chromium says of any request while a test has taken the network away; a refused connection says otherwise."""
WIDE, PHONE = (1440, 900), (390, 844)
"""The two sizes at which pages are looked at."""
OPTIONS = {"runOnly": ["wcag2a", "wcag2aa", "wcag21aa"], "resultTypes": ["violations"]}


def follow(page: Page, selector: str) -> None:
    """Press what leads to another page, and wait until that page is whole.

    A click alone may return while the browser is between two pages: what is asked then is answered by
    the old one, or by none.
    """
    with page.expect_navigation():
        page.click(selector)


def sign_in(page: Page, username: str, home: str = "**/desk/") -> None:
    """Sign in as a person of the cast, and wait for the page that such a person begins at."""
    page.goto("/account/login/")
    page.fill("[name=login]", username)
    page.fill("[name=password]", PASSWORD)
    page.click("main button.btn-primary")
    page.wait_for_url(home)


def resize(page: Page, size: tuple[int, int]) -> None:
    page.set_viewport_size({"width": size[0], "height": size[1]})


def serious(page: Page) -> list[str]:
    """What axe finds serious on the page as it is now."""
    page.wait_for_load_state()
    found: list[dict[str, Any]] = Axe().run(page, options=OPTIONS).response["violations"]
    return [
        f"{one['id']}: {one['nodes'][0]['html'][:200]}"
        for one in found
        if one["impact"] in {"serious", "critical"}
    ]


def width_beyond(page: Page) -> int:
    """By how many pixels the page is wider than its window."""
    page.wait_for_load_state()
    return int(page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth"))


@pytest.fixture(scope="session")
def browser(django_db_setup: None) -> Iterator[Browser]:
    """One Chromium per process of tests."""
    path = chromium.find()
    if path is None:
        pytest.skip(chromium.MISSING)
    # Playwright's loop runs in this thread, beside (never inside) our queries.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=path, args=list(chromium.FLAGS))
        yield started
        started.close()


@pytest.fixture
def browser_page(browser: Browser, live_server: LiveServer) -> Iterator[Page]:
    """A fresh page, 1440 pixels wide, in Chinese; addresses may be given without the host."""
    context = browser.new_context(
        base_url=live_server.url,
        locale="zh-CN",
        timezone_id="Asia/Shanghai",
        viewport={"width": WIDE[0], "height": WIDE[1]},
        reduced_motion="reduce",
    )
    context.set_default_timeout(15_000)
    page = context.new_page()
    wrong: list[str] = []

    def on_console(message: ConsoleMessage) -> None:
        if message.type == "error" and not message.text.endswith(REFUSALS + NO_NETWORK):
            wrong.append(message.text)

    def on_error(error: Error) -> None:
        wrong.append(str(error))

    page.on("console", on_console)
    page.on("pageerror", on_error)
    yield page
    context.close()
    assert not wrong, f"The page's console shows errors: {wrong}"
