"""The table of visits and its filters."""

from __future__ import annotations

from typing import Any

import django_filters
import django_tables2 as tables
from django import forms
from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from yicha.act.inspection import queries
from yicha.doors.desk.columns import CodeColumn, DateColumn, ListTable, MainColumn, StateColumn
from yicha.doors.desk.filters import ChoiceFilter, DayInput, ObjectFilter, SearchFilter
from yicha.doors.desk.visits import words
from yicha.know.registry import queries as registry
from yicha.know.visits import queries as contacts


class VisitTable(ListTable):
    enterprise = MainColumn(
        verbose_name=_("enterprise"),
        accessor="contact__enterprise__name",
        linkify=lambda record: reverse("desk:visits:object", args=[record.uuid]),
    )
    uscc = CodeColumn(verbose_name=_("unified social credit code"), accessor="contact__enterprise__uscc")
    planned_on = DateColumn(verbose_name=_("planned on"), accessor="contact__planned_on")
    planned_part = tables.Column(
        verbose_name=_("half day"),
        accessor="contact__get_planned_part_display",
        order_by="contact__planned_part",
    )
    state = StateColumn(words.VISIT, verbose_name=_("state"))
    progress = tables.Column(verbose_name=_("parts closed"), accessor="part_count", orderable=False)
    lead = tables.Column(
        verbose_name=_("lead agency"), accessor="contact__lead_agency", order_by="contact__lead_agency__code"
    )
    region = tables.Column(
        verbose_name=_("region"),
        accessor="contact__enterprise__region",
        order_by="contact__enterprise__region__code",
    )
    round = tables.Column(verbose_name=_("round"), accessor="contact__round")
    window = tables.Column(verbose_name=_("window"), accessor="contact__window_to", orderable=False)
    visited_on = DateColumn(verbose_name=_("visited on"))

    def render_progress(self, record: Any) -> str:
        return f"{record.closed_count} / {record.part_count}"

    def render_window(self, record: Any) -> str:
        return f"{record.contact.window_from} – {record.contact.window_to}"


class VisitFilter(django_filters.FilterSet):
    q = SearchFilter(
        ("contact__enterprise__name", "contact__enterprise__uscc", "contact__enterprise__initials"),
        label=_("enterprise"),
        hint=_("name, code, or pinyin initials"),
    )
    state = ChoiceFilter(queries.list_visits, "state", _("state"))
    agency = ObjectFilter(registry.list_agencies, _("agency that takes part"), long=True, method="of_agency")
    round = django_filters.ChoiceFilter(
        field_name="contact__round",
        choices=lambda: [(code, code) for code in contacts.list_round_codes()],
        label=_("round"),
        empty_label=_("all"),
    )
    from_on = django_filters.DateFilter(
        field_name="contact__planned_on", lookup_expr="gte", label=_("planned from"), widget=DayInput()
    )
    to_on = django_filters.DateFilter(
        field_name="contact__planned_on", lookup_expr="lte", label=_("planned to"), widget=DayInput()
    )
    mine = django_filters.BooleanFilter(
        label=_("where I go"), widget=forms.CheckboxInput(), method="where_i_go"
    )

    def of_agency(self, rows: QuerySet[Any], _name: str, agency: Any) -> QuerySet[Any]:
        """Visits in which an agency takes part."""
        return queries.list_of_agency(rows, agency.code)

    def where_i_go(self, rows: QuerySet[Any], _name: str, wanted: bool) -> QuerySet[Any]:
        """Visits on which the person who asks goes as an officer."""
        return (
            queries.list_of_officer(rows, getattr(self.request.user, "certificate", "")) if wanted else rows
        )
