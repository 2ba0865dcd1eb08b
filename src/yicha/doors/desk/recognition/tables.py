"""The list of results for others: its columns and filters."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import django_filters
import django_tables2 as tables
from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from yicha.base.accounts import queries as accounts
from yicha.doors.desk.columns import CodeColumn, DateColumn, ListTable, MainColumn
from yicha.doors.desk.filters import ObjectFilter, SearchFilter
from yicha.doors.desk.recognition.words import SOON_DAYS, STANDINGS, look
from yicha.doors.templatetags.look import state_html
from yicha.kernel import clock
from yicha.know.catalogue import queries as catalogue
from yicha.know.registry import queries as registry
from yicha.share.recognition import queries

WHOSE = {
    "own": gettext_lazy("found by my agency"),
    "offered": gettext_lazy("offered to my agency"),
    "refused": gettext_lazy("refused by somebody"),
}
STATES = {**STANDINGS, "soon": gettext_lazy("ends soon")}


class SharedTable(ListTable):
    enterprise = MainColumn(
        verbose_name=gettext_lazy("enterprise"),
        accessor="enterprise__name",
        linkify=lambda record: reverse("desk:recognition:object", args=[record.uuid]),
    )
    uscc = CodeColumn(verbose_name=gettext_lazy("code"), accessor="enterprise__uscc")
    item = tables.Column(
        verbose_name=gettext_lazy("item"), accessor="item_version__name", order_by="item_version__item__code"
    )
    result = tables.Column(
        verbose_name=gettext_lazy("result"), accessor="get_result_code_display", order_by="result_code"
    )
    agency = tables.Column(verbose_name=gettext_lazy("found by"), order_by="agency__code")
    found_on = DateColumn(verbose_name=gettext_lazy("found on"))
    valid_until = DateColumn(verbose_name=gettext_lazy("valid until"))
    standing = tables.Column(
        verbose_name=gettext_lazy("state"), accessor="state", order_by=("state", "valid_until")
    )
    region = tables.Column(verbose_name=gettext_lazy("region"), accessor="enterprise__region")
    refused_by = tables.Column(verbose_name=gettext_lazy("refused by"), orderable=False)

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.today = clock.today(clock.now())
        self.agencies = dict(registry.list_agencies().values_list("code", "name"))

    def render_standing(self, record: Any) -> str:
        words, tone, icon = look(record, self.today)
        left = (record.valid_until - self.today).days
        if tone == "recognise" and left <= SOON_DAYS:
            return state_html(_("%(days)s days left") % {"days": left}, "due", "clock")
        return state_html(str(words), tone, icon)

    def value_standing(self, record: Any) -> str:
        return str(look(record, self.today)[0])

    def render_refused_by(self, value: list[str]) -> str:
        return "、".join(self.agencies.get(code, code) for code in value)


class SharedFilter(django_filters.FilterSet):
    """What narrows the list."""

    q = SearchFilter(("enterprise__name", "enterprise__uscc"), hint=gettext_lazy("name or code"))
    state = django_filters.ChoiceFilter(
        choices=list(STATES.items()),
        label=gettext_lazy("state"),
        empty_label=gettext_lazy("all"),
        method="by_state",
    )
    whose = django_filters.ChoiceFilter(
        choices=list(WHOSE.items()),
        label=gettext_lazy("found by or offered to"),
        empty_label=gettext_lazy("all"),
        method="by_whose",
    )
    item = ObjectFilter(
        catalogue.list_items, gettext_lazy("item"), long=True, field_name="item_version__item"
    )
    region = ObjectFilter(
        registry.list_regions, gettext_lazy("region of the agency"), field_name="agency__region"
    )

    def by_state(self, rows: QuerySet[Any], _name: str, value: str) -> QuerySet[Any]:
        """How it stands today; ending soon is a part of what may be recognised."""
        today = clock.today(clock.now())
        if value == "revoked":
            return rows.filter(state="revoked")
        offered = rows.filter(state="offered")
        if value == "ended":
            return offered.filter(valid_until__lt=today)
        valid = offered.filter(valid_until__gte=today)
        return valid.filter(valid_until__lte=today + timedelta(days=SOON_DAYS)) if value == "soon" else valid

    def by_whose(self, rows: QuerySet[Any], _name: str, value: str) -> QuerySet[Any]:
        """Own, or what an agreement offers to an agency of the person who asks."""
        if value == "refused":
            return rows.exclude(refused_by=[])
        agencies = list(
            registry.list_agencies().filter(code__in=accounts.list_agencies_of(self.request.user))
        )
        if value == "own":
            return rows.filter(agency__in=[agency.pk for agency in agencies])
        today = clock.today(clock.now())
        offered = Q(pk__in=[])
        for agency in agencies:
            mine = queries.list_offered_to(queries.asker_of(agency), today)
            offered |= Q(pk__in=mine.order_by().values("pk"))
        return rows.filter(offered)


class CertificateTable(ListTable):
    number = MainColumn(
        verbose_name=gettext_lazy("number"),
        linkify=lambda record: reverse("desk:recognition:certificate", args=[record.number]),
    )
    enterprise = tables.Column(verbose_name=gettext_lazy("enterprise"), order_by="enterprise__name")
    uscc = CodeColumn(verbose_name=gettext_lazy("code"), accessor="enterprise__uscc")
    agency = tables.Column(verbose_name=gettext_lazy("agency"), order_by="agency__code")
    issued_at = DateColumn(verbose_name=gettext_lazy("issued at"), moment=True)
    valid_until = DateColumn(verbose_name=gettext_lazy("valid until"))


class CertificateFilter(django_filters.FilterSet):
    """What narrows the list of certificates."""

    q = SearchFilter(
        ("number", "enterprise__name", "enterprise__uscc"), hint=gettext_lazy("number, name or code")
    )
    agency = ObjectFilter(registry.list_agencies, gettext_lazy("agency"), long=True)
