"""The calendar by day, by officer and by enterprise. Each narrows by the address, so that it can be handed on."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta
from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from yicha.base.accounts import queries as accounts
from yicha.doors.desk.calendar import chosen
from yicha.doors.desk.calendar.grid import ShownVisit, show_days, show_officers, show_visit
from yicha.doors.desk.pages import DeskView, ShownTab
from yicha.kernel import clock
from yicha.know.registry import queries as registry
from yicha.know.visits import queries as visits

OFFICERS_A_PAGE = 50
WAYS = (
    ("desk:calendar:list", _("By day")),
    ("desk:calendar:officers", _("By officer")),
    ("desk:calendar:enterprises", _("By enterprise")),
    ("desk:calendar:runs", _("How it is made")),
)


def ways(view: DeskView, current: str, query: str = "") -> list[ShownTab]:
    """The ways to look at the calendar, as tabs; the filters go along to those that have them."""
    narrowed = f"?{query}" if query else ""
    return [
        ShownTab(
            reverse(name) + (narrowed if name.endswith(("list", "officers")) else ""), label, name == current
        )
        for name, label in WAYS
    ]


class CalendarView(DeskView):
    """A page about the days of a week or a month."""

    action = "schedule.view"
    title = _("Calendar of visits")
    way = ""

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        self.today = clock.today(clock.now())

    def narrowing(self) -> chosen.Narrowing:
        """The filters of the address."""
        return chosen.Narrowing(self.request.GET, self.person)

    def period(self) -> chosen.Period:
        """The days of the address; without any, those of the next visit."""
        given = self.request.GET.get("on", "")
        day = chosen.read_day(given, date.min)
        if day == date.min:
            day = chosen.first_shown(self.person, self.today)
        return chosen.period_of(self.request.GET.get("show", "week"), day)

    def show_visits(self, rows: Any) -> list[ShownVisit]:
        """The visits, each with whether this person may move it."""
        may_any = accounts.may(self.person, "schedule.move")
        return [
            show_visit(row, may_move=may_any and accounts.may(self.person, "schedule.move", row.scope))
            for row in rows
        ]

    def frame_of(self, narrowing: chosen.Narrowing, period: chosen.Period) -> dict[str, Any]:
        """What all these pages show around the days."""
        query = narrowing.address(on=period.first.isoformat(), show=period.name)
        return {
            "filters": narrowing,
            "period": period,
            "today": self.today,
            "tabs": ways(self, self.way, query),
            "before": narrowing.address(on=period.before.isoformat(), show=period.name),
            "after": narrowing.address(on=period.after.isoformat(), show=period.name),
            "now": narrowing.address(on=self.today.isoformat(), show=period.name),
            "weekly": narrowing.address(on=period.first.isoformat(), show="week"),
            "monthly": narrowing.address(on=period.first.isoformat(), show="month"),
        }


class Days(CalendarView):
    """Visits on half days: a week with cards that can be dragged, or a month with counts."""

    way = "desk:calendar:list"
    template_name = "desk/calendar/days.html"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        narrowing, period = self.narrowing(), self.period()
        first, last, month = period.first, period.last, 0
        if period.name == "month":
            month = first.month
            first -= timedelta(days=first.weekday())
            last += timedelta(days=6 - last.weekday())
        whole = chosen.Period(period.name, first, last)
        shown = self.show_visits(narrowing.narrow(chosen.list_planned(self.person, first, last)))
        days = show_days(whole.days, shown, working=chosen.working_days(whole), today=self.today, month=month)
        inside = [visit for visit in shown if period.first <= visit.row.planned_on <= period.last]
        context = {
            **self.frame_of(narrowing, period),
            "days": days,
            "count": len(inside),
            "pinned": sum(visit.is_pinned for visit in inside),
            "without_half": sum(not visit.row.planned_part for visit in inside),
            "may_move": any(visit.may_move for visit in inside),
            "is_empty": not shown,
            "rounds": Counter(visit.row.round for visit in inside if visit.row.round).most_common(2),
        }
        return self.show(context=context)


class Officers(CalendarView):
    """Rows of officers, columns of days: who goes where, who is away, and how even the load is."""

    way = "desk:calendar:officers"
    template_name = "desk/calendar/officers.html"

    def period(self) -> chosen.Period:
        found = super().period()
        return chosen.period_of("week", found.first)

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        narrowing, period = self.narrowing(), self.period()
        working = chosen.working_days(period)
        officers = accounts.scoped(registry.list_officers(), self.person, self.action).filter(active=True)
        if agency := narrowing.chosen("agency"):
            officers = officers.filter(agency=agency)
        if region := narrowing.chosen("region"):
            officers = officers.filter(agency__region=region)
        if officer := narrowing.chosen("officer"):
            officers = officers.filter(pk=officer.pk)
        page = Paginator(officers.order_by("agency__code", "certificate"), OFFICERS_A_PAGE).get_page(
            request.GET.get("page")
        )
        shown_officers = list(page.object_list)
        rows = chosen.list_planned(self.person, period.first, period.last).filter(
            pk__in=visits.list_contacts()
            .order_by()
            .filter(visit_officers__officer__in=[one.pk for one in shown_officers])
            .values("pk")
        )
        shown = self.show_visits(rows)
        busy = {visit.row.planned_on for visit in shown}
        days = [day for day in period.days if day in working or day in busy]
        absences = registry.list_absences_between(period.first, period.last).filter(
            officer__in=shown_officers
        )
        context = {
            **self.frame_of(narrowing, period),
            "days": days,
            "page": page,
            "rows": show_officers(shown_officers, days, shown, absences),
            "count": len(shown),
        }
        return self.show(context=context)
