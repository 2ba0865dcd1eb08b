"""A morning of the two administrators: one grants and withdraws, the other keeps the numbers of the law."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from django.test import Client
from django.utils.html import escape

from tests.cast import NOW, Cast, person
from yicha.base.accounts import queries
from yicha.base.accounts.models import User
from yicha.base.accounts.terms import GrantFacts, Role
from yicha.base.ledger import queries as ledger
from yicha.know.catalogue import queries as catalogue
from yicha.know.catalogue import services
from yicha.know.catalogue.terms import NumberFacts


@pytest.fixture
def warden(cast: Cast) -> User:
    return person("warden", "安全管理员", GrantFacts(Role.SECURITY_ADMIN))


def test_a_new_colleague_may_nothing_until_granted_and_nothing_after_withdrawal(
    cast: Cast, warden: User, client: Client
) -> None:
    client.force_login(warden)
    given = {"username": "newcomer", "display_name": "新同事", "password": "paper and ink 2026"}
    assert client.post("/desk/people/new/", given).status_code == 302
    newcomer = queries.find_user("newcomer")
    assert newcomer is not None
    theirs = Client()
    theirs.force_login(newcomer)
    assert theirs.get("/desk/numbers/").status_code == 404

    page = f"/desk/people/{newcomer.uuid}/"
    grant = {"role": "officer", "agency": "110112-market", "region": "110112"}
    assert client.post(f"{page}grant/", grant).status_code == 302
    assert theirs.get("/desk/numbers/").status_code == 200
    assert "110112-market" in client.get(page).content.decode()

    assert client.post(f"{page}withdraw/{newcomer.grants.get().pk}/").status_code == 302
    assert theirs.get("/desk/numbers/").status_code == 404
    acts = [entry.act for entry in ledger.list_entries_of(f"user:{newcomer.uuid}")]
    assert acts == ["accounts.withdrawn", "accounts.granted", "accounts.created"]


def test_who_is_switched_off_is_out_at_once(cast: Cast, warden: User, client: Client) -> None:
    theirs = Client()
    theirs.force_login(cast.planner)
    assert theirs.get("/desk/").status_code == 200
    client.force_login(warden)
    client.post(f"/desk/people/{cast.planner.uuid}/active/")
    assert theirs.get("/desk/").status_code == 302


def test_an_owner_s_grant_must_name_the_enterprise(cast: Cast, warden: User, client: Client) -> None:
    client.force_login(warden)
    response = client.post(f"/desk/people/{cast.stranger.uuid}/grant/", {"role": "enterprise"})
    assert response.status_code == 422
    assert not cast.stranger.grants.exists()


@pytest.mark.parametrize(
    "page", ["/desk/people/", "/desk/people/new/", "/desk/numbers/new/", "/desk/numbers/rates/new/"]
)
def test_a_page_that_is_not_yours_is_a_page_that_is_not_there(cast: Cast, client: Client, page: str) -> None:
    for stranger in (cast.officer_a, cast.officer_b, cast.owner, cast.stranger):
        client.force_login(stranger)
        assert client.get(page).status_code == 404, (stranger.username, page)


def test_a_missing_person_is_answered_like_a_foreign_one(cast: Cast, warden: User, client: Client) -> None:
    client.force_login(warden)
    assert client.get("/desk/people/00000000-0000-0000-0000-000000000000/").status_code == 404


def test_a_number_of_the_law_changes_from_its_day_on_and_the_old_row_stays(
    cast: Cast, client: Client
) -> None:
    first = NumberFacts("days-of-a-test", Decimal(10), "days", "旧文件", True, date(2026, 1, 1))
    services.set_number(actor="test", now=NOW, facts=first, words="a number of a test")
    client.force_login(cast.coordinator)
    given = {
        "code": "days-of-a-test",
        "value": "15",
        "in_force_from": "2026-09-01",
        "source": "新文件〔2026〕1号",
    }
    assert client.post("/desk/numbers/new/", given).status_code == 302
    assert catalogue.get_number("days-of-a-test", date(2026, 8, 31)).value == 10
    assert catalogue.get_number("days-of-a-test", date(2026, 9, 1)).value == 15
    shown = client.get("/desk/numbers/").content.decode()
    assert escape("新文件〔2026〕1号") in shown and escape("旧文件") in shown


def test_a_rate_above_a_hundred_percent_is_refused_at_its_field(cast: Cast, client: Client) -> None:
    client.force_login(cast.coordinator)
    given = {"risk_class": "D", "percent": "101", "in_force_from": "2026-09-01", "source": "x"}
    assert client.post("/desk/numbers/rates/new/", given).status_code == 422
    given["percent"] = "30"
    assert client.post("/desk/numbers/rates/new/", given).status_code == 302
    rate = catalogue.find_rate(
        catalogue.list_rate_facts(), risk_class="D", region="110112", on=date(2026, 9, 1)
    )
    assert rate is not None and rate.rate == Decimal("0.3")
