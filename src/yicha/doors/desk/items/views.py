"""Pages of items."""

from __future__ import annotations

from datetime import date
from typing import Any

import django_filters
import django_tables2 as tables
from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from yicha.doors.desk import tones
from yicha.doors.desk.columns import DateColumn, ListTable, MainColumn, NumberColumn, StateColumn, WordColumn
from yicha.doors.desk.filters import ChoiceFilter, ObjectFilter, SearchFilter
from yicha.doors.desk.lists import ListPage
from yicha.doors.desk.pages import ObjectPage, Tab
from yicha.kernel import clock
from yicha.know.agreement import queries as agreement
from yicha.know.catalogue import queries
from yicha.know.registry import queries as registry
from yicha.know.visits import queries as visits


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
    status = StateColumn(tones.ITEM, verbose_name=pgettext_lazy("item", "status"))
    version = NumberColumn(verbose_name=_("version"))
    in_force_from = DateColumn(verbose_name=_("in force from"))
    legal_basis = tables.Column(verbose_name=_("legal basis"), orderable=False)
    last_checked_on = DateColumn(verbose_name=_("checked last on"))


def unused_since() -> date:
    """The day since which an item must have been checked: so many years ago (国办发〔2024〕54号)."""
    today = clock.today(clock.now())
    years = int(queries.get_number("unused-item-years", today).value)
    return date(today.year - years, today.month, min(today.day, 28))


def use_choices() -> list[tuple[str, str]]:
    """The choice of unused items, in the words of the number that is in force."""
    number = queries.get_number("unused-item-years", clock.today(clock.now()))
    return [("no", gettext("unused for %(years)s years") % {"years": int(number.value)})]


class ItemFilter(django_filters.FilterSet):
    q = SearchFilter(("name", "item__code", "legal_basis"), label=_("item"), hint=_("name, code, or law"))
    kind = ObjectFilter(
        registry.list_agency_kinds, _("kind of agency"), field_name="item__agency_kind", long=True
    )
    method = ChoiceFilter(queries.list_current_versions, "method", _("method"))
    status = ChoiceFilter(queries.list_current_versions, "status", pgettext_lazy("item", "status"))
    unused = django_filters.ChoiceFilter(
        choices=use_choices, method="narrow_unused", label=_("use"), empty_label=_("all")
    )

    def narrow_unused(self, rows: QuerySet[Any], _name: str, _value: str) -> QuerySet[Any]:
        """Published items that were there so long ago and were not checked since; with the day of the last check."""
        since = unused_since()
        known = rows.filter(status="published", item__in=queries.list_items_known_on(since))
        unused = known.filter(~visits.checked_since(since))
        found: QuerySet[Any] = unused.annotate(last_checked_on=visits.last_checked())
        return found


class Items(ListPage):
    """All items, each in its newest version."""

    action = "catalogue.view"
    title = _("Items")
    table_class = ItemTable
    filterset_class = ItemFilter
    template_name = "desk/items/list.html"
    extra_columns = ("weight", "version", "in_force_from", "legal_basis")
    empty_title = _("No items yet")
    empty_icon = "checklist"

    def rows(self) -> QuerySet[Any]:
        return queries.list_current_versions()

    def context(self) -> dict[str, Any]:
        today = clock.today(clock.now())
        number = queries.get_number("unused-item-years", today) if self.request.GET.get("unused") else None
        return {"unused": number}

    def _hidden(self, table: tables.Table) -> set[str]:
        """The day of the last check is worked out for unused items alone: for the others it would take long."""
        return super()._hidden(table) | (set() if self.request.GET.get("unused") else {"last_checked_on"})


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
            "rulings": agreement.list_rulings_of_item(self.object.code),
            "today": clock.today(clock.now()),
        }
