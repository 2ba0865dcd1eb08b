"""The list of results with their clock, and their publication."""

from __future__ import annotations

from typing import Any

import django_filters
import django_tables2 as tables
from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from yicha.base.accounts import queries as accounts
from yicha.base.workdays import queries as workdays
from yicha.doors.desk.columns import CodeColumn, DateColumn, ListTable, MainColumn, PickColumn, StateColumn
from yicha.doors.desk.filters import ObjectFilter, SearchFilter
from yicha.doors.desk.lists import ListPage
from yicha.doors.desk.pages import ActView
from yicha.doors.templatetags.look import state_html
from yicha.kernel import clock
from yicha.know.registry import queries as registry
from yicha.share.publicity import queries, services

TONES = {"due": ("due", "clock"), "published": ("done", "world-share")}
CLOCKS = {
    "late": gettext_lazy("late"),
    "due": gettext_lazy("to be published"),
    "published": pgettext_lazy("publicity", "published"),
}


class ResultTable(ListTable):
    pick = PickColumn(gettext_lazy("Select"))
    enterprise = MainColumn(
        verbose_name=gettext_lazy("enterprise"),
        accessor="visit__contact__enterprise__name",
        linkify=lambda record: reverse("desk:visits:object", args=[record.visit.uuid]),
    )
    uscc = CodeColumn(
        verbose_name=gettext_lazy("unified social credit code"), accessor="visit__contact__enterprise__uscc"
    )
    state = StateColumn(TONES, verbose_name=gettext_lazy("state"))
    due_on = DateColumn(verbose_name=gettext_lazy("public by"))
    clock = tables.Column(verbose_name=gettext_lazy("clock"), accessor="due_on", orderable=False)
    lead = tables.Column(
        verbose_name=gettext_lazy("lead agency"),
        accessor="visit__contact__lead_agency",
        order_by="visit__contact__lead_agency__code",
    )
    closed_on = DateColumn(verbose_name=gettext_lazy("closed on"))
    published_on = DateColumn(verbose_name=gettext_lazy("published on"))

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.today, self.calendar = clock.today(clock.now()), workdays.get_calendar()

    def render_clock(self, record: Any) -> str:
        left = queries.count_days_left(record.due_on, record.published_on or self.today, self.calendar)
        if record.state == "published":
            return state_html(_("in time"), "done", "circle-check") if left >= 0 else self._late(-left)
        if left < 0:
            return self._late(-left)
        return state_html(
            _("%(days)s working days left") % {"days": left}, "due" if left < 5 else "plain", "clock"
        )

    def _late(self, days: int) -> str:
        return state_html(_("%(days)s working days late") % {"days": days}, "overdue", "clock-exclamation")

    def value_clock(self, record: Any) -> int:
        return queries.count_days_left(record.due_on, record.published_on or self.today, self.calendar)


class ResultFilter(django_filters.FilterSet):
    q = SearchFilter(
        ("visit__contact__enterprise__name", "visit__contact__enterprise__uscc"),
        label=gettext_lazy("enterprise"),
        hint=gettext_lazy("name or code"),
    )
    clock = django_filters.ChoiceFilter(
        choices=list(CLOCKS.items()),
        label=gettext_lazy("clock"),
        empty_label=gettext_lazy("all"),
        method="by_clock",
    )
    agency = ObjectFilter(
        registry.list_agencies,
        gettext_lazy("lead agency"),
        long=True,
        field_name="visit__contact__lead_agency",
    )

    def by_clock(self, rows: QuerySet[Any], _name: str, value: str) -> QuerySet[Any]:
        """Due, late (due, and the last day is over), or published."""
        if value == "late":
            return rows.filter(state="due", due_on__lt=clock.today(clock.now()))
        return rows.filter(state=value)


class Results(ListPage):
    """Results with their clock of working days."""

    action = "result.view"
    title = gettext_lazy("Results to publish")
    table_class = ResultTable
    filterset_class = ResultFilter
    template_name = "desk/results/list.html"
    extra_columns = ("closed_on", "published_on")
    empty_title = gettext_lazy("No visit is closed yet")
    empty_icon = "world-share"
    bulk = True

    def rows(self) -> QuerySet[Any]:
        return queries.list_publications()

    def context(self) -> dict[str, Any]:
        today = clock.today(clock.now())
        rows = self.scoped_rows()
        number = queries.get_publish_within(today)
        return {
            "may_publish": self.may("result.publish"),
            "late": rows.filter(state="due", due_on__lt=today).count(),
            "due": rows.filter(state="due").count(),
            "within": number,
        }


class Publish(ActView):
    """Publish what was ticked; what the person may not publish is not touched."""

    action = "result.publish"

    def act(self) -> str:
        picked = [key for key in self.request.POST.getlist("picked") if key.isdigit()]
        rows = accounts.scoped(queries.list_due(), self.person, self.action).filter(pk__in=picked)
        count = services.publish(actor=self.actor, now=clock.now(), publications=rows)
        self.done(_("%(count)s results are public now.") % {"count": count})
        return reverse("desk:results:list")
