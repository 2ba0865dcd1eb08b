"""Search by name or code, and what was published of one enterprise."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.utils.translation import gettext_lazy

from yicha.doors.public.pages import PublicPage
from yicha.doors.public.results.views import results_of, searched
from yicha.kernel.refusal import NotFound
from yicha.share.publicity import queries


class Search(PublicPage):
    """One field. One enterprise found: straight to its page."""

    title = gettext_lazy("What was found at this firm?")
    template_name = "public/enterprises/list.html"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        text = searched(request)
        found = queries.list_checked_enterprises(text) if text else []
        if len(found) == 1:
            return redirect("public:enterprises:object", uscc=found[0].uscc)
        return self.show(context={"q": text, "found": found, "most": queries.MOST_ENTERPRISES})


class OneEnterprise(PublicPage):
    """Every published result of one enterprise; the last one first, in a word."""

    template_name = "public/enterprises/object.html"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        found = list(queries.list_published_of(self.kwargs["uscc"]))
        if not found:
            raise NotFound
        last = found[0]
        context = {
            "title": last.name or last.uscc,
            "last": last,
            "visits": [(one, results_of(one)) for one in found],
            "problems": sum(one.problems for one in found),
            "simulated": any(one.simulated for one in found),
        }
        return self.show(context=context)
