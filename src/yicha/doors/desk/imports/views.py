"""Pages of imports."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import FileResponse, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from yicha.base.accounts import queries as accounts
from yicha.doors.desk.imports.tables import (
    TONES,
    ImportFilter,
    ImportTable,
    ShownRow,
    kind_label,
    labels_of,
    show_change,
    show_problems,
)
from yicha.doors.desk.lists import ListPage
from yicha.doors.desk.pages import DeskView, ObjectPage, Tab
from yicha.ingest.exchange import queries, services
from yicha.kernel import clock

ROWS_A_PAGE = 50
SILENCE = timedelta(minutes=2)
"""A job that has said nothing for so long has died: its act is offered again."""


class Imports(ListPage):
    """All imports, the latest first."""

    action = "import.view"
    title = _("Imports")
    table_class = ImportTable
    filterset_class = ImportFilter
    template_name = "desk/imports/list.html"
    extra_columns = ("rows_unchanged",)
    empty_title = _("Nothing was imported yet")
    empty_icon = "file-import"

    def rows(self) -> QuerySet[Any]:
        return queries.list_imports()

    def context(self) -> dict[str, Any]:
        return {"may_run": self.may("import.run")}


class OneImport(ObjectPage):
    """One import: what the check found, row by row, and the next act."""

    action = "import.view"
    url_name = "desk:imports:object"
    tab_url_name = "desk:imports:tab"
    tabs = (
        Tab("overview", _("Overview"), "desk/imports/overview.html"),
        Tab("rejected", _("Rejected rows"), "desk/imports/rejected.html"),
        Tab("changed", _("Changed rows"), "desk/imports/changed.html"),
        Tab("new", _("New rows"), "desk/imports/new.html"),
        Tab("headers", _("Headers"), "desk/imports/headers.html"),
    )

    def find(self) -> Any:
        return queries.find_import(self.kwargs["uuid"])

    def context(self) -> dict[str, Any]:
        entry = self.object
        progress = queries.find_progress(entry)
        busy = progress is not None and bool(progress.act)
        silent = (
            progress is not None
            and busy
            and progress.updated_at is not None
            and clock.now() - progress.updated_at > SILENCE
        )
        return {
            "crumb": _("Imports"),
            "crumb_url": reverse("desk:imports:list"),
            "title": entry.file_name,
            "kind": kind_label(entry.kind),
            "tone": TONES[entry.state],
            "tally": entry.tally,
            "busy": busy and not silent,
            "silent": silent,
            "progress": progress,
            "failure": queries.failure_of(progress) if progress and not busy else [],
            "remarks": queries.remarks_of(entry),
            "may_run": self.may("import.run", entry),
            "waiting": queries.has_staging(entry),
        }

    def context_overview(self) -> dict[str, Any]:
        labels = (
            labels_of(queries.get_kind(self.object.kind), self.object.columns) if self.object.columns else {}
        )
        notes = [(labels.get(note.column, note.column), note) for note in queries.notes_of(self.object)]
        return {"notes": notes}

    def context_rejected(self) -> dict[str, Any]:
        kind = queries.get_kind(self.object.kind)
        page = Paginator(queries.list_rejected(self.object), ROWS_A_PAGE).get_page(
            self.request.GET.get("page")
        )
        labels = labels_of(kind, self.object.columns)
        shown = [show_problems(kind, labels, row.row_no, queries.problems_of(row)) for row in page]
        return {"page": page, "shown": shown}

    def context_changed(self) -> dict[str, Any]:
        return self._changes(queries.list_changes, self.object.rows_changed or 0)

    def context_new(self) -> dict[str, Any]:
        return self._changes(queries.list_fresh, self.object.rows_new or 0)

    def context_headers(self) -> dict[str, Any]:
        kind = queries.get_kind(self.object.kind)
        labels = {column.name: gettext(column.label) for column in kind.columns}
        placed = queries.suggest(kind, self.object.headers, self.object.mapping)
        return {"placed": [(header, labels.get(column, "")) for header, column in placed]}

    def _changes(self, query: Any, count: int) -> dict[str, Any]:
        kind = queries.get_kind(self.object.kind)
        page = Paginator(range(count), ROWS_A_PAGE).get_page(self.request.GET.get("page"))
        labels = labels_of(kind, self.object.columns)
        rows: list[ShownRow] = [
            show_change(kind, labels, change)
            for change in query(self.object, ROWS_A_PAGE, max(page.start_index() - 1, 0))
        ]
        return {"page": page, "shown": rows, "key_label": labels.get(kind.key, "")}


class Progress(DeskView):
    """The part of the page that says how far a job is; without it the page loads itself anew."""

    action = "import.view"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        entry = accounts.get_allowed(queries.find_import(self.kwargs["uuid"]), self.person, self.action)
        progress = queries.find_progress(entry)
        if progress is None or not progress.act:
            response = HttpResponse()
            response["HX-Refresh"] = "true"
            return response
        return render(request, "desk/imports/progress.html", {"object": entry, "progress": progress})


class Report(DeskView):
    """The error workbook: rejected rows as they stand in the file, with their reasons."""

    action = "import.run"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        entry = accounts.get_allowed(queries.find_import(self.kwargs["uuid"]), self.person, self.action)
        with TemporaryDirectory() as folder:
            out = Path(folder) / "report.xlsx"
            services.write_report(entry, services.source_of(entry), out)
            return FileResponse(
                out.open("rb"), as_attachment=True, filename=f"{Path(entry.file_name).stem}-rejected.xlsx"
            )
