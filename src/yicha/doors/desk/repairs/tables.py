"""Table and filters of repair, and how its states and clocks look."""

from __future__ import annotations

from datetime import date
from typing import Any

import django_filters
import django_tables2 as tables
from django.db.models import QuerySet
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext_lazy

from yicha.base.workdays import queries as workdays
from yicha.base.workdays.terms import Calendar
from yicha.doors.desk.columns import CodeColumn, DateColumn, ListTable, MainColumn, StateColumn, WordColumn
from yicha.doors.desk.filters import ChoiceFilter, ObjectFilter, SearchFilter
from yicha.doors.templatetags.look import on, state_html
from yicha.kernel import clock
from yicha.know.credit import queries as records
from yicha.know.credit.queries import repairs as queries
from yicha.know.credit.terms.repairs import RepairState as S
from yicha.know.registry import queries as registry

TONES = {
    S.APPLIED.value: ("due", "clock"),
    S.RETURNED.value: ("plain", "arrow-back-up"),
    S.ACCEPTED.value: ("action", "hourglass"),
    S.GRANTED.value: ("done", "circle-check"),
    S.REFUSED.value: ("refuse", "ban"),
    S.ANSWERED.value: ("done", "message-2"),
    S.PROPAGATED.value: ("done", "shield-check"),
    S.WITHDRAWN.value: ("spared", "arrow-back-up"),
}
DUE = [
    ("late", gettext_lazy("overdue")),
    ("today", gettext_lazy("due today")),
    ("soon", gettext_lazy("due within 2 working days")),
]


def say_left(due: date, today: date, calendar: Calendar | None = None) -> str:
    """How many working days are left until a step is due, or since when it is."""
    left = workdays.count_left(today, due, calendar or workdays.get_calendar())
    if left < 0:
        return ngettext("overdue by %(count)s working day", "overdue by %(count)s working days", -left) % {
            "count": -left
        }
    if due < today:
        return _("overdue")
    if left == 0:
        return _("due today")
    return ngettext("%(count)s working day left", "%(count)s working days left", left) % {"count": left}


class RepairTable(ListTable):
    number = MainColumn(
        verbose_name=gettext_lazy("number"),
        linkify=lambda record: reverse("desk:repairs:object", args=[record.uuid]),
    )
    enterprise = tables.Column(verbose_name=gettext_lazy("enterprise"), accessor="record__enterprise__name")
    uscc = CodeColumn(
        verbose_name=gettext_lazy("unified social credit code"), accessor="record__enterprise__uscc"
    )
    kind = tables.Column(verbose_name=gettext_lazy("record"), accessor="record__kind")
    severity = tables.Column(verbose_name=gettext_lazy("severity"), accessor="record__severity")
    reference = WordColumn(verbose_name=gettext_lazy("document number"), accessor="record__reference")
    agency = tables.Column(
        verbose_name=gettext_lazy("agency"), accessor="record__agency", order_by="record__agency__code"
    )
    state = StateColumn(TONES, verbose_name=gettext_lazy("state"))
    due_on = tables.Column(verbose_name=gettext_lazy("next step due"), attrs={"td": {"class": "date tight"}})
    applied_at = DateColumn(verbose_name=pgettext_lazy("repair", "applied"), moment=True)
    answer_by = DateColumn(verbose_name=gettext_lazy("to be answered by"))

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._today, self._calendar = clock.today(clock.now()), workdays.get_calendar()

    def render_due_on(self, value: date) -> str:
        words = say_left(value, self._today, self._calendar)
        if value < self._today:
            return format_html("{}<br>{}", on(value), state_html(words, "overdue", "alert-triangle"))
        return format_html('{}<br><span class="faint">{}</span>', on(value), words)

    def value_due_on(self, value: date) -> str:
        return value.isoformat()


class RepairFilter(django_filters.FilterSet):
    """What narrows the queue."""

    q = SearchFilter(
        ("number", "record__enterprise__name", "record__enterprise__uscc", "record__reference"),
        hint=gettext_lazy("number, name, code or document"),
    )
    state = ChoiceFilter(queries.list_repairs, "state", gettext_lazy("state"))
    due = django_filters.ChoiceFilter(
        label=pgettext_lazy("filter", "clock"),
        choices=DUE,
        empty_label=gettext_lazy("all"),
        method="by_clock",
    )
    kind = ChoiceFilter(records.list_records, "kind", gettext_lazy("record"), field_name="record__kind")
    agency = ObjectFilter(
        registry.list_agencies, gettext_lazy("agency"), long=True, field_name="record__agency"
    )

    def by_clock(self, rows: QuerySet[Any], _name: str, value: str) -> QuerySet[Any]:
        """By the step that is due next."""
        today = clock.today(clock.now())
        if value == "late":
            return rows.filter(due_on__lt=today)
        if value == "today":
            return rows.filter(due_on=today)
        last = workdays.find_deadline(today, 2, workdays.get_calendar()).on
        return rows.filter(due_on__gte=today, due_on__lte=last)
