"""Pages of the numbers of the law and the rates."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from yicha.doors.desk.lists import ListPage
from yicha.doors.desk.numbers.tables import NumberTable, RateTable
from yicha.doors.desk.pages import FormPage
from yicha.kernel import clock
from yicha.know.catalogue import queries, services
from yicha.know.catalogue.terms import NumberFacts, RateFacts
from yicha.know.registry import queries as registry

DAY = forms.DateInput(attrs={"type": "date"})


class Numbers(ListPage):
    """Every number of the law that the product uses, with its source."""

    action = "catalogue.view"
    title = gettext_lazy("Numbers of the law")
    table_class = NumberTable
    template_name = "desk/numbers/list.html"
    extra_columns = ("code",)
    empty_title = gettext_lazy("No numbers yet")

    def rows(self) -> QuerySet[Any]:
        return queries.list_numbers()

    def context(self) -> dict[str, Any]:
        return {"may_edit": self.may("catalogue.edit")}


class Rates(ListPage):
    """Every rate by class, list or item, and region."""

    action = "catalogue.view"
    title = gettext_lazy("Rates by class")
    table_class = RateTable
    template_name = "desk/numbers/rates.html"
    empty_title = gettext_lazy("No rates yet")

    def rows(self) -> QuerySet[Any]:
        return queries.list_rates()

    def context(self) -> dict[str, Any]:
        return {"may_edit": self.may("catalogue.edit")}


class NumberForm(forms.Form):
    """A new value of a number, from a day on. The rows before it stay: what was decided under them names them."""

    code = forms.ChoiceField(label=gettext_lazy("number"))
    value = forms.DecimalField(label=gettext_lazy("value"), max_digits=12, decimal_places=4, min_value=0)
    in_force_from = forms.DateField(label=gettext_lazy("in force from"), widget=DAY)
    source = forms.CharField(
        label=gettext_lazy("source"),
        max_length=200,
        help_text=gettext_lazy("The document that sets it, with its number."),
    )
    is_ours = forms.BooleanField(
        label=gettext_lazy("our default: no official number was found"), required=False
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        known = {row.code: row for row in queries.list_numbers().reverse()}
        self.rows = known
        self.fields["code"].choices = [  # type: ignore[attr-defined]
            (code, f"{row.words} ({row.unit})") for code, row in sorted(known.items())
        ]


class NewNumber(FormPage):
    """Set a number from a day on."""

    action = "catalogue.edit"
    title = gettext_lazy("Change a number from a day on")
    form_class = NumberForm
    submit = gettext_lazy("Set the number")

    def back(self) -> str:
        return reverse("desk:numbers:list")

    def act(self, form: Any) -> str:
        given, former = form.cleaned_data, form.rows[form.cleaned_data["code"]]
        facts = NumberFacts(unit=former.unit, **given)
        services.set_number(actor=self.actor, now=clock.now(), facts=facts, words=former.words)
        self.done(_("The number is set. What was decided before it keeps the row it was decided by."))
        return self.back()


class RateForm(forms.Form):
    """A rate of a class, from a day on."""

    risk_class = forms.ChoiceField(
        label=gettext_lazy("class"), choices=[(letter, letter) for letter in "ABCD"]
    )
    percent = forms.DecimalField(
        label=gettext_lazy("rate in %"), max_digits=5, decimal_places=2, min_value=0, max_value=100
    )
    joint_list = forms.ChoiceField(label=gettext_lazy("joint list"), required=False)
    region = forms.ChoiceField(label=gettext_lazy("region"), required=False)
    in_force_from = forms.DateField(label=gettext_lazy("in force from"), widget=DAY)
    source = forms.CharField(label=gettext_lazy("source"), max_length=200)
    is_ours = forms.BooleanField(
        label=gettext_lazy("our default: no official number was found"), required=False
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, rows in (("joint_list", queries.list_joint_lists()), ("region", registry.list_regions())):
            choices = [("", _("all")), *((row.code, row.name) for row in rows)]
            self.fields[name].choices = choices  # type: ignore[attr-defined]


class NewRate(FormPage):
    """Set the rate of a class from a day on."""

    action = "catalogue.edit"
    title = gettext_lazy("Set a rate from a day on")
    form_class = RateForm
    submit = gettext_lazy("Set the rate")

    def back(self) -> str:
        return reverse("desk:numbers:rates")

    def act(self, form: Any) -> str:
        given = form.cleaned_data
        facts = RateFacts(
            joint_list=given["joint_list"],
            item="",
            risk_class=given["risk_class"],
            region=given["region"],
            rate=given["percent"] / 100,
            in_force_from=given["in_force_from"],
            source=given["source"],
        )
        services.set_rate(actor=self.actor, now=clock.now(), facts=facts, is_ours=given["is_ours"])
        self.done(_("The rate is set. Plans take it from that day on."))
        return self.back()
