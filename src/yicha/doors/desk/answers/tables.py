"""The table and the filters of the parts that agencies were asked about."""

from __future__ import annotations

from datetime import date
from typing import Any

import django_filters
import django_tables2 as tables
from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from yicha.base.workdays import queries as workdays
from yicha.base.workdays.terms import Calendar
from yicha.decide.scheduling.queries import answers as queries
from yicha.doors.desk.columns import DateColumn, ListTable, MainColumn, NumberColumn, PickColumn, StateColumn
from yicha.doors.desk.filters import ChoiceFilter, ObjectFilter, SearchFilter
from yicha.doors.templatetags.look import on, state_html
from yicha.kernel import clock
from yicha.know.registry import queries as registry
from yicha.know.visits import queries as visits

TONES = {
    "asked": ("due", "hourglass"),
    "accepted": ("done", "circle-check"),
    "declined": ("refuse", "circle-x"),
    "offsite": ("spared", "device-desktop-analytics"),
}
"""How an answer looks: (tone, icon)."""
CLOCKS = {
    "open": gettext_lazy("to be answered"),
    "late": gettext_lazy("overdue"),
    "arbitrate": gettext_lazy("declined, to be decided on"),
}
NEAR = 2
"""Working days below which a clock is drawn as due."""


class OpenPick(PickColumn):
    """A box to tick where there is something to answer."""

    def render(self, value: Any, record: Any) -> str:
        return super().render(value, record) if record.state == "asked" else ""


def say_clock(answer: Any, today: date, calendar: Calendar) -> str:
    """The clock of an open part: how many working days are left, or that it is overdue."""
    if answer.due_on < today or answer.times_asked > 1:
        return state_html(_("overdue"), "overdue", "clock-exclamation")
    left = workdays.count_left(today, answer.due_on, calendar)
    words = _("the last day is today") if left == 0 else _("%(days)s working days left") % {"days": left}
    return state_html(words, "due" if left < NEAR else "plain", "clock")


class AnswerTable(ListTable):
    pick = OpenPick(gettext_lazy("Select"))
    enterprise = MainColumn(
        verbose_name=gettext_lazy("enterprise"),
        accessor="contact__enterprise__name",
        linkify=lambda record: reverse("desk:answers:object", args=[record.uuid]),
    )
    planned_on = DateColumn(verbose_name=gettext_lazy("planned on"), accessor="contact__planned_on")
    agency = tables.Column(verbose_name=gettext_lazy("agency"), order_by="agency__code")
    item_count = NumberColumn(verbose_name=gettext_lazy("items"))
    state = StateColumn(TONES, verbose_name=gettext_lazy("state"))
    clock = tables.Column(verbose_name=gettext_lazy("clock"), accessor="due_on")
    lead = tables.Column(
        verbose_name=gettext_lazy("lead agency"), accessor="contact__lead_agency", orderable=False
    )
    because = tables.Column(verbose_name=gettext_lazy("reason"), orderable=False)
    answered_by = tables.Column(verbose_name=gettext_lazy("answered by"))

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.today, self.calendar = clock.today(clock.now()), workdays.get_calendar()

    def render_planned_on(self, value: Any, record: Any) -> str:
        return f"{on(value)} {record.contact.get_planned_part_display()}".strip()

    def render_clock(self, record: Any) -> str:
        if record.state != "asked":
            return ""
        return say_clock(record, self.today, self.calendar)

    def value_clock(self, record: Any) -> str:
        return record.due_on.isoformat() if record.state == "asked" else ""


class AnswerFilter(django_filters.FilterSet):
    """What narrows the list of parts."""

    q = SearchFilter(
        ("contact__enterprise__name", "contact__enterprise__uscc"),
        label=gettext_lazy("enterprise"),
        hint=gettext_lazy("name or code"),
    )
    clock = django_filters.ChoiceFilter(
        choices=list(CLOCKS.items()),
        label=gettext_lazy("what waits"),
        empty_label=gettext_lazy("all"),
        method="by_clock",
    )
    state = ChoiceFilter(queries.list_answers, "state", gettext_lazy("state"))
    agency = ObjectFilter(registry.list_agencies, gettext_lazy("agency"), long=True)
    round = django_filters.ChoiceFilter(
        field_name="contact__round",
        label=gettext_lazy("round"),
        choices=lambda: [(code, code) for code in visits.list_round_codes()],
        empty_label=gettext_lazy("all"),
    )

    def by_clock(self, rows: QuerySet[Any], _name: str, value: str) -> QuerySet[Any]:
        """Parts that wait for their agency, those whose clock has run out, or those that wait for the office."""
        if value == "arbitrate":
            return rows.filter(pk__in=queries.list_to_arbitrate().order_by().values("pk"))
        rows = rows.filter(queries.still_open())
        return rows.filter(queries.overdue(clock.today(clock.now()))) if value == "late" else rows
