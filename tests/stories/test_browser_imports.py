"""Somebody imports a file in a real Chromium, with the keyboard; axe finds nothing serious on the way."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from tests.browser import PHONE
from tests.cast import PASSWORD, Cast
from yicha.ingest.exchange.tests.files import HEADERS, row, text

pytestmark = pytest.mark.browser

SERIOUS = {"serious", "critical"}


@pytest.fixture(autouse=True)
def files_go_to_a_folder_of_the_test(settings: object, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path / "media"  # type: ignore[attr-defined]


def sign_in(page: Page, username: str) -> None:
    page.goto("/account/login/")
    page.fill("[name=login]", username)
    page.fill("[name=password]", PASSWORD)
    page.click("main button.btn-primary")
    page.wait_for_url("**/desk/")


def look(page: Page, name: str) -> None:
    """Nothing serious, no sideways scrolling at phone width, and a picture if a folder for them is named."""
    found = [
        f"{v['id']}: {v['nodes'][0]['html']}"
        for v in Axe().run(page).response["violations"]
        if v["impact"] in SERIOUS
    ]
    assert not found, f"{name}: {found}"
    wide = page.viewport_size
    folder = os.environ.get("PICTURES")
    if folder:
        page.screenshot(path=f"{folder}/{name}-1440.png", full_page=True)
    page.set_viewport_size({"width": PHONE[0], "height": PHONE[1]})
    if folder:
        page.screenshot(path=f"{folder}/{name}-390.png", full_page=True)
    overhang = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert overhang <= 0, f"{name} scrolls sideways by {overhang} pixels"
    assert wide is not None
    page.set_viewport_size(wide)


def test_a_file_is_sent_mapped_checked_applied_and_undone(
    browser_page: Page, cast: Cast, tmp_path: Path
) -> None:
    page = browser_page
    rows = [
        [*row(11), "甲"],
        [*row(12, date="2003-02-30", kind="外星人"), "乙"],
        [*row(13, name="　北京１３号公司"), ""],
        [*row(1, name="北京马驹桥新面馆"), ""],
    ]
    file = tmp_path / "通州区企业名单.csv"
    file.write_text(text(rows, headers=(*HEADERS, "联系人")), encoding="gb18030")
    sign_in(page, "coordinator")
    page.goto("/desk/imports/")
    look(page, "imports-empty")
    page.click("a[href='/desk/imports/new/'] >> nth=0")
    look(page, "imports-new")
    page.set_input_files("input[type=file]", str(file))
    page.click("form.form-airy button[type=submit]")
    page.wait_for_url("**/do/mapping/")
    look(page, "imports-mapping")
    page.click("form.form-airy button[type=submit]")
    page.wait_for_selector("text=GB18030")
    look(page, "imports-checked")
    address = page.url
    for tab in ("rejected", "changed", "new", "headers"):
        page.goto(f"{address}{tab}/")
        look(page, f"imports-tab-{tab}")
    page.goto(address)
    page.click("form[action$='/apply/'] button")
    page.wait_for_selector("[data-dialog=undo]")
    look(page, "imports-applied")
    page.click("[data-dialog=undo]")
    page.click("dialog[open] button[type=submit]")
    page.wait_for_selector("[data-dialog=undo]", state="detached")
    page.goto("/desk/imports/")
    look(page, "imports-list")
