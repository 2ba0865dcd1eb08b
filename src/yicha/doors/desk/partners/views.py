"""Pages of clients of the API. A secret is shown in the answer that makes it, and never again."""

from __future__ import annotations

from typing import Any

import django_filters
import django_tables2 as tables
from django import forms
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from yicha.base.accounts import queries, services
from yicha.base.accounts.terms import DEFAULT_PER_MINUTE, ClientState
from yicha.base.ledger import queries as ledger
from yicha.doors.desk.acts import act_in_words
from yicha.doors.desk.columns import ListTable, MainColumn
from yicha.doors.desk.filters import SearchFilter
from yicha.doors.desk.lists import ListPage
from yicha.doors.desk.pages import ActView, DeskView, FormPage, add_reasons
from yicha.doors.templatetags.look import state_html
from yicha.kernel import clock
from yicha.kernel.refusal import Refused
from yicha.know.registry import queries as registry

MOST_PER_MINUTE = 10_000_000
MOST_ACTS = 100


class ClientTable(ListTable):
    name = MainColumn(
        verbose_name=gettext_lazy("system"),
        linkify=lambda record: reverse("desk:partners:object", args=[record.uuid]),
    )
    agency = tables.Column(verbose_name=gettext_lazy("agency"))
    scopes = tables.Column(verbose_name=gettext_lazy("may"), orderable=False)
    state = tables.Column(verbose_name=gettext_lazy("standing"))

    def render_scopes(self, value: list[str]) -> str:
        return _words(value)

    def value_scopes(self, value: list[str]) -> str:
        return _words(value)

    def render_state(self, record: Any) -> str:
        if record.state == ClientState.ACTIVE:
            return state_html(_("may come in"), "done", "shield-check")
        return state_html(_("no longer let in"), "spared", "shield-x")

    def value_state(self, record: Any) -> str:
        return str(record.get_state_display())


def _words(scopes: list[str]) -> str:
    words = dict(queries.list_scopes())
    return "；".join(str(words.get(scope, scope)) for scope in scopes)


class ClientFilter(django_filters.FilterSet):
    q = SearchFilter(("name", "agency"), label=gettext_lazy("system"), hint=gettext_lazy("name or agency"))


class Clients(ListPage):
    """Every system that may use the API, or might once."""

    action = "partner.view"
    title = gettext_lazy("Systems of agencies")
    table_class = ClientTable
    filterset_class = ClientFilter
    template_name = "desk/partners/list.html"
    empty_title = gettext_lazy("No system yet")
    empty_icon = "world-share"

    def rows(self) -> QuerySet[Any]:
        return queries.scoped(queries.list_clients(), self.person, self.action)

    def context(self) -> dict[str, Any]:
        return {"may_edit": self.may("partner.edit")}


class _OfClient(DeskView):
    """Of a page about one client."""

    def client(self) -> Any:
        """The client of this address."""
        return queries.get_allowed(queries.find_client(self.kwargs["uuid"]), self.person, self.action)

    def back(self) -> str:
        return reverse("desk:partners:object", args=[self.kwargs["uuid"]])

    def show_secret(self, client: Any, secret: str) -> HttpResponse:
        """The page that shows a secret: it is in this answer and nowhere else, and no cache may keep it."""
        context = {"client": client, "secret": secret, "title": str(client)}
        response = self.show("desk/partners/secret.html", context)
        response["Cache-Control"] = "no-store"
        return response


class OneClient(_OfClient):
    """One client: whom it acts for, what it may, and what happened to it."""

    action = "partner.view"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        client = self.client()
        entries = ledger.list_entries_of(f"client:{client.uuid}")[:MOST_ACTS]
        words = dict(queries.list_scopes())
        context = {
            "client": client,
            "title": str(client),
            "agency": registry.find_agency(client.agency),
            "scopes": [(scope, words.get(scope, scope)) for scope in client.scopes],
            "is_active": client.state == ClientState.ACTIVE,
            "acts": [(one, act_in_words(one.act)) for one in entries],
            "may_edit": self.may("partner.edit", client),
        }
        return self.show("desk/partners/object.html", context)


class ClientForm(forms.Form):
    """What a client may do, and how often."""

    scopes = forms.MultipleChoiceField(label=gettext_lazy("may"), widget=forms.CheckboxSelectMultiple)
    per_minute = forms.IntegerField(
        label=gettext_lazy("requests a minute"),
        min_value=1,
        max_value=MOST_PER_MINUTE,
        initial=DEFAULT_PER_MINUTE,
        help_text=gettext_lazy("For each process that answers requests."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["scopes"].choices = queries.list_scopes()  # type: ignore[attr-defined]


class NewClientForm(ClientForm):
    """A new client: its name and its agency stay what they are."""

    field_order = ["name", "agency", "scopes", "per_minute"]
    name = forms.CharField(label=gettext_lazy("name of the system"), max_length=100)
    agency = forms.ChoiceField(label=gettext_lazy("agency"), widget=forms.Select(attrs={"data-choose": ""}))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offered = [("", "—"), *((agency.code, agency.name) for agency in registry.list_agencies())]
        self.fields["agency"].choices = offered  # type: ignore[attr-defined]


class NewClient(_OfClient, FormPage):
    """Let a system in. Its secret is shown once."""

    action = "partner.edit"
    title = gettext_lazy("New system")
    form_class = NewClientForm
    submit = gettext_lazy("Let it in and show its secret")

    def back(self) -> str:
        return reverse("desk:partners:list")

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        form = self.make_form()
        if not form.is_valid():
            return self._show_form(form, status=422)
        try:
            client, secret = services.create_client(actor=self.actor, now=clock.now(), **form.cleaned_data)
        except Refused as refused:
            add_reasons(form, refused)
            return self._show_form(form, status=409)
        return self.show_secret(client, secret)


class ChangeClient(_OfClient, FormPage):
    """Change what a client may do."""

    action = "partner.edit"
    title = gettext_lazy("Change what the system may do")
    form_class = ClientForm
    submit = gettext_lazy("Change")

    def form_options(self) -> dict[str, Any]:
        client = self.client()
        return {"initial": {"scopes": client.scopes, "per_minute": client.per_minute}}

    def act(self, form: Any) -> str:
        services.change_client(actor=self.actor, now=clock.now(), client=self.client(), **form.cleaned_data)
        self.done(_("The change holds from the next request on."))
        return self.back()


class Rotate(_OfClient, ActView):
    """A new secret; the old one and every token end at once."""

    action = "partner.edit"

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        client = self.client()
        return self.show_secret(
            client, services.rotate_secret(actor=self.actor, now=clock.now(), client=client)
        )


class Revoke(_OfClient, ActView):
    """Shut a client out for good."""

    action = "partner.edit"

    def act(self) -> str:
        services.revoke_client(actor=self.actor, now=clock.now(), client=self.client())
        self.done(_("The system is shut out; its tokens ended with it."))
        return self.back()
