"""Files of credit records: taken, versioned, refused cell by cell, undone."""

from __future__ import annotations

import csv
from datetime import date
from pathlib import Path

import pytest

from tests.cast import NOW, TODAY, Cast
from yicha.ingest.exchange import services as exchange
from yicha.ingest.exchange.models import Import, RejectedRow
from yicha.know.credit import queries
from yicha.know.credit.models import CreditRecord
from yicha.know.credit.terms import RecordState

HEADERS = ("统一社会信用代码", "信息类别", "来源部门代码", "文号", "决定日期", "年报年度", "内容", "截止日期")

pytestmark = pytest.mark.django_db


def check(folder: Path, *rows: tuple[str, ...]) -> Import:
    path = folder / "records.csv"
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        csv.writer(file).writerows([HEADERS, *rows])
    source = exchange.Source(path, path.name)
    entry = exchange.receive("credit-records", source, actor="clerk", now=NOW)
    return exchange.check(entry, source, actor="clerk", now=NOW)


def take(folder: Path, *rows: tuple[str, ...]) -> Import:
    return exchange.apply(check(folder, *rows), actor="clerk", now=NOW)


def row(
    uscc: str, words: str = "罚款", kind: str = "行政处罚", number: str = "7号", year: str = ""
) -> tuple[str, ...]:
    return (uscc, kind, "110112-market", number, "2026-06-01", year, words, "")


def test_a_file_becomes_records(cast: Cast, tmp_path: Path) -> None:
    uscc = cast.noodle_shop.uscc
    entry = take(tmp_path, row(uscc), row(uscc, kind="年报", number="8号", year="2025"))
    assert (entry.rows_new, entry.rows_rejected) == (2, 0)
    assert {one.kind for one in queries.list_in_effect(uscc, TODAY)} == {"penalty", "annual-report"}
    record = queries.find_current("110112-market", "7号")
    assert record is not None and record.effective_from == date(2026, 6, 1)


def test_the_same_file_again_changes_nothing(cast: Cast, tmp_path: Path) -> None:
    take(tmp_path, row(cast.noodle_shop.uscc))
    assert take(tmp_path, row(cast.noodle_shop.uscc)).rows_unchanged == 1
    assert CreditRecord.objects.count() == 1


def test_other_words_become_the_next_version_and_undoing_takes_it_away(cast: Cast, tmp_path: Path) -> None:
    take(tmp_path, row(cast.noodle_shop.uscc))
    entry = take(tmp_path, row(cast.noodle_shop.uscc, "罚款两千元"))
    states = list(CreditRecord.objects.order_by("version").values_list("version", "words", "state"))
    assert states == [(1, "罚款", RecordState.CORRECTED), (2, "罚款两千元", RecordState.IN_EFFECT)]
    exchange.undo(entry, actor="clerk", now=NOW)
    assert list(CreditRecord.objects.values_list("words", "state")) == [("罚款", RecordState.IN_EFFECT)]


def test_what_cannot_be_is_refused_cell_by_cell(cast: Cast, tmp_path: Path) -> None:
    uscc = cast.noodle_shop.uscc
    take(tmp_path, row(uscc))
    entry = check(
        tmp_path,
        row("9" * 18, number="a"),
        row(uscc, number="b", year="2025"),
        row(uscc, number="c", kind="年报"),
        (*row(uscc, number="d")[:-1], "2026-01-01"),
        (uscc, "行政处罚", "nobody", "e", "2026-06-01", "", "", ""),
    )
    assert (entry.rows, entry.rows_rejected) == (5, 5)
    codes = {one.problems[0]["code"] for one in RejectedRow.objects.filter(source=entry)}
    assert codes == {
        "unknown-enterprise",
        "credit-year",
        "credit-ends-first",
        "agency-unknown",
    }
