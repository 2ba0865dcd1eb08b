"""Before publication: what a plan would mean for enterprises, the lists behind the numbers, and what is accepted."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import Case, IntegerField, QuerySet, Value, When
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from yicha.base.accounts import queries as accounts
from yicha.decide.planning import queries, services
from yicha.decide.planning.terms import Breach, Disturbed
from yicha.doors.desk.enterprises.tables import EnterpriseFilter, EnterpriseTable
from yicha.doors.desk.lists import ListPage
from yicha.doors.desk.pages import FormPage
from yicha.doors.desk.plans.acts import OnePlan
from yicha.doors.desk.plans.forms import FEW_LINES
from yicha.kernel import clock
from yicha.kernel.refusal import NotFound
from yicha.know.registry import queries as registry

TITLES = {
    Disturbed.CLASS_A: gettext_lazy("Firms of class A that the plan may draw"),
    Disturbed.RESTING: gettext_lazy("Firms of class A that rest until after the window"),
    Disturbed.UNDISTURBED: gettext_lazy("Firms of the undisturbed list that the plan may draw"),
    Disturbed.BUDGET: gettext_lazy("Firms that would exceed their budget"),
}
LIKELIEST = 5000
"""So many are listed, the likeliest first."""


class DisturbedFirms(ListPage):
    """The enterprises behind one sentence about a plan, the likeliest first. Desk only: classes stand in it."""

    action = "plan.view"
    rows_action = "registry.view"
    table_class = EnterpriseTable
    filterset_class = EnterpriseFilter
    template_name = "desk/plans/disturbed.html"
    extra_columns = ("industry", "zone", "address", "registered_on", "capital", "kind")
    empty_title = gettext_lazy("Nobody")
    empty_icon = "circle-check"

    def plan(self) -> Any:
        """The plan of the address, if the person sees it."""
        return accounts.get_allowed(queries.get_plan(str(self.kwargs["uuid"])), self.person, self.action)

    def rows(self) -> QuerySet[Any]:
        plan = self.plan()
        if self.kwargs["what"] not in list(Disturbed):
            raise NotFound
        what = Disturbed(self.kwargs["what"])
        self.title = TITLES[what]
        ids = queries.find_disturbed(plan, what).ids[:LIKELIEST]
        places = Case(
            *(When(pk=pk, then=Value(place)) for place, pk in enumerate(ids[:100])),
            default=Value(100),
            output_field=IntegerField(),
        )
        return (
            registry.list_enterprises()
            .filter(pk__in=ids)
            .annotate(likeliest=places)
            .order_by("likeliest", "uscc")
        )

    def context(self) -> dict[str, Any]:
        return {"plan": self.plan()}


class AcceptForm(forms.Form):
    """Why a plan is published all the same."""

    because = forms.CharField(
        label=gettext_lazy("Reason"), max_length=300, widget=forms.Textarea(attrs=FEW_LINES)
    )
    revision = forms.IntegerField(widget=forms.HiddenInput, localize=False)


class Accept(OnePlan, FormPage):
    """Accept that a plan breaks the floor or the budgets, as far as it does now."""

    action = "plan.approve"
    title = gettext_lazy("Accept what is not kept")
    form_class = AcceptForm
    submit = gettext_lazy("Accept it")
    template_name = "desk/plans/form.html"

    def back(self) -> str:
        return reverse("desk:plans:tab", args=[self.kwargs["uuid"], "check"])

    def context(self) -> dict[str, Any]:
        return {"plan": self.plan()}

    def form_options(self) -> dict[str, Any]:
        return {"initial": {"revision": self.plan().revision}}

    def act(self, form: Any) -> str:
        if self.kwargs["breach"] not in list(Breach):
            raise NotFound
        services.accept_breach(
            actor=self.actor,
            now=clock.now(),
            plan=self.plan(),
            breach=Breach(self.kwargs["breach"]),
            **form.cleaned_data,
        )
        self.done(_("Accepted, as far as it goes now. If it grows, it is asked again."))
        return self.back()
