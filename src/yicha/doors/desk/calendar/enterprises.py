"""The calendar by enterprise: its visits, the windows they lie in, and what it wishes."""

from __future__ import annotations

from datetime import date
from typing import Any

import django_filters
import django_tables2 as tables
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext_lazy

from yicha.base.accounts import queries as accounts
from yicha.doors.desk.calendar import chosen
from yicha.doors.desk.calendar.grid import PARTS, show_visit
from yicha.doors.desk.calendar.views import ways
from yicha.doors.desk.columns import CodeColumn, DateColumn, ListTable, MainColumn
from yicha.doors.desk.filters import ObjectFilter, SearchFilter
from yicha.doors.desk.lists import ListPage
from yicha.doors.desk.pages import DeskView
from yicha.kernel import clock
from yicha.know.registry import queries as registry
from yicha.know.visits import queries as visits

WEEKDAYS = (
    gettext_lazy("Mondays"),
    gettext_lazy("Tuesdays"),
    gettext_lazy("Wednesdays"),
    gettext_lazy("Thursdays"),
    gettext_lazy("Fridays"),
    gettext_lazy("Saturdays"),
    gettext_lazy("Sundays"),
)


def wish_in_words(wish: Any) -> str:
    """A wish as one reads it: `closed: Mondays, morning`."""
    words = [str(WEEKDAYS[wish.weekday])] if wish.weekday is not None else []
    if wish.from_on or wish.until_on:
        words.append(f"{wish.from_on or ''} – {wish.until_on or ''}")
    if wish.part:
        words.append(str(PARTS[wish.part]))
    return f"{wish.get_kind_display()}：{' '.join(words)}"


class EnterpriseTable(ListTable):
    enterprise = MainColumn(
        verbose_name=gettext_lazy("enterprise"),
        accessor="enterprise__name",
        order_by="enterprise__name",
        linkify=lambda record: reverse("desk:calendar:enterprise", args=[record.enterprise.uscc]),
    )
    uscc = CodeColumn(verbose_name=gettext_lazy("unified social credit code"), accessor="enterprise__uscc")
    planned_on = DateColumn(verbose_name=gettext_lazy("planned on"))
    planned_part = tables.Column(verbose_name=gettext_lazy("half day"), accessor="get_planned_part_display")
    window = tables.Column(verbose_name=gettext_lazy("window"), accessor="window_from", order_by="window_to")
    lead_agency = tables.Column(verbose_name=gettext_lazy("lead agency"), order_by="lead_agency__code")
    wishes = tables.Column(
        verbose_name=gettext_lazy("wishes"), accessor="enterprise__visit_wishes", orderable=False
    )
    pinned = tables.Column(
        verbose_name=gettext_lazy("pinned because"), accessor="pin__because", orderable=False
    )
    round = tables.Column(verbose_name=gettext_lazy("round"))

    def render_window(self, record: Any) -> str:
        days = f"{record.window_from} – {record.window_to}"
        return format_html('<span class="nowrap">{}</span>', days)

    def value_window(self, record: Any) -> str:
        return f"{record.window_from} – {record.window_to}"

    def render_wishes(self, value: Any) -> str:
        said = [(wish_in_words(wish),) for wish in value.all()]
        return format_html_join("", '<span class="cal-wish">{}</span>', said)

    def value_wishes(self, value: Any) -> str:
        return "；".join(wish_in_words(wish) for wish in value.all())


class EnterpriseFilter(django_filters.FilterSet):
    q = SearchFilter(
        ("enterprise__name", "enterprise__uscc", "enterprise__initials"),
        label=gettext_lazy("enterprise"),
        hint=gettext_lazy("name, code, or pinyin initials"),
    )
    region = ObjectFilter(registry.list_regions, gettext_lazy("region"), field_name="enterprise__region")
    agency = ObjectFilter(
        registry.list_agencies, gettext_lazy("agency that takes part"), long=True, method="of_agency"
    )
    round = django_filters.ChoiceFilter(
        choices=lambda: [(code, code) for code in visits.list_round_codes()],
        label=gettext_lazy("round"),
        empty_label=gettext_lazy("all"),
    )
    wish = django_filters.ChoiceFilter(
        label=gettext_lazy("wishes"),
        choices=[("1", gettext_lazy("has wishes")), ("0", gettext_lazy("has none"))],
        empty_label=gettext_lazy("all"),
        method="with_wishes",
    )

    def of_agency(self, rows: QuerySet[Any], _name: str, agency: Any) -> QuerySet[Any]:
        """Visits in which an agency takes part."""
        return rows.filter(pk__in=rows.order_by().filter(items__agency=agency).values("pk"))

    def with_wishes(self, rows: QuerySet[Any], _name: str, value: str) -> QuerySet[Any]:
        """Visits at enterprises that said something of their days, or nothing."""
        said = registry.list_wishes().order_by().values("enterprise_id")
        return rows.filter(enterprise__in=said) if value == "1" else rows.exclude(enterprise__in=said)


class Enterprises(ListPage):
    """Every visit under its enterprise, with windows and wishes."""

    action = "schedule.view"
    title = gettext_lazy("Calendar of visits")
    template_name = "desk/calendar/enterprises.html"
    table_class = EnterpriseTable
    filterset_class = EnterpriseFilter
    extra_columns = ("uscc",)
    empty_title = gettext_lazy("No visit is planned yet")
    empty_icon = "calendar"

    def rows(self) -> QuerySet[Any]:
        found = visits.list_contacts().filter(state__in=chosen.SHOWN, planned_on__isnull=False)
        return (
            found.select_related("pin")
            .prefetch_related("enterprise__visit_wishes")
            .order_by("enterprise__name", "enterprise__uscc", "planned_on")
        )

    def context(self) -> dict[str, Any]:
        return {"tabs": ways(self, "desk:calendar:enterprises")}


class EnterprisePage(DeskView):
    """One enterprise: its visits on the line of the year, their windows, and its wishes."""

    action = "schedule.view"
    template_name = "desk/calendar/enterprise.html"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        enterprise = accounts.get_allowed(
            registry.find_enterprise(self.kwargs["uscc"]), self.person, self.action
        )
        today = clock.today(clock.now())
        rows = accounts.scoped(visits.list_contacts_of(enterprise.uscc), self.person, self.action)
        found = [
            show_visit(row, may_move=False)
            for row in rows.filter(state__in=chosen.SHOWN, planned_on__isnull=False)
            .select_related("pin")
            .prefetch_related("visit_officers__officer__agency")
            .order_by("-planned_on")[:60]
        ]
        context = {
            "title": enterprise.name,
            "enterprise": enterprise,
            "bars": [(visit, *bar_of(visit.row)) for visit in found],
            "wishes": [
                (wish, wish_in_words(wish)) for wish in registry.list_wishes().filter(enterprise=enterprise)
            ],
            "today": today,
        }
        return self.show(context=context)


def bar_of(row: Any) -> tuple[int, int, int]:
    """A window and a day on the line of the window's year, in thousandths: start, width, day."""
    first = date(row.window_from.year, 1, 1)
    days = (date(first.year + 1, 1, 1) - first).days
    start = 1000 * (row.window_from - first).days // days
    width = max(6, 1000 * ((row.window_to - row.window_from).days + 1) // days)
    return start, min(width, 1000 - start), 1000 * (2 * (row.planned_on - first).days + 1) // (2 * days)
