"""Kinds of page of the portal. Every one is about one enterprise that the person owns, and about nothing else.

Whether they own it is asked of base/accounts before anything else; a foreign enterprise and a missing one answer the
same 404. Nothing here shows the internal class, or a ground that tells it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.db.models import QuerySet
from django.forms import BaseForm
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.views import View

from yicha.base.accounts import queries as accounts
from yicha.base.accounts.queries import Person
from yicha.base.messages import queries as outgoing
from yicha.doors.templatetags.look import sentence
from yicha.kernel.refusal import NotFound, Refused
from yicha.know.registry import queries as registry

Words = str | Promise

PARTS: tuple[tuple[str, Words], ...] = (
    ("home", _("Overview")),
    ("messages", _("Messages")),
    ("coming", _("Visits to come")),
    ("visits", _("All visits")),
    ("undisturbed", _("Undisturbed list")),
    ("records", _("Credit records")),
    ("conflicts", _("Conflicting standards")),
    ("settings", _("Days and addresses")),
)
"""The parts of the portal: names of addresses, and what they are called."""


@dataclass(frozen=True)
class Part:
    """A part as a page draws it."""

    url: str
    label: Words
    is_current: bool
    new: int = 0
    """How many of its things nobody has read yet."""


class PortalView(View):
    """What every page has: a person who signed in, who owns at least one enterprise, and a title."""

    action: ClassVar[str] = "enterprise.own"
    title: Words = ""
    template_name: str = "portal/base.html"
    part: ClassVar[str] = ""
    enterprise: Any = None

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Sign-in first, then the enterprise, then the page; and one answer for missing and forbidden."""
        if not request.user.is_authenticated:
            return redirect_to_login(request.get_full_path())
        try:
            accounts.require(self.person, self.action)
            if "uscc" in kwargs:
                self.enterprise = accounts.get_allowed(
                    registry.find_enterprise(kwargs["uscc"]), self.person, self.action
                )
            return super().dispatch(request, *args, **kwargs)
        except NotFound:
            raise Http404 from None
        except Refused as refused:
            return self.show(
                "portal/refused.html", {"reasons": refused.reasons, "back": self.back()}, status=409
            )

    @property
    def person(self) -> Person:
        """Who asks."""
        return self.request.user

    @property
    def actor(self) -> str:
        """Who asks, as the ledger writes it."""
        return self.request.user.get_username()

    def own(self) -> QuerySet[Any]:
        """The enterprises of this person."""
        return accounts.scoped(registry.list_enterprises(), self.person, self.action)

    def show(
        self, template: str = "", context: dict[str, Any] | None = None, *, status: int = 200
    ) -> HttpResponse:
        """A page in the frame of the portal."""
        frame = {
            "title": self.title,
            "enterprise": self.enterprise,
            "parts": self._parts(),
            "owns_several": self.own().count() > 1,
        }
        return render(
            self.request, template or self.template_name, {**frame, **(context or {})}, status=status
        )

    def back(self) -> str:
        """Where a person goes after a refusal."""
        if self.enterprise is None:
            return reverse("portal:start")
        return reverse(f"portal:{self.part or 'home'}", args=[self.enterprise.uscc])

    def done(self, words: str) -> None:
        """Say on the next page what was done, and what happens next."""
        messages.success(self.request, words)

    def _parts(self) -> list[Part]:
        if self.enterprise is None:
            return []
        unread = outgoing.count_unread([audience_of(self.enterprise)])
        return [
            Part(
                reverse(f"portal:{name}", args=[self.enterprise.uscc]),
                label,
                name == self.part,
                unread if name == "messages" else 0,
            )
            for name, label in PARTS
        ]


def audience_of(enterprise: Any) -> str:
    """How messages name an enterprise."""
    return outgoing.audience_of("enterprise", enterprise.uscc)


class PortalForm(PortalView):
    """A form about one enterprise; what a service refuses is shown like any error."""

    form_class: type[BaseForm]
    submit: Words = ""
    template_name = "portal/form.html"

    def form_options(self) -> dict[str, Any]:
        """Further arguments of the form."""
        return {}

    def context(self) -> dict[str, Any]:
        """What the page needs beside the form."""
        return {}

    def act(self, form: Any) -> str:
        """Do it; returns the address to go to. Raises `Refused`."""
        raise NotImplementedError

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return self._show_form(self.form_class(**self.form_options()))

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        form = self.form_class(request.POST, **self.form_options())
        if not form.is_valid():
            return self._show_form(form, 422)
        try:
            return redirect(self.act(form))
        except Refused as refused:
            for reason in refused.reasons:
                form.add_error(reason.at_field if reason.at_field in form.fields else None, sentence(reason))
            return self._show_form(form, 409)

    def _show_form(self, form: BaseForm, status: int = 200) -> HttpResponse:
        context = {"form": form, "submit": self.submit, "back": self.back(), **self.context()}
        return self.show(context=context, status=status)
