"""The fixed cast of all tests: two regions, a zone, three agencies, three enterprises, and the people.

Ask for the fixture `cast`. Names are made up; codes are valid (GB 32100).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

import pytest

from yicha.base.accounts import services as accounts
from yicha.base.accounts.models import User
from yicha.base.accounts.terms import GrantFacts, Role
from yicha.kernel import clock, uscc
from yicha.know.registry import services as registry
from yicha.know.registry.models import Agency, Enterprise, Officer, Region, Zone
from yicha.know.registry.terms import RegionKind

NOW = datetime(2026, 7, 1, 9, 0, tzinfo=clock.BEIJING)
TODAY = date(2026, 7, 1)
PASSWORD = "paper-ink-and-one-seal"


def code(number: int, authority: str = "110112") -> str:
    """A valid code, the `number`-th of an authority."""
    body = f"91{authority}MA{number:07d}"
    return body + uscc.check_character(body)


@dataclass(frozen=True)
class Cast:
    """Everybody and everything that a story begins with."""

    officer_a: User
    """Officer of agency A: market regulation of 通州, with certificate T-0001."""
    officer_b: User
    """Officer of agency B in another region: fire rescue of 大兴, with certificate D-0001."""
    planner: User
    """Plans for market regulation of 通州."""
    coordinator: User
    """The coordination office of the zone; may see everything."""
    owner: User
    """Owns the noodle shop."""
    stranger: User
    """Signs in, and was granted nothing."""
    agency_a: Agency
    agency_b: Agency
    fire_a: Agency
    noodle_shop: Enterprise
    """A sole proprietor in 通州, inside the zone."""
    paint_factory: Enterprise
    """A company in 大兴, outside the zone."""
    chip_maker: Enterprise
    """A company in the functional area 经开区, whose code was given by 大兴."""


def person(username: str, name: str, *grants: GrantFacts, certificate: str = "") -> User:
    """A user with a password everybody knows, and grants."""
    user = accounts.create_user(
        actor="test",
        now=NOW,
        username=username,
        password=PASSWORD,
        display_name=name,
        certificate=certificate,
    )
    for facts in grants:
        accounts.grant(actor="test", now=NOW, user=user, facts=facts)
    return user


def places() -> None:
    """Two districts, a functional area, and the zone that crosses them."""
    for region, name, kind, parent, patterns in (
        ("110000", "北京市", RegionKind.CITY, "", []),
        ("110112", "通州区", RegionKind.DISTRICT, "110000", ["通州"]),
        ("110115", "大兴区", RegionKind.DISTRICT, "110000", ["大兴"]),
        ("110302", "经济技术开发区", RegionKind.FUNCTIONAL, "110000", ["北京经济技术开发区"]),
    ):
        registry.save_region(
            actor="test", now=NOW, code=region, name=name, kind=kind, parent=parent, patterns=patterns
        )
    registry.save_zone(
        actor="test",
        now=NOW,
        code="yizhuang",
        name="亦庄新城",
        regions=["110112", "110115", "110302"],
        patterns=["110302", "马驹桥", "台湖", "瀛海"],
    )


def officer(certificate: str, name: str, agency: Agency, *competences: str) -> Officer:
    """An officer whose certificate holds in 2026."""
    return Officer.objects.create(
        certificate=certificate,
        name=name,
        agency=agency,
        valid_from=date(2024, 1, 1),
        valid_until=date(2027, 12, 31),
        competences=list(competences) or [agency.kind.code],
    )


def enterprise(number: int, name: str, region: str, zone: str = "", **more: str) -> Enterprise:
    """An active enterprise of class B."""
    return Enterprise.objects.create(
        uscc=code(number, more.pop("authority", region)),
        name=name,
        kind=more.pop("kind", "company"),
        region=Region.objects.get(code=region),
        zone=Zone.objects.get(code=zone) if zone else None,
        **more,
    )


@pytest.fixture
def cast(db: None) -> Cast:
    """The cast, freshly made."""
    places()
    for kind, name in (("market", "市场监管"), ("fire", "消防救援")):
        registry.save_agency_kind(actor="test", now=NOW, code=kind, name=name)
    agencies = {
        f"{region}-{kind}": registry.save_agency(
            actor="test", now=NOW, code=f"{region}-{kind}", name=name, kind=kind, region=region
        )
        for region, kind, name in (
            ("110112", "market", "通州区市场监督管理局"),
            ("110112", "fire", "通州区消防救援支队"),
            ("110115", "fire", "大兴区消防救援支队"),
        )
    }
    for certificate, name, agency in (
        ("T-0001", "甲一", "110112-market"),
        ("T-0002", "甲二", "110112-market"),
        ("T-0003", "甲三", "110112-fire"),
        ("T-0004", "甲四", "110112-fire"),
        ("D-0001", "乙一", "110115-fire"),
        ("D-0002", "乙二", "110115-fire"),
    ):
        officer(certificate, name, agencies[agency])
    noodle_shop = enterprise(
        1, "北京马驹桥老面馆", "110112", "yizhuang", kind="sole-proprietor", industry="H6210"
    )
    return Cast(
        officer_a=person(
            "officer-a", "甲一", GrantFacts(Role.OFFICER, "110112-market", "110112"), certificate="T-0001"
        ),
        officer_b=person(
            "officer-b", "乙一", GrantFacts(Role.OFFICER, "110115-fire", "110115"), certificate="D-0001"
        ),
        planner=person("planner", "计划员", GrantFacts(Role.PLANNER, "110112-market", "110112")),
        coordinator=person("coordinator", "协调员", GrantFacts(Role.COORDINATOR)),
        owner=person("owner", "店主", GrantFacts(Role.ENTERPRISE, enterprise=noodle_shop.uscc)),
        stranger=person("stranger", "路人"),
        agency_a=agencies["110112-market"],
        agency_b=agencies["110115-fire"],
        fire_a=agencies["110112-fire"],
        noodle_shop=noodle_shop,
        paint_factory=enterprise(2, "北京红星油漆厂有限公司", "110115", industry="C2641"),
        chip_maker=enterprise(
            3, "北京一芯科技有限公司", "110302", "yizhuang", authority="110115", industry="C3973"
        ),
    )
