"""Pages of the numbers of the law and the rates."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from yicha.doors.desk.lists import ListPage
from yicha.doors.desk.numbers.forms import NumberForm, RateForm
from yicha.doors.desk.numbers.tables import NumberTable, RateTable
from yicha.doors.desk.pages import FormPage
from yicha.kernel import clock
from yicha.know.catalogue import queries, services
from yicha.know.catalogue.terms import Method, NumberFacts, RateFacts, RateScope

PROPOSED = (
    "risk_class",
    "percent",
    "joint_list",
    "region",
    "visits_a_year",
    "method",
    "scope",
    "in_force_from",
)


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
    extra_columns = ("item",)
    empty_title = gettext_lazy("No rates yet")

    def rows(self) -> QuerySet[Any]:
        return queries.list_rates()

    def context(self) -> dict[str, Any]:
        return {"may_edit": self.may("catalogue.edit"), "may_simulate": self.may("plan.view")}


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


class NewRate(FormPage):
    """Set the rate of a class from a day on. The address may fill the form: the simulator proposes rows so."""

    action = "catalogue.edit"
    title = gettext_lazy("Set a rate from a day on")
    form_class = RateForm
    submit = gettext_lazy("Set the rate")

    def form_options(self) -> dict[str, Any]:
        return {"initial": {name: self.request.GET[name] for name in PROPOSED if name in self.request.GET}}

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
            visits_a_year=given["visits_a_year"],
            method=Method(given["method"] or Method.ONSITE),
            scope=RateScope(given["scope"] or RateScope.ALL),
        )
        services.set_rate(actor=self.actor, now=clock.now(), facts=facts, is_ours=given["is_ours"])
        self.done(_("The rate is set. Plans take it from that day on."))
        return self.back()
