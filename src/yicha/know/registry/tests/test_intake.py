"""How tables become enterprises and officers."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.cast import Cast
from yicha.ingest.exchange.tests.files import bad_cells, check, code, load, put, text
from yicha.kernel import pinyin, uscc
from yicha.kernel.cells import Noted, Read
from yicha.kernel.refusal import Reason
from yicha.know.registry.intake.reading import (
    codes_stand,
    read_industry,
    read_kind,
    read_latitude,
    read_longitude,
    read_uscc,
)
from yicha.know.registry.models import Enterprise, Officer
from yicha.know.registry.rules import Placer
from yicha.know.registry.terms import PlacePatterns

OFFICERS = ("执法证号", "姓名", "部门代码", "有效期起", "有效期至", "执法领域")


@given(
    st.text(st.sampled_from(uscc.ALPHABET + "IOSVZ１a "), min_size=14, max_size=19)
    | st.integers(1, 999).map(code)
)
def test_a_code_is_read_as_the_kernel_reads_it(text: str) -> None:
    read, parsed = read_uscc(text.strip()), uscc.parse(text)
    if isinstance(parsed, uscc.Problem):
        assert isinstance(read, Reason)
    else:
        assert (read.value if isinstance(read, Noted) else read) == parsed.text


@given(
    st.lists(
        st.text(st.sampled_from(uscc.ALPHABET + "IZ１a"), min_size=18, max_size=18)
        | st.integers(1, 999).map(code),
        min_size=1,
        max_size=4,
    )
)
def test_many_codes_stand_if_each_of_them_does(codes: list[str]) -> None:
    assert codes_stand(codes) == all(read_uscc(one) == one for one in codes)


def test_a_code_that_a_spreadsheet_spoiled_is_named() -> None:
    read = read_uscc("9.11101E+17")
    assert isinstance(read, Reason) and read.code == "code-as-number"


@pytest.mark.parametrize(
    ("words", "kind"),
    [
        ("有限责任公司", "company"),
        ("个人独资企业", "company"),
        ("个体（内地）", "sole-proprietor"),
        ("农民专业合作社", "cooperative"),
        ("集体分支机构(非法人)", "branch"),
        ("外国(地区)企业常驻代表机构", "branch"),
        ("事业单位", "institution"),
        ("company", "company"),
    ],
)
def test_types_of_enterprise_are_understood(words: str, kind: str) -> None:
    assert read_kind(words) == kind


@pytest.mark.parametrize(
    ("written", "stored"),
    [("2319", "C2319"), ("C2319", "C2319"), ("f52", "F52"), ("9610", "S9610"), ("97", "T97"), ("H", "H")],
)
def test_industries_get_their_section(written: str, stored: str) -> None:
    assert read_industry(written) == stored


def test_coordinates_are_read_to_the_millionth() -> None:
    assert (read_latitude("39.7954312"), read_longitude("116.505031°")) == ("39.795431", "116.505031")


@pytest.mark.parametrize(
    ("read", "written", "code"),
    [
        (read_latitude, "116.505031", "latitude-swapped"),
        (read_longitude, "39.795431", "longitude-swapped"),
        (read_latitude, "0", "latitude"),
        (read_longitude, "-73.9", "longitude"),
        (read_longitude, "116°30′18″", "longitude"),
    ],
)
def test_what_is_no_place_in_china_is_refused_and_a_swapped_pair_named(
    read: Callable[[str], Read], written: str, code: str
) -> None:
    found = read(written)
    assert isinstance(found, Reason) and found.code == code


def test_a_place_comes_with_a_file_and_needs_both_coordinates(cast: Cast, tmp_path: Path) -> None:
    headers = ("企业名称", "统一社会信用代码", "经度", "纬度")
    rows = [["甲", code(1), "116.505031", "39.795431"], ["乙", code(2), "116.5", ""], ["丙", code(3), "", ""]]
    entry = load(put(tmp_path, text(rows, headers=headers)))
    assert bad_cells(entry) == [(3, "lat", "half-a-place")]
    kept = Enterprise.objects.filter(uscc__in=[code(1), code(3)]).order_by("name")
    assert [(one.lat, one.lon) for one in kept] == [
        (None, None),
        (Decimal("39.795431"), Decimal("116.505031")),
    ]


@pytest.mark.parametrize("written", ["F2319", "00", "98", "餐饮", "C23190"])
def test_what_is_no_industry_is_refused(written: str) -> None:
    assert isinstance(read_industry(written), Reason)


def test_initials_are_those_of_the_commonest_readings() -> None:
    assert pinyin.initials("北京亦庄A1（集团）有限公司") == "bjyza1jtyxgs"
    assert pinyin.initials_of_all(["通州", "", "Ⅱ号·x"]) == ["tz", "", "ihx"]


places = st.text(st.sampled_from("京大兴通州亦庄镇"), min_size=2, max_size=4)


@given(
    st.lists(places, min_size=1, max_size=6, unique=True),
    st.text(st.sampled_from("京大兴通州亦庄镇"), max_size=12),
)
def test_few_and_many_patterns_place_an_address_alike(patterns: list[str], address: str) -> None:
    regions = [PlacePatterns(str(number), (pattern,)) for number, pattern in enumerate(patterns)]
    few, many = Placer(regions, []), Placer(regions, [])
    many._few = []
    assert few(address, "") == many(address, "")


def test_officers_come_with_agency_validity_and_competences(cast: Cast, tmp_path: Path) -> None:
    rows = [
        ["BJ-100", "丙一", "110112-fire", "2024-01-01", "2027-12-31", "fire；fire-01、fire-02"],
        ["BJ-101", "丙二", "110112-nothing", "2024-01-01", "2027-12-31", "fire"],
        ["BJ-102", "丙三", "110112-fire", "2024-01-01", "2027-12-31", "消防"],
    ]
    entry = load(put(tmp_path, text(rows, headers=OFFICERS)), "officers")
    found = Officer.objects.get(certificate="BJ-100")
    assert (found.agency, found.competences, found.active) == (
        cast.fire_a,
        ["fire", "fire-01", "fire-02"],
        True,
    )
    assert bad_cells(entry) == [(3, "agency", "agency-unknown"), (4, "competences", "competence")]


def test_an_officer_whose_certificate_ends_before_it_begins_is_named(cast: Cast, tmp_path: Path) -> None:
    rows = [["BJ-102", "丙三", "110112-fire", "2028-01-01", "2027-12-31", ""]]
    entry = check(put(tmp_path, text(rows, headers=OFFICERS)), "officers")
    assert bad_cells(entry) == [(2, "valid_until", "certificate-ends-first")]
