from __future__ import annotations

from datetime import date

import pytest

from yicha.know.registry.rules import certificate_holds, is_competent, place_address, read_directory_rule
from yicha.know.registry.terms import DirectoryRule, Place, PlacePatterns

REGIONS = [
    PlacePatterns("110112", ("通州",)),
    PlacePatterns("110115", ("大兴",)),
    PlacePatterns("110302", ("北京经济技术开发区", "亦庄经济技术开发区")),
]
ZONES = [PlacePatterns("yizhuang", ("110302", "马驹桥", "瀛海"), ("110112", "110115", "110302"))]


@pytest.mark.parametrize(
    ("address", "district", "place"),
    [
        ("北京市大兴区黄村镇1号", "大兴", Place("110115", "", "address")),
        ("北京市大兴区瀛海镇1号", "大兴", Place("110115", "yizhuang", "address")),
        ("北京市大兴区北京经济技术开发区荣华路1号", "大兴", Place("110302", "yizhuang", "address")),
        ("北京市通州区马驹桥镇1号", "通州", Place("110112", "yizhuang", "address")),
        ("马驹桥镇1号", "通州区", Place("110112", "yizhuang", "district")),
        ("某路1号", "", Place()),
    ],
)
def test_jurisdiction_follows_the_address_and_the_zone(address: str, district: str, place: Place) -> None:
    assert place_address(address, district, REGIONS, ZONES) == place


def test_the_file_s_district_does_not_overrule_the_address() -> None:
    assert place_address("北京市通州区永顺镇1号", "大兴", REGIONS, ZONES).region == "110112"


def test_a_directory_rule_is_read_from_what_is_stored() -> None:
    assert read_directory_rule({"industries": ["F52"], "keywords": ["药店"]}) == DirectoryRule(
        ("F52",), ("药店",)
    )


@pytest.mark.parametrize(
    ("stored", "code"),
    [
        ({}, "directory.rule-empty"),
        ({"industries": []}, "directory.rule-empty"),
        ({"industry": ["F52"]}, "directory.unknown-part"),
        ({"industries": "F52"}, "directory.part-not-list"),
        ({"keywords": [""]}, "directory.part-not-list"),
        ({"classes": ["E"]}, "directory.class"),
    ],
)
def test_what_is_wrong_with_a_directory_rule_has_a_name(stored: dict[str, object], code: str) -> None:
    found = read_directory_rule(stored)
    assert isinstance(found, list) and [reason.code for reason in found] == [code]


def test_an_officer_is_competent_for_the_item_or_for_the_whole_kind() -> None:
    assert is_competent(["market"], "market", "market-001")
    assert is_competent(["market-001"], "market", "market-001")
    assert not is_competent(["market-002"], "market", "market-001")


def test_a_certificate_holds_from_its_first_to_its_last_day() -> None:
    first, last = date(2026, 1, 1), date(2026, 6, 30)
    assert certificate_holds(first, last, first) and certificate_holds(first, last, last)
    assert not certificate_holds(first, last, date(2026, 7, 1))
