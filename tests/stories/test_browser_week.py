"""A hard week at the desk: a quarter's pages in the dark, and a day of work without a mouse."""

from __future__ import annotations

import pytest
from django.urls import reverse
from playwright.sync_api import Page

from tests.browser import PHONE, WIDE, resize, serious, sign_in, width_beyond
from tests.cast import NOW, Cast, person
from tests.stories.planned import MONDAY, planned
from tests.stories.test_calendar_on_the_desk import proposed
from yicha.base.accounts.terms import GrantFacts, Role
from yicha.decide.planning.models import AnnualPlan, Round
from yicha.decide.scheduling.models import Answer
from yicha.kernel import clock
from yicha.know.visits.models import Contact

pytestmark = pytest.mark.browser
TABS = 90
"""Nothing that a page is for lies further from its beginning than so many presses of the tab key."""


@pytest.fixture
def quarter(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> tuple[Round, list[Contact]]:
    """It is the morning of 1 July 2026; somebody both organises the quarter and plans for one agency."""
    monkeypatch.setattr(clock, "now", lambda: NOW)
    person(
        "everybody",
        "全能员",
        GrantFacts(Role.COORDINATOR),
        GrantFacts(Role.PLANNER, "110112-market", "110112"),
    )
    return planned()


@pytest.fixture
def asked(quarter: tuple[Round, list[Contact]], cast: Cast) -> Answer:
    """An agency is asked whether it takes part in the second visit."""
    return Answer.objects.create(
        contact=quarter[1][1], agency=cast.agency_a, state="asked", asked_at=NOW, due_on=MONDAY
    )


def test_the_pages_of_a_quarter_are_readable_in_the_dark(
    quarter: tuple[Round, list[Contact]], asked: Answer, browser_page: Page
) -> None:
    round_, visits = quarter
    made, plan, page = proposed(round_, visits), AnnualPlan.objects.get(), browser_page
    sign_in(page, "everybody")
    origin = page.evaluate("location.origin")
    page.context.add_cookies([{"name": "yicha_theme", "value": "dark", "url": origin}])
    wrong = []
    for address in (
        reverse("desk:plans:merge"),
        reverse("desk:plans:tab", args=[plan.uuid, "check"]),
        reverse("desk:matching:object", args=[round_.code]),
        reverse("desk:matching:tab", args=[round_.code, "board"]),
        reverse("desk:calendar:list"),
        reverse("desk:calendar:officers"),
        reverse("desk:calendar:day", args=[MONDAY.isoformat()]),
        reverse("desk:calendar:run", args=[made.uuid]),
        reverse("desk:answers:object", args=[asked.uuid]),
        reverse("desk:rounds:object", args=[round_.code]),
        reverse("desk:dispatch:to_prepare"),
        reverse("desk:plans:year"),
    ):
        resize(page, WIDE)
        page.goto(address)
        wrong += [f"{address}: {one}" for one in serious(page)]
        resize(page, PHONE)
        if width_beyond(page) > 0:
            wrong.append(f"{address}: wider than a phone")
    assert not wrong, "\n".join(wrong)
    # Axe does not look into pictures: on the strongest field of the heat map the figure is dark.
    resize(page, WIDE)
    page.locator("figure.chart svg text[fill='#10151b']").first.wait_for(state="attached")


def tab_to(page: Page, selector: str) -> None:
    """Press the tab key until what is meant has the focus, and see where one is on the way."""
    for _press in range(TABS):
        page.keyboard.press("Tab")
        found, seen = page.evaluate(
            """(selector) => {
                const one = document.activeElement;
                const look = getComputedStyle(one);
                return [one.matches(selector), look.outlineStyle !== 'none' && parseFloat(look.outlineWidth) > 0];
            }""",
            selector,
        )
        assert seen or not found, f"{selector} has the focus, and nobody sees it"
        if found:
            return
    raise AssertionError(f"{selector} is not reached by the tab key")


def press_to(page: Page, selector: str) -> None:
    """Go to what leads to another page, press it, and wait until that page is whole."""
    tab_to(page, selector)
    with page.expect_navigation():
        page.keyboard.press("Enter")


def test_a_day_of_work_needs_no_mouse(
    quarter: tuple[Round, list[Contact]], asked: Answer, browser_page: Page
) -> None:
    (round_, visits), page = quarter, browser_page
    visit = visits[0]
    sign_in(page, "everybody")

    page.goto(reverse("desk:calendar:list"))
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")  # past the menu
    press_to(page, f"[data-visit='{visit.uuid}'] a")
    press_to(page, "main a.btn-primary")
    press_to(page, ".chips a")  # the first half day that is free
    press_to(page, "main form button.btn-primary")
    page.wait_for_url(f"**{reverse('desk:calendar:visit', args=[visit.uuid])}")
    visit.refresh_from_db()
    assert (visit.planned_on, visit.planned_part) != (MONDAY, "am")

    page.goto(reverse("desk:answers:list"))
    press_to(page, f"a[href='{reverse('desk:answers:object', args=[asked.uuid])}']")
    press_to(page, f"form[action='{reverse('desk:answers:accept', args=[asked.uuid])}'] button")
    asked.refresh_from_db()
    assert (asked.state, asked.answered_by) == ("accepted", "everybody")

    page.goto(reverse("desk:matching:tab", args=[round_.code, "board"]))
    page.wait_for_selector("figure.chart svg path")
    tab_to(page, "[data-chart-show=table]")
    page.keyboard.press("Enter")
    assert page.is_visible("figure.chart .chart-table")
