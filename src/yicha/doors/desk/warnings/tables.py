"""The table and the filters of warnings."""

from __future__ import annotations

from typing import Any

import django_filters
import django_tables2 as tables
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from yicha.base.accounts import queries as accounts
from yicha.doors.desk.columns import CodeColumn, DateColumn, ListTable, MainColumn, StateColumn
from yicha.doors.desk.filters import ChoiceFilter, ObjectFilter, SearchFilter
from yicha.doors.desk.warnings.words import TONES, name_red_lines, say
from yicha.know.credit.queries import warnings as queries
from yicha.know.registry import queries as registry

WHOSE = [("me", _("my agency"))]


def page_of(record: Any) -> str:
    """The page of a warning."""
    return reverse("desk:warnings:object", args=[record.uuid])


class WarningTable(ListTable):
    what = MainColumn(verbose_name=_("warning"), accessor="pk", orderable=False, linkify=page_of)
    enterprise = tables.Column(verbose_name=_("enterprise"), order_by="enterprise__uscc")
    uscc = CodeColumn(verbose_name=_("unified social credit code"), accessor="enterprise__uscc")
    kind = tables.Column(verbose_name=_("kind"), attrs={"td": {"class": "tight"}})
    state = StateColumn(TONES, verbose_name=_("state"), accessor="state")
    raised_at = DateColumn(verbose_name=_("raised at"), moment=True)
    region = tables.Column(
        verbose_name=_("region"), accessor="enterprise__region", order_by="enterprise__region__code"
    )
    agencies = tables.Column(verbose_name=_("agencies concerned"), orderable=False)
    closed_by = tables.Column(verbose_name=_("closed by"))

    @cached_property
    def _lines(self) -> Any:
        return name_red_lines()

    @cached_property
    def _names(self) -> dict[str, str]:
        return dict(registry.list_agencies().values_list("code", "name"))

    def render_what(self, record: Any) -> str:
        return say(record, self._lines)

    def value_what(self, record: Any) -> str:
        return say(record, self._lines)

    def render_agencies(self, value: list[str]) -> str:
        return "、".join(self._names.get(code, code) for code in value)

    def value_agencies(self, value: list[str]) -> str:
        return self.render_agencies(value)


class WarningFilter(django_filters.FilterSet):
    """What narrows the list."""

    request: HttpRequest

    q = SearchFilter(("enterprise__name", "enterprise__uscc"), label=_("enterprise"), hint=_("name or code"))
    whose = django_filters.ChoiceFilter(
        label=_("concerns"), choices=WHOSE, empty_label=_("all"), method="of_my_agency"
    )
    kind = ChoiceFilter(queries.list_warnings, "kind", _("kind"))
    state = ChoiceFilter(queries.list_warnings, "state", _("state"))
    region = ObjectFilter(registry.list_regions, _("region"), field_name="enterprise__region")

    def of_my_agency(self, rows: QuerySet[Any], _name: str, _value: str) -> QuerySet[Any]:
        """What names an agency of the person who asks."""
        mine = accounts.list_agencies_of(self.request.user)
        return rows.filter(queries.concerning(mine)) if mine else rows.filter(agencies=[])
