"""The list of credit records, and the form for one. Internal: no page outside shows them."""

from __future__ import annotations

from typing import Any

import django_filters
import django_tables2 as tables
from django import forms
from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from yicha.base.accounts import queries as accounts
from yicha.doors.desk.columns import CodeColumn, DateColumn, ListTable, MainColumn, StateColumn, WordColumn
from yicha.doors.desk.filters import ChoiceFilter, ObjectFilter, SearchFilter
from yicha.doors.desk.lists import ListPage
from yicha.doors.desk.pages import FormPage
from yicha.kernel import clock
from yicha.know.credit import queries, services
from yicha.know.credit.terms import RecordFacts, RecordKind
from yicha.know.registry import queries as registry

DAY = forms.DateInput(attrs={"type": "date"})
TONES = {"in-effect": ("action", "circle-dot"), "ended": ("spared", "circle-check")}


class RecordTable(ListTable):
    enterprise = MainColumn(
        verbose_name=gettext_lazy("enterprise"),
        accessor="enterprise__name",
        linkify=lambda record: reverse("desk:enterprises:object", args=[record.enterprise.uscc]),
    )
    uscc = CodeColumn(verbose_name=gettext_lazy("unified social credit code"), accessor="enterprise__uscc")
    kind = tables.Column(verbose_name=gettext_lazy("kind"))
    year = tables.Column(verbose_name=gettext_lazy("year of the report"))
    state = StateColumn(TONES, verbose_name=gettext_lazy("state"))
    happened_on = DateColumn(verbose_name=gettext_lazy("happened on"))
    effective_from = DateColumn(verbose_name=gettext_lazy("effective from"))
    effective_until = DateColumn(verbose_name=gettext_lazy("effective until"))
    agency = tables.Column(verbose_name=gettext_lazy("source agency"), order_by="agency__code")
    reference = WordColumn(verbose_name=gettext_lazy("document number"))
    words = tables.Column(verbose_name=gettext_lazy("what happened"), orderable=False)


class RecordFilter(django_filters.FilterSet):
    """What narrows the list."""

    q = SearchFilter(
        ("enterprise__name", "enterprise__uscc", "reference"), hint=gettext_lazy("name, code or reference")
    )
    kind = ChoiceFilter(queries.list_records, "kind", gettext_lazy("kind"))
    state = ChoiceFilter(queries.list_records, "state", gettext_lazy("state"))
    agency = ObjectFilter(registry.list_agencies, gettext_lazy("source agency"), long=True)
    region = ObjectFilter(registry.list_regions, gettext_lazy("region"), field_name="enterprise__region")


class Records(ListPage):
    """The versions that hold."""

    action = "credit.view"
    title = gettext_lazy("Credit records")
    table_class = RecordTable
    filterset_class = RecordFilter
    template_name = "desk/credit/list.html"
    extra_columns = ("effective_from", "effective_until", "year", "words")
    empty_title = gettext_lazy("No credit records yet")
    empty_icon = "file-description"

    def rows(self) -> QuerySet[Any]:
        return queries.list_records()

    def context(self) -> dict[str, Any]:
        return {"may_record": self.may("credit.record"), "may_import": self.may("import.run")}


class RecordForm(forms.Form):
    """What a source agency says about an enterprise."""

    uscc = forms.CharField(
        label=gettext_lazy("unified social credit code"),
        max_length=40,
        widget=forms.TextInput(attrs={"class": "mono", "autocomplete": "off", "spellcheck": "false"}),
    )
    kind = forms.ChoiceField(
        label=gettext_lazy("kind"),
        choices=[
            (RecordKind.PENALTY.value, gettext_lazy("penalty")),
            (RecordKind.ABNORMAL_LISTING.value, gettext_lazy("listed as abnormal")),
            (RecordKind.SERIOUS_VIOLATION.value, gettext_lazy("listed for serious violations")),
            (RecordKind.ANNUAL_REPORT.value, gettext_lazy("annual report filed")),
            (RecordKind.VERIFIED_COMPLAINT.value, gettext_lazy("verified complaint")),
            (RecordKind.ACCIDENT.value, gettext_lazy("accident")),
        ],
    )
    agency = forms.ChoiceField(label=gettext_lazy("source agency"))
    reference = forms.CharField(
        label=gettext_lazy("document number"),
        max_length=100,
        help_text=gettext_lazy("The source's own number; it names the record."),
    )
    happened_on = forms.DateField(label=gettext_lazy("happened on"), widget=DAY)
    effective_from = forms.DateField(
        label=gettext_lazy("effective from"),
        widget=DAY,
        required=False,
        help_text=gettext_lazy("Empty: from the day it happened."),
    )
    effective_until = forms.DateField(
        label=gettext_lazy("effective until"),
        widget=DAY,
        required=False,
        help_text=gettext_lazy("Empty: until it is ended."),
    )
    year = forms.IntegerField(
        label=gettext_lazy("year of the report"),
        required=False,
        min_value=1990,
        max_value=2100,
        help_text=gettext_lazy("Of annual reports only."),
    )
    words = forms.CharField(
        label=gettext_lazy("what happened"),
        max_length=500,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    evidence = forms.CharField(
        label=gettext_lazy("where the evidence is kept"), max_length=200, required=False
    )
    evidence_hash = forms.CharField(label=gettext_lazy("evidence (SHA-256)"), max_length=64, required=False)

    def __init__(self, *args: Any, agencies: list[tuple[str, str]], **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["agency"].choices = agencies  # type: ignore[attr-defined]


class NewRecord(FormPage):
    """Write a record, in the name of an agency for which the person acts."""

    action = "credit.record"
    title = gettext_lazy("Record a fact")
    form_class = RecordForm
    submit = gettext_lazy("Record")

    def form_options(self) -> dict[str, Any]:
        mine = accounts.scoped(registry.list_agencies(), self.person, self.action)
        return {
            "agencies": [(agency.code, agency.name) for agency in mine],
            "initial": {"uscc": self.request.GET.get("uscc", "")},
        }

    def back(self) -> str:
        return reverse("desk:credit:list")

    def act(self, form: Any) -> str:
        given = dict(form.cleaned_data)
        given["effective_from"] = given["effective_from"] or given["happened_on"]
        facts = RecordFacts(**{**given, "kind": RecordKind(given["kind"])})
        record = services.record(actor=self.actor, now=clock.now(), facts=facts)
        self.done(_("Recorded. What depends on it sees it at once."))
        return f"{self.back()}?q={record.enterprise.uscc}"
