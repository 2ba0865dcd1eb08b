"""What the law prescribes: items that must be checked at every member of a directory, once in so many months."""

from __future__ import annotations

from typing import Any

import django_tables2 as tables
from django import forms
from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from yicha.decide.planning import queries, services
from yicha.doors.desk.columns import DateColumn, ListTable, MainColumn, NumberColumn
from yicha.doors.desk.lists import ListPage
from yicha.doors.desk.pages import FormPage
from yicha.kernel import clock
from yicha.know.catalogue import queries as catalogue
from yicha.know.registry import queries as registry


class StatutoryTable(ListTable):
    item = MainColumn(
        verbose_name=gettext_lazy("item"),
        accessor="item_name",
        order_by="item__code",
        linkify=lambda record: reverse("desk:items:object", args=[record.item.code]),
    )
    directory = tables.Column(
        verbose_name=gettext_lazy("directory"),
        order_by="directory__code",
        linkify=lambda record: reverse("desk:directories:object", args=[record.directory.code]),
    )
    every_months = NumberColumn(verbose_name=gettext_lazy("once in so many months"))
    in_force_from = DateColumn(verbose_name=gettext_lazy("in force from"))
    source = tables.Column(verbose_name=gettext_lazy("source"))


class Statutory(ListPage):
    """The rows, the newest of an item and a directory first."""

    action = "match.view"
    title = gettext_lazy("Statutory checks")
    table_class = StatutoryTable
    template_name = "desk/matching/statutory.html"
    empty_title = gettext_lazy("The law prescribes nothing yet")
    empty_icon = "scale"

    def rows(self) -> QuerySet[Any]:
        return queries.list_statutory_checks()

    def context(self) -> dict[str, Any]:
        return {"may_edit": self.may("catalogue.edit")}


class StatutoryForm(forms.Form):
    """What the law prescribes, from a day on."""

    item = forms.ChoiceField(label=gettext_lazy("item"))
    directory = forms.ChoiceField(label=gettext_lazy("directory"))
    every_months = forms.IntegerField(
        label=gettext_lazy("once in so many months"),
        min_value=0,
        max_value=120,
        help_text=gettext_lazy("0: not prescribed any more."),
    )
    source = forms.CharField(label=gettext_lazy("law and article"), max_length=200)
    in_force_from = forms.DateField(
        label=gettext_lazy("in force from"),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        today = clock.today(clock.now())
        versions = catalogue.list_versions_in_force(today).values_list("item__code", "name")
        self.fields["item"].choices = [(code, f"{code} {name}") for code, name in versions]  # type: ignore[attr-defined]
        rows = [(row.code, row.name) for row in registry.list_directories()]
        self.fields["directory"].choices = rows  # type: ignore[attr-defined]


class NewStatutory(FormPage):
    """Set what the law prescribes."""

    action = "catalogue.edit"
    title = gettext_lazy("Prescribe a check from a day on")
    form_class = StatutoryForm
    submit = gettext_lazy("Prescribe it")

    def form_options(self) -> dict[str, Any]:
        return {"initial": {"every_months": 12, "in_force_from": clock.today(clock.now())}}

    def back(self) -> str:
        return reverse("desk:matching:statutory")

    def act(self, form: Any) -> str:
        services.prescribe_check(actor=self.actor, now=clock.now(), **form.cleaned_data)
        self.done(_("It is prescribed. The next collecting of a round finds what is due."))
        return self.back()
