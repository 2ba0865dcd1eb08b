"""The table of imports, and what the tabs of one import show."""

from __future__ import annotations

from dataclasses import dataclass

import django_filters
import django_tables2 as tables
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from yicha.doors.desk.columns import DateColumn, ListTable, MainColumn, NumberColumn, StateColumn
from yicha.doors.desk.filters import ChoiceFilter, SearchFilter
from yicha.ingest.exchange import queries
from yicha.ingest.exchange.queries import RowChange
from yicha.ingest.exchange.terms import CellProblem, ImportKind

TONES = {
    "received": ("due", "file-import"),
    "checking": ("action", "loader-2"),
    "checked": ("action", "list-check"),
    "refused": ("refuse", "circle-x"),
    "applied": ("done", "circle-check"),
    "undone": ("spared", "arrow-back-up"),
    "discarded": ("spared", "trash"),
}


def kind_label(name: str) -> str:
    """A kind of table in the reader's language."""
    kind = queries.find_kind(name)
    return gettext(kind.label) if kind else name


class ImportTable(ListTable):
    file_name = MainColumn(
        verbose_name=_("file"), linkify=lambda record: reverse("desk:imports:object", args=[record.uuid])
    )
    kind = tables.Column(verbose_name=_("kind"))
    state = StateColumn(TONES, verbose_name=_("state"))
    rows = NumberColumn(verbose_name=_("rows"))
    rows_new = NumberColumn(verbose_name=_("new"))
    rows_changed = NumberColumn(verbose_name=_("changed"))
    rows_unchanged = NumberColumn(verbose_name=_("unchanged"))
    rows_rejected = NumberColumn(verbose_name=_("rejected"))
    received_by = tables.Column(verbose_name=_("by"))
    received_at = DateColumn(moment=True, verbose_name=_("received"))

    def render_kind(self, value: str) -> str:
        return kind_label(value)


class ImportFilter(django_filters.FilterSet):
    q = SearchFilter(
        ("file_name", "received_by"), label=_("file"), hint=_("name of the file, or who sent it")
    )
    kind = django_filters.ChoiceFilter(
        label=_("kind"),
        empty_label=_("all"),
        choices=lambda: [(kind.name, gettext(kind.label)) for kind in queries.list_kinds()],
    )
    state = ChoiceFilter(queries.list_imports, "state", _("state"))


@dataclass(frozen=True)
class ShownCell:
    """A bad cell, or a cell that changes, in words."""

    column: str
    before: str
    after: str
    reason: object = ""


@dataclass(frozen=True)
class ShownRow:
    """A row of a tab: its number in the file, its key, and cells."""

    number: int
    key: str
    cells: tuple[ShownCell, ...]


def labels_of(kind: ImportKind, columns: list[str]) -> dict[str, str]:
    """What columns and fields are called; a field without a name is not shown."""
    named = {column.name: gettext(column.label) for column in kind.columns}
    return named | {field.name: gettext(field.label) for field in kind.prepare(columns).fields if field.label}


def show_problems(
    kind: ImportKind, labels: dict[str, str], number: int, found: list[CellProblem]
) -> ShownRow:
    """A rejected row with every bad cell. Personal values are masked: the error workbook has them."""
    personal = {column.name for column in kind.columns if column.personal}
    cells = tuple(
        ShownCell(
            labels.get(problem.column, problem.column) or gettext("row"),
            mask(problem.value) if problem.column in personal else problem.value,
            "",
            problem.reason,
        )
        for problem in found
    )
    return ShownRow(number, "", cells)


def show_change(kind: ImportKind, labels: dict[str, str], change: RowChange) -> ShownRow:
    """A new row with its fields, or a changed one with the cells that differ."""
    personal = {column.name for column in kind.columns if column.personal}

    def say(name: str, value: object) -> str:
        words = kind.describe(name, value)
        return mask(words) if name in personal else words

    before = change.before or {}
    cells = tuple(
        ShownCell(labels[name], say(name, before.get(name)), say(name, value))
        for name, value in change.after.items()
        if name in labels
    )
    return ShownRow(change.row_no, mask(change.key) if kind.key in personal else change.key, cells)


def mask(text: str) -> str:
    """A personal value as it may be shown."""
    return f"{text[:1]}＊＊" if text else ""
