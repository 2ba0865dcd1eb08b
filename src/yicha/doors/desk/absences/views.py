"""Who cannot be sent when: of one's agency, and of oneself."""

from __future__ import annotations

from typing import Any, ClassVar

import django_filters
import django_tables2 as tables
from django.db.models import QuerySet
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from yicha.doors.desk.columns import DateColumn, ListTable, MainColumn, WordColumn
from yicha.doors.desk.filters import ChoiceFilter, ObjectFilter, SearchFilter
from yicha.doors.desk.lists import ListPage
from yicha.doors.templatetags.look import state_html
from yicha.kernel import clock
from yicha.know.registry import queries

TIMES = {
    "now": gettext_lazy("today"),
    "ahead": gettext_lazy("from today on"),
    "over": gettext_lazy("over"),
}


class OwnAbsenceTable(ListTable):
    """What an officer sees of himself."""

    take_back_url: ClassVar[str] = "desk:absences:take_back_mine"
    kind = MainColumn(verbose_name=gettext_lazy("kind"))
    from_on = DateColumn(verbose_name=gettext_lazy("from"))
    until_on = DateColumn(verbose_name=gettext_lazy("until"))
    part = tables.Column(verbose_name=gettext_lazy("part of the day"), orderable=False, empty_values=())
    when = tables.Column(verbose_name=gettext_lazy("when"), accessor="pk", orderable=False)
    act = tables.Column(verbose_name="", accessor="uuid", orderable=False, exclude_from_export=True)

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.today = clock.today(clock.now())

    def render_kind(self, record: Any) -> str:
        return str(record.get_kind_display())

    def render_part(self, record: Any) -> str:
        return str(record.get_part_display()) if record.part else _("all day")

    def render_when(self, record: Any) -> str:
        if record.until_on < self.today:
            return state_html(_("over"), "spared", "circle-check")
        if record.from_on > self.today:
            return state_html(_("to come"), "plain", "hourglass")
        return state_html(_("away now"), "due", "calendar-off")

    def value_when(self, record: Any) -> str:
        return "" if record.until_on < self.today else record.from_on.isoformat()

    def render_act(self, record: Any) -> str:
        if record.until_on < self.today:
            return ""
        url = reverse(self.take_back_url, args=[record.uuid])
        return format_html('<a class="btn btn-quiet btn-small" href="{}">{}</a>', url, _("Take back"))


class AbsenceTable(OwnAbsenceTable):
    """What a planner sees of the agency's officers."""

    take_back_url = "desk:absences:take_back"
    officer = MainColumn(
        verbose_name=gettext_lazy("officer"),
        accessor="officer__name",
        linkify=lambda record: reverse("desk:officers:object", args=[record.officer.certificate]),
    )
    certificate = WordColumn(verbose_name=gettext_lazy("certificate"), accessor="officer__certificate")
    kind = tables.Column(verbose_name=gettext_lazy("kind"))
    agency = tables.Column(
        verbose_name=gettext_lazy("agency"), accessor="officer__agency", order_by="officer__agency__code"
    )

    class Meta:
        sequence = ("officer", "certificate", "agency", "kind", "from_on", "until_on", "part", "when", "act")


class AbsenceFilter(django_filters.FilterSet):
    """What narrows the list."""

    q = SearchFilter(
        ("officer__name", "officer__certificate"),
        label=gettext_lazy("officer"),
        hint=gettext_lazy("name or certificate"),
    )
    time = django_filters.ChoiceFilter(
        choices=list(TIMES.items()),
        label=gettext_lazy("when"),
        empty_label=gettext_lazy("all"),
        method="by_time",
    )
    kind = ChoiceFilter(queries.list_absences, "kind", gettext_lazy("kind"))
    agency = ObjectFilter(
        queries.list_agencies, gettext_lazy("agency"), long=True, field_name="officer__agency"
    )

    def by_time(self, rows: QuerySet[Any], _name: str, value: str) -> QuerySet[Any]:
        """Absences that hold today, that are not over, or that are."""
        today = clock.today(clock.now())
        if value == "over":
            return rows.filter(until_on__lt=today)
        rows = rows.filter(until_on__gte=today)
        return rows.filter(from_on__lte=today) if value == "now" else rows


class Absences(ListPage):
    """Absences of the officers whose agency the person plans for."""

    action = "absence.edit"
    title = gettext_lazy("Absences")
    table_class: ClassVar[type[tables.Table]] = AbsenceTable
    filterset_class = AbsenceFilter
    template_name = "desk/absences/list.html"
    empty_title = gettext_lazy("Nobody is away")
    empty_icon = "calendar-off"

    def rows(self) -> QuerySet[Any]:
        return queries.list_absences()


class MyAbsences(ListPage):
    """An officer's own absences."""

    action = "calendar.own"
    title = gettext_lazy("My absences")
    table_class = OwnAbsenceTable
    template_name = "desk/absences/mine.html"
    empty_title = gettext_lazy("You are always there")
    empty_icon = "calendar-off"

    def rows(self) -> QuerySet[Any]:
        return queries.list_absences().filter(officer__certificate=self.certificate or None)

    @property
    def certificate(self) -> str:
        """Which officer of the registry this person is; empty: none."""
        return str(getattr(self.person, "certificate", ""))

    def context(self) -> dict[str, Any]:
        return {"certificate": self.certificate}
