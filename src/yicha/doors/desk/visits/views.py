"""Lists of visits and an officer's day."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _

from yicha.act.inspection import queries
from yicha.base.accounts import queries as accounts
from yicha.doors.desk.lists import ListPage
from yicha.doors.desk.pages import DeskView
from yicha.doors.desk.visits import words
from yicha.doors.desk.visits.tables import VisitFilter, VisitTable
from yicha.kernel import clock

AHEAD = timedelta(days=7)


class Visits(ListPage):
    """All visits that this person may see."""

    action = "visit.view"
    title = _("Visits")
    table_class = VisitTable
    filterset_class = VisitFilter
    template_name = "desk/visits/list.html"
    extra_columns = ("region", "round", "window", "visited_on")
    empty_title = _("No visits yet")
    empty_icon = "clipboard-list"

    def rows(self) -> QuerySet[Any]:
        return queries.with_progress(queries.list_visits())


class MyDay(DeskView):
    """What an officer has to do today: visits of today, what is left from before, and the next days."""

    action = "visit.view"
    title = _("My visits today")
    template_name = "desk/visits/my_day.html"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        today = clock.today(clock.now())
        certificate = getattr(self.person, "certificate", "")
        mine = queries.list_of_officer(
            accounts.scoped(queries.with_progress(queries.list_visits()), self.person, self.action),
            certificate,
        ).prefetch_related("parts__agency", "parts__officers")
        unfinished = mine.filter(state__in=["opened", "started"]).order_by("contact__planned_on", "pk")
        context = {
            "today": today,
            "certificate": certificate,
            "now": mine.filter(contact__planned_on=today).order_by("state", "pk"),
            "before": unfinished.filter(contact__planned_on__lt=today)[:50],
            "next": unfinished.filter(contact__planned_on__gt=today, contact__planned_on__lte=today + AHEAD)[
                :50
            ],
            "tones": words.VISIT,
        }
        return self.show(context=context)
