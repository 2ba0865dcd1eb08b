from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from yicha.base.accounts.rules import ACTIONS, may, region_prefix
from yicha.base.accounts.terms import ANYWHERE, GrantFacts, Role, Scope

DAY = date(2026, 7, 1)
SHOP = Scope(region="110112", zone="yizhuang", enterprise="E1")
VISIT = Scope(frozenset({"110112-market", "110112-fire"}), "110112", "yizhuang", "E1")


def officer(agency: str = "", region: str = "") -> GrantFacts:
    return GrantFacts(Role.OFFICER, agency, region)


def test_nobody_may_anything_without_a_grant() -> None:
    assert not may([], "registry.view", ANYWHERE, DAY)
    assert not may([], "registry.view", None, DAY)


def test_an_action_that_no_role_lists_is_allowed_to_nobody() -> None:
    assert not any(may([GrantFacts(role)], "no.such-action", None, DAY) for role in Role)


def test_an_officer_sees_the_own_region() -> None:
    assert may([officer(agency="110112-market", region="110112")], "registry.view", SHOP, DAY)


def test_an_officer_does_not_see_another_region() -> None:
    assert not may([officer(agency="110115-fire", region="110115")], "registry.view", SHOP, DAY)


def test_a_city_covers_its_districts() -> None:
    assert may([officer(region="110000")], "registry.view", SHOP, DAY)


def test_a_zone_covers_what_lies_in_it_whatever_the_district() -> None:
    assert may([officer(region="yizhuang")], "registry.view", SHOP, DAY)
    assert not may([officer(region="yizhuang")], "registry.view", Scope(region="110112", zone=""), DAY)


def test_an_agency_sees_a_visit_in_which_it_takes_part() -> None:
    assert may([officer(agency="110112-fire", region="110112")], "visit.view", VISIT, DAY)


def test_an_agency_sees_its_own_visit_in_another_region() -> None:
    elsewhere = Scope(VISIT.agencies, "110115", "", "E1", agency_decides=True)
    grants = [officer(agency="110112-fire", region="110112")]
    assert may(grants, "visit.view", elsewhere, DAY)
    assert not may(grants, "visit.view", replace(elsewhere, agency_decides=False), DAY)
    assert not may(grants, "visit.view", replace(elsewhere, agencies=frozenset({"110115-fire"})), DAY)


def test_an_agency_that_takes_no_part_does_not_see_the_visit() -> None:
    assert not may([officer(agency="110112-health", region="110112")], "visit.view", VISIT, DAY)


def test_an_owner_sees_the_own_enterprise_and_nothing_else() -> None:
    grants = [GrantFacts(Role.ENTERPRISE, enterprise="E1")]
    assert may(grants, "enterprise.own", SHOP, DAY)
    assert not may(grants, "enterprise.own", Scope(region="110112", zone="", enterprise="E2"), DAY)
    assert not may(grants, "registry.view", SHOP, DAY)


def test_an_enterprise_of_unknown_district_is_seen_only_by_who_sees_all() -> None:
    lost = Scope(region="", zone="", enterprise="E3")
    assert not may([officer(region="110112")], "registry.view", lost, DAY)
    assert may([officer()], "registry.view", lost, DAY)


@pytest.mark.parametrize(
    ("day", "allowed"),
    [
        (date(2025, 12, 31), False),
        (date(2026, 1, 1), True),
        (date(2026, 6, 30), True),
        (date(2026, 7, 1), False),
    ],
)
def test_a_grant_holds_from_its_first_to_its_last_day(day: date, allowed: bool) -> None:
    grant = GrantFacts(Role.PLANNER, valid_from=date(2026, 1, 1), valid_until=date(2026, 6, 30))
    assert may([grant], "plan.edit", ANYWHERE, day) is allowed


def test_who_administers_the_system_decides_nothing_in_it() -> None:
    deciding = {"plan.edit", "plan.approve", "draw.run", "draw.freeze", "visit.record", "accounts.edit"}
    assert not deciding & ACTIONS[Role.SYSTEM_ADMIN]


@pytest.mark.parametrize(
    ("code", "prefix"), [("110000", "11"), ("110100", "1101"), ("110112", "110112"), ("yizhuang", "yizhuang")]
)
def test_the_prefix_of_a_region(code: str, prefix: str) -> None:
    assert region_prefix(code) == prefix
