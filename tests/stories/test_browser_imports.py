"""Somebody imports a file in a real Chromium, with the keyboard; axe finds nothing serious on the way."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from playwright.sync_api import Page

from tests.browser import PHONE, follow, resize, serious, sign_in, width_beyond
from tests.cast import Cast
from yicha.ingest.exchange.tests.files import HEADERS, row, text

pytestmark = pytest.mark.browser


@pytest.fixture(autouse=True)
def files_go_to_a_folder_of_the_test(settings: object, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path / "media"  # type: ignore[attr-defined]


def look(page: Page, name: str) -> None:
    """Nothing serious, no sideways scrolling at phone width, and a picture if a folder for them is named."""
    assert serious(page) == [], name
    wide = page.viewport_size
    folder = os.environ.get("PICTURES")
    if folder:
        page.screenshot(path=f"{folder}/{name}-1440.png", full_page=True)
    resize(page, PHONE)
    if folder:
        page.screenshot(path=f"{folder}/{name}-390.png", full_page=True)
    assert width_beyond(page) <= 0, name
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
    follow(page, "a[href='/desk/imports/new/'] >> nth=0")
    look(page, "imports-new")
    page.set_input_files("input[type=file]", str(file))
    follow(page, "form.form-airy button[type=submit]")
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
