"""Charts as pages need them: one object holds the picture's numbers and the table behind it.

A view makes one with `bar`, `line`, `heat` or `sankey` and puts it into the page's context; the template says
`<c-chart :data="chart" title="…" source="…" :at="moment" />`. The table is drawn by the server, so that it is there
without a script; a page of the desk that has a chart in its context answers its download too. All words come
translated. Figures are whole numbers or decimals in the unit that the chart names.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import xlsxwriter
from django.http import HttpResponse
from django.utils.functional import Promise
from django.utils.translation import gettext as _

Words = str | Promise
Figure = int | float | Decimal
MOST_BARS = 30
"""A picture of more rows cannot be read: the table has them all, and the page says so."""
CLASS_TONES: Mapping[str, str] = {"A": "jade", "B": "indigo", "C": "amber", "D": "seal"}
"""Colours of the classes; the letter always stands beside them."""


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell of the table: a word or a figure, and where it leads."""

    value: str | Figure | None
    href: str = ""

    @property
    def is_figure(self) -> bool:
        return self.value is not None and not isinstance(self.value, str)

    @property
    def shown(self) -> str:
        """As the table writes it: figures with commas."""
        if self.value is None:
            return ""
        return self.value if isinstance(self.value, str) else f"{self.value:,}"


@dataclass(frozen=True, slots=True)
class Chart:
    """A picture with its table. `name` is unique on its page; `payload` is what the browser draws from."""

    name: str
    kind: str
    columns: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    payload: Mapping[str, Any]
    is_cut: bool = False

    @property
    def lines(self) -> list[list[tuple[str, Cell]]]:
        """The table's rows, each cell with the heading of its column."""
        return [list(zip(self.columns, row, strict=True)) for row in self.rows]


@dataclass(frozen=True, slots=True)
class Series:
    """One row of figures over all categories. `tone` is a colour of the tokens; empty: the next free one."""

    label: Words
    values: Sequence[Figure | None]
    tone: str = ""
    hrefs: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Flow:
    """So many go from a node of a stage to a node of the next one."""

    source: Words
    target: Words
    count: int
    stage: int = 0
    href: str = ""


def bar(
    name: str,
    first: Words,
    categories: Sequence[Words],
    series: Sequence[Series],
    *,
    unit: Words = "",
    stacked: bool = False,
    hrefs: Sequence[str] = (),
) -> Chart:
    """Bars that lie, a row per category. `first` heads the categories; `stacked` adds a column with the sum."""
    more = {"stacked": stacked}
    return _of_series("bar", name, first, categories, series, unit, hrefs, more, with_sum=stacked)


def line(
    name: str,
    first: Words,
    categories: Sequence[Words],
    series: Sequence[Series],
    *,
    unit: Words = "",
) -> Chart:
    """Lines over time: categories are days, months or years in their order."""
    return _of_series("line", name, first, categories, series, unit, (), {}, with_sum=False)


def heat(
    name: str,
    first: Words,
    rows: Sequence[Words],
    columns: Sequence[Words],
    values: Sequence[Sequence[Figure | None]],
    *,
    unit: Words = "",
    tone: str = "indigo",
) -> Chart:
    """A field of figures, the darker the more: `values[row][column]`."""
    payload: dict[str, Any] = {
        "kind": "heat",
        "rows": _texts(rows),
        "columns": _texts(columns),
        "values": [[_plain(value) for value in row] for row in values],
        "unit": str(unit),
        "tone": tone,
    }
    lines = tuple(
        (Cell(str(label)), *(Cell(value) for value in row)) for label, row in zip(rows, values, strict=True)
    )
    return Chart(name, "heat", (str(first), *_texts(columns)), lines, payload)


def sankey(
    name: str,
    stages: Sequence[Words],
    flows: Iterable[Flow],
    *,
    unit: Words,
    tones: Mapping[str, str] | None = None,
) -> Chart:
    """Flows from stage to stage (two or more). `tones` are the colours of nodes by their label."""
    kept = [flow for flow in flows if flow.count > 0]
    payload: dict[str, Any] = {
        "kind": "sankey",
        "stages": _texts(stages),
        "unit": str(unit),
        "tones": dict(tones or {}),
        "flows": [
            {
                "source": str(flow.source),
                "target": str(flow.target),
                "count": flow.count,
                "stage": flow.stage,
                "href": flow.href,
            }
            for flow in kept
        ],
    }
    if len(stages) == 2:
        columns = (str(stages[0]), str(stages[1]), str(unit))
        rows = [(Cell(str(f.source)), Cell(str(f.target)), Cell(f.count, f.href)) for f in kept]
        return Chart(name, "sankey", columns, tuple(rows), payload)
    headings = (_("From"), _("At the beginning"), _("To"), _("At the end"), str(unit))
    long = [
        (
            Cell(str(stages[f.stage])),
            Cell(str(f.source)),
            Cell(str(stages[f.stage + 1])),
            Cell(str(f.target)),
            Cell(f.count, f.href),
        )
        for f in kept
    ]
    return Chart(name, "sankey", headings, tuple(long), payload)


def find_chart(context: Iterable[object], name: str) -> Chart | None:
    """The chart of that name among what a page was given, also inside lists and tuples."""
    for value in context:
        if isinstance(value, Chart):
            if value.name == name:
                return value
        elif isinstance(value, list | tuple) and (found := find_chart(value, name)):
            return found
    return None


def table_response(chart: Chart, form: str) -> HttpResponse:
    """The table of a chart as a file: `csv` (UTF-8 with a mark, so that Excel reads it) or `xlsx`."""
    lines: list[list[str | int | float]] = [
        list(chart.columns),
        *([_written(cell) for cell in row] for row in chart.rows),
    ]
    if form == "csv":
        text = io.StringIO()
        csv.writer(text).writerows([_safe(value) for value in row] for row in lines)
        answer = HttpResponse("\ufeff" + text.getvalue(), content_type="text/csv; charset=utf-8")
    else:
        place = io.BytesIO()
        book = xlsxwriter.Workbook(
            place, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
        )
        sheet = book.add_worksheet()
        for number, row in enumerate(lines):
            sheet.write_row(number, 0, row)
        sheet.freeze_panes(1, 0)
        book.close()
        kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
        answer = HttpResponse(place.getvalue(), content_type=kind)
        form = "xlsx"
    answer["Content-Disposition"] = f'attachment; filename="{chart.name}.{form}"'
    return answer


def _of_series(
    kind: str,
    name: str,
    first: Words,
    categories: Sequence[Words],
    series: Sequence[Series],
    unit: Words,
    hrefs: Sequence[str],
    more: Mapping[str, Any],
    *,
    with_sum: bool,
) -> Chart:
    shown = min(len(categories), MOST_BARS) if kind == "bar" else len(categories)
    payload: dict[str, Any] = {
        "kind": kind,
        "categories": _texts(categories[:shown]),
        "unit": str(unit),
        "series": [
            {
                "label": str(one.label),
                "values": [_plain(value) for value in one.values[:shown]],
                "tone": one.tone,
                "hrefs": list(one.hrefs[:shown]),
            }
            for one in series
        ],
        **more,
    }
    rows = []
    for number, label in enumerate(categories):
        figures = [
            Cell(one.values[number], one.hrefs[number] if number < len(one.hrefs) else "") for one in series
        ]
        total = [Cell(sum(one.values[number] or 0 for one in series))] if with_sum else []
        rows.append((Cell(str(label), hrefs[number] if number < len(hrefs) else ""), *figures, *total))
    columns = (str(first), *(str(one.label) for one in series), *([_("Total")] if with_sum else []))
    return Chart(name, kind, columns, tuple(rows), payload, is_cut=shown < len(categories))


def _texts(words: Iterable[Words]) -> list[str]:
    return [str(one) for one in words]


def _plain(value: Figure | None) -> int | float | None:
    return float(value) if isinstance(value, Decimal) else value


def _written(cell: Cell) -> str | int | float:
    if cell.value is None:
        return ""
    return float(cell.value) if isinstance(cell.value, Decimal) else cell.value


def _safe(value: str | int | float) -> str | int | float:
    """A text that Excel would take for a formula, made plain."""
    return f"'{value}" if isinstance(value, str) and value[:1] in "=+-@\t\r" and value[:1] else value
