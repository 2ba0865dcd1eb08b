"""Visits are dragged in a real browser: what may stand there moves, what may not is told why and stays."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from django.urls import reverse
from playwright.sync_api import Locator, Page

from tests.browser import PHONE, WIDE, follow, resize, serious, sign_in, width_beyond
from tests.cast import NOW, Cast
from tests.stories.planned import MONDAY, planned
from tests.stories.test_browser_pages import look, speak
from tests.stories.test_calendar_on_the_desk import proposed
from yicha.decide.planning.models import Round
from yicha.decide.scheduling.models import Answer, Pin, Schedule
from yicha.kernel import clock
from yicha.know.registry.models import Enterprise, VisitWish
from yicha.know.visits.models import Contact

pytestmark = pytest.mark.browser


@pytest.fixture
def quarter(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> tuple[Round, list[Contact]]:
    """It is the morning of 1 July 2026, and the quarter's visits have their half days."""
    monkeypatch.setattr(clock, "now", lambda: NOW)
    return planned()


def slot(page: Page, days: int, part: str) -> Locator:
    """A half day of the week of the first visit."""
    day = MONDAY + timedelta(days=days)
    return page.locator(f"[data-slot-day='{day}'][data-slot-part={part}]")


def card(page: Page, visit: Contact) -> Locator:
    return page.locator(f"[data-visit='{visit.uuid}']")


def test_a_visit_is_dragged_to_a_free_half_day(
    quarter: tuple[Round, list[Contact]], browser_page: Page
) -> None:
    page, visit = browser_page, quarter[1][0]
    sign_in(page, "coordinator")
    page.goto(reverse("desk:calendar:list"))
    target = slot(page, 0, "pm")
    card(page, visit).drag_to(target)
    target.locator(f"[data-visit='{visit.uuid}']").wait_for()
    assert "已调整" in target.locator("[data-slot-answer]").inner_text()
    assert target.locator("[data-half-count]").inner_text() == "1"
    assert slot(page, 0, "am").locator("[data-half-count]").inner_text() == "0"
    visit.refresh_from_db()
    assert (visit.planned_on, visit.planned_part) == (MONDAY, "pm")
    assert Pin.objects.filter(contact=visit).exists()
    page.reload()
    assert "已锁定" in card(page, visit).inner_text()
    assert serious(page) == []


def test_a_visit_that_may_not_stand_there_is_told_why_and_stays(
    quarter: tuple[Round, list[Contact]], browser_page: Page
) -> None:
    page, visit = browser_page, quarter[1][0]
    VisitWish.objects.create(
        enterprise=visit.enterprise, kind="closed", weekday=2, said_by="店主", said_at=NOW
    )
    sign_in(page, "coordinator")
    page.goto(reverse("desk:calendar:list"))
    target = slot(page, 2, "am")
    card(page, visit).hover()
    page.mouse.down()
    target.hover()
    target.hover(position={"x": 20, "y": 20})
    target.locator(".is-word").wait_for()
    told = target.locator("[data-slot-answer]").inner_text()
    assert "不可行" in told and "2026-07-22" in told, "the reasons stand there before the drop"
    page.mouse.up()
    page.wait_for_timeout(300)
    assert slot(page, 0, "am").locator(f"[data-visit='{visit.uuid}']").count() == 1, "it snapped back"
    assert serious(page) == []
    visit.refresh_from_db()
    assert (visit.planned_on, visit.planned_part) == (MONDAY, "am")
    assert not Schedule.objects.exists()


def test_a_visit_is_moved_on_a_phone_by_its_form(
    quarter: tuple[Round, list[Contact]], browser_page: Page
) -> None:
    page, visit = browser_page, quarter[1][0]
    resize(page, PHONE)
    sign_in(page, "coordinator")
    page.goto(reverse("desk:calendar:list"))
    follow(page, f"[data-visit='{visit.uuid}'] a")
    follow(page, "a.btn-primary")
    follow(page, ".chips a >> nth=0")
    assert width_beyond(page) == 0 and serious(page) == []
    follow(page, "main form button.btn-primary")
    page.wait_for_url(f"**{reverse('desk:calendar:visit', args=[visit.uuid])}")
    visit.refresh_from_db()
    assert (visit.planned_on, visit.planned_part) != (MONDAY, "am")


def test_visits_of_a_day_are_on_a_map_without_tiles(
    quarter: tuple[Round, list[Contact]], browser_page: Page
) -> None:
    page, visit = browser_page, quarter[1][0]
    Enterprise.objects.filter(pk=visit.enterprise_id).update(lat=Decimal("39.8"), lon=Decimal("116.5"))
    sign_in(page, "coordinator")
    page.goto(reverse("desk:calendar:day", args=[MONDAY.isoformat()]))
    pin = page.locator(".map-pin")
    pin.wait_for()
    assert visit.enterprise.name in (pin.get_attribute("aria-label") or "")
    page.click(".map-list [data-stop='1']")
    page.locator(".leaflet-popup").wait_for()
    page.keyboard.press("Escape")
    page.locator(".leaflet-popup").wait_for(state="detached")
    pin.focus()
    page.keyboard.press("Enter")
    page.click(".leaflet-popup a >> text=1 ")
    page.wait_for_url(f"**{reverse('desk:calendar:visit', args=[visit.uuid])}")


def test_pages_of_the_calendar_are_for_everybody(
    cast: Cast, quarter: tuple[Round, list[Contact]], browser_page: Page
) -> None:
    round_, visits = quarter
    Enterprise.objects.filter(pk=visits[0].enterprise_id).update(
        name="北京市通州区马驹桥镇老字号清真牛羊肉涮锅餐饮管理有限责任公司物资学院路分公司",
        lat=Decimal("39.8"),
        lon=Decimal("116.5"),
    )
    made = proposed(round_, visits)
    asked = Answer.objects.create(
        contact=visits[0],
        agency=visits[0].lead_agency,
        state="asked",
        asked_at=NOW,
        due_on=MONDAY,
    )
    page = browser_page
    sign_in(page, "coordinator")
    key = visits[0].uuid
    wrong = [
        one
        for address in (
            reverse("desk:calendar:list"),
            f"{reverse('desk:calendar:list')}?show=month",
            reverse("desk:calendar:officers"),
            reverse("desk:calendar:enterprises"),
            reverse("desk:calendar:enterprise", args=[visits[0].enterprise.uscc]),
            reverse("desk:calendar:day", args=[MONDAY.isoformat()]),
            reverse("desk:calendar:visit", args=[key]),
            reverse("desk:calendar:wish", args=[key]),
            reverse("desk:calendar:move", args=[key]),
            reverse("desk:calendar:run", args=[made.uuid]),
            reverse("desk:answers:list"),
            reverse("desk:answers:object", args=[asked.uuid]),
            reverse("desk:calendar:round", args=[round_.code]),
            reverse("desk:calendar:make", args=[round_.code]),
            reverse("desk:calendar:absent", args=[round_.code]),
            reverse("desk:calendar:lost", args=[round_.code]),
            reverse("desk:matching:tab", args=[round_.code, "board"]),
        )
        for one in look(page, address)
    ]
    assert wrong == []
    speak(page, "zh-hans")
    page.context.clear_cookies()
    sign_in(page, "owner", "**/portal/**")
    own = [cast.noodle_shop.uscc]
    names = ("coming", "settings", "wish_add", "address_add")
    assert [one for name in names for one in look(page, reverse(f"portal:{name}", args=own))] == []
    speak(page, "zh-hans")
    resize(page, WIDE)
