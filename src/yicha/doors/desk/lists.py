"""The list page: filters in the address, chips, count, columns chosen and remembered, export of exactly this."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar
from urllib.parse import urlencode

import django_tables2 as tables
from django.conf import settings
from django.core.paginator import Page, Paginator
from django.db.models import Count, QuerySet, Window
from django.forms import ChoiceField, ModelChoiceField
from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django_filters import FilterSet
from django_tables2.rows import BoundRows

from yicha.base.accounts import queries as accounts
from yicha.doors.desk import making
from yicha.doors.desk.export import file_name, workbook_response, write_workbook
from yicha.doors.desk.pages import DeskView, Words
from yicha.kernel import clock
from yicha.kernel.refusal import NotFound

PER_PAGE = 50
AT_ONCE = 3_000
"""A workbook of so many rows is made within two seconds; a longer one shows its progress."""
COUNTED = 200_000
"""Counting stops here: the page then says "more than". Below it the count is exact."""


DEEPEST = 10_000
"""Nobody reads further by pages: filters lead there faster, and the export has everything."""


class Pages(Paginator):  # type: ignore[type-arg]
    """Pages of a list whose rows were counted elsewhere, at most to `COUNTED`."""

    def __init__(self, counted: int) -> None:
        super().__init__([], PER_PAGE)
        self.counted = counted

    @property
    def count(self) -> int:
        return min(self.counted, COUNTED)

    @property
    def is_cut(self) -> bool:
        """Whether there are more rows than were counted."""
        return self.counted > COUNTED


def fetch_page(rows: QuerySet[Any], number: int, *, in_one_pass: bool) -> tuple[list[Any], int]:
    """The rows of a page and the count of all.

    Keys are found first, on the narrow table, and only their rows are joined. Counting reads an index alone, except
    where a filter looks into texts: then the same pass counts. So 100,000 rows answer as fast as a thousand.
    """
    begin = (number - 1) * PER_PAGE
    ordered = rows.order_by(*rows.query.order_by, "pk") if rows.query.order_by else rows
    keys = ordered.values_list("pk", flat=True)
    if in_one_pass:
        found = list(
            keys.annotate(_total=Window(Count("*"))).values_list("pk", "_total")[begin : begin + PER_PAGE]
        )
        wanted = [key for key, _total in found]
        counted = found[0][1] if found else 0
    else:
        wanted = list(keys[begin : begin + PER_PAGE])
        counted = rows.order_by().values("pk")[: COUNTED + 1].count()
    by_key = {row.pk: row for row in rows.order_by().filter(pk__in=wanted)}
    return [by_key[key] for key in wanted if key in by_key], counted


@dataclass(frozen=True)
class Chip:
    """A filter that is on: what it says, and the address without it."""

    label: str
    value: str
    without: str


@dataclass(frozen=True)
class ColumnChoice:
    """A column that can be shown or not."""

    name: str
    label: str
    is_shown: bool


class ListPage(DeskView):
    """A list. `rows` gives what exists; scoping, filters, order, columns, pages and export are done here.

    `rows_action` is the action by which rows are scoped (`action` unless it differs); a model without
    `scope_fields` is not narrowed. Columns named in `extra_columns` start hidden.
    """

    table_class: ClassVar[type[tables.Table]]
    filterset_class: ClassVar[type[FilterSet] | None] = None
    template_name = "desk/list.html"
    extra_columns: ClassVar[tuple[str, ...]] = ()
    fixed_columns: ClassVar[tuple[str, ...]] = ()
    costly_filters: ClassVar[tuple[str, ...]] = ("q", "directory")
    empty_title: Words = ""
    empty_icon: ClassVar[str] = "list-search"
    bulk: ClassVar[bool] = False

    def rows(self) -> QuerySet[Any]:
        """Everything the list is about, from a query."""
        raise NotImplementedError

    def context(self) -> dict[str, Any]:
        """What the page needs beside the list: actions of the head, the words of the empty state."""
        return {}

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if "columns-chosen" in request.GET:
            return self._remember_columns()
        rows = self.scoped_rows()
        filters = (
            self.filterset_class(request.GET, queryset=rows, request=request)
            if self.filterset_class
            else None
        )
        if filters is not None:
            filters.form.auto_id = "filter-%s"
            rows = filters.qs
        table = self._table(rows)
        if request.GET.get("export") == "xlsx":
            return self._export(table, self._chips(filters))
        return self._page(table, filters)

    def _export(self, table: tables.Table, chips: list[Chip]) -> HttpResponseBase:
        """The workbook at once, or for a long list a page that shows how far it is."""
        folder = settings.MEDIA_ROOT / "exports"
        key = self.request.GET.get("made", "")
        if key:
            return self._making(folder, key)
        title, rows = str(self.title), table.data.data
        total = rows.order_by().values("pk").count()
        if total <= AT_ONCE:
            return workbook_response(title, self.list_name, table, chips)
        now = clock.now()
        key, _thread = making.begin(
            folder, lambda place, tell: write_workbook(place, title, table, chips, now, tell), total
        )
        self.request.session["made"] = [*self.request.session.get("made", []), key][-20:]
        return HttpResponseRedirect(f"{self.request.get_full_path()}&made={key}")

    def _making(self, folder: Path, key: str) -> HttpResponseBase:
        """How far the workbook is that this person asked for, or the workbook."""
        progress = making.find_progress(folder, key) if key in self.request.session.get("made", []) else None
        if progress is None:
            raise NotFound
        if progress.state == "made" and "save" in self.request.GET:
            name = file_name(self.list_name, clock.now())
            return FileResponse(making.file_of(folder, key).open("rb"), as_attachment=True, filename=name)
        context = {
            "progress": progress,
            "address": self.request.get_full_path(),
            "back": f"?{urlencode(self._query(('export', 'made')))}",
        }
        if self.request.headers.get("HX-Request"):
            return self.show("desk/export_progress.html", context)
        return self.show("desk/export.html", context)

    def scoped_rows(self) -> QuerySet[Any]:
        """`rows`, narrowed to what this person may see."""
        rows = self.rows()
        if hasattr(rows.model, "scope_fields"):
            return accounts.scoped(rows, self.person, self.action)
        return rows

    @property
    def list_name(self) -> str:
        """Under which name columns and views are remembered."""
        return f"{type(self).__module__.rsplit('.', 2)[-2]}.{type(self).__name__}".lower()

    def _table(self, rows: QuerySet[Any]) -> tables.Table:
        table = self.table_class(rows, order_by_field="sort")
        # Given to the constructor, the request would make the table page and count by itself.
        table.request = self.request
        if self.request.GET.get("sort"):
            table.order_by = self.request.GET["sort"]
        for name in self._hidden(table):
            table.columns.hide(name)
        return table

    def _hidden(self, table: tables.Table) -> set[str]:
        names = list(table.columns.names())
        wanted = self.request.GET.get("columns") or self.request.session.get(f"columns:{self.list_name}", "")
        chosen = [name for name in wanted.split(",") if name in names]
        if not chosen:
            return set(self.extra_columns) & set(names)
        return set(names) - set(chosen) - set(self.fixed_columns) - {names[0], "pick"}

    def _remember_columns(self) -> HttpResponseRedirect:
        chosen = ",".join(self.request.GET.getlist("column"))
        self.request.session[f"columns:{self.list_name}"] = chosen
        query = self.request.GET.copy()
        for name in ("columns-chosen", "column", "columns"):
            query.pop(name, None)
        return HttpResponseRedirect(f"{self.request.path}?{query.urlencode()}")

    def _page(self, table: tables.Table, filters: FilterSet | None) -> HttpResponse:
        chips = self._chips(filters)
        one_pass = any(self.request.GET.get(name) for name in self.costly_filters)
        wanted = self.request.GET.get("page", "")
        number = min(max(1, int(wanted)), DEEPEST // PER_PAGE) if wanted.isdecimal() else 1
        rows, counted = fetch_page(table.data.data, number, in_one_pass=one_pass)
        if not rows and number > 1:
            number = 1
            rows, counted = fetch_page(table.data.data, 1, in_one_pass=one_pass)
        paginator = Pages(counted)
        page = Page(BoundRows(rows, table=table), number, paginator)
        table.page, table.paginator = page, paginator
        context = {
            "table": table,
            "filters": filters,
            "chips": chips,
            "page": page,
            "count": paginator.count,
            "is_cut": paginator.is_cut,
            "is_deepest": number == DEEPEST // PER_PAGE,
            "columns": self._column_choices(table),
            "query": self._query(("columns-chosen", "column", "page")),
            "export_url": f"?{urlencode([*self._query(('export', 'page')), ('export', 'xlsx')])}",
            "list_name": self.list_name,
            "empty_title": self.empty_title,
            "empty_icon": self.empty_icon,
            **self.context(),
        }
        return self.show(context=context)

    def _query(self, without: tuple[str, ...]) -> list[tuple[str, str]]:
        given = self.request.GET
        return [
            (name, value) for name in given for value in given.getlist(name) if name not in without and value
        ]

    def _column_choices(self, table: tables.Table) -> list[ColumnChoice]:
        chosen: list[ColumnChoice] = []
        first = True
        for column in table.columns.iterall():
            if column.name != "pick" and not first and column.name not in self.fixed_columns:
                chosen.append(ColumnChoice(column.name, str(column.header), column.visible))
            first = first and column.name == "pick"
        return chosen

    def _chips(self, filters: FilterSet | None) -> list[Chip]:
        if filters is None or not filters.form.is_valid():
            return []
        return [
            Chip(
                str(filters.form.fields[name].label or name),
                _words_of(filters, name, value),
                self._without(name, value),
            )
            for name, value in self._set_values(filters)
        ]

    def _set_values(self, filters: FilterSet) -> Iterator[tuple[str, str]]:
        for name in filters.form.fields:
            for value in self.request.GET.getlist(name):
                if value:
                    yield name, value

    def _without(self, name: str, value: str) -> str:
        kept = [pair for pair in self._query(("page",)) if pair != (name, value)]
        return f"?{urlencode(kept)}"


def _words_of(filters: FilterSet, name: str, value: str) -> str:
    """A chosen value in the words of the form."""
    field = filters.form.fields[name]
    if isinstance(field, ModelChoiceField):
        cleaned = filters.form.cleaned_data.get(name)
        found = [one for one in (cleaned if hasattr(cleaned, "__iter__") else [cleaned]) if one is not None]
        return next((str(one) for one in found if str(field.prepare_value(one)) == value), value)
    if isinstance(field, ChoiceField):
        choices: Any = field.choices
        return next((str(words) for key, words in choices if str(key) == value), value)
    return value
