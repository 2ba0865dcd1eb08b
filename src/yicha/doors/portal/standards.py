"""Conflicting standards, filed by an enterprise: "A says X, B says Y"; and what was ruled."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from yicha.doors.portal.pages import PortalForm, PortalView
from yicha.kernel import clock
from yicha.kernel.refusal import Reason, Refused
from yicha.know.agreement import queries, services
from yicha.know.agreement.terms import ConflictFiling, SideFacts
from yicha.know.catalogue import queries as catalogue
from yicha.know.registry import queries as registry

STATES = {
    "filed": ("due", "hourglass"),
    "ruled": ("done", "gavel"),
    "withdrawn": ("spared", "arrow-back-up"),
}


class Conflicts(PortalView):
    """What this enterprise has filed, with what was ruled."""

    title = gettext_lazy("Conflicting standards")
    part = "conflicts"
    template_name = "portal/conflicts.html"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        found = queries.list_conflicts_of(self.enterprise.uscc)[:100]
        return self.show(
            context={"rows": [(one, STATES.get(one.state, ("plain", "circle"))) for one in found]}
        )


class ConflictForm(forms.Form):
    """Two items, what each says, and what proves it."""

    title = forms.CharField(
        label=gettext_lazy("In one line"),
        max_length=200,
        help_text=gettext_lazy("Such as: one wants the door locked, the other wants it open."),
    )
    a_item = forms.ChoiceField(label=gettext_lazy("The first item"))
    a_agency = forms.ChoiceField(label=gettext_lazy("Which agency said so"), required=False)
    a_words = forms.CharField(
        label=gettext_lazy("What it says"), max_length=2000, widget=forms.Textarea(attrs={"rows": 3})
    )
    b_item = forms.ChoiceField(label=gettext_lazy("The second item"))
    b_agency = forms.ChoiceField(label=gettext_lazy("Which agency said that"), required=False)
    b_words = forms.CharField(
        label=gettext_lazy("What it says"), max_length=2000, widget=forms.Textarea(attrs={"rows": 3})
    )
    evidence = forms.CharField(
        label=gettext_lazy("What shows it"),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=gettext_lazy("When, by whom, in which document: so that it can be looked up."),
    )

    def __init__(self, *args: Any, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        items = [
            (one.item.code, f"{one.name} ({one.item.agency_kind})")
            for one in catalogue.list_versions_in_force(today)
        ]
        agencies = [("", _("not known")), *((one.code, one.name) for one in registry.list_agencies())]
        for side in ("a", "b"):
            self.fields[f"{side}_item"].choices = [("", _("choose")), *items]  # type: ignore[attr-defined]
            self.fields[f"{side}_agency"].choices = agencies  # type: ignore[attr-defined]

    def side(self, name: str) -> SideFacts:
        """One side as it was filled in."""
        given = self.cleaned_data
        return SideFacts(given[f"{name}_item"], given[f"{name}_words"], given[f"{name}_agency"])


class File(PortalForm):
    """File a conflict; the coordinator rules on it."""

    title = gettext_lazy("File a conflict of standards")
    part = "conflicts"
    form_class = ConflictForm
    submit = gettext_lazy("File it")
    template_name = "portal/file.html"

    def form_options(self) -> dict[str, Any]:
        return {"today": clock.today(clock.now())}

    def act(self, form: Any) -> str:
        if self.enterprise.region is None:
            raise Refused(
                [
                    Reason(
                        "portal.no-region",
                        "The address of the enterprise names no region: ask the authority that registered it first.",
                    )
                ]
            )
        filing = ConflictFiling(
            title=form.cleaned_data["title"],
            a=form.side("a"),
            b=form.side("b"),
            region=self.enterprise.region.code,
            evidence=form.cleaned_data["evidence"],
            enterprise=self.enterprise.uscc,
        )
        row = services.file_conflict(actor=self.actor, now=clock.now(), filing=filing)
        self.done(
            _("Filed under the number %(code)s. The coordination office rules on it.") % {"code": row.code}
        )
        return reverse("portal:conflicts", args=[self.enterprise.uscc])
