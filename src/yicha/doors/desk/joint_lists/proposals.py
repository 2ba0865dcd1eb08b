"""Joint lists that the data propose, and making one."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django import forms
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from yicha.decide.planning import queries as planning
from yicha.doors.desk.pages import DeskView, FormPage
from yicha.kernel import clock
from yicha.know.catalogue import queries, services
from yicha.know.registry import queries as registry

LEAST = 5
"""How often two items must have met: ours, and changed in the address (`?least=`)."""


class LeastForm(forms.Form):
    """How strong a tie must be."""

    least = forms.IntegerField(
        label=_("met at least so often"), min_value=2, max_value=1000, help_text=_("From 2 to 1,000 times.")
    )


class Proposals(DeskView):
    """Items that hit the same enterprises again and again, with what a joint list would have saved (能合尽合)."""

    action = "catalogue.view"
    title = _("Proposed joint lists")
    template_name = "desk/joint_lists/proposals.html"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        form = LeastForm({"least": request.GET.get("least", LEAST)})
        if not form.is_valid():
            return self.show(context={"form": form, "rows": []}, status=422)
        today = clock.today(clock.now())
        versions = {one.item.code: one for one in queries.list_current_versions()}
        directories = {one.code: one for one in registry.list_directories()}
        rows = [
            {
                "proposal": one,
                "items": [versions[code] for code in one.items if code in versions],
                "directory": directories.get(one.directory),
                "url": f"{reverse('desk:joint_lists:new')}?{_asked(one.items, one.directory)}",
            }
            for one in planning.list_proposals(today, least=form.cleaned_data["least"])
        ]
        context = {"form": form, "rows": rows, "may_make": self.may("joint-list.propose")}
        return self.show(context=context)


def _asked(items: tuple[str, ...], directory: str) -> str:
    return urlencode([*(("items", code) for code in items), ("directory", directory)])


class JointListForm(forms.Form):
    """A new joint list."""

    name = forms.CharField(label=_("name"), max_length=100)
    code = forms.SlugField(
        label=_("code"), max_length=64, help_text=_("Small letters, digits and hyphens; it never changes.")
    )
    lead_kind = forms.ChoiceField(label=_("lead agency"))
    directory = forms.ChoiceField(label=_("directory"), required=False)
    items = forms.MultipleChoiceField(label=_("items"), widget=forms.CheckboxSelectMultiple)

    def __init__(self, *args: Any, offered: list[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        versions = [one for one in queries.list_current_versions() if one.item.code in offered]
        kinds = {one.item.agency_kind.code: one.item.agency_kind.name for one in versions}
        choices: dict[str, list[tuple[str, str]]] = {
            "lead_kind": sorted(kinds.items()),
            "directory": [("", "—"), *((one.code, one.name) for one in registry.list_directories())],
            "items": [(one.item.code, f"{one.name}（{one.item.agency_kind.name}）") for one in versions],
        }
        for name, offers in choices.items():
            self.fields[name].choices = offers  # type: ignore[attr-defined]


class NewJointList(FormPage):
    """Make a joint list of what was proposed."""

    action = "joint-list.propose"
    title = _("New joint list")
    form_class = JointListForm
    submit = _("Make the list")

    def back(self) -> str:
        return reverse("desk:joint_lists:proposals")

    def form_options(self) -> dict[str, Any]:
        asked = self.request.GET
        offered = asked.getlist("items")
        return {"offered": offered, "initial": {"items": offered, "directory": asked.get("directory", "")}}

    def act(self, form: Any) -> str:
        made = services.make_joint_list(actor=self.actor, now=clock.now(), **form.cleaned_data)
        return reverse("desk:joint_lists:object", args=[made.code])
