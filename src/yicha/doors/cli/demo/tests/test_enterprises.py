"""The synthetic enterprises: the same seed, the same bytes; and what makes them hard, as real ones are."""

from __future__ import annotations

import hashlib
from collections import Counter
from pathlib import Path

import pytest
from stdnum.cn import uscc as stdnum_uscc

from yicha.doors.cli.demo import enterprises, tables
from yicha.doors.cli.demo.enterprises import HEADERS, Synthetic
from yicha.kernel import uscc

PINNED = "8cc8f50ddd60767c329c9f08a61612daf6e3f280058503043f5a32e1a74882df"
"""SHA-256 of the table of 1,000 enterprises with seed 1: changes only with a new edition of the demonstration."""


@pytest.fixture(scope="module")
def many() -> list[Synthetic]:
    return enterprises.generate(23_000, 1)


def column(name: str) -> int:
    return HEADERS.index(name)


def test_the_same_seed_gives_the_same_bytes(tmp_path: Path) -> None:
    for name in ("one.csv", "two.csv"):
        enterprises.write_csv(tmp_path / name, enterprises.generate(1000, 1))
    first = (tmp_path / "one.csv").read_bytes()
    assert first == (tmp_path / "two.csv").read_bytes()
    assert hashlib.sha256(first).hexdigest() == PINNED


def test_another_seed_gives_others() -> None:
    assert enterprises.generate(50, 1) != enterprises.generate(50, 2)


def test_every_code_is_valid_and_given_once(many: list[Synthetic]) -> None:
    for one in many:
        assert isinstance(uscc.parse(one.uscc), uscc.Uscc), one
        assert len(one.uscc) == 15 or stdnum_uscc.is_valid(one.uscc), one
    assert len({one.uscc for one in many}) == len(many)


def test_no_code_looks_like_an_issued_one(many: list[Synthetic]) -> None:
    assert all(one.uscc[8:10] == "MN" for one in many if len(one.uscc) == 18)


def test_names_are_given_once(many: list[Synthetic]) -> None:
    assert len({one.name for one in many}) == len(many)


def test_one_in_twelve_has_a_code_from_elsewhere(many: list[Synthetic]) -> None:
    def district(one: Synthetic) -> str:
        address = one.row[column("注册地址")]
        if "北京经济技术开发区" in address:
            return "110302"
        return "110112" if "通州区" in address else "110115"

    pairs = Counter(
        (district(one), found.authority)
        for one in many
        if isinstance(found := uscc.parse(one.uscc), uscc.Uscc)
    )
    foreign = sum(count for (place, authority), count in pairs.items() if place != authority)
    assert 1 / 14 < foreign / len(many) < 1 / 10
    assert pairs["110115", "110302"] > 200


def test_kinds_of_enterprise_are_mixed(many: list[Synthetic]) -> None:
    kinds = Counter(one.row[column("企业类型")] for one in many)
    assert 0.25 < kinds["个体工商户"] / len(many) < 0.35
    assert kinds["农民专业合作社"] > 100
    assert any(len(one.uscc) == 15 for one in many)
    assert set("ABCD") == {one.row[column("风险分类")] for one in many}
    assert any(one.premises for one in many) and any(one.aliases for one in many)


def test_all_say_that_they_are_synthetic(many: list[Synthetic]) -> None:
    assert all(one.row[column("经营范围")].endswith("〔模拟数据〕") for one in many)


@pytest.mark.parametrize("count", [300, 23_000])
def test_no_directory_is_empty(count: int) -> None:
    made = enterprises.generate(count, 1)
    industry, scope, status = column("行业代码"), column("经营范围"), column("登记状态")
    for directory in tables.directories():
        assert any(
            one.row[status] == "存续"
            and (
                one.row[industry].startswith(directory.industries)
                or any(word in one.name or word in one.row[scope] for word in directory.keywords)
            )
            for one in made
        ), directory.code


def test_most_stand_on_the_map_near_their_town(many: list[Synthetic]) -> None:
    lat, lon, address = column("纬度"), column("经度"), column("注册地址")
    placed = [one.row for one in many if one.row[lat]]
    assert 0.9 < len(placed) / len(many) < 0.94
    (south, north), (west, east) = (
        (min(found), max(found)) for found in ([float(row[at]) for row in placed] for at in (lat, lon))
    )
    assert 39.4 < south < north < 40.1 and 116.2 < west < east < 117.0
    for row in placed:
        if "永乐店镇" in row[address]:
            assert abs(float(row[lat]) - 39.703) < 0.013 and abs(float(row[lon]) - 116.793) < 0.017
