"""The workbook of plans: what is written is read back, cell by cell and through the real import."""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter
from hypothesis import given
from hypothesis import strategies as st

from tests.cast import NOW, Cast
from yicha.base.ledger import queries as ledger
from yicha.decide.planning import queries, services
from yicha.decide.planning.models import AnnualPlan, PlanEntry
from yicha.decide.planning.rules import workbook as rules
from yicha.decide.planning.terms import EntryDraft, PlanOwner, PlanState
from yicha.decide.planning.tests import factories
from yicha.ingest.exchange import queries as exchange_queries
from yicha.ingest.exchange import services as exchange
from yicha.kernel import cells
from yicha.kernel.refusal import Refused
from yicha.know.visits.terms import ContactKind

CODES = st.from_regex(r"[A-Za-z0-9_-]{1,20}", fullmatch=True)
TEXTS = st.text("法检查（）；、()aZ9 〔〕《》，", min_size=1, max_size=20).map(cells.tidy).filter(bool)
ORDERS = TEXTS.filter(lambda text: "；" not in text)
LINE = st.builds(
    rules.Line,
    title=TEXTS,
    kind=st.sampled_from(list(ContactKind)[:0] or [ContactKind.DAILY, ContactKind.SPECIAL, ContactKind.CASE]),
    ordered_by=TEXTS,
    order_number=ORDERS,
    ordered_on=st.none() | st.dates(date(2025, 1, 1), date(2027, 1, 1)),
    items=st.lists(st.tuples(CODES, TEXTS), min_size=1, max_size=4, unique_by=lambda item: item[0]),
    directory=st.tuples(CODES, TEXTS),
    rate=st.none() | st.integers(1, 10_000).map(lambda n: Decimal(n) / 10_000),
    expected=st.integers(0, 10_000),
    window=st.dates(date(2026, 1, 1), date(2026, 3, 1)).map(lambda day: (day, day + timedelta(days=30))),
    unit=st.just("通州区市场监督管理局（110112-market）"),
)


@given(LINE)
def test_what_a_line_says_is_read_back(line: rules.Line) -> None:
    title, kind, items, directory, rate, _expected, time, unit = map(str, rules.write_line(line))
    assert title == line.title
    read = rules.split_kind(cells.tidy(kind))
    assert isinstance(read, rules.ReadKind) and read.kind is line.kind
    if line.ordered_on is not None:
        assert (read.ordered_by, read.order_number, read.ordered_on) == (
            line.ordered_by,
            line.order_number,
            line.ordered_on,
        )
    assert rules.split_items(cells.tidy(items)) == [code for code, _name in line.items]
    assert rules.code_in(cells.tidy(directory)) == line.directory[0]
    said = rules.read_rate(rate)
    assert isinstance(said, str) and (Decimal(said) if said else None) == line.rate
    assert rules.split_time(time) == line.window
    assert unit == line.unit


@pytest.mark.parametrize(
    ("text", "share"),
    [
        ("5%", "0.05"),
        ("0.05", "0.05"),
        ("１２．５％", "0.125"),
        ("100%", "1"),
        ("1", "1"),
        ("按分类", ""),
        ("0.30000000000000004", "0.3"),
    ],
)
def test_a_rate_is_written_in_several_ways(text: str, share: str) -> None:
    assert rules.read_rate(text) == share


@pytest.mark.parametrize("text", ["5", "0%", "101%", "1.234%", "viel", "0.12345", "0.00000000001"])
def test_what_is_no_rate_is_refused(text: str) -> None:
    assert getattr(rules.read_rate(text), "code", "") == "plan-rate"


@pytest.mark.parametrize(
    "text",
    [
        "2026年第三季度",
        "2026 年 第三季度",
        "２０２６Ｑ３",
        "2026年3季度",
        "2026-07-01至2026-09-30",
        "2026/7/1-2026/9/30",
        "２０２６．７．１～２０２６．９．３０",
        "2026年7月1日 至 2026年9月30日",
        "2026年7月至9月",
        "2026年7-9月",
        "2026年7月—2026年9月",
    ],
)
def test_a_quarter_is_written_in_several_ways(text: str) -> None:
    assert rules.split_time(text) == (date(2026, 7, 1), date(2026, 9, 30))


@pytest.mark.parametrize(
    "text",
    [
        "2026-06-01至2026-07-31",
        "2026-07-31至2026-07-01",
        "im Sommer",
        "2026-13-01至2026-13-02",
        "2026年6月至7月",
        "2026年7月至13月",
        "全年",
        "2026年7月至2027年9月",
    ],
)
def test_days_that_lie_in_no_quarter_are_refused(text: str) -> None:
    assert getattr(rules.split_time(text), "code", "").startswith("plan-time")


def test_one_month_is_a_time() -> None:
    assert rules.split_time("2026年2月") == (date(2026, 2, 1), date(2026, 2, 28))


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("market-01；事项二（market-02）", ["market-01", "market-02"]),
        ("market-01、事项二（market-02）", ["market-01", "market-02"]),
        ("亮照、事项二（market-02）、market-03", ["亮照", "market-02", "market-03"]),
        ("进货查验、登记（market-01）", ["market-01"]),
        ("食品抽查；事项二（market-02）", ["食品抽查", "market-02"]),
        ("事项二（market-02）；market-02", ["market-02"]),
    ],
)
def test_no_item_is_lost_where_some_have_their_code_in_brackets_and_others_not(
    text: str, codes: list[str]
) -> None:
    assert rules.split_items(text, known={"亮照"}) == codes


@pytest.fixture
def ground(cast: Cast) -> Cast:
    factories.ground()
    return cast


def workbook(*plans: AnnualPlan) -> bytes:
    place = io.BytesIO()
    queries.write_workbook(plans, place)
    return place.getvalue()


def rows(*lines: tuple[str | int, ...]) -> bytes:
    place = io.BytesIO()
    book = xlsxwriter.Workbook(place, {"in_memory": True})
    sheet = book.add_worksheet()
    for number, line in enumerate([rules.HEADERS, *lines]):
        sheet.write_row(number, 0, line)
    book.close()
    return place.getvalue()


def check(content: bytes, tmp_path: Path) -> Any:
    file = tmp_path / "plans.xlsx"
    file.write_bytes(content)
    entry = exchange.receive_upload("plans", "计划.xlsx", [content], actor="p", now=NOW)
    return exchange.check(entry, exchange.source_of(entry), actor="p", now=NOW)


def tally(entry: Any) -> tuple[int, int, int, int]:
    return entry.rows_new, entry.rows_changed, entry.rows_unchanged, entry.rows_rejected


def problems(entry: Any) -> set[tuple[str, str]]:
    return {
        (problem.column, problem.reason.code)
        for row in exchange_queries.list_rejected(entry)
        for problem in exchange_queries.problems_of(row)
    }


ROW = (
    "餐饮抽查",
    "日常检查",
    "事项 market-01（market-01）",
    "餐饮服务单位（catering）",
    "30%",
    0,
    "2026-07-01至2026-08-15",
    "通州区市场监督管理局（110112-market）",
)
LIST_ROW = (
    "联合抽查",
    "专项检查（市政府；京政办〔2026〕3号；2026-02-01）",
    "餐饮一件事（catering）",
    "餐饮服务单位（catering）",
    "按分类",
    0,
    "2026年第四季度",
    "亦庄新城（功能区yizhuang）",
)


def test_an_exported_workbook_changes_nothing_when_it_comes_back(ground: Cast, tmp_path: Path) -> None:
    factories.item("market-09", "market")
    drafts = [
        EntryDraft(3, "catering", ("market-01",), rate=Decimal("0.1234"), title="餐饮（上半）"),
        EntryDraft(4, "catering", ("market-02", "market-09"), window_to=date(2026, 11, 2)),
        EntryDraft(
            1,
            "catering",
            ("market-02",),
            ContactKind.SPECIAL,
            None,
            None,
            "",
            None,
            "市局；办",
            "〔2026〕1号",
            date(2026, 1, 2),
        ),
    ]
    own = factories.plan(factories.OWN, *drafts)
    joint = factories.plan()
    found = check(workbook(own, joint), tmp_path)
    assert tally(found) == (0, 0, 4, 0), problems(found)
    own_before, revision = queries.list_drafts(own), own.revision
    AnnualPlan.objects.all().delete()
    found = exchange.apply(check(_saved(own_before, tmp_path, ground), tmp_path), actor="p", now=NOW)
    again = AnnualPlan.objects.get(code=own.code)
    assert sorted(queries.list_drafts(again), key=str) == sorted(own_before, key=str)
    assert again.revision == revision + 1 and again.agencies.count() == 1


def _saved(drafts: list[EntryDraft], tmp_path: Path, ground: Cast) -> bytes:
    """The workbook of a plan with these entries, of which nothing is left."""
    plan = factories.plan(factories.OWN, *drafts)
    content = workbook(plan)
    AnnualPlan.objects.all().delete()
    return content


def test_a_workbook_begins_plans_and_counts_what_they_mean(ground: Cast, tmp_path: Path) -> None:
    found = check(rows(ROW, LIST_ROW), tmp_path)
    assert tally(found) == (2, 0, 0, 0), problems(found)
    assert not AnnualPlan.objects.exists()
    exchange.apply(found, actor="p", now=NOW)
    own, joint = AnnualPlan.objects.order_by("code")
    assert (own.code, joint.code) == ("2026-110112-market", "2026-catering@yizhuang")
    entry = own.entries.get()
    assert (entry.rate, entry.population, entry.expected) == (Decimal("0.3"), 13, 4)
    assert (entry.quarter, entry.window_to, [i.code for i in entry.items.all()]) == (
        3,
        date(2026, 8, 15),
        ["market-01"],
    )
    special = joint.entries.get()
    assert (special.kind, special.ordered_by, special.ordered_on) == ("special", "市政府", date(2026, 2, 1))
    assert (special.population, joint.agencies.count()) == (25, 4)
    acts = [one.act for one in ledger.list_entries_of(own.subject)]
    assert acts == ["plan.imported", "plan.created"]


def test_rows_of_a_zone_and_of_a_region_of_one_code_go_into_plans_of_their_own(
    ground: Cast, tmp_path: Path
) -> None:
    factories.zone_of_one_code()
    zone = (*LIST_ROW[:7], "经开新城（功能区110302）")
    region = (*LIST_ROW[:7], "经济技术开发区（110302）")
    begun = factories.plan(PlanOwner(joint_list="catering", zone="110302"), EntryDraft(1, "catering"))
    assert problems(check(rows((*LIST_ROW[:7], "110302")), tmp_path)) == {("unit", "plan-unit-several")}
    exchange.apply(check(rows(region, zone), tmp_path), actor="p", now=NOW)
    plans = {plan.owned_by: plan for plan in AnnualPlan.objects.all()}
    assert len(plans) == 2
    for owner, count in {begun.owned_by: 2, PlanOwner(joint_list="catering", region="110302"): 1}.items():
        assert plans[owner].entries.count() == count
    found = check(workbook(*plans.values()), tmp_path)
    assert tally(found) == (0, 0, 3, 0), problems(found)


def test_an_import_is_undone_while_nothing_else_touched_its_rows(ground: Cast, tmp_path: Path) -> None:
    first = exchange.apply(check(rows(ROW), tmp_path), actor="p", now=NOW)
    changed = exchange.apply(check(rows((*ROW[:4], "20%", *ROW[5:])), tmp_path), actor="p", now=NOW)
    assert (changed.rows_changed, PlanEntry.objects.get().expected) == (1, 3)
    exchange.undo(changed, actor="p", now=NOW)
    assert (PlanEntry.objects.get().rate, PlanEntry.objects.get().expected) == (Decimal("0.3"), 4)
    exchange.undo(first, actor="p", now=NOW)
    assert not PlanEntry.objects.exists()


@pytest.mark.parametrize(
    ("place", "cell", "column", "code"),
    [
        (0, "=1+1", "task", "formula"),
        (1, "偶尔看看", "kind_words", "plan-kind"),
        (2, "不知道（nothing）", "item_words", "plan-item-unknown"),
        (2, "消防（fire-01）", "item_words", "plan-item-foreign"),
        (3, "没有（nothing）", "directory_words", "plan-directory-unknown"),
        (4, "31%", "rate_words", "plan-rate-ceiling"),
        (4, "", "rate_words", "empty"),
        (6, "2026-06-01至2026-07-31", "time", "plan-time-quarter"),
        (7, "月球管理局", "unit", "plan-unit"),
    ],
)
def test_every_bad_cell_is_named(
    ground: Cast, tmp_path: Path, place: int, cell: str, column: str, code: str
) -> None:
    found = check(rows((*ROW[:place], cell, *ROW[place + 1 :])), tmp_path)
    assert problems(found) == {(column, code)}
    assert tally(found) == (0, 0, 0, 1)


@pytest.mark.parametrize("quantity", ["约40家", "", "四成"])
def test_how_many_is_not_read_and_so_never_refused(ground: Cast, tmp_path: Path, quantity: str) -> None:
    found = check(rows((*ROW[:5], quantity, *ROW[6:])), tmp_path)
    assert tally(found) == (1, 0, 0, 0), problems(found)


def test_a_workbook_as_offices_make_them_is_read_or_says_what_is_wrong(ground: Cast, tmp_path: Path) -> None:
    place = io.BytesIO()
    book = xlsxwriter.Workbook(place, {"in_memory": True})
    sheet, other = book.add_worksheet("计划"), book.add_worksheet("说明")
    percent, day = book.add_format({"num_format": "0%"}), book.add_format({"num_format": "yyyy-mm-dd"})
    sheet.write_row(0, 0, rules.HEADERS)
    sheet.write_row(1, 0, (*ROW[:4], "", "", "２０２６／７／１－２０２６／９／３０", ROW[7]))
    sheet.write_number(1, 4, 0.3, percent)
    sheet.write_row(4, 0, (*ROW[:2], "事项 market-02（market-02）", *ROW[3:5], "", "2026年7月至9月", ""))
    sheet.merge_range(4, 7, 5, 7, ROW[7])
    sheet.write_row(5, 0, (*ROW[:2], "事项 market-02（market-02）", *ROW[3:5], "", "2026Q4"))
    sheet.write_row(6, 0, (*ROW[:4], "", "", "2026Q4", ROW[7]))
    sheet.write_formula(6, 4, "=0.1*1", None, 0.1)
    sheet.write_row(7, 0, (*ROW[:6], "", ROW[7]))
    sheet.write_datetime(7, 6, datetime(2026, 7, 1), day)  # noqa: DTZ001 - a cell has no zone
    other.write(0, 0, "不读")
    book.close()
    found = check(place.getvalue(), tmp_path)
    assert tally(found) == (2, 0, 0, 3), problems(found)
    assert problems(found) == {("unit", "empty"), ("rate_words", "formula"), ("time", "plan-time")}
    assert [row.row_no for row in exchange_queries.list_rejected(found)] == [6, 7, 8]


@pytest.mark.parametrize(
    "headers",
    [("任务", "种类", *rules.HEADERS[2:]), (*rules.HEADERS[:7], "任务"), rules.HEADERS[:7]],
    ids=["another word", "one twice", "one missing"],
)
def test_a_workbook_of_other_headers_is_refused_whole(
    ground: Cast, tmp_path: Path, headers: tuple[str, ...]
) -> None:
    place = io.BytesIO()
    book = xlsxwriter.Workbook(place, {"in_memory": True})
    sheet = book.add_worksheet()
    sheet.write_row(0, 0, headers)
    sheet.write_row(1, 0, ROW)
    book.close()
    with pytest.raises(Refused) as caught:
        check(place.getvalue(), tmp_path)
    assert set(caught.value.codes) <= {"import.column-absent", "import.header-repeated"}


def test_rates_of_several_rows_add_up_to_the_ceiling(ground: Cast, tmp_path: Path) -> None:
    other = (*ROW[:4], "1%", 0, "2026Q4", ROW[7])
    found = check(rows(ROW, other), tmp_path)
    assert (tally(found)[3], problems(found)) == (1, {("rate_words", "plan-rate-ceiling")})


def test_the_check_of_a_file_knows_the_ceiling_of_the_region(ground: Cast, tmp_path: Path) -> None:
    factories.ceiling_of_region("110112", "0.2")
    assert problems(check(rows(ROW), tmp_path)) == {("rate_words", "plan-rate-ceiling")}


def test_a_plan_that_is_no_draft_takes_no_rows(ground: Cast, tmp_path: Path) -> None:
    factories.published(factories.OWN)
    assert problems(check(rows(ROW), tmp_path)) == {("unit", "plan-no-draft")}


def test_what_somebody_wrote_after_the_check_is_not_written_over(ground: Cast, tmp_path: Path) -> None:
    exchange.apply(check(rows(ROW), tmp_path), actor="p", now=NOW)
    plan = AnnualPlan.objects.get()
    found = check(rows((*ROW[:4], "20%", *ROW[5:])), tmp_path)
    draft = replace(queries.list_drafts(plan)[0], rate=Decimal("0.1"))
    services.change_entry(actor="q", now=NOW, plan=plan, entry=plan.entries.get().uuid, draft=draft)
    with pytest.raises(Refused) as caught:
        exchange.apply(found, actor="p", now=NOW)
    assert caught.value.codes == ("import.plan-changed-meanwhile",)
    assert (plan.entries.get().rate, plan.state) == (Decimal("0.1"), PlanState.DRAFT)


def test_a_plan_that_was_begun_after_the_check_is_not_filled_unseen(ground: Cast, tmp_path: Path) -> None:
    found = check(rows(ROW), tmp_path)
    factories.plan(factories.OWN, EntryDraft(4, "catering", ("market-02",)))
    with pytest.raises(Refused):
        exchange.apply(found, actor="p", now=NOW)
    assert PlanEntry.objects.count() == 1


def test_who_leads_the_joint_list_may_import_its_plan(ground: Cast, tmp_path: Path) -> None:
    own, joint = check(rows(ROW), tmp_path), check(rows(LIST_ROW), tmp_path)
    (scope,) = exchange_queries.list_scopes(own)
    assert (scope.agencies, scope.region) == (frozenset({"110112-market"}), "110112")
    scopes = exchange_queries.list_scopes(joint)
    assert {agency for scope in scopes for agency in scope.agencies or ()} == {
        "110112-market",
        "110115-market",
    }
    assert {scope.zone for scope in scopes} == {"yizhuang"}
