"""Tables and filters of dispatch."""

from __future__ import annotations

from datetime import date
from typing import Any

import django_filters
import django_tables2 as tables
from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy

from yicha.act.dispatch import queries
from yicha.base.workdays import queries as workdays
from yicha.doors.desk.columns import CodeColumn, DateColumn, ListTable, MainColumn, StateColumn, WordColumn
from yicha.doors.desk.dispatch import rights
from yicha.doors.desk.dispatch.words import TONES, clock_of, say_left
from yicha.doors.desk.filters import ChoiceFilter, DayInput, ObjectFilter, SearchFilter
from yicha.doors.templatetags.look import on, state_html
from yicha.kernel import clock
from yicha.know.registry import queries as registry
from yicha.know.visits import queries as visits


class DispatchTable(ListTable):
    enterprise = MainColumn(
        verbose_name=gettext_lazy("enterprise"),
        accessor="contact__enterprise__name",
        linkify=lambda record: reverse("desk:dispatch:object", args=[record.uuid]),
    )
    number = WordColumn(verbose_name=gettext_lazy("number"))
    planned_on = tables.Column(
        verbose_name=gettext_lazy("day of the visit"),
        accessor="contact__planned_on",
        attrs={"td": {"class": "date tight"}},
    )
    state = StateColumn(TONES, verbose_name=gettext_lazy("state"))
    clock = tables.Column(
        verbose_name=gettext_lazy("waits until"),
        accessor="pk",
        orderable=False,
        attrs={"td": {"class": "tight"}},
    )
    lead = tables.Column(verbose_name=gettext_lazy("lead agency"), accessor="contact__lead_agency__name")
    uscc = CodeColumn(
        verbose_name=gettext_lazy("unified social credit code"), accessor="contact__enterprise__uscc"
    )
    region = tables.Column(verbose_name=gettext_lazy("region"), accessor="contact__enterprise__region")
    approval_due_on = DateColumn(verbose_name=gettext_lazy("approval by"))
    notice_due_on = DateColumn(verbose_name=gettext_lazy("notice by"))
    notified_at = DateColumn(verbose_name=gettext_lazy("notice sent at"), moment=True)

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.today = clock.today(clock.now())
        self.calendar = workdays.get_calendar()

    def render_planned_on(self, value: date, record: Any) -> str:
        return f"{on(value)} {record.contact.get_planned_part_display()}".strip()

    def render_clock(self, record: Any) -> str:
        found = clock_of(record)
        if found is None:
            return ""
        what, until = found
        late = until < self.today
        left = say_left(until, self.today, self.calendar)
        state = state_html(left, "overdue" if late else "due", "clock-exclamation" if late else "clock")
        return format_html('<div>{}<br><span class="faint small">{} {}</span></div>', state, what, on(until))

    def value_clock(self, record: Any) -> str:
        found = clock_of(record)
        return f"{found[0]} {found[1].isoformat()}" if found else ""


class DispatchFilter(django_filters.FilterSet):
    """What narrows the list."""

    q = SearchFilter(
        ("contact__enterprise__name", "contact__enterprise__uscc", "number"),
        hint=gettext_lazy("name, code or number"),
    )
    state = ChoiceFilter(queries.list_dispatches, "state", gettext_lazy("state"))
    waiting = django_filters.ChoiceFilter(
        label=gettext_lazy("waits for"),
        choices=[("me", gettext_lazy("my approval")), ("late", gettext_lazy("is late"))],
        empty_label=gettext_lazy("all"),
        method="by_waiting",
    )
    agency = ObjectFilter(registry.list_agencies, gettext_lazy("agency"), long=True, method="by_agency")
    round = django_filters.ChoiceFilter(
        field_name="contact__round",
        label=gettext_lazy("quarter"),
        choices=lambda: [(code, code) for code in visits.list_round_codes()],
        empty_label=gettext_lazy("all"),
    )

    def by_waiting(self, rows: QuerySet[Any], _name: str, value: str) -> QuerySet[Any]:
        """What waits for this person's approval, or what is late."""
        if value == "late":
            return rows.filter(pk__in=queries.list_overdue(clock.today(clock.now())).order_by().values("pk"))
        return rows.filter(pk__in=rights.list_waiting_for(self.request.user).order_by().values("pk"))

    def by_agency(self, rows: QuerySet[Any], _name: str, value: Any) -> QuerySet[Any]:
        """Visits in which an agency takes part."""
        part = Q(lead_agency=value) | Q(items__agency=value)
        return rows.filter(contact__in=visits.list_contacts().filter(part).order_by().values("pk"))


class ToPrepareTable(ListTable):
    enterprise = MainColumn(
        verbose_name=gettext_lazy("enterprise"),
        accessor="enterprise__name",
        linkify=lambda record: reverse("desk:dispatch:prepare_one", args=[record.uuid]),
    )
    planned_on = tables.Column(
        verbose_name=gettext_lazy("day of the visit"), attrs={"td": {"class": "date tight"}}
    )
    lead = tables.Column(verbose_name=gettext_lazy("lead agency"), accessor="lead_agency__name")
    kind = tables.Column(verbose_name=gettext_lazy("kind"))
    region = tables.Column(verbose_name=gettext_lazy("region"), accessor="enterprise__region")
    uscc = CodeColumn(verbose_name=gettext_lazy("unified social credit code"), accessor="enterprise__uscc")

    def render_planned_on(self, value: date, record: Any) -> str:
        return f"{on(value)} {record.get_planned_part_display()}".strip()


class ToPrepareFilter(django_filters.FilterSet):
    """What narrows the visits that may be prepared."""

    q = SearchFilter(("enterprise__name", "enterprise__uscc"), hint=gettext_lazy("name or code"))
    round = django_filters.ChoiceFilter(
        field_name="round",
        label=gettext_lazy("quarter"),
        choices=lambda: [(code, code) for code in visits.list_round_codes()],
        empty_label=gettext_lazy("all"),
    )
    lead = ObjectFilter(
        registry.list_agencies, gettext_lazy("lead agency"), long=True, field_name="lead_agency"
    )
    until = django_filters.DateFilter(
        field_name="planned_on", lookup_expr="lte", label=gettext_lazy("until day"), widget=DayInput()
    )
