"""Pages of joint lists."""

from __future__ import annotations

from itertools import groupby
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
from yicha.know.catalogue import queries
from yicha.know.registry import queries as registry


class JointListTable(ListTable):
    name = MainColumn(
        verbose_name=_("name"), linkify=lambda record: reverse("desk:joint_lists:object", args=[record.code])
    )
    code = WordColumn(verbose_name=_("code"))
    lead_kind = tables.Column(verbose_name=_("lead agency"), order_by="lead_kind__code")
    agency_count = NumberColumn(verbose_name=_("agencies"))
    item_count = NumberColumn(verbose_name=_("items"))
    directory = tables.Column(verbose_name=_("directory"), order_by="directory__name")


class JointListFilter(django_filters.FilterSet):
    q = SearchFilter(("name", "code"), label=_("joint list"), hint=_("name or code"))
    lead_kind = ObjectFilter(registry.list_agency_kinds, _("lead agency"), long=True)


class JointLists(ListPage):
    """All joint lists."""

    action = "catalogue.view"
    title = _("Joint lists")
    table_class = JointListTable
    filterset_class = JointListFilter
    template_name = "desk/joint_lists/list.html"
    empty_title = _("No joint lists yet")
    empty_icon = "list-details"

    def rows(self) -> QuerySet[Any]:
        return queries.list_joint_lists().annotate(
            item_count=Count("items", distinct=True), agency_count=Count("items__agency_kind", distinct=True)
        )


class OneJointList(ObjectPage):
    """One joint list: who leads, who takes part, what is checked, at what rates."""

    action = "catalogue.view"
    url_name = "desk:joint_lists:object"
    tab_url_name = "desk:joint_lists:object"
    tabs = (Tab("overview", _("Overview"), "desk/joint_lists/overview.html"),)

    def find(self) -> Any:
        return queries.find_joint_list(self.kwargs["code"])

    def context(self) -> dict[str, Any]:
        today = clock.today(clock.now())
        versions = (
            queries.list_versions_in_force(today)
            .filter(item__in=self.object.items.all())
            .order_by("item__agency_kind__code", "item__code")
        )
        groups = [
            (kind, list(rows)) for kind, rows in groupby(versions, key=lambda row: row.item.agency_kind)
        ]
        groups.sort(key=lambda group: group[0].pk != self.object.lead_kind_id)
        return {
            "head_code": self.object.code,
            "crumb": _("Joint lists"),
            "crumb_url": reverse("desk:joint_lists:list"),
            "groups": groups,
            "rates": [self._rate(letter) for letter in "ABCD"],
        }

    def _rate(self, letter: str) -> tuple[str, Any]:
        found = queries.find_rate(
            queries.list_rate_facts(),
            joint_list=self.object.code,
            risk_class=letter,
            region="",
            on=clock.today(clock.now()),
        )
        return letter, found
