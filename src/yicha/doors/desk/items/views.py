"""Pages of items."""

from __future__ import annotations

from typing import Any

import django_filters
import django_tables2 as tables
from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from yicha.doors.desk import tones
from yicha.doors.desk.columns import DateColumn, ListTable, MainColumn, NumberColumn, StateColumn, WordColumn
from yicha.doors.desk.filters import ChoiceFilter, ObjectFilter, SearchFilter
from yicha.doors.desk.lists import ListPage
from yicha.doors.desk.pages import ObjectPage, Tab
from yicha.kernel import clock
from yicha.know.catalogue import queries
from yicha.know.registry import queries as registry


class ItemTable(ListTable):
    name = MainColumn(
        verbose_name=_("name"), linkify=lambda record: reverse("desk:items:object", args=[record.item.code])
    )
    code = WordColumn(verbose_name=_("code"), accessor="item__code")
    agency_kind = tables.Column(
        verbose_name=_("kind of agency"), accessor="item__agency_kind", order_by="item__agency_kind__code"
    )
    method = tables.Column(verbose_name=_("method"))
    weight = tables.Column(verbose_name=_("weight"))
    annual_cap = NumberColumn(verbose_name=_("times a year"))
    status = StateColumn(tones.ITEM, verbose_name=_("status"))
    version = NumberColumn(verbose_name=_("version"))
    in_force_from = DateColumn(verbose_name=_("in force from"))
    legal_basis = tables.Column(verbose_name=_("legal basis"), orderable=False)


class ItemFilter(django_filters.FilterSet):
    q = SearchFilter(("name", "item__code", "legal_basis"), label=_("item"), hint=_("name, code, or law"))
    kind = ObjectFilter(
        registry.list_agency_kinds, _("kind of agency"), field_name="item__agency_kind", long=True
    )
    method = ChoiceFilter(queries.list_current_versions, "method", _("method"))
    status = ChoiceFilter(queries.list_current_versions, "status", _("status"))


class Items(ListPage):
    """All items, each in its newest version."""

    action = "catalogue.view"
    title = _("Items")
    table_class = ItemTable
    filterset_class = ItemFilter
    extra_columns = ("weight", "version", "in_force_from", "legal_basis")
    empty_title = _("No items yet")
    empty_icon = "checklist"

    def rows(self) -> QuerySet[Any]:
        return queries.list_current_versions()


class OneItem(ObjectPage):
    """One item with all its versions, and the joint lists it stands in."""

    action = "catalogue.view"
    url_name = "desk:items:object"
    tab_url_name = "desk:items:object"
    tabs = (Tab("overview", _("Overview"), "desk/items/overview.html"),)

    def find(self) -> Any:
        return queries.find_item(self.kwargs["code"])

    def context(self) -> dict[str, Any]:
        versions = list(self.object.versions.order_by("-version"))
        current = next(
            (one for one in versions if one.status == "published"), versions[0] if versions else None
        )
        return {
            "title": current.name if current else self.object.code,
            "head_code": self.object.code,
            "crumb": _("Items"),
            "crumb_url": reverse("desk:items:list"),
            "versions": versions,
            "current": current,
            "tone": tones.ITEM.get(current.status if current else "", ("plain", "circle")),
            "joint_lists": self.object.joint_lists.select_related("lead_kind"),
            "today": clock.today(clock.now()),
        }
