"""The merge page: where plans of different agencies and regions meet, and what is decided of it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django import forms
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from yicha.base.accounts import queries as accounts
from yicha.decide.planning import queries, services
from yicha.decide.planning.terms import OverlapChoice, OverlapState
from yicha.doors.desk.pages import DeskView, FormPage
from yicha.doors.desk.plans.asked import year_of, years_around
from yicha.doors.desk.plans.forms import FEW_LINES, DateField
from yicha.kernel import clock
from yicha.kernel.refusal import NotFound

STATES = {
    OverlapState.OPEN: (gettext_lazy("to be decided"), "overdue", "alert-triangle"),
    OverlapState.BROKEN: (gettext_lazy("decision undone"), "overdue", "alert-triangle"),
    OverlapState.RULED: (gettext_lazy("decided"), "done", "circle-check"),
    OverlapState.JOINED: (gettext_lazy("joined by matching"), "allow", "arrows-join"),
    OverlapState.NEAR: (gettext_lazy("neighbouring quarters"), "plain", "calendar"),
    OverlapState.SMALL: (gettext_lazy("few concerned"), "plain", "circle"),
}
FIRST_DROPPED = "first-dropped"
"""The second falls away, of both the other way round."""
CHOICES = [
    (OverlapChoice.TOGETHER.value, gettext_lazy("together: both within one window")),
    (OverlapChoice.APART.value, gettext_lazy("apart: both as they are, for a reason")),
    (OverlapChoice.DROPPED.value, gettext_lazy("the second falls away")),
    (FIRST_DROPPED, gettext_lazy("the first falls away")),
]
CHOSEN = {**{choice.value: choice for choice in OverlapChoice}, FIRST_DROPPED: OverlapChoice.DROPPED}
ROWS_A_PAGE = 25
"""Overlaps on a page: the worst stand first."""


class Merge(DeskView):
    """All overlaps of a year's plans, those to be decided first."""

    action = "plan.view"
    title = gettext_lazy("Merging plans")
    template_name = "desk/plans/merge.html"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        year = year_of(request)
        seen = self._list_seen(year)
        rows = [row for row in queries.list_overlaps(year) if {row.first.plan_id, row.second.plan_id} & seen]
        wanted = request.GET.get("state", "")
        counts = {state: sum(row.state is state for row in rows) for state in OverlapState}
        shown = [row for row in rows if not wanted or row.state.value == wanted]
        shown.sort(key=lambda row: not row.needs_decision)
        page = Paginator(shown, ROWS_A_PAGE).get_page(request.GET.get("page"))
        return self.show(
            context={
                "year": str(year),
                "years": years_around(clock.today(clock.now()).year),
                "rows": [(row, *STATES[row.state]) for row in page],
                "page": page,
                "count": len(rows),
                "undecided": sum(row.needs_decision for row in rows),
                "states": [
                    (state.value, STATES[state][0], counts[state]) for state in OverlapState if counts[state]
                ],
                "wanted": wanted,
                "may_merge": self.may("plan.merge"),
            }
        )

    def _list_seen(self, year: int) -> set[int]:
        """The plans (ids) that the person sees: who sees one of two plans is told whom it meets."""
        plans = accounts.scoped(queries.list_plans().filter(year=year), self.person, "plan.view")
        return set(plans.values_list("pk", flat=True))


class RulingForm(forms.Form):
    """How an overlap is resolved. The revisions, and the resolution before, are those that were shown."""

    choice = forms.ChoiceField(label=gettext_lazy("Resolution"), choices=CHOICES, widget=forms.RadioSelect)
    window_from = DateField(
        label=gettext_lazy("First day"),
        required=False,
        help_text=gettext_lazy("Of both, when they go together."),
    )
    window_to = DateField(label=gettext_lazy("Last day"), required=False)
    because = forms.CharField(
        label=gettext_lazy("Reason"),
        max_length=300,
        required=False,
        widget=forms.Textarea(attrs=FEW_LINES),
        help_text=gettext_lazy("Needed when they are kept apart."),
    )
    first_revision = forms.IntegerField(widget=forms.HiddenInput, localize=False)
    second_revision = forms.IntegerField(widget=forms.HiddenInput, localize=False)
    ruled_at = forms.CharField(widget=forms.HiddenInput, required=False)


class Rule(FormPage):
    """Resolve one overlap."""

    action = "plan.merge"
    title = gettext_lazy("Resolve an overlap")
    form_class = RulingForm
    submit = gettext_lazy("Resolve it")
    template_name = "desk/plans/ruling.html"

    @cached_property
    def overlap(self) -> queries.Overlap:
        """The overlap of the address, found once: all plans of the year are compared for it."""
        found = queries.find_overlap(self.kwargs["year"], self.kwargs["first"], self.kwargs["second"])
        if found is None:
            raise NotFound
        for entry in (found.first, found.second):
            accounts.require(self.person, "plan.view", entry.plan.scope)
            accounts.require(self.person, self.action, entry.plan.scope)
        return found

    def back(self) -> str:
        return f"{reverse('desk:plans:merge')}?year={self.kwargs['year']}"

    def context(self) -> dict[str, Any]:
        row = self.overlap
        return {"row": row, "state": STATES[row.state], "year": str(self.kwargs["year"])}

    def form_options(self) -> dict[str, Any]:
        row = self.overlap
        window = row.common or (row.first.window_from, row.first.window_to)
        return {
            "initial": {
                "choice": row.ruling.choice.value if row.ruling else OverlapChoice.TOGETHER.value,
                "because": row.ruling.because if row.ruling else "",
                "window_from": window[0],
                "window_to": window[1],
                "first_revision": row.first.plan.revision,
                "second_revision": row.second.plan.revision,
                "ruled_at": row.ruling.at.isoformat() if row.ruling else "",
            }
        }

    def act(self, form: Any) -> str:
        row, given = self.overlap, form.cleaned_data
        row.first.plan.revision = given["first_revision"]
        row.second.plan.revision = given["second_revision"]
        window = (given["window_from"], given["window_to"])
        stays, falls = row.first, row.second
        if given["choice"] == FIRST_DROPPED:
            stays, falls = falls, stays
        services.rule_overlap(
            actor=self.actor,
            now=clock.now(),
            first=stays,
            second=falls,
            choice=CHOSEN[given["choice"]],
            because=given["because"],
            window=window if all(window) else None,
            read_at=_moment(given["ruled_at"]),
        )
        self.done(_("Resolved. Both planners see it in the ledger of their plans."))
        return self.back()


def _moment(text: str) -> datetime | None:
    """When the resolution was made that the page showed; None: it showed none."""
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None
