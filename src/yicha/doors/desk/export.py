"""Exactly what a list shows, as a workbook: its filters, its columns, its order, all its pages."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterable
from datetime import date, datetime
from typing import IO, Any, Protocol

import django_tables2 as tables
import xlsxwriter
from django.db.models import QuerySet
from django.http import FileResponse
from django.utils.translation import gettext as _

from yicha.doors.templatetags.look import at
from yicha.kernel import clock

CHUNK = 500
"""Rows fetched, and reported, at a time."""
MOST_ROWS = 1_000_000
"""A sheet holds 1,048,576 rows; the rest would be lost silently, so the sheet says where it stops."""


class Named(Protocol):
    """A filter that was on."""

    @property
    def label(self) -> str: ...
    @property
    def value(self) -> str: ...


def file_name(list_name: str, now: datetime) -> str:
    """What the file is called: the area and the minute."""
    return f"{list_name.rsplit('.', 1)[0]}-{now.strftime('%Y%m%d-%H%M')}.xlsx"


def workbook_response(title: str, name: str, table: tables.Table, filters: Iterable[Named]) -> FileResponse:
    """The workbook of a table that is short enough to be waited for."""
    place = tempfile.TemporaryFile(suffix=".xlsx")  # noqa: SIM115 - the response closes it
    now = clock.now()
    write_workbook(place, title, table, filters, now, lambda _done: None)
    place.seek(0)
    return FileResponse(place, as_attachment=True, filename=file_name(name, now))


def write_workbook(
    place: IO[bytes],
    title: str,
    table: tables.Table,
    filters: Iterable[Named],
    now: datetime,
    tell: Callable[[int], None],
) -> None:
    """Write row by row, so that memory stays flat; `tell` hears how many rows are done, now and then."""
    if isinstance(table.data.data, QuerySet):
        table.data.data = table.data.data.iterator(chunk_size=CHUNK)
    book = xlsxwriter.Workbook(
        place, {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    )
    bold = book.add_format({"bold": True, "bottom": 1})
    sheet = book.add_worksheet(title[:31].translate(str.maketrans("[]:*?/\\", "       ")) or "list")
    hidden = [column for column in table.columns.names() if _is_hidden(table, column)]
    for number, row in enumerate(table.as_values(exclude_columns=hidden)):
        if number > MOST_ROWS:
            sheet.write_row(number, 0, [_("The list goes on; narrow it by filters.")])
            break
        sheet.write_row(number, 0, [_plain(value) for value in row], bold if number == 0 else None)
        if number % CHUNK == 0:
            tell(number)
    sheet.freeze_panes(1, 0)
    about = book.add_worksheet(_("About"))
    facts = [(_("List"), title), (_("Made at"), at(now)), *((one.label, one.value) for one in filters)]
    for number, (label, value) in enumerate(facts):
        about.write_row(number, 0, [label, value])
    book.close()


def _is_hidden(table: tables.Table, name: str) -> bool:
    return name == "pick" or not table.columns[name].visible


def _plain(value: Any) -> Any:
    """A cell as Excel keeps it: numbers stay numbers, codes stay text, dates are written as they are shown."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, int | float):
        return value
    if isinstance(value, datetime):
        return at(value)
    if isinstance(value, date):
        return value.isoformat()
    return str(value)
