"""A coordinator tries other rates, sees what they would mean, and proposes one as a row; trying writes nothing."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from django.test import Client

from tests.cast import TODAY, Cast
from yicha.base.ledger import queries as ledger
from yicha.decide.planning.tests import factories
from yicha.know.catalogue import queries as catalogue
from yicha.know.catalogue.terms import Method, RateFacts, RateScope

PAGE = "/desk/numbers/rates/simulator/"
HERE = {"place": "zone:yizhuang", "year": "2026", "quarter": ""}


@pytest.fixture
def page(cast: Cast, client: Client) -> Client:
    factories.ground()
    client.force_login(cast.coordinator)
    return client


def rates() -> list[RateFacts]:
    return catalogue.list_rate_facts()


def test_other_rates_are_tried_without_anything_being_written(page: Client) -> None:
    before, entries = rates(), ledger.list_entries().count()
    shown = page.get(PAGE, {**HERE, "try.catering.B": "100", "try.catering.C": ""})
    assert shown.status_code == 200
    made = shown.context["made"]
    assert made.total.after.visits > made.total.before.visits
    assert [row.cell.risk_class for _name, row, _url in shown.context["proposals"]] == ["B"]
    assert rates() == before and ledger.list_entries().count() == entries
    assert page.post(PAGE, HERE).status_code == 405


def test_what_is_tried_fills_the_form_of_a_new_row(page: Client) -> None:
    shown = page.get(PAGE, {**HERE, "try.catering.B": "12.5"})
    ((_name, _row, url),) = shown.context["proposals"]
    form = page.get(url).context["form"]
    assert (form["joint_list"].value(), form["risk_class"].value()) == ("catering", "B")
    assert Decimal(form["percent"].value()) == Decimal("12.5")
    given = {name: form[name].value() or "" for name in ("joint_list", "risk_class", "percent", "region")}
    more = {
        "visits_a_year": "2",
        "method": "written",
        "scope": "key",
        "in_force_from": "2026-10-01",
        "source": "新文件〔2026〕2号",
    }
    assert page.post("/desk/numbers/rates/new/", given | more).status_code == 302
    found = catalogue.find_rate(
        rates(), joint_list="catering", risk_class="B", region="110112", on=date(2026, 10, 1)
    )
    assert found is not None
    assert (found.rate, found.visits_a_year) == (Decimal("0.125"), 2)
    assert (found.method, found.scope) == (Method.WRITTEN, RateScope.KEY)
    listed = page.get("/desk/numbers/rates/").content.decode()
    assert "新文件〔2026〕2号" in listed


@pytest.mark.parametrize("text", ["101", "-1", "many", "NaN"])
def test_a_rate_that_is_no_percentage_is_named_and_not_taken(page: Client, text: str) -> None:
    shown = page.get(PAGE, {**HERE, "try.catering.B": text})
    assert shown.status_code == 422
    assert shown.context["wrong"] == [text]
    assert not shown.context["proposals"]


def test_the_tables_behind_the_charts_can_be_saved(page: Client) -> None:
    saved = page.get(PAGE, {**HERE, "chart": "by-region", "file": "csv"})
    assert saved.status_code == 200
    assert saved["Content-Type"].startswith("text/csv")
    assert "通州" in saved.content.decode("utf-8-sig")


def test_an_unknown_place_is_no_simulation(page: Client) -> None:
    shown = page.get(PAGE, {**HERE, "place": "zone:nowhere"})
    assert shown.status_code == 422
    assert "made" not in shown.context


def test_who_may_not_see_plans_may_not_simulate(cast: Cast, client: Client) -> None:
    client.force_login(cast.owner)
    assert client.get(PAGE).status_code == 404


def test_the_page_opens_on_the_year_of_today(page: Client) -> None:
    shown = page.get(PAGE)
    assert shown.status_code == 200
    assert shown.context["form"]["year"].value() == str(TODAY.year)
