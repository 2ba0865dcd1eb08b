"""Charts in a real browser: drawn as SVG from the page's own data, a table without a script, both on paper."""

from __future__ import annotations

import pytest
from django.urls import reverse
from playwright.sync_api import Browser, Page, Request

from tests.browser import PHONE, WIDE, resize, sign_in, width_beyond
from tests.cast import NOW, TODAY, Cast
from yicha.know.credit.models import ClassFlow, ClassRun, RiskModel
from yicha.know.registry.models import Region

pytestmark = pytest.mark.browser
PICTURE, TABLE = "figure.chart [data-chart-picture]", "figure.chart .chart-table"


@pytest.fixture
def flows(cast: Cast) -> str:
    """Two runs with what they moved; the address of the picture of it."""
    model = RiskModel.objects.create(code="m", version=1, title="t", drafted_at=NOW, drafted_by="t")
    for month in (6, 7):
        day = TODAY.replace(month=month)
        run = ClassRun.objects.create(
            kind="monthly", model=model, on=day, state="done", asked_at=NOW, ended_at=NOW
        )
        for before, after, count in (("A", "A", 900), ("A", "B", 40), ("B", "B", 500), ("B", "D", 7)):
            region = Region.objects.get(code="110112")
            ClassFlow.objects.create(
                run=run, region=region, industry="H62", from_class=before, to_class=after, count=count
            )
    return reverse("desk:classes:flows")


def test_a_chart_is_drawn_switches_to_its_table_and_asks_nobody_else(
    browser_page: Page, flows: str, live_server: object
) -> None:
    asked: list[str] = []

    def note(request: Request) -> None:
        asked.append(request.url)

    browser_page.on("request", note)
    sign_in(browser_page, "coordinator")
    assert not [url for url in asked if url.endswith("charts.js")], "it comes only where a chart is"
    browser_page.goto(flows)
    browser_page.wait_for_selector(f"{PICTURE} svg path")
    assert "940" in (browser_page.text_content(f"{PICTURE} svg") or "")
    assert not browser_page.is_visible(TABLE)
    browser_page.click("[data-chart-show=table]")
    assert browser_page.is_visible(TABLE)
    assert not browser_page.is_visible(PICTURE)
    assert browser_page.get_attribute("[data-chart-show=table]", "aria-pressed") == "true"
    home = browser_page.evaluate("location.origin")
    assert [url for url in asked if not url.startswith((home, "data:"))] == []


def test_a_chart_takes_the_colours_of_the_page(browser_page: Page, flows: str) -> None:
    sign_in(browser_page, "coordinator")
    browser_page.goto(flows)
    browser_page.wait_for_selector(f"{PICTURE} svg path")
    light = browser_page.inner_html(PICTURE)
    browser_page.evaluate("document.documentElement.dataset.theme = 'dark'")
    browser_page.wait_for_function(f"document.querySelector('{PICTURE}').innerHTML.includes('#6fc9a6')")
    assert "#6fc9a6" not in light
    assert "#1f7a5c" in light


def test_paper_has_both_and_a_phone_is_wide_enough(browser_page: Page, flows: str) -> None:
    sign_in(browser_page, "coordinator")
    browser_page.goto(flows)
    browser_page.wait_for_selector(f"{PICTURE} svg path")
    browser_page.emulate_media(media="print")
    assert browser_page.is_visible(TABLE)
    assert browser_page.is_visible(PICTURE)
    browser_page.emulate_media(media="screen")
    resize(browser_page, PHONE)
    browser_page.wait_for_function(f"document.querySelector('{PICTURE} svg').clientWidth < {PHONE[0]}")
    assert width_beyond(browser_page) == 0


def test_without_a_script_there_is_the_table(browser: Browser, browser_page: Page, flows: str) -> None:
    sign_in(browser_page, "coordinator")
    home = browser_page.evaluate("location.origin")
    plain = browser.new_context(
        base_url=home,
        java_script_enabled=False,
        storage_state=browser_page.context.storage_state(),
        viewport={"width": WIDE[0], "height": WIDE[1]},
    )
    page = plain.new_page()
    page.goto(flows)
    assert page.is_visible(TABLE)
    assert not page.is_visible(PICTURE)
    assert not page.is_visible("[data-chart-show=picture]")
    assert "900" in page.inner_text(TABLE)
    plain.close()
