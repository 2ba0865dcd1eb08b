from __future__ import annotations

import pytest

from tests.cast import NOW, TODAY, Cast
from yicha.base.ledger import queries as ledger
from yicha.kernel.refusal import NotFound, Refused
from yicha.know.registry import queries, services
from yicha.know.registry.models import Enterprise


def names(text: str) -> list[str]:
    return [
        enterprise.name
        for enterprise in queries.search_enterprises(Enterprise.objects.order_by("uscc"), text)
    ]


def test_an_enterprise_is_found_by_name_code_alias_and_initials(cast: Cast) -> None:
    Enterprise.objects.filter(pk=cast.chip_maker.pk).update(initials="bjyxkjyxgs")
    services.add_aliases(actor="test", now=NOW, rows=[(cast.chip_maker.uscc, "芯芯向荣")], source="招牌")
    for text in ("一芯", cast.chip_maker.uscc[:17].lower(), "YXKJ", "向荣", "北京 一芯"):
        assert names(text) == [cast.chip_maker.name], text
    assert names("没有这家") == []


def test_a_code_is_found_however_it_was_typed(cast: Cast) -> None:
    typed = " ".join(cast.noodle_shop.uscc.lower())
    assert queries.get_enterprise(typed) == cast.noodle_shop


def test_a_missing_enterprise_is_not_found(cast: Cast) -> None:
    with pytest.raises(NotFound):
        queries.get_enterprise("91110112MA9999999X")


def test_a_directory_by_rule_holds_whoever_fulfils_it_now(cast: Cast) -> None:
    directory = services.save_directory(
        actor="test", now=NOW, code="chips", name="芯片", rule={"industries": ["C39"], "zones": ["yizhuang"]}
    )
    assert list(queries.list_members(directory)) == [cast.chip_maker]
    Enterprise.objects.filter(pk=cast.chip_maker.pk).update(status="cancelled")
    assert not queries.list_members(directory).exists()


def test_industry_and_keyword_are_alternatives(cast: Cast) -> None:
    directory = services.save_directory(
        actor="test", now=NOW, code="food", name="餐饮", rule={"industries": ["H62"], "keywords": ["油漆"]}
    )
    assert set(queries.list_members(directory)) == {cast.noodle_shop, cast.paint_factory}


def test_a_directory_by_hand_holds_whoever_was_put_in(cast: Cast) -> None:
    directory = services.save_directory(
        actor="test", now=NOW, code="hand", name="重点", members=[cast.paint_factory.uscc]
    )
    assert list(queries.list_members(directory)) == [cast.paint_factory]


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({}, "directory.mode"),
        ({"rule": {"keywords": ["药"]}, "members": []}, "directory.mode"),
        ({"rule": {}}, "directory.rule-empty"),
        ({"members": ["91110112MA9999999X"]}, "registry.unknown-members"),
    ],
)
def test_a_directory_that_cannot_be_is_refused(cast: Cast, more: dict[str, object], code: str) -> None:
    with pytest.raises(Refused) as refused:
        services.save_directory(actor="test", now=NOW, code="x", name="x", **more)  # type: ignore[arg-type]
    assert refused.value.codes == (code,)
    assert queries.find_directory("x") is None


def test_an_agency_of_an_unknown_kind_or_region_is_refused(cast: Cast) -> None:
    for more in ({"kind": "space", "region": "110112"}, {"kind": "fire", "region": "990000"}):
        with pytest.raises(Refused) as refused:
            services.save_agency(actor="test", now=NOW, code="x", name="x", **more)
        assert refused.value.codes[0].startswith("registry.unknown-")


def test_a_recusal_holds_within_its_dates_and_its_reason_stays_with_us(cast: Cast) -> None:
    services.recuse(
        actor="test",
        now=NOW,
        certificate="T-0001",
        uscc=cast.noodle_shop.uscc,
        reason="亲属",
        from_on=TODAY,
        until_on=TODAY,
    )
    assert queries.list_recusals(TODAY).count() == 1
    assert not queries.list_recusals(TODAY.replace(day=2)).exists()
    assert all("亲属" not in str(entry.body) for entry in ledger.list_entries_of("officer:T-0001"))


def test_a_site_is_placed_by_its_own_address(cast: Cast) -> None:
    rows = [(cast.paint_factory.uscc, "仓库", "北京市通州区马驹桥镇2号")]
    assert services.add_premises(actor="test", now=NOW, rows=rows) == 1
    site = cast.paint_factory.premises.get()
    assert site.region is not None and site.region.code == "110112"
    assert site.zone is not None and site.zone.code == "yizhuang"
    assert services.add_premises(actor="test", now=NOW, rows=rows) == 0


def test_what_an_enterprise_was_before_a_change_is_kept(cast: Cast) -> None:
    for address in ("旧址", "新址"):
        cast.noodle_shop.address = address
        cast.noodle_shop.save(update_fields=["address"])
    kept = cast.noodle_shop.events.order_by("pgh_id")  # type: ignore[attr-defined]
    assert [event.address for event in kept] == ["", "旧址"]
