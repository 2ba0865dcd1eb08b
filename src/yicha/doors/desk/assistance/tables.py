"""The table and the filters of requests for assistance."""

from __future__ import annotations

import django_filters
import django_tables2 as tables
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from yicha.doors.desk.columns import CodeColumn, DateColumn, ListTable, MainColumn, StateColumn
from yicha.doors.desk.filters import ChoiceFilter, ObjectFilter, SearchFilter
from yicha.know.agreement import queries
from yicha.know.registry import queries as registry

TONES = {
    "asked": ("due", "clock"),
    "granted": ("done", "circle-check"),
    "declined": ("refuse", "circle-x"),
    "withdrawn": ("spared", "arrow-back-up"),
    "revoked": ("refuse", "ban"),
}
"""How a request's state looks: (tone, icon)."""


class AssistanceTable(ListTable):
    enterprise = MainColumn(
        verbose_name=_("enterprise"),
        accessor="enterprise__name",
        linkify=lambda record: reverse("desk:assistance:object", args=[record.code]),
    )
    code = tables.Column(verbose_name=_("number"), attrs={"td": {"class": "tight"}})
    uscc = CodeColumn(verbose_name=_("unified social credit code"), accessor="enterprise__uscc")
    agency = tables.Column(verbose_name=_("who asks"), order_by="agency__code")
    region = tables.Column(verbose_name=_("region asked"), order_by="region__code")
    from_on = DateColumn(verbose_name=_("first day"))
    until_on = DateColumn(verbose_name=_("last day"))
    state = StateColumn(TONES, verbose_name=_("state"), accessor="state")
    due_on = DateColumn(verbose_name=_("answer due"))
    filed_at = DateColumn(verbose_name=_("asked at"))


class AssistanceFilter(django_filters.FilterSet):
    """What narrows the list of requests."""

    q = SearchFilter(
        ("enterprise__name", "enterprise__uscc", "code", "purpose"),
        label=_("request"),
        hint=_("enterprise, number, or words"),
    )
    state = ChoiceFilter(queries.list_assistance, "state", _("state"))
    region = ObjectFilter(registry.list_regions, _("region asked"), long=True)
