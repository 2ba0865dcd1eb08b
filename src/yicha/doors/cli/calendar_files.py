"""The files of a calendar: its rows as CSV or workbook, and the folder of facts that it is checked with."""

from __future__ import annotations

import csv
import dataclasses
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import xlsxwriter

from yicha.decide.scheduling import verify_calendar
from yicha.decide.scheduling.terms import ExportRow

_FORMULA = "=+-@\t\r"


def write_calendar(path: Path, rows: Sequence[ExportRow]) -> None:
    """The rows, as a workbook if the name ends so, else as CSV with a mark, so that Excel reads it."""
    lines = [[_cell(value) for value in dataclasses.astuple(row)] for row in rows]
    if path.suffix.lower() == ".xlsx":
        _write_workbook(path, lines)
    else:
        _write_table(path, verify_calendar.COLUMNS, lines)


def write_facts(folder: Path, tables: Mapping[str, Iterable[Sequence[Any]]]) -> None:
    """A table each, and beside them the program that checks a calendar with them."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, columns in verify_calendar.TABLES.items():
        lines = ([_cell(value) for value in row] for row in tables[name])
        _write_table(folder / f"{name}.csv", columns.split(), lines)
    program = Path(verify_calendar.__file__)
    (folder / program.name).write_bytes(program.read_bytes())


def _write_table(path: Path, columns: Iterable[str], lines: Iterable[Sequence[str]]) -> None:
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(columns)
        writer.writerows(lines)


def _write_workbook(path: Path, lines: Sequence[Sequence[str]]) -> None:
    book = xlsxwriter.Workbook(
        str(path), {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    )
    sheet = book.add_worksheet()
    for number, line in enumerate([list(verify_calendar.COLUMNS), *lines]):
        sheet.write_row(number, 0, line)
    sheet.freeze_panes(1, 0)
    book.close()


def _cell(value: object) -> str:
    """A day as it is written everywhere, yes and no as 1 and 0; a text that Excel would run is made plain."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(int(value))
    text = value.isoformat() if isinstance(value, date) else str(value)
    return f"'{text}" if text[:1] and text[0] in _FORMULA else text
