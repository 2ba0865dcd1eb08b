"""The undisturbed list as the enterprise sees it: where it stands, what happened, what it was told; and applying."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from yicha.doors.portal.pages import PortalForm, PortalView
from yicha.kernel import clock
from yicha.kernel.refusal import NotFound
from yicha.know.undisturbed import queries, services

STATES = {
    "nominated": ("action", "flag"),
    "applied-for": ("action", "send"),
    "objection": ("due", "hourglass"),
    "objected": ("due", "message-2"),
    "listed": ("allow", "shield-check"),
    "suspended": ("refuse", "ban"),
    "removed": ("spared", "circle-x"),
    "declined": ("spared", "circle-x"),
    "withdrawn": ("spared", "arrow-back-up"),
}
"""How a state looks: (tone, icon)."""
NOTICES = 50


@dataclass(frozen=True)
class ToldStep:
    """A step of the protocol in words for the enterprise; the class is never among them."""

    at: datetime
    sentence: str
    tone: str
    icon: str
    notice: Any = None


def tell(step: Any, notice: Any = None) -> ToldStep:
    """A step as the enterprise may know it."""
    told = queries.tell(step)
    sentence = _(told.sentence) % told.facts if told.facts else _(told.sentence)
    tone, icon = STATES.get(step.state, ("plain", "circle"))
    return ToldStep(step.at, sentence, tone, icon, notice)


class Undisturbed(PortalView):
    """Where the enterprise stands, the protocol of its listing, and the notices."""

    title = gettext_lazy("Undisturbed list")
    part = "undisturbed"
    template_name = "portal/undisturbed.html"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        uscc = self.enterprise.uscc
        listings: Iterable[Any] = queries.list_listings_of(uscc)
        listing = queries.find_open(uscc) or next(iter(listings), None)
        notices = queries.list_notices_of(uscc)[:NOTICES]
        context = {
            "listing": listing,
            "look": STATES.get(listing.state, ("plain", "circle")) if listing else ("plain", "circle"),
            "steps": [tell(step) for step in queries.list_steps(listing)] if listing else [],
            "notices": [tell(one.step, one) for one in notices],
            "may_apply": not queries.list_may_not_begin(uscc, clock.today(clock.now())),
        }
        return self.show(context=context)


class ApplyForm(forms.Form):
    """What the enterprise wants to say; nothing has to be said."""

    reason = forms.CharField(
        label=gettext_lazy("What the authority should know"),
        max_length=500,
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
    )


class Apply(PortalForm):
    """Ask to be listed."""

    title = gettext_lazy("Apply for the undisturbed list")
    part = "undisturbed"
    form_class = ApplyForm
    submit = gettext_lazy("Apply")
    template_name = "portal/apply.html"

    def act(self, form: Any) -> str:
        services.apply_for(
            actor=self.actor,
            now=clock.now(),
            uscc=self.enterprise.uscc,
            reason=form.cleaned_data["reason"],
        )
        self.done(_("Received. Your home region reviews it; every step is told to you here."))
        return self.back()


class Read(PortalView):
    """A notice was read."""

    part = "undisturbed"
    http_method_names = ["post"]

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        notice = queries.find_notice(kwargs["uuid"])
        if notice is None or notice.step.listing.enterprise_id != self.enterprise.pk:
            raise NotFound
        services.read_notice(actor=self.actor, now=clock.now(), notice=notice)
        return redirect(self.back())
