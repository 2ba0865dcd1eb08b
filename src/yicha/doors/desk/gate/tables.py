"""The list of applications: its columns and filters."""

from __future__ import annotations

from typing import Any

import django_filters
import django_tables2 as tables
from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from yicha.decide.gate import queries
from yicha.doors.desk.columns import CodeColumn, DateColumn, ListTable, MainColumn
from yicha.doors.desk.filters import ObjectFilter, SearchFilter
from yicha.doors.desk.gate.triggers import trigger_choices, trigger_words
from yicha.doors.desk.gate.words import STATES, state_words
from yicha.doors.templatetags.gate import LOOKS, application_look
from yicha.doors.templatetags.look import state_html
from yicha.know.registry import queries as registry


class ApplicationTable(ListTable):
    enterprise = MainColumn(
        verbose_name=_("enterprise"), linkify=lambda record: reverse("desk:gate:object", args=[record.uuid])
    )
    uscc = CodeColumn(verbose_name=_("code"), accessor="enterprise__uscc")
    outcome = tables.Column(
        verbose_name=_("verdict"), attrs={"td": {"class": "tight"}, "th": {"class": "tight"}}
    )
    state = tables.Column(verbose_name=_("state"), attrs={"td": {"class": "tight"}, "th": {"class": "tight"}})
    agency = tables.Column(verbose_name=_("agency"))
    trigger = tables.Column(verbose_name=_("trigger"))
    kind = tables.Column(verbose_name=_("kind"), accessor="get_kind_display", orderable=False)
    window_from = DateColumn(verbose_name=_("from"))
    window_until = DateColumn(verbose_name=_("until"))
    until_on = DateColumn(verbose_name=_("again from"))
    papers_due_on = DateColumn(verbose_name=_("papers due on"))
    asked_at = DateColumn(verbose_name=_("asked at"), moment=True)

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.triggers = trigger_words()

    def render_outcome(self, record: Any) -> str:
        look = application_look(record)
        return state_html(str(look.word), look.tone, look.icon)

    def render_state(self, record: Any) -> str:
        tone, icon, words = STATES[record.state]
        return state_html(str(words), tone, icon)

    def value_state(self, record: Any) -> str:
        return state_words(record.state)

    def value_outcome(self, record: Any) -> str:
        return str(application_look(record).word)

    def render_trigger(self, value: str) -> str:
        return self.triggers.get(value, value)


def in_month(rows: QuerySet[Any], _name: str, value: Any) -> QuerySet[Any]:
    """Applications asked in a month (`2026-07`)."""
    year, month = str(value).split("-")
    return rows.filter(asked_at__year=int(year), asked_at__month=int(month))


def _months() -> list[tuple[str, str]]:
    months = queries.list_applications().order_by().dates("asked_at", "month", order="DESC")
    return [(f"{month:%Y-%m}", f"{month:%Y-%m}") for month in months[:36]]


class ApplicationFilter(django_filters.FilterSet):
    """What narrows the list of applications."""

    q = SearchFilter(("enterprise__name", "enterprise__uscc"), hint=_("name or code"))
    outcome = django_filters.ChoiceFilter(
        choices=[(outcome.value, look.word) for outcome, look in LOOKS.items()],
        label=_("verdict"),
        empty_label=_("all"),
    )
    state = django_filters.ChoiceFilter(
        choices=[(state, words) for state, (_tone, _icon, words) in STATES.items()],
        label=_("state"),
        empty_label=_("all"),
    )
    agency = ObjectFilter(registry.list_agencies, _("agency"), long=True)
    trigger = django_filters.ChoiceFilter(choices=trigger_choices, label=_("trigger"), empty_label=_("all"))
    region = ObjectFilter(registry.list_regions, _("region"), field_name="enterprise__region")
    month = django_filters.ChoiceFilter(
        choices=_months, label=_("month"), empty_label=_("all"), method=in_month
    )
