"""The table and the filters of the list of plans."""

from __future__ import annotations

from typing import Any

import django_filters
import django_tables2 as tables
from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from yicha.decide.planning import queries
from yicha.doors.desk.columns import DateColumn, ListTable, MainColumn, NumberColumn, StateColumn
from yicha.doors.desk.filters import ChoiceFilter, ObjectFilter, SearchFilter
from yicha.know.registry import queries as registry

TONES = {
    "draft": ("plain", "edit"),
    "submitted": ("due", "send"),
    "approved": ("action", "rubber-stamp"),
    "published": ("done", "circle-check"),
    "superseded": ("spared", "versions"),
}
"""How a plan's state looks: (tone, icon)."""


class PlanTable(ListTable):
    title = MainColumn(
        verbose_name=_("title"), linkify=lambda record: reverse("desk:plans:object", args=[record.uuid])
    )
    year = tables.Column(verbose_name=_("year"), attrs={"td": {"class": "tight"}}, localize=False)
    owner = tables.Column(verbose_name=_("whose plan"), accessor="owner_words", orderable=False)
    place = tables.Column(verbose_name=_("place"), accessor="place_name", orderable=False)
    state = StateColumn(TONES, verbose_name=_("state"), accessor="state")
    entry_count = NumberColumn(verbose_name=_("entries"))
    expected = NumberColumn(verbose_name=_("to be drawn"))
    version = NumberColumn(verbose_name=_("version"))
    published_on = DateColumn(verbose_name=pgettext_lazy("plan", "published on"))
    code = tables.Column(verbose_name=_("code"), attrs={"td": {"class": "tight"}})

    def render_year(self, value: int) -> str:
        return str(value)


def of_year(rows: QuerySet[Any], _name: str, value: Any) -> QuerySet[Any]:
    """The plans of a year."""
    return rows.filter(year=int(value)) if value else rows


class PlanFilter(django_filters.FilterSet):
    """What narrows the list of plans."""

    q = SearchFilter(("title", "code"), hint=_("title or code"))
    year = django_filters.ChoiceFilter(
        choices=lambda: [
            (str(year), str(year))
            for year in queries.list_plans().order_by("-year").values_list("year", flat=True).distinct()
        ],
        label=_("year"),
        empty_label=_("all"),
        method=of_year,
    )
    state = ChoiceFilter(queries.list_plans, "state", _("state"))
    owner = ObjectFilter(registry.list_agencies, _("agency"), long=True)
