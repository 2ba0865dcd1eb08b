"""The rows that an administrator may change: items spared, criteria, key-safety trades."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from yicha.base.accounts import queries as accounts
from yicha.doors.desk.lists import ListPage
from yicha.doors.desk.pages import FormPage
from yicha.doors.desk.undisturbed import rights
from yicha.doors.desk.undisturbed.tables import CriterionTable, SparedFilter, SparedTable, TradeTable
from yicha.kernel import clock
from yicha.kernel.refusal import NotFound
from yicha.know.catalogue import queries as catalogue
from yicha.know.undisturbed import queries, services
from yicha.know.undisturbed.terms import Criterion, CriterionRow, Phase

DAY = forms.DateInput(attrs={"type": "date"})


class RowsPage(ListPage):
    """A list of dated rows; everybody on the desk may read all of them: they are no secret."""

    action = "undisturbed.view"
    template_name = "desk/undisturbed/rows.html"
    empty_icon = "scale"

    def scoped_rows(self) -> QuerySet[Any]:
        return self.rows()

    def context(self) -> dict[str, Any]:
        return {"may_edit": self.may("undisturbed.rows"), "kind": self.request.resolver_match.url_name}  # type: ignore[union-attr]


class SparedItems(RowsPage):
    """The items that enterprises on the list are spared, by region."""

    title = gettext_lazy("Items spared")
    table_class = SparedTable
    filterset_class = SparedFilter
    empty_title = gettext_lazy("No items are spared yet")

    def rows(self) -> QuerySet[Any]:
        return queries.list_spared_rows()


class Criteria(RowsPage):
    """What it takes to get on the list and to stay on it."""

    title = gettext_lazy("Criteria")
    table_class = CriterionTable
    empty_title = gettext_lazy("No criteria yet")

    def rows(self) -> QuerySet[Any]:
        return queries.list_criteria()


class Trades(RowsPage):
    """The trades in which safety comes first."""

    title = gettext_lazy("Key-safety trades")
    table_class = TradeTable
    empty_title = gettext_lazy("No key-safety trades yet")

    def rows(self) -> QuerySet[Any]:
        return queries.list_key_trades()


class RowForm(forms.Form):
    """What every dated row has."""

    region = forms.ChoiceField(label=gettext_lazy("region"), required=False)
    in_force_from = forms.DateField(label=gettext_lazy("in force from"), widget=DAY)
    source = forms.CharField(
        label=gettext_lazy("source"),
        max_length=200,
        help_text=gettext_lazy("The document that sets it, with its number."),
    )
    is_ours = forms.BooleanField(
        label=gettext_lazy("our default: no official number was found"), required=False
    )

    def __init__(self, *args: Any, regions: list[tuple[str, str]], **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["region"].choices = regions  # type: ignore[attr-defined]


class SparedForm(RowForm):
    """An item, and from when until when it is spared."""

    item = forms.ChoiceField(label=gettext_lazy("item"), widget=forms.Select(attrs={"data-choose": ""}))
    in_force_until = forms.DateField(label=gettext_lazy("in force until"), widget=DAY, required=False)
    field_order = ("item", "region", "in_force_from", "in_force_until", "source", "is_ours")

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["item"].choices = [  # type: ignore[attr-defined]
            (version.item.code, f"{version.name} ({version.item.code})")
            for version in catalogue.list_current_versions()
        ]
        self.fields["region"].required = True


class CriterionForm(RowForm):
    """A criterion: when it is looked at, and whether it is demanded."""

    phase = forms.ChoiceField(
        label=gettext_lazy("when"),
        choices=[
            (Phase.ENTRY.value, gettext_lazy("to get on the list")),
            (Phase.STAY.value, gettext_lazy("to stay on the list")),
        ],
    )
    criterion = forms.ChoiceField(
        label=gettext_lazy("criterion"),
        choices=[
            (Criterion.CLASS.value, gettext_lazy("class at least")),
            (Criterion.PENALTY.value, gettext_lazy("no penalty")),
            (Criterion.ANNUAL_REPORT.value, gettext_lazy("annual reports filed")),
            (Criterion.ABNORMAL_LISTING.value, gettext_lazy("not listed as abnormal")),
            (Criterion.SERIOUS_VIOLATION.value, gettext_lazy("not listed for serious violations")),
            (Criterion.KEY_TRADE.value, gettext_lazy("not in a key-safety trade")),
            (Criterion.VERIFIED_COMPLAINT.value, gettext_lazy("no verified complaint")),
            (Criterion.ACCIDENT.value, gettext_lazy("no accident")),
        ],
    )
    value = forms.ChoiceField(
        label=gettext_lazy("class at least"),
        choices=[("", "—"), *((letter, letter) for letter in "ABCD")],
        required=False,
        help_text=gettext_lazy(
            "For the class alone; the numbers of the others are among the numbers of the law."
        ),
    )
    is_on = forms.BooleanField(label=gettext_lazy("demanded"), required=False, initial=True)
    field_order = ("phase", "criterion", "value", "is_on", "region", "in_force_from", "source", "is_ours")


class TradeForm(RowForm):
    """A trade, by the beginning of its code."""

    code = forms.CharField(
        label=gettext_lazy("industry code"),
        max_length=8,
        help_text=gettext_lazy("A letter and up to four digits of GB/T 4754: all codes that begin so."),
    )
    words = forms.CharField(label=gettext_lazy("trade"), max_length=100)
    in_force_until = forms.DateField(label=gettext_lazy("in force until"), widget=DAY, required=False)
    field_order = ("code", "words", "region", "in_force_from", "in_force_until", "source", "is_ours")


class NewRow(FormPage):
    """Set a row from a day on. The rows before it stay: what was decided under them names them."""

    action = "undisturbed.rows"
    submit = gettext_lazy("Set the row")
    listed: str = ""

    def form_options(self) -> dict[str, Any]:
        mine = list(rights.list_regions_for(self.person, self.action).items())
        if accounts.may(self.person, self.action, rights.NOWHERE):
            return {"regions": [("", _("all regions")), *mine]}
        return {"regions": mine}

    def back(self) -> str:
        return reverse(f"desk:undisturbed:{self.listed}")

    def act(self, form: Any) -> str:
        given = form.cleaned_data
        # Nothing chosen means everywhere, which a field that is not required lets anybody send.
        if given["region"] not in dict(self.form_options()["regions"]):
            raise NotFound
        self.write(given)
        self.done(_("The row is set. What was decided before keeps the rows it was decided by."))
        return self.back()

    def write(self, given: dict[str, Any]) -> None:
        """Call the service."""
        raise NotImplementedError


class NewSparedItem(NewRow):
    """Spare an item in a region from a day on."""

    title = gettext_lazy("Spare an item")
    form_class = SparedForm
    listed = "items"

    def write(self, given: dict[str, Any]) -> None:
        services.spare_item(actor=self.actor, now=clock.now(), **given)


class NewCriterion(NewRow):
    """Set a criterion from a day on."""

    title = gettext_lazy("Set a criterion")
    form_class = CriterionForm
    listed = "criteria"

    def write(self, given: dict[str, Any]) -> None:
        row = CriterionRow(
            Phase(given["phase"]),
            Criterion(given["criterion"]),
            given["region"],
            given["value"],
            given["is_on"],
            given["in_force_from"],
            given["source"],
            given["is_ours"],
        )
        services.set_criterion(actor=self.actor, now=clock.now(), row=row)


class NewTrade(NewRow):
    """Add a key-safety trade from a day on."""

    title = gettext_lazy("Add a key-safety trade")
    form_class = TradeForm
    listed = "trades"

    def write(self, given: dict[str, Any]) -> None:
        prefix = given.pop("code")
        services.set_key_trade(actor=self.actor, now=clock.now(), prefix=prefix, **given)
