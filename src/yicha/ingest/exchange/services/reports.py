"""The error workbook: the rows that were rejected as they stand in the file, each with its reasons."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import xlsxwriter
from django.utils.translation import gettext as _

from yicha.ingest.exchange import queries
from yicha.ingest.exchange.models import Import
from yicha.ingest.exchange.services.files import Source, open_table
from yicha.kernel.refusal import Reason

ROWS_PER_SHEET = 1_000_000
CELL_LIMIT = 32_000
"""Characters that a cell of a workbook takes."""


def write_report(entry: Import, source: Source, out: Path) -> int:
    """Write the error workbook of a checked import; returns the number of rejected rows in it.

    The rows are read from the file again, in constant memory. Cells are written as texts, never as formulas, so the
    workbook can be mended and imported after its first two columns are removed, or as it stands: they are not known.
    """
    options = {
        "constant_memory": True,
        "strings_to_formulas": False,
        "strings_to_numbers": False,
        "strings_to_urls": False,
    }
    written = 0
    with closing(open_table(source)) as table, xlsxwriter.Workbook(str(out), options) as book:
        bold = book.add_format({"bold": True, "text_wrap": True, "valign": "top"})
        red = book.add_format({"font_color": "#b3261e", "text_wrap": True, "valign": "top"})
        rejected = queries.list_rejected(entry).iterator(chunk_size=2000)
        wanted = next(rejected, None)
        sheet, line = None, 0
        for rows in table.batches():
            for number, cells in zip(rows.numbers, rows.cells, strict=True):
                while wanted is not None and wanted.row_no < number:
                    wanted = next(rejected, None)
                if wanted is None:
                    break
                if wanted.row_no != number:
                    continue
                if sheet is None or line >= ROWS_PER_SHEET:
                    sheet, line = _new_sheet(book, bold, table.headers), 0
                line += 1
                sheet.write_number(line, 0, number)
                sheet.write_string(line, 1, _reasons(entry, wanted)[:CELL_LIMIT], red)
                for index, cell in enumerate(cells):
                    sheet.write_string(line, index + 2, _writable(cell))
                written += 1
            if wanted is None:
                break
        if sheet is None:
            _new_sheet(book, bold, table.headers)
    return written


def _new_sheet(
    book: xlsxwriter.Workbook, bold: object, headers: tuple[str, ...]
) -> xlsxwriter.worksheet.Worksheet:
    sheet = book.add_worksheet()
    sheet.freeze_panes(1, 2)
    sheet.set_column(0, 0, 8)
    sheet.set_column(1, 1, 60)
    sheet.set_column(2, len(headers) + 1, 22)
    for index, title in enumerate([_("Row"), _("Why it was rejected"), *headers]):
        sheet.write_string(0, index, _writable(title), bold)
    return sheet


def _reasons(entry: Import, row: object) -> str:
    kind = queries.get_kind(entry.kind)
    labels = {column.name: _(column.label) for column in kind.columns}
    found = queries.problems_of(row)  # type: ignore[arg-type]
    return "\n".join(
        f"{labels.get(problem.column, problem.column) or _('row')}: {say(problem.reason)}"
        for problem in found
    )


def say(reason: Reason) -> str:
    """A reason in the language of the reader."""
    return _(reason.sentence) % reason.facts if reason.facts else _(reason.sentence)


def _writable(text: str) -> str:
    """Text that XML can hold."""
    return "".join(
        c if (c >= " " and not "\ud800" <= c <= "\udfff") or c in "\t\n\r" else "\ufffd" for c in text
    )[:CELL_LIMIT]
