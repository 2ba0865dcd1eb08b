"""What an officer does in the next weeks, on paper and in the calendar of the own telephone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from yicha.act.dispatch import queries, services
from yicha.doors.desk.dispatch.views import pdf_response
from yicha.doors.desk.dispatch.words import TONES
from yicha.doors.desk.pages import ActView, DeskView
from yicha.kernel import clock
from yicha.kernel.refusal import NotFound
from yicha.know.registry import queries as registry

AHEAD = timedelta(days=42)


@dataclass(frozen=True)
class Day:
    """A day with visits."""

    on: date
    words: str
    is_today: bool
    visits: Sequence[Any]


class OwnPage(DeskView):
    """Of a page about the officer whom the signed-in person's certificate names."""

    action = "calendar.own"

    def officer(self) -> Any | None:
        """The officer; None when the sign-in names none."""
        certificate = getattr(self.person, "certificate", "")
        return registry.find_officer(certificate) if certificate else None

    def own(self) -> Any:
        """The officer; a page that needs one is not there for others."""
        found = self.officer()
        if found is None:
            raise NotFound
        return found

    def back(self) -> str:
        return reverse("desk:my_days:list")


class MyDays(OwnPage):
    """The days with visits, and the address of the calendar."""

    title = gettext_lazy("My days")
    template_name = "desk/my_days/days.html"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        officer, today = self.officer(), clock.today(clock.now())
        shown = queries.list_visits_of(officer, today, today + AHEAD) if officer else []
        days: dict[date, list[Any]] = {}
        for one in shown:
            if one.facts.day is not None:
                days.setdefault(one.facts.day, []).append(one)
        context = {
            "officer": officer,
            "today": today,
            "until": today + AHEAD,
            "days": [Day(day, queries.day_words(day), day == today, rows) for day, rows in days.items()],
            "count": len(shown),
            "feed": queries.find_feed(officer) if officer else None,
            "tones": TONES,
        }
        return self.show(context=context)


class DaySheet(OwnPage):
    """One day on paper, with the codes that open the doors; an empty day has a sheet too."""

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        officer, day = self.own(), self.kwargs["day"]
        content = queries.day_sheet_pdf(officer, day, clock.now())
        return pdf_response(content, f"{officer.certificate}-{day.isoformat()}.pdf")


class MakeFeed(ActView, OwnPage):
    """A new secret address; it is in this answer and nowhere else, and no cache may keep it."""

    title = gettext_lazy("Address of my calendar")

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        officer = self.own()
        secret = services.make_feed(actor=self.actor, now=clock.now(), officer=officer)
        path = reverse("public:calendar:officer", args=[secret])
        response = self.show("desk/my_days/feed.html", {"address": f"{settings.YICHA.url}{path}"})
        response["Cache-Control"] = "no-store"
        return response


class RevokeFeed(ActView, OwnPage):
    """The address opens nothing any more."""

    def act(self) -> str:
        services.revoke_feed(actor=self.actor, now=clock.now(), officer=self.own())
        self.done(_("The address opens nothing any more. Calendars that used it empty themselves or stop."))
        return self.back()
