from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from yicha.kernel.refusal import Refused
from yicha.know.catalogue.rules import ITEM_LIFE, number_in_force, rate_for
from yicha.know.catalogue.terms import ItemStatus, NumberFacts, RateFacts

ON = date(2026, 7, 1)


def rate(share: str, *, joint_list: str = "", region: str = "", since: date = date(2026, 1, 1)) -> RateFacts:
    return RateFacts(joint_list, "", "C", region, Decimal(share), since, "source")


def chosen(*rows: RateFacts) -> str:
    found = rate_for(rows, joint_list="food", item="", risk_class="C", region="110112", on=ON)
    return str(found.rate) if found else "none"


def test_the_rate_of_the_list_goes_before_the_rate_for_all() -> None:
    assert chosen(rate("0.1"), rate("0.2", joint_list="food")) == "0.2"


def test_the_rate_of_the_region_goes_before_the_rate_for_all_regions() -> None:
    assert chosen(rate("0.1"), rate("0.3", region="110112")) == "0.3"


def test_the_newest_row_in_force_counts_and_a_later_one_not_yet() -> None:
    assert chosen(rate("0.1"), rate("0.2", since=ON), rate("0.9", since=date(2026, 7, 2))) == "0.2"


def test_a_rate_of_another_list_or_region_says_nothing() -> None:
    assert chosen(rate("0.1", joint_list="cars"), rate("0.1", region="110115")) == "none"


def test_a_number_changes_on_its_day() -> None:
    rows = [
        NumberFacts("coverage-floor", Decimal(value), "share", "source", False, since)
        for value, since in (("0.02", date(2020, 1, 1)), ("0.03", date(2026, 8, 1)))
    ]
    found = number_in_force(rows, "coverage-floor", ON)
    assert found is not None and found.value == Decimal("0.02")
    assert number_in_force(rows, "coverage-floor", date(2019, 1, 1)) is None


def test_what_was_retired_is_never_published_again() -> None:
    with pytest.raises(Refused) as refused:
        ITEM_LIFE.after(ItemStatus.RETIRED, "publish")
    assert refused.value.codes == ("item.state",)
