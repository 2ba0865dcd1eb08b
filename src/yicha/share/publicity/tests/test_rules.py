from __future__ import annotations

from datetime import date

import pytest

from yicha.know.visits.terms import ResultCode
from yicha.share.publicity import rules
from yicha.share.publicity.terms import ClockNumbers, PublicResult, ResultFacts

FACTS = ResultFacts(
    uscc="91110112MA0000001X",
    kind="company",
    name="北京红星油漆厂有限公司",
    region="通州区",
    lead="通州区市场监督管理局",
    visited_on=date(2026, 7, 1),
    closed_on=date(2026, 7, 2),
    simulated=False,
    results=[
        PublicResult("通州区市场监督管理局", "明码标价", ResultCode.CORRECTION_ORDERED.value),
        PublicResult("通州区消防救援支队", "消防安全责任制", ResultCode.NO_PROBLEM.value),
    ],
)


def test_a_company_is_published_with_its_name_and_a_sole_proprietor_without() -> None:
    assert rules.public_name("company", "北京红星油漆厂有限公司") == "北京红星油漆厂有限公司"
    assert rules.public_name("sole-proprietor", "北京马驹桥张三面馆") == ""
    assert rules.public_name("branch", "北京张三咨询 13800138000 分公司") == ""


@pytest.mark.parametrize(
    ("text", "personal"),
    [
        ("联系人 13912345678", True),
        ("110101199003074518", True),
        ("11010119900307451x", True),
        ("91110112MA0000001X", False),
        ("注册资本 13912345678901 元", False),
        ("110101199013074518", False),
    ],
)
def test_what_looks_like_a_persons_number(text: str, personal: bool) -> None:
    assert rules.is_personal(text) is personal


def test_what_is_published_is_this_and_nothing_else() -> None:
    assert rules.content(FACTS) == {
        "spec": "yicha-result/1",
        "uscc": "91110112MA0000001X",
        "name": "北京红星油漆厂有限公司",
        "region": "通州区",
        "lead": "通州区市场监督管理局",
        "visited_on": "2026-07-01",
        "closed_on": "2026-07-02",
        "simulated": False,
        "results": [
            {"agency": "通州区市场监督管理局", "item": "明码标价", "code": "07"},
            {"agency": "通州区消防救援支队", "item": "消防安全责任制", "code": "01"},
        ],
    }
    assert rules.count_problems(FACTS) == 1


def test_the_hash_is_over_canonical_json() -> None:
    content = rules.content(FACTS)
    assert rules.content_hash(content) == rules.content_hash(dict(reversed(content.items())))
    assert rules.content_hash(content) != rules.content_hash({**content, "name": ""})


def test_the_last_day_is_not_late() -> None:
    due = date(2026, 7, 29)
    assert not rules.is_late(due, None, due)
    assert rules.is_late(due, None, date(2026, 7, 30))
    assert not rules.is_late(due, due, date(2026, 12, 1))
    assert rules.is_late(due, date(2026, 7, 30), date(2026, 7, 30))


def test_the_share_in_time_counts_what_is_late_and_open_too() -> None:
    assert ClockNumbers(published=3, published_in_time=3, due=5, late=1).in_time_percent == 75
    assert ClockNumbers(published=0, published_in_time=0, due=5, late=0).in_time_percent is None
