"""How tables become items and joint lists, and how that is undone."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.cast import Cast
from yicha.ingest.exchange import queries, services
from yicha.ingest.exchange.tests.files import NOW, bad_cells, check, load, put, text
from yicha.kernel.refusal import Refused
from yicha.know.catalogue.models import Item, ItemVersion, JointList
from yicha.know.registry import services as registry

ITEMS = ("事项编码", "部门类别", "事项名称", "检查依据", "检查方式", "年度频次上限", "事项状态", "生效日期")
LISTS = ("清单编码", "清单名称", "牵头部门类别", "事项编码", "名录库编码")


def item(code: str = "fire-01", **cells: str) -> list[str]:
    good = {
        "code": code,
        "kind": "fire",
        "name": "消防通道检查",
        "law": "消防法",
        "method": "现场检查",
        "cap": "2",
        "status": "已公布",
        "from": "2026-01-01",
    }
    return list({**good, **cells}.values())


def load_items(folder: Path, *rows: list[str]) -> Any:
    return load(put(folder, text(rows, headers=ITEMS)), "items")


def versions(code: str = "fire-01") -> list[tuple[int, str, str]]:
    return list(
        ItemVersion.objects.filter(item__code=code)
        .order_by("version")
        .values_list("version", "name", "status")
    )


def test_items_come_with_their_first_version(cast: Cast, tmp_path: Path) -> None:
    entry = load_items(
        tmp_path,
        item(),
        item("fire-02", kind="消防救援", cap="", status=""),
        item("x", kind="nobody", cap="two"),
    )
    found = ItemVersion.objects.get(item__code="fire-01")
    assert (found.version, found.method, found.annual_cap, found.weight) == (1, "onsite", 2, "general")
    assert versions("fire-02") == [(1, "消防通道检查", "draft")]
    assert bad_cells(entry) == [(4, "annual_cap", "number"), (4, "agency_kind", "agency-kind-unknown")]
    assert load_items(tmp_path, item()).rows_unchanged == 1


def test_another_text_of_a_published_item_is_another_version(cast: Cast, tmp_path: Path) -> None:
    load_items(tmp_path, item(), item("fire-02"))
    entry = load_items(tmp_path, item(name="疏散通道检查"), item("fire-02"))
    assert (entry.rows_changed, entry.rows_unchanged) == (1, 1)
    assert versions() == [(1, "消防通道检查", "retired"), (2, "疏散通道检查", "published")]
    services.undo(entry, actor="test", now=NOW)
    assert versions() == [(1, "消防通道检查", "published")]


def test_papers_and_equipment_of_an_item_are_lists_and_part_of_its_text(cast: Cast, tmp_path: Path) -> None:
    headers = (*ITEMS, "需准备材料", "专用设备")

    def load_with(papers: str) -> Any:
        return load(put(tmp_path, text([[*item(), papers, "gas-meter"]], headers=headers)), "items")

    load_with("营业执照；消防验收意见书、营业执照")
    found = ItemVersion.objects.get(item__code="fire-01")
    assert (found.papers, found.equipment) == (["营业执照", "消防验收意见书"], ["gas-meter"])
    assert load_with("营业执照；消防验收意见书").rows_unchanged == 1
    assert load_items(tmp_path, item()).rows_unchanged == 1  # a file without the columns changes nothing
    load_with("营业执照")
    assert [row.papers for row in ItemVersion.objects.order_by("version")] == [
        ["营业执照", "消防验收意见书"],
        ["营业执照"],
    ]
    assert bad_cells(load_with("长" * 101)) == [(2, "papers", "paper-long")]


def test_a_draft_is_written_over_and_published(cast: Cast, tmp_path: Path) -> None:
    load_items(tmp_path, item(status="草案"))
    entry = load_items(tmp_path, item(name="疏散通道检查"))
    assert versions() == [(1, "疏散通道检查", "published")]
    services.undo(entry, actor="test", now=NOW)
    assert versions() == [(1, "消防通道检查", "draft")]


def test_publishing_a_draft_retires_the_version_before_and_undo_brings_it_back(
    cast: Cast, tmp_path: Path
) -> None:
    load_items(tmp_path, item())
    found = Item.objects.get()
    ItemVersion.objects.create(
        item=found, version=2, name="新稿", legal_basis="消防法", method="onsite", in_force_from="2026-02-01"
    )
    entry = load_items(tmp_path, item(name="新稿"))
    assert versions() == [(1, "消防通道检查", "retired"), (2, "新稿", "published")]
    services.undo(entry, actor="test", now=NOW)
    assert versions() == [(1, "消防通道检查", "published"), (2, "新稿", "draft")]


def test_joint_lists_come_with_their_items_as_a_set(cast: Cast, tmp_path: Path) -> None:
    load_items(tmp_path, item(), item("fire-02"), item("market-01", kind="market"))
    registry.save_directory(actor="test", now=NOW, code="hotels", name="旅馆", rule={"industries": ["H61"]})
    rows = [
        ["hotels", "旅馆业", "fire", "fire-01、market-01", "hotels"],
        ["gyms", "健身房", "消防救援", "fire-02;fire-09", "hotels"],
        ["pools", "泳池", "nobody", "fire-02", "nowhere"],
    ]
    entry = load(put(tmp_path, text(rows, headers=LISTS)), "joint-lists")
    assert bad_cells(entry) == [
        (3, "items", "item-unknown"),
        (4, "lead_kind", "agency-kind-unknown"),
        (4, "directory", "directory-unknown"),
    ]
    found = JointList.objects.get()
    assert sorted(one.code for one in found.items.all()) == ["fire-01", "market-01"]
    same = check(
        put(tmp_path, text([["hotels", "旅馆业", "fire", "market-01;fire-01", "hotels"]], headers=LISTS)),
        "joint-lists",
    )
    assert same.rows_unchanged == 1
    services.discard(same)
    changed = load(
        put(tmp_path, text([["hotels", "旅馆业", "fire", "fire-02", "hotels"]], headers=LISTS)), "joint-lists"
    )
    assert [one.code for one in found.items.all()] == ["fire-02"]
    services.undo(changed, actor="test", now=NOW)
    assert sorted(one.code for one in found.items.all()) == ["fire-01", "market-01"]
    services.undo(entry, actor="test", now=NOW)
    assert not JointList.objects.exists()


def test_an_item_in_a_list_cannot_be_taken_away(cast: Cast, tmp_path: Path) -> None:
    entry = load_items(tmp_path, item())
    load(put(tmp_path, text([["a", "甲", "fire", "fire-01", ""]], headers=LISTS)), "joint-lists")
    with pytest.raises(Refused) as refused:
        services.undo(entry, actor="test", now=NOW)
    assert refused.value.reasons[0].facts == {"rows": "fire-01"}


def test_changes_are_told_in_words(cast: Cast, tmp_path: Path) -> None:
    load_items(tmp_path, item())
    entry = check(put(tmp_path, text([item(kind="market")], headers=ITEMS)), "items")
    (change,) = queries.list_changes(entry)
    kind = queries.get_kind("items")
    assert [kind.describe(name, value) for name, value in change.after.items()] == ["市场监管"]
