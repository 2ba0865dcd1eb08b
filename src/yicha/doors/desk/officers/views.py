"""Pages of officers."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import django_filters
import django_tables2 as tables
from django import forms
from django.db.models import QuerySet
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from yicha.base.accounts import queries as accounts
from yicha.doors.desk import tones
from yicha.doors.desk.columns import DateColumn, ListTable, MainColumn, WordColumn
from yicha.doors.desk.filters import ObjectFilter, SearchFilter
from yicha.doors.desk.lists import ListPage
from yicha.doors.desk.pages import FormPage, ObjectPage, Tab
from yicha.doors.templatetags.look import state_html
from yicha.kernel import clock
from yicha.know.catalogue import queries as catalogue
from yicha.know.registry import queries, services

SOON = timedelta(days=60)
STANDINGS = {
    "valid": gettext_lazy("certificate holds"),
    "ending": gettext_lazy("ends within 60 days"),
    "ended": gettext_lazy("certificate has ended"),
    "future": gettext_lazy("does not hold yet"),
    "left": gettext_lazy("not in service"),
}


def standing_of(officer: Any, today: date) -> str:
    """How the certificate of an officer stands on a day."""
    if not officer.active:
        return "left"
    if today < officer.valid_from:
        return "future"
    if officer.valid_until < today:
        return "ended"
    return "ending" if officer.valid_until < today + SOON else "valid"


class OfficerTable(ListTable):
    name = MainColumn(
        verbose_name=gettext_lazy("name"),
        linkify=lambda record: reverse("desk:officers:object", args=[record.certificate]),
    )
    certificate = WordColumn(verbose_name=gettext_lazy("certificate"))
    agency = tables.Column(verbose_name=gettext_lazy("agency"), order_by="agency__code")
    standing = tables.Column(
        verbose_name=gettext_lazy("standing"),
        empty_values=(),
        order_by=("-active", "valid_until"),
        accessor="pk",
    )
    valid_from = DateColumn(verbose_name=gettext_lazy("valid from"))
    valid_until = DateColumn(verbose_name=gettext_lazy("valid until"))
    competences = tables.Column(verbose_name=gettext_lazy("competences"), orderable=False)

    def render_standing(self, record: Any) -> str:
        standing = standing_of(record, clock.today(clock.now()))
        return state_html(str(STANDINGS[standing]), *tones.CERTIFICATE[standing])

    def value_standing(self, record: Any) -> str:
        return str(STANDINGS[standing_of(record, clock.today(clock.now()))])

    @cached_property
    def kinds(self) -> dict[str, str]:
        """The kinds of agency by code, read once for the whole table."""
        return {kind.code: kind.name for kind in queries.list_agency_kinds()}

    def render_competences(self, value: list[str]) -> str:
        return "、".join(self.kinds.get(code, code) for code in value)

    def value_competences(self, value: list[str]) -> str:
        return self.render_competences(value)


class OfficerFilter(django_filters.FilterSet):
    q = SearchFilter(
        ("name", "certificate"), label=gettext_lazy("officer"), hint=gettext_lazy("name or certificate")
    )
    agency = ObjectFilter(queries.list_agencies, gettext_lazy("agency"), long=True)
    standing = django_filters.ChoiceFilter(
        choices=list(STANDINGS.items()),
        label=gettext_lazy("standing"),
        empty_label=gettext_lazy("all"),
        method="in_standing",
    )

    def in_standing(self, rows: QuerySet[Any], _name: str, standing: str) -> QuerySet[Any]:
        """The same rule as `standing_of`, for the database."""
        today = clock.today(clock.now())
        if standing == "left":
            return rows.filter(active=False)
        rows = rows.filter(active=True)
        if standing == "future":
            return rows.filter(valid_from__gt=today)
        if standing == "ended":
            return rows.filter(valid_until__lt=today)
        holding = rows.filter(valid_from__lte=today, valid_until__gte=today)
        if standing == "ending":
            return holding.filter(valid_until__lt=today + SOON)
        return holding.filter(valid_until__gte=today + SOON)


class Officers(ListPage):
    """All officers of the agencies that this person may see."""

    action = "registry.view"
    title = gettext_lazy("Officers")
    table_class = OfficerTable
    filterset_class = OfficerFilter
    extra_columns = ("valid_from",)
    empty_title = gettext_lazy("No officers yet")
    empty_icon = "id-badge-2"

    def rows(self) -> QuerySet[Any]:
        return queries.list_officers()


class OneOfficer(ObjectPage):
    """One officer: certificate, competences, recusals."""

    action = "registry.view"
    url_name = "desk:officers:object"
    tab_url_name = "desk:officers:tab"
    tabs = (
        Tab("overview", gettext_lazy("Overview"), "desk/officers/overview.html"),
        Tab("history", gettext_lazy("Changes"), "desk/officers/history.html"),
    )

    def find(self) -> Any:
        return queries.find_officer(self.kwargs["certificate"])

    def context(self) -> dict[str, Any]:
        standing = standing_of(self.object, clock.today(clock.now()))
        return {
            "title": self.object.name,
            "head_code": self.object.certificate,
            "crumb": gettext_lazy("Officers"),
            "crumb_url": reverse("desk:officers:list"),
            "tone": tones.CERTIFICATE[standing],
            "standing": STANDINGS[standing],
            "may_edit": self.may("registry.edit", self.object),
        }

    def context_overview(self) -> dict[str, Any]:
        kinds = {kind.code: kind for kind in queries.list_agency_kinds()}
        items = {
            version.item.code: version
            for version in catalogue.list_current_versions().filter(item__code__in=self.object.competences)
        }
        competences = [(code, kinds.get(code), items.get(code)) for code in self.object.competences]
        return {
            "competences": competences,
            "recusals": self.object.recusals.select_related("enterprise").order_by("-from_on"),
        }


class RecusalForm(forms.Form):
    """Which enterprise this officer must not inspect, why, and how long."""

    uscc = forms.CharField(
        label=gettext_lazy("enterprise's code"),
        max_length=30,
        help_text=gettext_lazy("18 characters, or the older 15 digits."),
    )
    reason = forms.CharField(
        label=gettext_lazy("reason"),
        max_length=200,
        help_text=gettext_lazy(
            "Kinship, shares, an earlier post, a dispute: what could make the check unfair."
        ),
    )
    from_on = forms.DateField(label=gettext_lazy("from"), widget=forms.DateInput(attrs={"type": "date"}))
    until_on = forms.DateField(
        label=gettext_lazy("until"), required=False, widget=forms.DateInput(attrs={"type": "date"})
    )


class Recuse(FormPage):
    """Record that an officer must not inspect an enterprise. Draws leave the officer out from then on."""

    action = "registry.edit"
    title = gettext_lazy("Record a recusal")
    form_class = RecusalForm
    submit = gettext_lazy("Record the recusal")

    def officer(self) -> Any:
        """The officer of this address, if the person may change their record."""
        return accounts.get_allowed(
            queries.find_officer(self.kwargs["certificate"]), self.person, self.action
        )

    def back(self) -> str:
        return reverse("desk:officers:object", args=[self.kwargs["certificate"]])

    def form_options(self) -> dict[str, Any]:
        return {"initial": {"from_on": clock.today(clock.now())}}

    def context(self) -> dict[str, Any]:
        return {"title": _("Record a recusal of %(name)s") % {"name": self.officer().name}}

    def act(self, form: Any) -> str:
        services.recuse(
            actor=self.actor, now=clock.now(), certificate=self.officer().certificate, **form.cleaned_data
        )
        self.done(_("The recusal is recorded. Draws leave this officer out for this enterprise from now on."))
        return self.back()
