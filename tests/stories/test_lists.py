"""A list of the desk: filters in the address, chips, order, columns, pages, and export of exactly what is seen."""

from __future__ import annotations

import io
from collections.abc import Callable
from html import unescape
from pathlib import Path
from typing import IO, Any

import django_tables2 as tables
import pytest
from django.http import FileResponse
from django.http.response import HttpResponseBase
from django.test import Client
from pytest_django.fixtures import Settings
from python_calamine import CalamineWorkbook

from tests.cast import Cast, code
from yicha.base.ledger import queries as ledger
from yicha.doors.desk import lists, making
from yicha.doors.desk.columns import ListTable, MainColumn
from yicha.doors.desk.lists import PER_PAGE
from yicha.know.registry.models import Enterprise, Region

LIST = "/desk/enterprises/"


@pytest.fixture
def many(cast: Cast) -> Cast:
    """Two pages of enterprises in 大兴."""
    region = Region.objects.get(code="110115")
    Enterprise.objects.bulk_create(
        Enterprise(
            uscc=code(100 + number, "110115"),
            name=f"北京多多{number:03d}商店",
            initials=f"bjdd{number:03d}sd",
            kind="company",
            region=region,
            risk_class="ABCD"[number % 4],
        )
        for number in range(PER_PAGE + 20)
    )
    return cast


def shown(client: Client, query: str = "") -> str:
    response = client.get(f"{LIST}?{query}")
    assert response.status_code == 200
    return unescape(response.content.decode())


def sheet(response: HttpResponseBase) -> list[list[Any]]:
    assert isinstance(response, FileResponse)
    book = CalamineWorkbook.from_filelike(io.BytesIO(response.getvalue()))
    return [list(row) for row in book.get_sheet_by_index(0).to_python()]


def test_everything_is_counted_and_paged(many: Cast, client: Client) -> None:
    client.force_login(many.coordinator)
    first, second = shown(client), shown(client, "page=2")
    assert f"<strong>{PER_PAGE + 23}</strong>" in first
    assert first.count("<tr>") - 1 == PER_PAGE
    assert second.count("<tr>") - 1 == 23
    assert 'rel="next"' in first and 'rel="next"' not in second
    assert f"<strong>{PER_PAGE + 23}</strong>" in shown(client, "page=99")


@pytest.mark.parametrize("typed", ["马驹桥", "老面 北京"])
def test_found_by_words(many: Cast, client: Client, typed: str) -> None:
    client.force_login(many.coordinator)
    page = shown(client, f"q={typed}")
    assert "北京马驹桥老面馆" in page and "多多" not in page


def test_found_by_code_and_by_initials(many: Cast, client: Client) -> None:
    client.force_login(many.coordinator)
    assert many.noodle_shop.name in shown(client, f"q={many.noodle_shop.uscc[-8:].lower()}")
    assert "北京多多007商店" in shown(client, "q=bjdd007")


def test_filters_narrow_and_can_be_taken_away_one_by_one(many: Cast, client: Client) -> None:
    client.force_login(many.coordinator)
    page = shown(client, "region=110115&risk_class=A")
    assert "风险分类: A" in page and "行政区划: 大兴区" in page
    assert many.noodle_shop.name not in page
    assert 'href="?risk_class=A"' in page and 'href="?region=110115"' in page


def test_a_filter_that_makes_no_sense_shows_nothing_wrong(many: Cast, client: Client) -> None:
    client.force_login(many.coordinator)
    assert client.get(f"{LIST}?region=nowhere&page=x&sort=nothing").status_code == 200


def test_the_order_is_in_the_address(many: Cast, client: Client) -> None:
    client.force_login(many.coordinator)
    page = shown(client, "region=110115&sort=-name")
    assert page.index("北京多多069商店") < page.index("北京多多068商店")
    assert 'aria-sort="descending"' in page


def test_what_nothing_fits_says_what_to_do(many: Cast, client: Client) -> None:
    client.force_login(many.coordinator)
    assert "没有符合筛选条件的记录" in shown(client, "q=没有这家")


def test_an_officer_sees_their_own_region_only(many: Cast, client: Client) -> None:
    client.force_login(many.officer_a)
    page = shown(client)
    assert many.noodle_shop.name in page and many.paint_factory.name not in page
    assert client.get(f"{LIST}{many.paint_factory.uscc}/").status_code == 404
    assert client.get(f"{LIST}{code(999)}/").status_code == 404


def test_the_export_is_exactly_what_is_seen(many: Cast, client: Client) -> None:
    client.force_login(many.coordinator)
    client.get(f"{LIST}?columns-chosen=1&column=uscc&column=risk_class")
    rows = sheet(client.get(f"{LIST}?region=110115&sort=-name&export=xlsx"))
    assert rows[0] == ["名称", "统一社会信用代码", "风险分类"]
    assert len(rows) == 1 + PER_PAGE + 21
    assert rows[1][0] == "北京红星油漆厂有限公司" and rows[2][0] == "北京多多069商店"


def test_a_formula_in_a_name_is_exported_as_text(many: Cast, client: Client) -> None:
    Enterprise.objects.filter(pk=many.noodle_shop.pk).update(name="=1+1")
    client.force_login(many.coordinator)
    rows = sheet(client.get(f"{LIST}?region=110112&export=xlsx"))
    assert rows[1][0] == "=1+1"


def test_the_history_of_an_enterprise_says_who_changed_what(many: Cast, client: Client) -> None:
    Enterprise.objects.filter(pk=many.noodle_shop.pk).update(risk_class="D")
    client.force_login(many.coordinator)
    page = unescape(client.get(f"{LIST}{many.noodle_shop.uscc}/history/").content.decode())
    assert "<del>B</del>" in page and ">D<" in page


def test_an_act_of_the_ledger_is_shown_in_words_and_as_stored(many: Cast, client: Client) -> None:
    client.force_login(many.coordinator)
    entry = ledger.list_entries().filter(act="agency.saved")[0]
    page = unescape(client.get(f"/desk/ledger/{entry.seq}/").content.decode())
    assert "部门保存" in page and "agency.saved" in page
    assert client.get("/desk/ledger/999999/").status_code == 404


def test_a_long_export_shows_how_far_it_is(
    many: Cast, client: Client, tmp_path: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.MEDIA_ROOT = tmp_path
    monkeypatch.setattr(lists, "AT_ONCE", 10)
    monkeypatch.setattr(making, "_make", lambda *_arguments: None)
    client.force_login(many.coordinator)
    begun = client.get(f"{LIST}?region=110115&export=xlsx")
    assert begun.status_code == 302
    page = unescape(client.get(begun["Location"]).content.decode())
    assert "正在生成表格" in page and "hx-get" in page
    other = Client()
    other.force_login(many.planner)
    assert other.get(begun["Location"]).status_code == 404


def test_a_file_is_made_beside_the_request_and_a_failure_says_so(tmp_path: Path) -> None:
    def write(place: IO[bytes], tell: Callable[[int], None]) -> None:
        tell(1)
        place.write(b"rows")

    def fail(place: IO[bytes], tell: Callable[[int], None]) -> None:
        raise OSError("no space")

    made, thread = making.begin(tmp_path, write, 2)
    thread.join()
    assert making.find_progress(tmp_path, made) == making.Progress("made", 2, 2)
    assert making.file_of(tmp_path, made).read_bytes() == b"rows"
    failed, thread = making.begin(tmp_path, fail, 2)
    thread.join()
    found = making.find_progress(tmp_path, failed)
    assert found is not None and found.state == "failed"
    assert making.find_progress(tmp_path, "../x") is None


class Notes(ListTable):
    """A list of two columns."""

    name = MainColumn()
    note = tables.Column()


def test_an_empty_cell_says_so_and_takes_no_room_on_a_phone() -> None:
    body = Notes([{"name": "<店>", "note": ""}, {"name": "乙", "note": 0}]).body()
    assert '<td class="main" data-label="Name">&lt;店&gt;</td>' in body
    assert body.count("is-empty") == 1 and '<td data-label="Note">0</td>' in body
