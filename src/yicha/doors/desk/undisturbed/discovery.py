"""Automatic discovery: the last run by region, and a new one as a job."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from yicha.base.accounts import queries as accounts
from yicha.doors.desk.pages import DeskView, FormPage
from yicha.doors.desk.undisturbed import rights
from yicha.kernel import clock
from yicha.kernel.refusal import NotFound
from yicha.know.undisturbed import jobs, queries, services

SHOWN = 10


class DiscoveryForm(forms.Form):
    """Where to look."""

    region = forms.ChoiceField(label=gettext_lazy("region"), required=False)

    def __init__(self, *args: Any, regions: list[tuple[str, str]], **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["region"].choices = regions  # type: ignore[attr-defined]


class Discoveries(FormPage):
    """What the last runs found, by region; and the button for another one."""

    action = "undisturbed.view"
    title = gettext_lazy("Discovery")
    form_class = DiscoveryForm
    submit = gettext_lazy("Look for candidates")
    template_name = "desk/undisturbed/discovery.html"

    def form_options(self) -> dict[str, Any]:
        mine = list(rights.list_regions_for(self.person, "undisturbed.discover").items())
        if self.may_everywhere():
            return {"regions": [("", _("all regions")), *mine]}
        return {"regions": mine}

    def may_everywhere(self) -> bool:
        return accounts.may(self.person, "undisturbed.discover", rights.NOWHERE)

    def back(self) -> str:
        return reverse("desk:undisturbed:candidates")

    def context(self) -> dict[str, Any]:
        runs = list(queries.list_discoveries()[:SHOWN])
        mine = rights.list_regions_for(self.person, self.action)
        candidates = queries.list_candidates().filter(region__code__in=list(mine))
        return {
            "runs": runs,
            "running": next((run for run in runs if run.state == "running"), None),
            "by_region": queries.count_candidates(candidates),
            "total": candidates.order_by().count(),
            "may_discover": self.may("undisturbed.discover"),
        }

    def act(self, form: Any) -> str:
        # Nothing chosen means everywhere, which a field that is not required lets anybody send.
        if form.cleaned_data["region"] not in dict(self.form_options()["regions"]):
            raise NotFound
        run = services.begin_discovery(actor=self.actor, now=clock.now(), region=form.cleaned_data["region"])
        jobs.start_discovery(run.uuid, self.actor)
        return reverse("desk:undisturbed:discovery")


class DiscoveryProgress(DeskView):
    """The bar of a run; asks for itself until it is done."""

    action = "undisturbed.view"
    template_name = "desk/undisturbed/progress.html"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        run = queries.find_discovery(self.kwargs["uuid"])
        if run is None:
            raise NotFound
        if run.state == "running":
            return self.show(context={"running": run})
        page = reverse("desk:undisturbed:discovery")
        if request.headers.get("HX-Request"):
            answer = HttpResponse()
            answer["HX-Redirect"] = page
            return answer
        return redirect(page)
