"""The year on one page: agencies by months, coverage, what is used of the budgets; and workbooks of plans."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from yicha.base.accounts import queries as accounts
from yicha.decide.planning import queries, services
from yicha.decide.planning.terms import PlanState
from yicha.doors import charts
from yicha.doors.desk.pages import ActView, DeskView
from yicha.doors.desk.plans.asked import year_of, years_around
from yicha.doors.desk.plans.coverage import list_bars
from yicha.doors.desk.plans.deadlines import clock_of
from yicha.doors.desk.plans.tables import TONES
from yicha.kernel import clock

OUT = (PlanState.PUBLISHED.value, PlanState.SUPERSEDED.value)
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class Year(DeskView):
    """The plans of a year together: when who means to check how many, and what that uses."""

    action = "plan.view"
    title = gettext_lazy("The year on one page")
    template_name = "desk/plans/year.html"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        year = year_of(request)
        plans = list_seen(self, year)
        rows = queries.list_months(plans)
        months = [_("month %(number)s") % {"number": number} for number in range(1, 13)]
        heat = charts.heat(
            "months",
            _("agency"),
            [row.name for row in rows],
            months,
            [row.months for row in rows],
            unit=_("enterprises"),
        )
        budget = queries.get_budget_use(year)
        use = charts.bar(
            "budget",
            _("visits used"),
            [
                ngettext("%(n)s visit", "%(n)s visits", units) % {"n": units}
                for units, _count in budget.by_units
            ],
            [charts.Series(_("enterprises"), [count for _units, count in budget.by_units])],
            unit=_("enterprises"),
        )
        today = clock.today(clock.now())
        report = queries.get_coverage(year, today)
        days = queries.list_publish_days(plans, today)
        clocks = [(plan, *TONES[plan.state], clock_of(plan, days)) for plan in plans]
        return self.show(
            context={
                "year": str(year),
                "years": years_around(today.year),
                "plans": plans,
                "under_way": [row for row in clocks if row[0].state not in OUT],
                "out": [row for row in clocks if row[0].state in OUT],
                "late": sum(one.late > 0 for *_row, one in clocks if one),
                "bars": list_bars(report) if report.total.enterprises else [],
                "heat": heat,
                "budget": budget,
                "use": use,
                "report": report,
                "today": today,
                "approved": [
                    plan for plan in plans if plan.state == PlanState.APPROVED and self._edits(plan)
                ],
            }
        )

    def _edits(self, plan: Any) -> bool:
        return accounts.may(self.person, "plan.edit", plan.edit_scope)


def list_seen(view: DeskView, year: int) -> Sequence[Any]:
    """The plans of a year that a person sees, of each the version that counts: not superseded."""
    plans = queries.list_plans().filter(year=year).exclude(state=PlanState.SUPERSEDED.value)
    return list(accounts.scoped(plans, view.person, "plan.view").prefetch_related("agencies", "commenters"))


class PublishAll(ActView):
    """Publish all approved plans of a year that this person plans: checked together, all or none."""

    action = "plan.edit"

    def back(self) -> str:
        return f"{reverse('desk:plans:year')}?year={year_of(self.request)}"

    def act(self) -> str:
        plans, revisions = [], []
        for said in self.request.POST.getlist("plan"):
            uuid, _colon, revision = said.partition(":")
            plan = queries.get_plan(uuid)
            accounts.require(self.person, "plan.view", plan.scope)
            accounts.require(self.person, self.action, plan.edit_scope)
            plans.append(plan)
            revisions.append(int(revision) if revision.isdecimal() else -1)
        services.publish_plans(actor=self.actor, now=clock.now(), plans=plans, revisions=revisions)
        self.done(_("%(count)s plans are published.") % {"count": len(plans)})
        return self.back()


class Workbook(DeskView):
    """The plans of a year, or one of them, as the workbook of the trade."""

    action = "plan.view"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if "uuid" in self.kwargs:
            found = queries.get_plan(str(self.kwargs["uuid"]))
            plans: Sequence[Any] = [accounts.get_allowed(found, self.person, self.action)]
            name = plans[0].code
        else:
            year = year_of(request)
            plans, name = list_seen(self, year), f"plans-{year}"
        if not plans:
            return redirect("desk:plans:list")
        place = io.BytesIO()
        queries.write_workbook(plans, place)
        answer = HttpResponse(place.getvalue(), content_type=XLSX)
        answer["Content-Disposition"] = f'attachment; filename="{name}.xlsx"'
        return answer
