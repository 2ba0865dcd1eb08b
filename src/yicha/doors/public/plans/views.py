"""Public pages of annual plans: what, where, how many; never by class."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy

from yicha.doors.public.pages import PublicPage
from yicha.kernel.refusal import NotFound
from yicha.share.publicity import queries


class Plans(PublicPage):
    """All published plans, by year."""

    title = gettext_lazy("Annual plans")
    template_name = "public/plans/list.html"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        plans = queries.list_public_plans()
        years = sorted({plan.year for plan in plans}, reverse=True)
        shown = [(year, [plan for plan in plans if plan.year == year]) for year in years]
        return self.show(context={"years": shown, "expected": sum(plan.expected for plan in plans)})


class OnePlan(PublicPage):
    """One plan, quarter by quarter, with the draws that came of it."""

    template_name = "public/plans/object.html"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        plan = queries.find_public_plan(self.kwargs["code"])
        if plan is None:
            raise NotFound
        quarters = [
            (number, [one for one in plan.entries if one.quarter == number]) for number in (1, 2, 3, 4)
        ]
        return self.show(
            context={"title": plan.title, "plan": plan, "quarters": [q for q in quarters if q[1]]}
        )
