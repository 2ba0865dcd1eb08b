"""The fixed content of the zone holds together."""

from __future__ import annotations

import re
from collections import Counter

from yicha.doors.cli.demo import tables
from yicha.doors.cli.demo.names import REGIONS


def test_the_zone_is_as_large_as_the_real_ones() -> None:
    assert len(tables.kinds()) == 17
    assert len(tables.items()) == 141
    assert len(tables.joint_directories()) == 23
    assert len(tables.directories()) == 44


def test_codes_are_given_once() -> None:
    for rows in (tables.kinds(), tables.items(), tables.directories(), tables.industries()):
        codes = Counter(row.code for row in rows)
        assert max(codes.values()) == 1


def test_names_are_given_once() -> None:
    assert max(Counter(item.name for item in tables.items()).values()) == 1
    assert max(Counter(directory.name for directory in tables.directories()).values()) == 1


def test_every_item_is_of_a_kind_and_in_a_list() -> None:
    kinds = {kind.code for kind in tables.kinds()}
    lists = {directory.code for directory in tables.joint_directories()}
    for item in tables.items():
        assert item.kind in kinds and item.code.startswith(f"{item.kind}-")
        assert item.lists and set(item.lists) <= lists, item


def test_every_item_names_law_and_article() -> None:
    article = re.compile(
        r"(附件)?第[一二三四五六七八九十百零]+(条|项)(第[一二三四五六七八九十]+款(第[一二三四五六七八九十]+项)?)?"
    )
    for item in tables.items():
        assert article.fullmatch(item.article), item
        assert item.law and "《" not in item.law
        assert item.method in {"onsite", "written", "offsite"} and item.cap in {1, 2}


def test_every_list_has_its_lead_and_others_who_support_it() -> None:
    for directory in tables.joint_directories():
        kinds = {item.kind for item in tables.items() if directory.code in item.lists}
        assert directory.kind in kinds, f"{directory.code}: the lead has no item"
        assert len(kinds) >= 3, f"{directory.code}: nobody to go with"


def test_every_kind_inspects_a_directory_of_its_own() -> None:
    assert {directory.kind for directory in tables.own_directories()} == {
        kind.code for kind in tables.kinds()
    }
    items = {item.code: item for item in tables.items()}
    for directory in tables.own_directories():
        assert directory.items
        assert all(items[code].kind == directory.kind for code in directory.items), directory


def test_every_district_has_towns() -> None:
    assert {town.region for town in tables.towns()} == set(REGIONS)
