"""Files of credit records: taken, versioned, refused cell by cell, undone."""

from __future__ import annotations

import csv
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from django.db import connection

from tests.cast import NOW, TODAY, Cast
from yicha.ingest.exchange import queries as exchange_queries
from yicha.ingest.exchange import services as exchange
from yicha.ingest.exchange.models import Event, Import, RejectedRow
from yicha.ingest.exchange.terms import Aftermath
from yicha.kernel.refusal import Refused
from yicha.know.credit import queries, services
from yicha.know.credit.models import CreditRecord, Ending
from yicha.know.credit.terms import RecordFacts, RecordKind, RecordState, Severity

HEADERS = ("统一社会信用代码", "信息类别", "来源部门代码", "文号", "决定日期", "年报年度", "内容", "截止日期")

pytestmark = pytest.mark.django_db


def check(folder: Path, *rows: tuple[str, ...], headers: tuple[str, ...] = HEADERS) -> Import:
    path = folder / "records.csv"
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        csv.writer(file).writerows([headers, *rows])
    source = exchange.Source(path, path.name)
    entry = exchange.receive("credit-records", source, actor="clerk", now=NOW)
    return exchange.check(entry, source, actor="clerk", now=NOW)


def take(folder: Path, *rows: tuple[str, ...], headers: tuple[str, ...] = HEADERS) -> Import:
    return exchange.apply(check(folder, *rows, headers=headers), actor="clerk", now=NOW)


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


WHOLE = (
    "统一社会信用代码",
    "信用信息类别",
    "认定部门代码",
    "处罚决定书文号",
    "决定日期",
    "年度",
    "事由",
    "失信程度",
    "罚款金额（元）",
    "是否公示",
    "公示日期",
    "公示截止日期",
    "有效期至",
)


def whole(uscc: str, number: str, **more: str) -> tuple[str, ...]:
    cells = {
        "统一社会信用代码": uscc,
        "信用信息类别": "行政处罚",
        "认定部门代码": "110112-market",
        "处罚决定书文号": number,
        "决定日期": "2026-06-01",
        **more,
    }
    return tuple(cells.get(name, "") for name in WHOLE)


def found(number: str) -> CreditRecord:
    record = queries.find_current("110112-market", number)
    assert record is not None
    return record


@pytest.mark.parametrize(
    ("word", "kind"),
    [
        ("行政许可", "licence"),
        ("行政处罚", "penalty"),
        ("经营异常名录", "abnormal-listing"),
        ("严重违法失信名单", "serious-violation"),
        ("投诉举报（查实）", "verified-complaint"),
        ("安全事故", "accident"),
        ("失信被执行人", "court-order"),
        ("法院裁判", "court-order"),
        ("欠税公告", "tax-notice"),
        ("社保欠缴", "social-insurance-notice"),
        ("荣誉表彰", "honour"),
        ("信用承诺", "pledge"),
    ],
)
def test_kinds_are_read_by_their_chinese_words(cast: Cast, tmp_path: Path, word: str, kind: str) -> None:
    take(tmp_path, whole(cast.noodle_shop.uscc, "1", 信用信息类别=word), headers=WHOLE)
    assert found("1").kind == kind


def test_grades_amounts_and_publication_are_taken(cast: Cast, tmp_path: Path) -> None:
    take(
        tmp_path,
        whole(
            cast.noodle_shop.uscc,
            "1",
            失信程度="严重",
            是否公示="是",
            公示日期="2026-06-03",
            公示截止日期="2029-06-03",
        ),
        whole(cast.noodle_shop.uscc, "2", **{"罚款金额（元）": "12,345.60", "是否公示": "是"}),
        whole(cast.noodle_shop.uscc, "3", 失信程度="轻微", 有效期至="2026-07-15", 是否公示="否"),
        headers=WHOLE,
    )
    first, second, third = (found(number) for number in "123")
    assert (first.severity, first.published_on, first.publish_until, first.effective_until) == (
        Severity.SERIOUS,
        date(2026, 6, 3),
        date(2029, 6, 3),
        date(2029, 6, 3),
    )
    assert (second.severity, second.amount, second.published_on) == (
        Severity.GENERAL,
        Decimal("12345.60"),
        date(2026, 6, 1),
    )
    assert (third.severity, third.is_published, third.effective_until) == ("minor", False, date(2026, 7, 15))
    assert [event.subject.rpartition("/")[2] for event in Event.objects.order_by("subject")] == ["1", "2"]


def test_a_file_and_the_service_write_the_same_record(cast: Cast, tmp_path: Path) -> None:
    """What a source leaves open is completed in the same way, for every kind, grade and publication."""
    cells = [
        {"信用信息类别": kind, "失信程度": grade, "公示日期": day}
        for kind in ("行政处罚", "欠税公告", "经营异常名录", "荣誉表彰")
        for grade in ("", "轻微", "一般", "严重")
        for day in ("", "2026-06-03", "2026-05-01")
        if not (grade and kind == "荣誉表彰") and not (day and kind == "欠税公告")
    ]
    rows = [whole(cast.noodle_shop.uscc, f"n{number}", **given) for number, given in enumerate(cells)]
    assert take(tmp_path, *rows, headers=WHOLE).rows_new == len(cells)
    for number, given in enumerate(cells):
        record = found(f"n{number}")
        sent = RecordFacts(
            uscc=cast.noodle_shop.uscc,
            kind=RecordKind(record.kind),
            agency="110112-market",
            reference=record.reference,
            happened_on=date(2026, 6, 1),
            effective_from=date(2026, 6, 1),
            severity=Severity(record.severity) if given["失信程度"] else Severity.NONE,
            published_on=date.fromisoformat(given["公示日期"]) if given["公示日期"] else None,
        )
        assert services.record(actor="clerk", now=NOW, facts=sent) == record, given


def test_the_same_file_with_everything_again_changes_nothing(cast: Cast, tmp_path: Path) -> None:
    rows = [
        whole(cast.noodle_shop.uscc, "1", 失信程度="严重", 公示日期="2026-06-03"),
        whole(cast.noodle_shop.uscc, "2", **{"罚款金额（元）": "2000", "是否公示": "是"}),
    ]
    take(tmp_path, *rows, headers=WHOLE)
    assert take(tmp_path, *rows, headers=WHOLE).rows_unchanged == 2
    assert (CreditRecord.objects.count(), Event.objects.count()) == (2, 2)


def test_a_file_that_is_silent_on_grade_and_publication_leaves_them(cast: Cast, tmp_path: Path) -> None:
    take(tmp_path, whole(cast.noodle_shop.uscc, "1", 失信程度="严重", 公示日期="2026-06-03"), headers=WHOLE)
    take(tmp_path, row(cast.noodle_shop.uscc, "罚款两千元", number="1"))
    now_held = found("1")
    assert (now_held.version, now_held.severity, now_held.published_on) == (2, "serious", date(2026, 6, 3))
    assert now_held.effective_until == date(2029, 6, 3)


def test_another_version_ends_the_first_everywhere_and_undoing_brings_it_back(
    cast: Cast, tmp_path: Path
) -> None:
    take(tmp_path, whole(cast.noodle_shop.uscc, "1", 是否公示="是"), headers=WHOLE)
    entry = take(tmp_path, whole(cast.noodle_shop.uscc, "1", 是否公示="是", 事由="改"), headers=WHOLE)
    assert list(Ending.objects.values_list("cause", "record__version")) == [("correction", 1)]
    exchange.undo(entry, actor="clerk", now=NOW)
    assert not Ending.objects.exists() and found("1").version == 1
    kinds = [event.type.rpartition(".")[2] for event in Event.objects.order_by("id")]
    assert kinds == ["published", "corrected", "corrected"]


def test_undoing_a_file_ends_what_it_made_public(cast: Cast, tmp_path: Path) -> None:
    entry = take(tmp_path, whole(cast.noodle_shop.uscc, "1", 是否公示="是"), headers=WHOLE)
    exchange.undo(entry, actor="clerk", now=NOW)
    assert not CreditRecord.objects.exists()
    assert [event.type.rpartition(".")[2] for event in Event.objects.order_by("id")] == ["published", "ended"]


def test_what_has_ended_stays_ended_in_its_next_version(cast: Cast, tmp_path: Path) -> None:
    take(tmp_path, row(cast.noodle_shop.uscc))
    services.end(actor="c", now=NOW, record=found("7号"), reason="撤销")
    take(tmp_path, row(cast.noodle_shop.uscc, "罚款两千元"))
    again = found("7号")
    assert (again.version, again.state, again.ended_because) == (2, RecordState.ENDED, "撤销")
    assert not queries.list_in_effect(cast.noodle_shop.uscc, TODAY).exists()


def test_an_import_of_records_that_were_ended_since_is_not_undone(cast: Cast, tmp_path: Path) -> None:
    entry = take(tmp_path, row(cast.noodle_shop.uscc))
    services.end(actor="c", now=NOW, record=found("7号"), reason="撤销")
    with pytest.raises(Refused) as refused:
        exchange.undo(entry, actor="clerk", now=NOW)
    assert refused.value.codes == ("import.touched-since",)


@pytest.mark.parametrize(
    ("cells", "code"),
    [
        ({"失信程度": "很严重"}, "severity-unknown"),
        ({"信用信息类别": "荣誉表彰", "失信程度": "一般"}, "credit-severity"),
        ({"罚款金额（元）": "2万"}, "amount"),
        ({"罚款金额（元）": "1,23"}, "amount"),
        ({"是否公示": "也许"}, "published-unknown"),
        ({"公示截止日期": "2027-01-01"}, "credit-not-published"),
        ({"是否公示": "否", "公示日期": "2026-06-02"}, "credit-published-or-not"),
        ({"公示日期": "2026-06-02", "公示截止日期": "2026-06-01"}, "credit-publication-ends-first"),
        ({"信用信息类别": "欠税公告", "是否公示": "是"}, "credit-unpublished-kind"),
        ({"是否公示": "是", "事由": "当事人 11010519491231002X"}, "credit.personal-data"),
    ],
)
def test_each_cell_that_cannot_be_is_refused(
    cast: Cast, tmp_path: Path, cells: dict[str, str], code: str
) -> None:
    entry = check(tmp_path, whole(cast.noodle_shop.uscc, "1", **cells), headers=WHOLE)
    problems = RejectedRow.objects.get(source=entry).problems
    assert [problem["code"] for problem in problems] == [code]
    assert "11010519491231002X" not in str(problems)


def test_ten_thousand_yuan_is_never_taken_for_one(cast: Cast, tmp_path: Path) -> None:
    headers = tuple(name.replace("（元）", "（万元）") for name in WHOLE)
    entry = check(tmp_path, whole(cast.noodle_shop.uscc, "1", 是否公示="是"), headers=headers)
    assert [remark["code"] for remark in entry.remarks] == ["import.headers-unknown"]


def test_the_enterprises_of_a_file_are_classified_anew(
    cast: Cast, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Applied: the one it names. Named another: both. Undone: both again."""
    touched: list[tuple[str, set[int]]] = []

    def note(done: Aftermath) -> None:
        with connection.cursor() as cursor:
            cursor.execute(done.concerned)
            touched.append((done.act, {row[0] for row in cursor.fetchall()}))

    kind = exchange_queries.get_kind("credit-records")
    monkeypatch.setitem(exchange_queries.KINDS, "credit-records", replace(kind, after=note))
    shop, chips = cast.noodle_shop, cast.chip_maker
    take(tmp_path, row(shop.uscc))
    entry = take(tmp_path, row(chips.uscc))
    exchange.undo(entry, actor="clerk", now=NOW)
    take(tmp_path, row(shop.uscc))
    assert touched == [
        ("apply", {shop.pk}),
        ("apply", {shop.pk, chips.pk}),
        ("undo", {shop.pk, chips.pk}),
    ]
