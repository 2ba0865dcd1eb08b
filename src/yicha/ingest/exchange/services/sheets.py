"""The first visible sheet of an XLSX workbook, row by row, below a fixed amount of memory.

The usual readers hold the whole sheet, which for a million rows is more than a gigabyte; a test holds this one
against python-calamine.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from zipfile import ZipFile

from yicha.ingest.exchange.rules.batches import Rows
from yicha.ingest.exchange.services.packages import (
    TEXT_LIMIT,
    SharedStrings,
    Workbook,
    XmlReader,
    column_index,
    damaged,
    open_package,
    refuse,
    stream,
)
from yicha.ingest.exchange.terms import FileFormat
from yicha.kernel.cells import Noted
from yicha.kernel.refusal import Reason

ROWS_LIMIT = 1_048_576
COLUMNS_LIMIT = 500
BATCH_ROWS = 2_000


def open_sheet(path: Path) -> SheetTable:
    """Open a workbook; raises `Refused` by name if it is a bomb, damaged or without a sheet."""
    archive = open_package(path)
    try:
        return SheetTable(archive)
    except BaseException:
        archive.close()
        raise


class SheetTable:
    """Rows of one sheet as text cells. Numbers in cells come as Excel would show them at full precision."""

    format = FileFormat.XLSX
    encoding = "utf-8"
    delimiter = ""

    def __init__(self, archive: ZipFile) -> None:
        self._archive = archive
        self.blank_rows = 0
        self.remarks: list[Reason] = []
        workbook = Workbook(archive)
        if len(workbook.visible) > 1:
            names = ", ".join(name for name, _ in workbook.visible[1:])
            self.remarks.append(
                Reason(
                    "import.other-sheets",
                    "Only the first sheet is read; not read: %(names)s.",
                    facts={"names": names[:200]},
                )
            )
        self._member = workbook.visible[0][1]
        self._size = archive.getinfo(self._member).file_size
        self._done = 0
        self._strings = SharedStrings(archive, workbook.strings)
        self._rows = _SheetReader(self._strings, workbook.date_styles, workbook.epoch)
        self._walk = self._walk_rows()
        self._width = 0
        try:
            self.headers = self._read_header()
        except BaseException:
            self._strings.close()
            raise

    def _read_header(self) -> tuple[str, ...]:
        for _, cells, _, _ in self._walk:
            if any(cell.strip() for cell in cells):
                headers = list(cells)
                while not headers[-1].strip():
                    headers.pop()
                self._width = len(headers)
                return tuple(headers)
        raise refuse("sheet-blank", sentence="The first sheet has no header in its first row.")

    def _walk_rows(self) -> Generator[_Row]:
        reader = XmlReader(self._rows.start, self._rows.end, self._rows.text)
        for piece in stream(self._archive, self._member):
            self._done += len(piece)
            reader.feed(piece)
            yield from self._rows.take()
        reader.feed(b"", final=True)
        yield from self._rows.take()

    def batches(self) -> Iterator[Rows]:
        """Batches of rows that are not blank."""
        rows = Rows([], [])
        for number, cells, problems, notes in self._walk:
            while len(cells) > self._width and not cells[-1].strip():
                cells.pop()
            if not any(cells) and not problems:
                self.blank_rows += 1
                continue
            cells += [""] * (self._width - len(cells))
            position = len(rows.cells)
            rows.numbers.append(number)  # type: ignore[attr-defined]
            rows.cells.append(cells)  # type: ignore[attr-defined]
            if problems:
                rows.problems[position] = problems
            rows.notes += [(position, index, note) for index, note in notes if index < self._width]
            if len(rows) >= BATCH_ROWS:
                yield rows
                rows = Rows([], [])
        if len(rows):
            yield rows

    def progress(self) -> float:
        return min(self._done / max(self._size, 1), 1.0)

    def close(self) -> None:
        self._walk.close()  # a sheet that was not read to its end holds the file open
        self._strings.close()
        self._archive.close()


_Row = tuple[int, list[str], list[tuple[int, Reason]], list[tuple[int, Noted]]]

_FORMULA = Reason("formula", "The cell is a formula or would run as one. Put its value there.")
_ERROR = Reason("error-value", "The cell holds an error of the spreadsheet, such as #REF!.")
_LONG_NUMBER = Reason(
    "number-lost-digits",
    "The cell is a number of more than 15 digits: the spreadsheet has lost the last ones. Enter it as text.",
)
_AS_NUMBER = Noted(None, code="number-as-text", sentence="A number was read as the text of its digits.")


class _SheetReader:
    """Handlers for the XML of a sheet: collects complete rows."""

    def __init__(self, strings: SharedStrings, date_styles: frozenset[int], epoch: datetime) -> None:
        self._strings, self._date_styles, self._epoch = strings, date_styles, epoch
        self._rows: list[_Row] = []
        self._number = 0
        self._row: _Row | None = None
        self._index = -1
        self._type, self._style, self._formula = "n", 0, False
        self._collect: list[str] | None = None
        self._value, self._length = "", 0

    def take(self) -> list[_Row]:
        rows, self._rows = self._rows, []
        return rows

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if name == "c":
            reference = attributes.get("r", "")
            self._index = column_index(reference) if reference else self._index + 1
            if not 0 <= self._index < COLUMNS_LIMIT:
                raise refuse(
                    "columns", sentence="The header has more than %(limit)s columns.", limit=COLUMNS_LIMIT
                )
            self._type, self._style = attributes.get("t", "n"), int(attributes.get("s", "0"))
            self._formula, self._value = False, ""
        elif name in ("v", "t"):
            self._collect, self._length = [], 0
        elif name == "f":
            self._formula = True
        elif name == "row":
            self._number = int(attributes.get("r", self._number + 1))
            if not 0 < self._number <= ROWS_LIMIT:
                raise damaged()
            self._index, self._row = -1, (self._number, [], [], [])

    def text(self, data: str) -> None:
        if self._collect is not None:
            self._collect.append(data)
            self._length += len(data)
            if self._length > TEXT_LIMIT:
                raise refuse(
                    "cell-too-long",
                    sentence="A cell in row %(row)s is longer than any cell can be.",
                    row=self._number,
                )

    def end(self, name: str) -> None:
        if name in ("v", "t") and self._collect is not None:
            self._value += "".join(self._collect)
            self._collect = None
        elif name == "c" and self._row is not None:
            self._place(self._row)
        elif name == "row" and self._row is not None:
            self._rows.append(self._row)
            self._row = None

    def _place(self, row: _Row) -> None:
        _, cells, problems, notes = row
        while len(cells) <= self._index:
            cells.append("")
        if self._formula:
            problems.append((self._index, _FORMULA))
            cells[self._index] = self._value
        elif self._type == "s":
            cells[self._index] = self._strings.get(self._value)
        elif self._type == "e":
            problems.append((self._index, _ERROR))
            cells[self._index] = self._value
        elif self._type == "b":
            cells[self._index] = "TRUE" if self._value == "1" else "FALSE"
        elif self._type == "n" and self._value:
            text, odd = self._number_text(self._value)
            cells[self._index] = text
            if isinstance(odd, Reason):
                problems.append((self._index, odd))
            elif odd is not None:
                notes.append((self._index, odd))
        else:
            cells[self._index] = self._value

    def _number_text(self, value: str) -> tuple[str, Reason | Noted | None]:
        """A number as text: a date by its style, an integer by its digits; long ones have lost some."""
        try:
            number = float(value)
        except ValueError:
            return value, _ERROR
        if self._style in self._date_styles and 0 < number < 2_958_466:
            moment = self._epoch + timedelta(days=number)
            return (moment.date() if number == int(number) else moment).isoformat(), None
        if abs(number) >= 1e15:
            return value, _LONG_NUMBER
        if number == int(number):
            digits = str(int(number))
            return digits, _AS_NUMBER if len(digits) >= 12 else None
        return repr(number), None
