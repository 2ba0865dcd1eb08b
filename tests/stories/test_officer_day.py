"""The day of an officer, from the morning list to the closed visit, through the pages of the desk."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest
from django.test import Client
from django.urls import reverse

from tests.cast import Cast, person
from yicha.act.inspection import queries
from yicha.act.inspection.models import Check, Visit
from yicha.act.inspection.tests import factories
from yicha.base.accounts.models import User
from yicha.base.accounts.terms import GrantFacts, Role
from yicha.base.ledger import queries as ledger
from yicha.kernel import clock
from yicha.share.publicity import queries as publicity


@pytest.fixture
def today() -> date:
    return clock.today(clock.now())


@pytest.fixture
def visit(cast: Cast, today: date) -> Visit:
    """The noodle shop, today: market regulation of 通州 leads, fire rescue of 通州 takes part."""
    return factories.opened(cast.noodle_shop, on=today)


@pytest.fixture
def fireman(cast: Cast) -> User:
    return person("fireman", "甲三", GrantFacts(Role.OFFICER, "110112-fire", "110112"), certificate="T-0003")


def as_(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def page(visit: Any, name: str = "object", *more: str) -> str:
    return reverse(f"desk:visits:{name}", args=[visit.uuid, *more])


def text(client: Client, url: str) -> str:
    response = client.get(url)
    assert response.status_code == 200, (url, response.status_code)
    return response.content.decode()


def state(visit: Visit) -> str:
    return Visit.objects.get(pk=visit.pk).state


def fill(visit: Visit, agency: str, code: str = "01", **more: str) -> dict[str, str]:
    """The form of an agency's part with the same result for every item; `words`, `correct_by` for the first."""
    form: dict[str, str] = {}
    for number, check in enumerate(factories.part(visit, agency).checks.order_by("pk")):
        form[f"check-{check.pk}"] = code if number == 0 or not more else "01"
        form[f"check-{check.pk}-0-words"] = more.get("words", "") if number == 0 else ""
        form[f"check-{check.pk}-0-severity"] = "general"
        form[f"check-{check.pk}-0-correct_by"] = more.get("correct_by", "") if number == 0 else ""
    return form


def start(client: Client, visit: Visit, on: date) -> int:
    return client.post(page(visit, "start"), {"visited_on": on.isoformat()}).status_code


def test_a_whole_day(cast: Cast, visit: Visit, fireman: User, today: date) -> None:
    """In the morning the officer sees what the day brings; in the evening the visit is closed and its clock runs."""
    officer, colleague = as_(cast.officer_a), as_(fireman)

    home = text(officer, reverse("desk:home"))
    assert "北京马驹桥老面馆" in home, "the visit waits on the home page"
    assert "北京马驹桥老面馆" in text(officer, reverse("desk:visits:today"))

    at_the_door = text(officer, page(visit))
    assert "T-0001" in at_the_door and "T-0002" in at_the_door, "both certificates are named"
    assert start(officer, visit, today) == 302

    correct_by = (today + timedelta(days=15)).isoformat()
    kept = officer.post(
        page(visit, "record", "110112-market"),
        {**fill(visit, "110112-market", "07", words="后厨无防蝇设施", correct_by=correct_by), "keep": "1"},
    )
    assert kept.status_code == 302
    assert "后厨无防蝇设施" in text(officer, page(visit)), "what was kept is still there"
    assert "后厨无防蝇设施" in text(colleague, page(visit)), "and the other agency reads it"

    closing = {
        **fill(visit, "110112-market", "07", words="后厨无防蝇设施", correct_by=correct_by),
        "close": "1",
    }
    assert officer.post(page(visit, "record", "110112-market"), closing).status_code == 302
    assert officer.post(page(visit, "close")).status_code == 409, "fire rescue is not done yet"

    done = colleague.post(page(visit, "record", "110112-fire"), {**fill(visit, "110112-fire"), "close": "1"})
    assert done.status_code == 302
    assert "作为整体" in text(officer, reverse("desk:home")) or "老面馆" in text(
        officer, reverse("desk:home")
    )
    assert officer.post(page(visit, "close")).status_code == 302
    assert state(visit) == "closed"
    assert publicity.list_due().get().visit_id == visit.pk, "from now on the clock of publicity runs"

    happened = text(officer, page(visit, "tab", "happened"))
    assert happened.count("<li class=") >= 6, "planned, opened, started, recorded, closed, …"
    acts = [entry.act for entry in ledger.list_entries_of(f"visit:{visit.uuid}")]
    assert acts[0] == "visit.closed" and acts.count("visit.part-closed") == 2


def test_nobody_can_write_into_another_agencys_part(
    cast: Cast, visit: Visit, fireman: User, today: date
) -> None:
    start(as_(fireman), visit, today)
    form = {**fill(visit, "110112-fire"), "close": "1"}
    assert as_(cast.officer_a).post(page(visit, "record", "110112-fire"), form).status_code == 404
    assert as_(cast.officer_b).post(page(visit, "record", "110112-fire"), form).status_code == 404
    assert not Check.objects.exclude(result_code="").exists()
    smuggled = {**fill(visit, "110112-market"), **fill(visit, "110112-fire"), "keep": "1"}
    assert as_(cast.officer_a).post(page(visit, "record", "110112-market"), smuggled).status_code == 302
    assert set(Check.objects.exclude(result_code="").values_list("part__agency__code", flat=True)) == {
        "110112-market"
    }


def test_only_the_lead_closes_the_whole(cast: Cast, visit: Visit, fireman: User, today: date) -> None:
    start(as_(fireman), visit, today)
    for user, agency in ((cast.officer_a, "110112-market"), (fireman, "110112-fire")):
        as_(user).post(page(visit, "record", agency), {**fill(visit, agency), "close": "1"})
    assert as_(fireman).post(page(visit, "close")).status_code == 404
    assert as_(cast.officer_b).post(page(visit, "close")).status_code == 404
    assert state(visit) == "started"


def test_who_has_nothing_to_do_with_it_cannot_tell_it_from_a_missing_one(cast: Cast, visit: Visit) -> None:
    missing = {"uuid": UUID(int=0)}
    for user in (cast.officer_b, cast.owner, cast.stranger):
        client = as_(user)
        for name in ("object", "start", "call_off"):
            foreign = client.get(reverse(f"desk:visits:{name}", args=[visit.uuid]))
            absent = client.get(reverse(f"desk:visits:{name}", kwargs=missing))
            assert foreign.status_code == absent.status_code, (user.username, name)
            assert foreign.status_code in {404, 405} or name == "start", (user.username, name)
        assert client.post(page(visit, "start"), {"visited_on": "2026-07-01"}).status_code == 404
    assert state(visit) == "opened"


def test_a_wrong_result_comes_back_with_what_was_typed(cast: Cast, visit: Visit, today: date) -> None:
    officer = as_(cast.officer_a)
    start(officer, visit, today)
    sent = {**fill(visit, "110112-market", "01", words="地面湿滑", correct_by=""), "keep": "1"}
    answer = officer.post(page(visit, "record", "110112-market"), sent)
    assert answer.status_code == 409
    assert "地面湿滑" in answer.content.decode() and 'role="alert"' in answer.content.decode()
    assert not Check.objects.exclude(result_code="").exists()


def test_closing_needs_every_result_and_one_box_fills_the_rest(cast: Cast, visit: Visit, today: date) -> None:
    officer = as_(cast.officer_a)
    start(officer, visit, today)
    empty = dict.fromkeys(fill(visit, "110112-market"), "")
    refused = officer.post(page(visit, "record", "110112-market"), {**empty, "close": "1"})
    assert refused.status_code == 409 and "明码标价" in refused.content.decode()
    done = officer.post(page(visit, "record", "110112-market"), {**empty, "fill": "on", "close": "1"})
    assert done.status_code == 302
    assert set(Check.objects.exclude(result_code="").values_list("result_code", flat=True)) == {"01"}


def test_a_day_that_has_not_come_is_refused_at_its_field(cast: Cast, visit: Visit, today: date) -> None:
    officer = as_(cast.officer_a)
    assert start(officer, visit, today + timedelta(days=1)) == 409
    assert state(visit) == "opened"


def test_a_second_visit_is_warned_of_and_can_be_made(cast: Cast, visit: Visit, today: date) -> None:
    factories.opened(cast.noodle_shop, ("110112-fire",), today + timedelta(days=9))
    shown = text(as_(cast.officer_a), page(visit))
    assert (today + timedelta(days=9)).isoformat() in shown
    assert start(as_(cast.officer_a), visit, today) == 302


def test_a_part_is_opened_again_with_a_reason(cast: Cast, visit: Visit, today: date) -> None:
    officer = as_(cast.officer_a)
    start(officer, visit, today)
    officer.post(page(visit, "record", "110112-market"), {**fill(visit, "110112-market"), "close": "1"})
    url = page(visit, "reopen", "110112-market")
    assert officer.get(url).status_code == 200
    assert officer.post(url, {"because": ""}).status_code == 422
    assert officer.post(url, {"because": "结果写错"}).status_code == 302
    assert "结果写错" in text(officer, page(visit, "tab", "happened"))
    assert as_(cast.officer_b).post(url, {"because": "…"}).status_code == 404


def test_the_planner_sends_others_and_the_coordinator_calls_off(
    cast: Cast, visit: Visit, today: date
) -> None:
    planner, coordinator = as_(cast.planner), as_(cast.coordinator)
    url = page(visit, "officers", "110112-market")
    assert "T-0002" in text(planner, url)
    assert as_(cast.officer_a).get(url).status_code == 404
    few = planner.post(url, {"officers": ["T-0001"], "because": "病假"})
    assert few.status_code == 409
    assert planner.post(page(visit, "call_off"), {"called_off_because": "…"}).status_code == 404
    assert coordinator.post(page(visit, "call_off"), {"called_off_because": "已迁出"}).status_code == 302
    assert state(visit) == "called-off"
    assert "已迁出" in text(coordinator, page(visit))


def test_the_list_is_filtered_in_its_address(cast: Cast, visit: Visit, today: date) -> None:
    factories.opened(cast.paint_factory, ("110115-fire",), today + timedelta(days=5))
    url = reverse("desk:visits:list")
    everything = text(as_(cast.coordinator), url)
    assert "老面馆" in everything and "油漆厂" in everything
    assert "油漆厂" not in text(as_(cast.officer_a), url), "an officer sees the visits of his agency"
    for query, shop, factory in (
        ("?q=油漆", False, True),
        (f"?q={cast.noodle_shop.uscc}", True, False),
        ("?agency=110115-fire", False, True),
        ("?state=started", False, False),
        ("?round=2026Q3", True, True),
        (f"?from_on={today + timedelta(days=1)}", False, True),
        (f"?to_on={today}", True, False),
        ("?mine=on", False, False),
    ):
        shown = text(as_(cast.coordinator), url + query)
        assert ("老面馆" in shown, "油漆厂" in shown) == (shop, factory), query
    assert "老面馆" in text(as_(cast.officer_a), url + "?mine=on")
    workbook = as_(cast.officer_a).get(url + "?export=xlsx")
    assert workbook.status_code == 200 and "spreadsheet" in workbook["Content-Type"]
    workbook.close()


def test_a_simulated_visit_says_so(cast: Cast, today: date) -> None:
    simulated = factories.opened(cast.noodle_shop, on=today, simulated=True)
    assert queries.find_visit(simulated.uuid) is not None
    shown = text(as_(cast.officer_a), page(simulated))
    assert "模拟" in shown or "simulated" in shown
