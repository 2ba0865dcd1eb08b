"""Pages of agencies."""

from __future__ import annotations

from typing import Any

import django_filters
import django_tables2 as tables
from django.db.models import Count, QuerySet
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from yicha.doors.desk.columns import ListTable, MainColumn, NumberColumn, WordColumn
from yicha.doors.desk.filters import ObjectFilter, SearchFilter
from yicha.doors.desk.lists import ListPage
from yicha.doors.desk.pages import ObjectPage, Tab
from yicha.kernel import clock
from yicha.know.catalogue import queries as catalogue
from yicha.know.registry import queries
from yicha.know.visits import queries as visits


class AgencyTable(ListTable):
    name = MainColumn(
        verbose_name=_("name"), linkify=lambda record: reverse("desk:agencies:object", args=[record.code])
    )
    code = WordColumn(verbose_name=_("code"))
    kind = tables.Column(verbose_name=_("kind"), order_by="kind__code")
    region = tables.Column(verbose_name=_("region"), order_by="region__code")
    officer_count = NumberColumn(verbose_name=_("officers"))


class AgencyFilter(django_filters.FilterSet):
    q = SearchFilter(("name", "code"), label=_("agency"), hint=_("name or code"))
    kind = ObjectFilter(queries.list_agency_kinds, _("kind"))
    region = ObjectFilter(queries.list_regions, _("region"))


class Agencies(ListPage):
    """All agencies."""

    action = "registry.view"
    title = _("Agencies")
    table_class = AgencyTable
    filterset_class = AgencyFilter
    empty_title = _("No agencies yet")
    empty_icon = "building-bank"

    def rows(self) -> QuerySet[Any]:
        return queries.list_agencies().annotate(officer_count=Count("officers"))


class OneAgency(ObjectPage):
    """One agency: its officers, what it may check, what it leads."""

    action = "registry.view"
    url_name = "desk:agencies:object"
    tab_url_name = "desk:agencies:tab"
    tabs = (
        Tab("overview", _("Overview"), "desk/agencies/overview.html"),
        Tab("items", _("Items"), "desk/agencies/items.html"),
    )

    def find(self) -> Any:
        return queries.find_agency(self.kwargs["code"])

    def context(self) -> dict[str, Any]:
        return {"crumb": _("Agencies"), "crumb_url": reverse("desk:agencies:list")}

    def context_overview(self) -> dict[str, Any]:
        today = clock.today(clock.now())
        officers = queries.list_officers().filter(agency=self.object)
        return {
            "officers": officers,
            "fit": queries.list_fit_officers(today).filter(agency=self.object).count(),
            "led": catalogue.list_joint_lists().filter(lead_kind=self.object.kind),
            "planned": visits.list_contacts().filter(lead_agency=self.object, state="planned").count(),
            "today": today,
        }

    def context_items(self) -> dict[str, Any]:
        today = clock.today(clock.now())
        return {
            "versions": catalogue.list_versions_in_force(today).filter(item__agency_kind=self.object.kind)
        }
