"""Search by name or code, and what was published of one enterprise."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.utils.translation import gettext_lazy

from yicha.doors.public.pages import PublicPage
from yicha.doors.public.results.views import results_of, searched
from yicha.kernel import clock
from yicha.kernel import uscc as codes
from yicha.kernel.refusal import NotFound
from yicha.share.publicity import queries


class Search(PublicPage):
    """One field. One enterprise found: straight to its page."""

    title = gettext_lazy("What was found at this firm?")
    template_name = "public/enterprises/list.html"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        text = searched(request)
        found = queries.list_checked_enterprises(text) if text else []
        if text and not found and queries.find_public_enterprise(text, clock.today(clock.now())):
            return redirect("public:enterprises:object", uscc=codes.normalise(text))
        if len(found) == 1:
            return redirect("public:enterprises:object", uscc=found[0].uscc)
        return self.show(context={"q": text, "found": found, "most": queries.MOST_ENTERPRISES})


class OneEnterprise(PublicPage):
    """Every published result of one enterprise, the last one in a word; and what records are published, until when."""

    template_name = "public/enterprises/object.html"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        today = clock.today(clock.now())
        one = queries.find_public_enterprise(self.kwargs["uscc"], today)
        if one is None:
            raise NotFound
        found = list(queries.list_published_of(one.uscc))
        context = {
            "title": one.name or one.uscc,
            "one": one,
            "last": found[0] if found else None,
            "records": queries.list_public_records(one.uscc, today),
            "visits": [(visit, results_of(visit)) for visit in found],
            "problems": sum(visit.problems for visit in found),
            "simulated": any(visit.simulated for visit in found),
        }
        return self.show(context=context)
