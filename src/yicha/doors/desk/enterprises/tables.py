"""The table of enterprises."""

from __future__ import annotations

from typing import Any

import django_filters
import django_tables2 as tables
from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from yicha.doors.desk import tones
from yicha.doors.desk.columns import ClassColumn, CodeColumn, DateColumn, ListTable, MainColumn, StateColumn
from yicha.doors.desk.filters import ChoiceFilter, ObjectFilter, SearchFilter
from yicha.know.registry import queries


def address_of(record: Any) -> str:
    """The page of an enterprise."""
    return reverse("desk:enterprises:object", args=[record.uscc])


class EnterpriseTable(ListTable):
    name = MainColumn(verbose_name=_("name"), linkify=address_of)
    uscc = CodeColumn(verbose_name=_("unified social credit code"))
    kind = tables.Column(verbose_name=_("kind"))
    industry_name = tables.Column(verbose_name=_("industry"))
    industry = tables.Column(verbose_name=_("industry code"))
    region = tables.Column(verbose_name=_("region"), order_by="region__code")
    zone = tables.Column(verbose_name=_("zone"), order_by="zone__code")
    risk_class = ClassColumn(verbose_name=_("class"))
    status = StateColumn(tones.ENTERPRISE, verbose_name=_("status"))
    address = tables.Column(verbose_name=_("address"))
    registered_on = DateColumn(verbose_name=_("registered on"))
    capital = tables.Column(verbose_name=_("registered capital"), orderable=False)


class EnterpriseSearch(SearchFilter):
    """By name, former name, code, or pinyin initials."""

    def filter(self, qs: QuerySet[Any], value: str) -> QuerySet[Any]:
        return queries.search_enterprises(qs, value) if value else qs


class EnterpriseFilter(django_filters.FilterSet):
    q = EnterpriseSearch(label=_("enterprise"), hint=_("name, code, or pinyin initials"))
    region = ObjectFilter(queries.list_regions, _("region"))
    zone = ObjectFilter(queries.list_zones, _("zone"))
    risk_class = ChoiceFilter(queries.list_enterprises, "risk_class", _("class"))
    status = ChoiceFilter(queries.list_enterprises, "status", _("status"))
    kind = ChoiceFilter(queries.list_enterprises, "kind", _("kind"))
    industry = django_filters.CharFilter(lookup_expr="istartswith", label=_("industry code"))
    directory = ObjectFilter(queries.list_directories, _("directory"), long=True, method="in_directory")

    def in_directory(self, rows: QuerySet[Any], _name: str, directory: Any) -> QuerySet[Any]:
        """The members of a directory, by its rule or by hand."""
        return rows.filter(pk__in=queries.list_members(directory).order_by().values("pk"))
