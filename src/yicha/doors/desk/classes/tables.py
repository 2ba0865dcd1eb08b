"""Tables and filters of runs and of changes of class."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import django_filters
import django_tables2 as tables
from django import forms
from django.db.models import QuerySet
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from yicha.doors.desk.classes.words import CAUSES, STATES, find_runs, name_run, say_because
from yicha.doors.desk.columns import (
    ClassColumn,
    CodeColumn,
    DateColumn,
    ListTable,
    MainColumn,
    NumberColumn,
    StateColumn,
    WordColumn,
)
from yicha.doors.desk.filters import ChoiceFilter, ObjectFilter, SearchFilter
from yicha.know.credit.queries import classes as queries
from yicha.know.credit.queries import classes_pages as pages
from yicha.know.registry import queries as registry

LETTERS = [(letter, letter) for letter in pages.LETTERS]


class RunTable(ListTable):
    on = MainColumn(
        verbose_name=_("as of"), linkify=lambda record: reverse("desk:classes:run", args=[record.uuid])
    )
    state = StateColumn(STATES, verbose_name=_("state"), accessor="state")
    model = tables.Column(verbose_name=_("model"))
    a = NumberColumn(verbose_name="A", accessor="counts__A", orderable=False)
    b = NumberColumn(verbose_name="B", accessor="counts__B", orderable=False)
    c = NumberColumn(verbose_name="C", accessor="counts__C", orderable=False)
    d = NumberColumn(verbose_name="D", accessor="counts__D", orderable=False)
    changed = NumberColumn(verbose_name=_("changed"))
    engine = WordColumn(verbose_name=_("engine"))
    snapshot = WordColumn(verbose_name=_("snapshot"), accessor="snapshot__manifest_sha256", orderable=False)
    asked_by = tables.Column(verbose_name=_("asked by"))
    ended_at = DateColumn(verbose_name=_("ended at"), moment=True)

    def render_on(self, record: Any) -> str:
        return name_run(record)

    def render_snapshot(self, value: str) -> str:
        return value[:12]

    def value_snapshot(self, value: str) -> str:
        return value

    def render_a(self, value: int) -> str:
        return f"{value:,}"

    render_b = render_c = render_d = render_changed = render_a

    def value_a(self, value: int) -> int:
        return value

    value_b = value_c = value_d = value_changed = value_a


class RunFilter(django_filters.FilterSet):
    """What narrows the list of runs."""

    kind = ChoiceFilter(queries.list_runs, "kind", _("kind"))
    state = ChoiceFilter(queries.list_runs, "state", _("state"))


class ChangeTable(ListTable):
    enterprise = MainColumn(
        verbose_name=_("enterprise"),
        order_by="enterprise__uscc",
        linkify=lambda record: reverse("desk:enterprises:object", args=[record.enterprise.uscc]),
    )
    uscc = CodeColumn(verbose_name=_("unified social credit code"), accessor="enterprise__uscc")
    from_class = ClassColumn(verbose_name=_("class before"))
    to_class = ClassColumn(verbose_name=_("class after"))
    at = DateColumn(verbose_name=_("at"), moment=True)
    because = tables.Column(verbose_name=_("because of"), orderable=False)
    region = tables.Column(
        verbose_name=_("region"), accessor="enterprise__region", order_by="enterprise__region__code"
    )
    industry = tables.Column(
        verbose_name=_("industry"), accessor="enterprise__industry_name", orderable=False
    )

    @cached_property
    def _runs(self) -> dict[str, Any]:
        return find_runs(f"run:{run.uuid}" for run in queries.list_runs()[:500])

    def render_because(self, value: str) -> SafeString | str:
        words, url = say_because(value, self._runs)
        return format_html('<a href="{}">{}</a>', url, words) if url else words

    def value_because(self, value: str) -> str:
        return say_because(value, self._runs)[0]


class ChangeFilter(django_filters.FilterSet):
    """What narrows the list of changes. `run` is in links from pictures."""

    q = SearchFilter(("enterprise__name", "enterprise__uscc"), label=_("enterprise"), hint=_("name or code"))
    from_class = django_filters.ChoiceFilter(label=_("class before"), choices=LETTERS, empty_label=_("all"))
    to_class = django_filters.ChoiceFilter(label=_("class after"), choices=LETTERS, empty_label=_("all"))
    region = ObjectFilter(registry.list_regions, _("region"), field_name="enterprise__region")
    cause = django_filters.ChoiceFilter(
        label=_("because of"), choices=list(CAUSES.items()), empty_label=_("all"), method="by_cause"
    )
    industry = django_filters.CharFilter(
        field_name="enterprise__industry", lookup_expr="istartswith", label=_("industry code")
    )
    run = django_filters.ChoiceFilter(
        label=_("classification"),
        choices=lambda: [(str(run.uuid), name_run(run)) for run in pages.list_shown_runs()[:60]],
        empty_label=_("all"),
        widget=forms.Select(attrs={"data-choose": ""}),
        method="by_run",
    )

    def by_cause(self, rows: QuerySet[Any], _name: str, value: str) -> QuerySet[Any]:
        return rows.filter(because__startswith=f"{value}:")

    def by_run(self, rows: QuerySet[Any], _name: str, value: str) -> QuerySet[Any]:
        found = queries.find_run(UUID(value))
        return pages.of_run(rows, found) if found else rows.none()
