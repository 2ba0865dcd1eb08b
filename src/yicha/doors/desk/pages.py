"""Kinds of page. Every view of the desk is one of them, and each asks base/accounts before anything else.

A page names its `action`; without one it answers 404 to everybody, and a test fails. What a person may not see and
what is missing answer the same 404. A refusal of a service is drawn in one shape, the error summary.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.forms import BaseForm
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.views import View

from yicha.base.accounts import queries as accounts
from yicha.base.accounts.queries import Person
from yicha.doors.charts import find_chart, table_response
from yicha.doors.desk import navigation
from yicha.doors.desk.history import list_changes
from yicha.doors.templatetags.look import sentence
from yicha.kernel.refusal import NotFound, Refused

Words = str | Promise


class DeskView(View):
    """What every page has: a person who signed in, an action they may do, a title."""

    action: ClassVar[str] = ""
    title: Words = ""
    template_name: str = "desk/base.html"

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Sign-in first, then the action, then the page; and one answer for missing and forbidden."""
        if not request.user.is_authenticated:
            return redirect_to_login(request.get_full_path())
        try:
            accounts.require(self.person, self.action)
            return super().dispatch(request, *args, **kwargs)
        except NotFound:
            raise Http404 from None
        except Refused as refused:
            return self.refused(refused)

    @property
    def person(self) -> Person:
        """Who asks."""
        return self.request.user

    @property
    def actor(self) -> str:
        """Who asks, as the ledger writes it."""
        return self.request.user.get_username()

    def may(self, action: str, obj: accounts.Scoped | None = None) -> bool:
        """Whether the person may do something: to this object, or to any."""
        return accounts.may(self.person, action, obj.scope if obj is not None else None)

    def show(
        self, template: str = "", context: dict[str, Any] | None = None, *, status: int = 200
    ) -> HttpResponse:
        """A page in the frame of the desk; asked for a chart of it by name, that chart's table as a file."""
        frame = {
            "title": self.title,
            "navigation": navigation.build(self.request),
            "my_roles": self._roles(),
            "view": self,
        }
        whole = {**frame, **(context or {})}
        if name := self.request.GET.get("chart"):
            chart = find_chart(whole.values(), name)
            if chart is None:
                raise NotFound
            return table_response(chart, self.request.GET.get("file", "xlsx"))
        return render(self.request, template or self.template_name, whole, status=status)

    def refused(self, refused: Refused) -> HttpResponse:
        """A refusal that no form took: its reasons, and the way back."""
        context = {"reasons": refused.reasons, "title": _("This was refused"), "back": self.back()}
        return self.show("desk/refused.html", context, status=409)

    def back(self) -> str:
        """Where a person goes after a refusal."""
        return reverse("desk:home")

    def _roles(self) -> str:
        roles = dict.fromkeys(grant.role for grant in accounts.list_grants(self.person))
        return "、".join(accounts.name_role(role) for role in roles)


@dataclass(frozen=True)
class Tab:
    """A part of an object's page. The first has the object's own address, the others their name after it."""

    name: str
    label: Words
    template: str


@dataclass(frozen=True)
class ShownTab:
    """A tab as a page draws it."""

    url: str
    label: Words
    is_current: bool


class ObjectPage(DeskView):
    """One object: a head that stays, tabs, and its history.

    The address has the object's key, and may have a `tab`: `path("<key>/", …, name="object")` and
    `path("<key>/<slug:tab>/", …, name="tab")`. `context_<tab>` gives what a tab needs beyond the object.
    """

    tabs: ClassVar[Sequence[Tab]] = ()
    url_name: ClassVar[str] = ""
    tab_url_name: ClassVar[str] = ""
    object: Any

    def find(self) -> Any:
        """The object of this address, or None. It has a `scope`."""
        raise NotImplementedError

    def load(self) -> Any:
        """The object, if it is there and this person may see it."""
        return accounts.get_allowed(self.find(), self.person, self.action)

    def context(self) -> dict[str, Any]:
        """What all tabs need: the title, the state, the next action."""
        return {}

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        self.object = self.load()
        wanted = self.kwargs.get("tab") or self.tabs[0].name
        tab = next((one for one in self.tabs if one.name == wanted), None)
        if tab is None:
            raise NotFound
        context = {
            "object": self.object,
            "title": str(self.object),
            "tabs": self._shown_tabs(tab),
            **self.context(),
        }
        more = getattr(self, f"context_{tab.name.replace('-', '_')}", None)
        return self.show(tab.template, {**context, **(more() if more else {})})

    def _shown_tabs(self, current: Tab) -> list[ShownTab]:
        key = {name: value for name, value in self.kwargs.items() if name != "tab"}
        shown = [ShownTab(reverse(self.url_name, kwargs=key), self.tabs[0].label, current is self.tabs[0])]
        for tab in self.tabs[1:]:
            url = reverse(self.tab_url_name, kwargs={**key, "tab": tab.name})
            shown.append(ShownTab(url, tab.label, current is tab))
        return shown

    def context_history(self) -> dict[str, Any]:
        """Every change of the object's row: who, when, from what to what. For a tab named `history`."""
        return {"changes": list_changes(self.object)}


class FormPage(DeskView):
    """A form. `act` calls the service and says where to go; what the service refuses is shown like any error."""

    form_class: type[BaseForm]
    submit: Words = ""
    template_name = "desk/form.html"

    def make_form(self) -> BaseForm:
        """The form, bound when something was sent."""
        if self.request.method == "POST":
            return self.form_class(self.request.POST, self.request.FILES, **self.form_options())
        return self.form_class(**self.form_options())

    def form_options(self) -> dict[str, Any]:
        """Further arguments of the form: `initial`, choices."""
        return {}

    def context(self) -> dict[str, Any]:
        """What the page needs beside the form."""
        return {}

    def act(self, form: BaseForm) -> str:
        """Do it; returns the address to go to. Raises `Refused`."""
        raise NotImplementedError

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return self._show_form(self.make_form())

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        form = self.make_form()
        if not form.is_valid():
            return self._show_form(form, status=422)
        try:
            return redirect(self.act(form))
        except Refused as refused:
            add_reasons(form, refused)
            return self._show_form(form, status=409)

    def done(self, words: str) -> None:
        """Say on the next page what was done, and what happens next."""
        messages.success(self.request, words)

    def _show_form(self, form: BaseForm, status: int = 200) -> HttpResponse:
        context = {"form": form, "submit": self.submit, "back": self.back(), **self.context()}
        return self.show(self.template_name, context, status=status)


class ActView(DeskView):
    """One button: POST calls a service and goes on to the next page."""

    http_method_names = ["post"]

    def act(self) -> str:
        """Do it; returns the address to go to. Raises `Refused`."""
        raise NotImplementedError

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        return redirect(self.act())

    def done(self, words: str) -> None:
        """Say on the next page what was done, and what happens next."""
        messages.success(self.request, words)


def add_reasons(form: BaseForm, refused: Refused) -> None:
    """The reasons of a refusal, each at its field if the form has it."""
    for reason in refused.reasons:
        at_field = reason.at_field if reason.at_field in form.fields else None
        form.add_error(at_field, sentence(reason))
