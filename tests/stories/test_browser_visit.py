"""An officer carries a visit out on a phone, with thumbs; anybody reads the result."""

from __future__ import annotations

import pytest
from django.urls import reverse
from playwright.sync_api import Page

from tests.browser import PHONE, WIDE, follow, resize, serious, sign_in, width_beyond
from tests.cast import Cast
from yicha.act.inspection import services as inspection
from yicha.act.inspection.models import Check, Visit
from yicha.act.inspection.tests import factories
from yicha.kernel import clock
from yicha.share.publicity import queries, services

pytestmark = pytest.mark.browser
THUMB = 44
"""Pixels: the least height of what is pressed at a door."""


def small_targets(page: Page, selector: str) -> list[str]:
    """What can be pressed there and is lower than a thumb."""
    found = page.locator(selector)
    boxes = [(found.nth(at).inner_text()[:20], found.nth(at).bounding_box()) for at in range(found.count())]
    return [text for text, box in boxes if box is not None and box["height"] < THUMB]


def test_a_visit_is_carried_out_on_a_phone(cast: Cast, browser_page: Page) -> None:
    visit = factories.opened(cast.noodle_shop, ("110112-market",), clock.today(clock.now()))
    page = browser_page
    resize(page, PHONE)
    sign_in(page, "officer-a")
    page.goto(reverse("desk:visits:today"))
    follow(page, "a.day-visit")
    assert page.url.endswith(reverse("desk:visits:object", args=[visit.uuid]))
    page.click("#start button")

    page.wait_for_selector("#own")
    assert small_targets(page, "#own select, #own .door-actions button") == []
    assert width_beyond(page) == 0 and serious(page) == []
    page.select_option("#own select >> nth=0", "07")
    page.click("#own details summary >> nth=0")
    page.fill("#own details[open] textarea", "后厨无防蝇设施")
    page.check("#own .fill input")
    page.click("#own button[name=close]")

    page.wait_for_selector("[role=alert]")
    assert "整改期限" in page.inner_text("[role=alert]"), "a correction needs its day"
    assert page.input_value("#own textarea >> nth=0") == "后厨无防蝇设施", "nothing typed is lost"
    assert width_beyond(page) == 0 and serious(page) == []
    page.fill("#own input[type=date] >> nth=0", "2099-01-31")
    page.click("#own button[name=close]")

    page.wait_for_selector("form[action$='/close/'] button")
    assert set(Check.objects.values_list("result_code", flat=True)) == {"07", "01"}
    page.click("form[action$='/close/'] button")
    page.wait_for_selector("text=工作日内公示")
    assert Visit.objects.get().state == "closed"
    assert queries.list_due().count() == 1


def test_anybody_reads_what_was_found(cast: Cast, browser_page: Page) -> None:
    visit = factories.opened(cast.paint_factory, ("110115-fire",), simulated=True)
    now = clock.now()
    inspection.record_and_close_simulated(actor="demo", now=now, visits=[visit], seed="7")
    services.publish_due(actor="planner", now=now)
    page = browser_page
    for size in (WIDE, PHONE):
        resize(page, size)
        page.goto("/")
        page.fill("main input[name=q]", "油漆")
        page.press("main input[name=q]", "Enter")
        page.wait_for_url(f"**{reverse('public:enterprises:object', args=[cast.paint_factory.uscc])}")
        answer = page.locator(".verdict-word").bounding_box()
        assert answer is not None and answer["y"] < size[1], "answered above the fold"
        assert width_beyond(page) == 0 and serious(page) == []
        follow(page, "section h2 a")
        page.wait_for_url("**/results/**")
        assert width_beyond(page) == 0 and serious(page) == []
