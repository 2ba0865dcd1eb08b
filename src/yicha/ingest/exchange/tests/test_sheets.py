"""Workbooks: what cells of each kind become, against python-calamine, and hostile ones."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path

import pytest
import xlsxwriter
from hypothesis import given, settings
from hypothesis import strategies as st
from python_calamine import CalamineWorkbook

from tests.cast import Cast
from yicha.ingest.exchange.services import Source
from yicha.ingest.exchange.services.sheets import open_sheet
from yicha.ingest.exchange.tests.files import HEADERS, bad_cells, cells_xml, check, code, noted, row, workbook
from yicha.kernel.refusal import Refused
from yicha.know.registry.models import Enterprise


def written(path: Path, rows: list[list[object]], **options: object) -> Path:
    with xlsxwriter.Workbook(str(path), {"strings_to_formulas": False, **options}) as book:
        sheet = book.add_worksheet()
        dates = book.add_format({"num_format": "yyyy/m/d"})
        for index, cells in enumerate(rows):
            for column, cell in enumerate(cells):
                if isinstance(cell, datetime | date):
                    sheet.write_datetime(index, column, cell, dates)
                else:
                    sheet.write(index, column, cell)
    return path


@pytest.mark.parametrize(
    "options", [{}, {"constant_memory": True}, {"default_date_format": "d.m.yy", "date_1904": True}]
)
def test_dates_and_texts_of_a_workbook(cast: Cast, tmp_path: Path, options: dict[str, object]) -> None:
    cells: list[object] = [*row(11)]
    cells[2] = date(2003, 8, 14)
    path = written(tmp_path / "a.xlsx", [list(HEADERS), cells, [], [*row(12)]], **options)
    entry = check(Source(path, "a.xlsx"))
    assert (entry.format, entry.rows, entry.rows_new, entry.rows_blank) == ("xlsx", 2, 2, entry.rows_blank)


def test_an_old_code_stored_as_a_number_is_read_and_a_long_one_has_lost_digits(
    cast: Cast, tmp_path: Path
) -> None:
    rows: list[list[object]] = [list(HEADERS), [*row(11)], [*row(12)]]
    rows[1][1], rows[2][1] = 110112005123456, 911101121024042764
    entry = check(Source(written(tmp_path / "a.xlsx", rows), "a.xlsx"))
    assert bad_cells(entry) == [(3, "uscc", "number-lost-digits")]
    assert noted(entry) == {("uscc", "number-as-text"): 1, ("uscc", "old-code"): 1}


def test_a_bare_number_in_a_date_column_is_named(cast: Cast, tmp_path: Path) -> None:
    cells: list[object] = [*row(11)]
    cells[2] = 37847
    entry = check(Source(written(tmp_path / "a.xlsx", [list(HEADERS), cells]), "a.xlsx"))
    assert bad_cells(entry) == [(2, "registered_on", "date")]


def test_an_error_value_is_named(cast: Cast, tmp_path: Path) -> None:
    xml = (
        cells_xml([HEADERS])
        + f"<row><c t='e'><v>#REF!</v></c><c t='inlineStr'><is><t>{code(11)}</t></is></c></row>"
    )
    assert bad_cells(check(Source(workbook(tmp_path / "a.xlsx", xml), "a.xlsx"))) == [
        (2, "name", "error-value")
    ]


def test_an_oddity_in_a_column_that_is_left_out_is_no_matter(cast: Cast, tmp_path: Path) -> None:
    xml = cells_xml([[*HEADERS, "备注"]]) + cells_xml([row(11)]).replace(
        "</row>", "<c t='str'><f>1+1</f><v>2</v></c></row>"
    )
    entry = check(Source(workbook(tmp_path / "a.xlsx", xml), "a.xlsx"))
    assert (entry.rows_new, entry.rows_rejected) == (1, 0)


def test_other_sheets_are_said_to_be_left_out(cast: Cast, tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    with xlsxwriter.Workbook(str(path)) as book:
        for name in ("名单", "说明"):
            sheet = book.add_worksheet(name)
            sheet.write_row(0, 0, HEADERS)
            sheet.write_row(1, 0, row(11))
    entry = check(Source(path, "a.xlsx"))
    assert [remark["code"] for remark in entry.remarks] == ["import.other-sheets"]


def test_a_cut_workbook_is_refused(cast: Cast, tmp_path: Path) -> None:
    path = written(tmp_path / "a.xlsx", [list(HEADERS), [*row(11)]])
    path.write_bytes(path.read_bytes()[:-200])
    with pytest.raises(Refused) as refused:
        check(Source(path, "a.xlsx"))
    assert refused.value.codes[0] in ("import.not-what-its-name-says", "import.workbook-damaged")


@pytest.mark.parametrize(
    "xml", ["<row><c t='s'><v>7</v></c></row>", "<row", "<row r='99999999'/>", "<row><c r='ZZZ1'/></row>"]
)
def test_a_workbook_that_does_not_fit_together_is_refused(tmp_path: Path, xml: str) -> None:
    with pytest.raises(Refused):
        open_sheet(workbook(tmp_path / "a.xlsx", xml))


def test_one_tag_without_end_is_refused_before_it_fills_the_memory(tmp_path: Path) -> None:
    xml = f"<row a='{'x' * (9 << 20)}{'y' * (9 << 20)}'/>"
    with pytest.raises(Refused):
        open_sheet(workbook(tmp_path / "a.xlsx", cells_xml([HEADERS]) + xml))


texts = st.text(st.characters(exclude_categories=["Cs", "Cc", "Cn"]), max_size=8).filter(
    lambda text: not text.strip() or text == text.strip()
)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.lists(texts | st.integers(0, 10**11), min_size=3, max_size=3), min_size=1, max_size=6))
def test_the_stream_reads_what_calamine_reads(
    tmp_path_factory: pytest.TempPathFactory, rows: list[list[object]]
) -> None:
    path = written(tmp_path_factory.mktemp("x") / "a.xlsx", [["a", "b", "c"], *rows], strings_to_urls=False)
    table = open_sheet(path)
    mine = {
        n: list(cells)
        for batch in table.batches()
        for n, cells in zip(batch.numbers, batch.cells, strict=True)
    }
    table.close()
    others = CalamineWorkbook.from_path(str(path)).get_sheet_by_index(0).to_python(skip_empty_area=False)
    for number, cells in enumerate(others[1:], start=2):
        read = [str(int(cell)) if isinstance(cell, float) else str(cell) for cell in cells]
        read += [""] * (3 - len(read))
        assert mine.get(number, ["", "", ""]) == read


def test_a_workbook_goes_into_the_register(cast: Cast, tmp_path: Path) -> None:
    from yicha.ingest.exchange.tests.files import load

    load(Source(written(tmp_path / "a.xlsx", [list(HEADERS), [*row(11)]]), "a.xlsx"))
    assert Enterprise.objects.get(uscc=code(11)).initials == "bjd11hsmyxgs"
