"""What an owner reads: the budget of the year, what waits, and every visit with why it was let through."""

from __future__ import annotations

from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.utils.translation import gettext_lazy as _

from yicha.base.messages import queries as outgoing
from yicha.doors.portal import seeing
from yicha.doors.portal.pages import PortalView, audience_of
from yicha.doors.portal.visits import Visit, describe
from yicha.kernel import clock
from yicha.kernel.refusal import NotFound
from yicha.know.undisturbed import queries as undisturbed

ROWS = 30


class Start(PortalView):
    """Where an owner lands: at the only enterprise, or at the choice between several."""

    title = _("My enterprises")
    template_name = "portal/start.html"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        own = list(self.own()[:200])
        if len(own) == 1:
            return redirect("portal:home", own[0].uscc)
        return self.show(context={"own": own})


class Home(PortalView):
    """The budget of this year, the next visits, and what is new."""

    title = _("Overview")
    part = "home"
    template_name = "portal/home.html"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        today = clock.today(clock.now())
        contacts = list(seeing.list_known(self.enterprise.uscc)[:50])
        return self.show(
            context={
                "year": str(today.year),
                "budget": seeing.get_budget(self.enterprise.uscc, today),
                "unread": outgoing.count_unread([audience_of(self.enterprise)]),
                "notices": undisturbed.count_unread(self.enterprise.uscc),
                "next": [describe(one) for one in reversed(contacts) if one.state == "planned"],
                "last": [describe(one) for one in contacts if one.state == "made"][:1],
            }
        )


class Visits(PortalView):
    """Every visit, planned, made or spared, the latest first."""

    title = _("All visits")
    part = "visits"
    template_name = "portal/visits.html"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        found = seeing.list_known(self.enterprise.uscc)
        page = Paginator(found, ROWS).get_page(request.GET.get("page"))
        today = clock.today(clock.now())
        budget = seeing.get_budget(self.enterprise.uscc, today)
        counted = {visit.contact.uuid: visit.counted for visit in budget.visits}
        return self.show(context={"page": page, "rows": [describe(one, counted) for one in page]})


class OneVisit(PortalView):
    """One visit: why it was let through, with the reasons of its verdict; what is checked; what was found."""

    part = "visits"
    template_name = "portal/visit.html"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        found = seeing.list_known(self.enterprise.uscc).filter(uuid=kwargs["uuid"]).first()
        if found is None:
            raise NotFound
        visit: Visit = describe(found, whole=True)
        return self.show(context={"visit": visit, "title": visit.title})
