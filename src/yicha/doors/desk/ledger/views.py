"""Pages of the ledger. They read; nobody writes to the ledger but the services whose acts it keeps."""

from __future__ import annotations

from typing import Any

import django_filters
import django_tables2 as tables
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from yicha.base.ledger import queries
from yicha.doors.desk.acts import act_in_words
from yicha.doors.desk.columns import DateColumn, ListTable, MainColumn, NumberColumn
from yicha.doors.desk.filters import SearchFilter
from yicha.doors.desk.lists import ListPage
from yicha.doors.desk.pages import DeskView
from yicha.kernel.refusal import NotFound


class EntryTable(ListTable):
    act = MainColumn(
        verbose_name=gettext_lazy("act"),
        linkify=lambda record: reverse("desk:ledger:object", args=[record.seq]),
    )
    name = tables.Column(verbose_name=gettext_lazy("stored as"), accessor="act", orderable=False)
    subject = tables.Column(verbose_name=gettext_lazy("subject"))
    actor = tables.Column(verbose_name=gettext_lazy("who"))
    at = DateColumn(moment=True, verbose_name=gettext_lazy("at"), order_by="seq")
    seq = NumberColumn(verbose_name=gettext_lazy("number"), localize=False)

    def render_act(self, value: str) -> str:
        return act_in_words(value)

    def value_act(self, value: str) -> str:
        return act_in_words(value)


class EntryFilter(django_filters.FilterSet):
    q = SearchFilter(
        ("subject",), label=gettext_lazy("subject"), hint=gettext_lazy("draw:…, visit:…, or a code")
    )
    act = django_filters.CharFilter(lookup_expr="startswith", label=gettext_lazy("act begins with"))
    actor = django_filters.CharFilter(label=gettext_lazy("who"))


class Ledger(ListPage):
    """Every official act, the newest first."""

    action = "ledger.view"
    title = gettext_lazy("Ledger")
    table_class = EntryTable
    filterset_class = EntryFilter
    template_name = "desk/ledger/list.html"
    empty_title = gettext_lazy("No official act yet")
    empty_icon = "notebook"

    def rows(self) -> QuerySet[Any]:
        return queries.list_entries()

    def context(self) -> dict[str, Any]:
        checkpoints = queries.list_checkpoints()
        return {"size": queries.count_entries(), "checkpoint": checkpoints[-1] if checkpoints else None}


class OneEntry(DeskView):
    """One act with its content, as it was hashed."""

    action = "ledger.view"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        entry = queries.list_entries().filter(seq=self.kwargs["seq"]).first()
        if entry is None:
            raise NotFound
        around = [(one, act_in_words(one.act)) for one in queries.list_entries_of(entry.subject)[:50]]
        title = _("Act %(number)s: %(act)s") % {"number": entry.seq, "act": act_in_words(entry.act)}
        return self.show("desk/ledger/object.html", {"entry": entry, "around": around, "title": title})
