"""Pages of people and their grants. Every change is an official act in the ledger."""

from __future__ import annotations

from typing import Any

import django_filters
import django_tables2 as tables
from django import forms
from django.contrib.auth.password_validation import validate_password
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from yicha.base.accounts import queries, services
from yicha.base.accounts.terms import GrantFacts, Role
from yicha.base.ledger import queries as ledger
from yicha.doors.desk.acts import act_in_words
from yicha.doors.desk.columns import ListTable, MainColumn
from yicha.doors.desk.filters import SearchFilter
from yicha.doors.desk.lists import ListPage
from yicha.doors.desk.pages import ActView, DeskView, FormPage
from yicha.doors.templatetags.look import state_html
from yicha.kernel import clock
from yicha.kernel.refusal import NotFound
from yicha.know.registry import queries as registry


class PersonTable(ListTable):
    username = MainColumn(
        verbose_name=gettext_lazy("sign-in name"),
        linkify=lambda record: reverse("desk:people:object", args=[record.uuid]),
    )
    display_name = tables.Column(verbose_name=gettext_lazy("name"))
    grants = tables.Column(verbose_name=gettext_lazy("granted"), orderable=False, accessor="pk")
    is_active = tables.Column(verbose_name=gettext_lazy("standing"))

    def render_grants(self, record: Any) -> str:
        return "；".join(_words(grant) for grant in record.grants.all()) or "—"

    def value_grants(self, record: Any) -> str:
        return self.render_grants(record)

    def render_is_active(self, value: bool) -> str:
        if value:
            return state_html(_("may sign in"), "done", "user-check")
        return state_html(_("may not sign in"), "spared", "user-off")

    def value_is_active(self, value: bool) -> str:
        return _("may sign in") if value else _("may not sign in")


def _words(grant: Any) -> str:
    places = [part for part in (grant.agency, grant.region, grant.enterprise) if part]
    return f"{grant.get_role_display()}（{'、'.join(places) or _('everywhere')}）"


class PersonFilter(django_filters.FilterSet):
    q = SearchFilter(("username", "display_name"), label=gettext_lazy("person"), hint=gettext_lazy("name"))


class People(ListPage):
    """Everybody who may sign in."""

    action = "accounts.view"
    title = gettext_lazy("Who may sign in")
    table_class = PersonTable
    filterset_class = PersonFilter
    template_name = "desk/people/list.html"
    empty_title = gettext_lazy("Nobody yet")
    empty_icon = "users"

    def rows(self) -> QuerySet[Any]:
        return queries.list_users()

    def context(self) -> dict[str, Any]:
        return {"may_edit": self.may("accounts.edit")}


class _OfPerson(DeskView):
    """Of a page about one person."""

    def who(self) -> Any:
        """The person of this address."""
        found = queries.list_users().filter(uuid=self.kwargs["uuid"]).first()
        if found is None:
            raise NotFound
        return found

    def back(self) -> str:
        return reverse("desk:people:object", args=[self.kwargs["uuid"]])


class OnePerson(_OfPerson):
    """One person: what they were granted, and what happened to their account."""

    action = "accounts.view"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        who = self.who()
        context = {
            "who": who,
            "title": str(who),
            "acts": [
                (one, act_in_words(one.act)) for one in ledger.list_entries_of(f"user:{who.uuid}")[:100]
            ],
            "may_edit": self.may("accounts.edit"),
        }
        return self.show("desk/people/object.html", context)


class PersonForm(forms.Form):
    """A new person. The first password is told to them once; they change it after signing in."""

    username = forms.CharField(label=gettext_lazy("sign-in name"), max_length=150)
    display_name = forms.CharField(label=gettext_lazy("name"), max_length=100)
    password = forms.CharField(
        label=gettext_lazy("first password"),
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text=gettext_lazy("Ten characters at least."),
    )

    def clean_password(self) -> str:
        """The same rules as for any password."""
        password = str(self.cleaned_data["password"])
        validate_password(password)
        return password


class NewPerson(FormPage):
    """Let somebody sign in. Without a grant they see nothing."""

    action = "accounts.edit"
    title = gettext_lazy("New person")
    form_class = PersonForm
    submit = gettext_lazy("Create the account")

    def back(self) -> str:
        return reverse("desk:people:list")

    def act(self, form: Any) -> str:
        who = services.create_user(actor=self.actor, now=clock.now(), **form.cleaned_data)
        self.done(_("The account is made. Grant a role next: without one this person sees nothing."))
        return reverse("desk:people:object", args=[who.uuid])


class GrantForm(forms.Form):
    """A role, and where it holds."""

    role = forms.ChoiceField(label=gettext_lazy("role"))
    agency = forms.ChoiceField(
        label=gettext_lazy("agency"), required=False, widget=forms.Select(attrs={"data-choose": ""})
    )
    region = forms.ChoiceField(label=gettext_lazy("region or zone"), required=False)
    enterprise = forms.CharField(label=gettext_lazy("enterprise's code"), required=False, max_length=18)
    valid_from = forms.DateField(
        label=gettext_lazy("valid from"), required=False, widget=forms.DateInput(attrs={"type": "date"})
    )
    valid_until = forms.DateField(
        label=gettext_lazy("valid until"), required=False, widget=forms.DateInput(attrs={"type": "date"})
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        anywhere = ("", _("everywhere"))
        places = [(region.code, region.name) for region in registry.list_regions()]
        places += [(zone.code, zone.name) for zone in registry.list_zones()]
        choices = {
            "role": [(role.value, queries.name_role(role)) for role in Role],
            "agency": [anywhere, *((agency.code, agency.name) for agency in registry.list_agencies())],
            "region": [anywhere, *places],
        }
        for name, offered in choices.items():
            self.fields[name].choices = offered  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """An owner's role holds for one enterprise, never for all."""
        given = dict(super().clean() or {})
        if given.get("role") == Role.ENTERPRISE.value and not given.get("enterprise"):
            self.add_error("enterprise", _("Name the enterprise: an owner sees one, never all."))
        return given


class NewGrant(_OfPerson, FormPage):
    """Grant a role with a scope."""

    action = "accounts.edit"
    title = gettext_lazy("Grant a role")
    form_class = GrantForm
    submit = gettext_lazy("Grant the role")

    def act(self, form: Any) -> str:
        given = dict(form.cleaned_data)
        facts = GrantFacts(role=Role(given.pop("role")), **given)
        services.grant(actor=self.actor, now=clock.now(), user=self.who(), facts=facts)
        self.done(_("The role is granted and holds from the next page on."))
        return self.back()


class Withdraw(_OfPerson, ActView):
    """End a grant at once."""

    action = "accounts.edit"

    def act(self) -> str:
        given = self.who().grants.filter(pk=self.kwargs["grant"]).first()
        if given is None:
            raise NotFound
        services.withdraw(actor=self.actor, now=clock.now(), given=given)
        self.done(_("The role is withdrawn."))
        return self.back()


class SwitchActive(_OfPerson, ActView):
    """Let somebody sign in again, or shut them out at once, also from pages they have open."""

    action = "accounts.edit"

    def act(self) -> str:
        who = self.who()
        active = not who.is_active
        services.set_active(actor=self.actor, now=clock.now(), user=who, active=active)
        self.done(
            _("This person may sign in again.") if active else _("This person may not sign in any more.")
        )
        return self.back()
