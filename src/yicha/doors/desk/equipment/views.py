"""What agencies can take along, and how many of it."""

from __future__ import annotations

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
from yicha.doors.desk.columns import ListTable, MainColumn, NumberColumn, WordColumn
from yicha.doors.desk.filters import ChoiceFilter, ObjectFilter, SearchFilter
from yicha.doors.desk.lists import ListPage
from yicha.doors.desk.pages import FormPage
from yicha.kernel import clock
from yicha.kernel.refusal import NotFound
from yicha.know.catalogue import queries as catalogue
from yicha.know.registry import queries, services
from yicha.know.registry.terms import VEHICLE, EquipmentKind

MOST = 9_999


class EquipmentTable(ListTable):
    name = MainColumn(
        verbose_name=gettext_lazy("name"),
        linkify=lambda record: reverse("desk:equipment:edit", args=[record.agency.code, record.code]),
    )
    code = WordColumn(verbose_name=gettext_lazy("code"))
    kind = tables.Column(verbose_name=gettext_lazy("kind"))
    count = NumberColumn(verbose_name=gettext_lazy("how many"))
    agency = tables.Column(verbose_name=gettext_lazy("agency"), order_by="agency__code")


class EquipmentFilter(django_filters.FilterSet):
    """What narrows the list."""

    q = SearchFilter(("name", "code"), label=gettext_lazy("equipment"), hint=gettext_lazy("name or code"))
    kind = ChoiceFilter(queries.list_equipment, "kind", gettext_lazy("kind"))
    agency = ObjectFilter(queries.list_agencies, gettext_lazy("agency"), long=True)


class EquipmentList(ListPage):
    """Vehicles and instruments of the agencies that this person may see."""

    action = "registry.view"
    title = gettext_lazy("Vehicles and equipment")
    table_class = EquipmentTable
    filterset_class = EquipmentFilter
    template_name = "desk/equipment/list.html"
    empty_title = gettext_lazy("Nothing is counted yet")
    empty_icon = "car"

    def rows(self) -> QuerySet[Any]:
        return queries.list_equipment()

    def context(self) -> dict[str, Any]:
        return {"may_edit": self.may("equipment.edit"), "missing": self._missing()}

    def _missing(self) -> list[str]:
        """Codes that items in force name and that nobody has: such items cannot be checked anywhere."""
        needed = {
            code
            for codes in catalogue.list_current_versions().values_list("equipment", flat=True)
            for code in codes
        }
        return sorted(needed - set(queries.list_equipment().values_list("code", flat=True)))


class ChangeForm(forms.Form):
    """What it is called and how many there are."""

    name = forms.CharField(label=gettext_lazy("name"), max_length=100)
    count = forms.IntegerField(
        label=gettext_lazy("how many"),
        min_value=0,
        max_value=MOST,
        help_text=gettext_lazy("On so many visits at a time it can be taken along; 0: none at present."),
    )


class NewForm(ChangeForm):
    """Of which agency it is, and what."""

    agency = forms.ChoiceField(label=gettext_lazy("agency"))
    kind = forms.ChoiceField(label=gettext_lazy("kind"), widget=forms.RadioSelect)
    code = forms.CharField(
        label=gettext_lazy("code"),
        max_length=32,
        required=False,
        help_text=gettext_lazy("What items name, such as gas-detector. Vehicles need none."),
    )
    field_order = ("agency", "kind", "code", "name", "count")

    def __init__(self, *args: Any, agencies: list[tuple[str, str]], **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["agency"].choices = agencies  # type: ignore[attr-defined]
        self.fields["kind"].choices = queries.list_when_choices()["equipment"]  # type: ignore[attr-defined]


class NewEquipment(FormPage):
    """Count something that an agency has."""

    action = "equipment.edit"
    title = gettext_lazy("Count equipment")
    submit = gettext_lazy("Keep it")
    form_class = NewForm

    @cached_property
    def agencies(self) -> dict[str, str]:
        """The agencies for which the person counts."""
        rows = accounts.scoped(queries.list_agencies(), self.person, self.action)
        return {row.code: row.name for row in rows}

    def form_options(self) -> dict[str, Any]:
        return {"agencies": list(self.agencies.items())}

    def back(self) -> str:
        return reverse("desk:equipment:list")

    def act(self, form: Any) -> str:
        given = form.cleaned_data
        if given["agency"] not in self.agencies:
            raise NotFound
        kind = EquipmentKind(given["kind"])
        code = VEHICLE if kind is EquipmentKind.VEHICLE else given["code"].strip().lower()
        services.set_equipment(actor=self.actor, now=clock.now(), **{**given, "kind": kind, "code": code})
        self.done(_("Kept. The next calendar counts on it."))
        return self.back()


class OneEquipment(FormPage):
    """A page about one row."""

    action = "equipment.edit"

    @cached_property
    def row(self) -> Any:
        """The row of the address."""
        found = queries.find_equipment(self.kwargs["agency"], self.kwargs["code"])
        return accounts.get_allowed(found, self.person, self.action)

    def context(self) -> dict[str, Any]:
        return {"row": self.row, "may_remove": True}

    def back(self) -> str:
        return reverse("desk:equipment:list")


class ChangeEquipment(OneEquipment):
    """Change its name and how many there are."""

    title = gettext_lazy("Change equipment")
    submit = gettext_lazy("Keep it")
    form_class = ChangeForm
    template_name = "desk/equipment/edit.html"

    def form_options(self) -> dict[str, Any]:
        return {"initial": {"name": self.row.name, "count": self.row.count}}

    def act(self, form: Any) -> str:
        services.set_equipment(
            actor=self.actor,
            now=clock.now(),
            agency=self.row.agency.code,
            kind=EquipmentKind(self.row.kind),
            code=self.row.code,
            **form.cleaned_data,
        )
        self.done(_("Kept. The next calendar counts on it."))
        return self.back()


class RemoveForm(forms.Form):
    """Nothing to fill in: one button."""


class RemoveEquipment(OneEquipment):
    """Take a row away."""

    title = gettext_lazy("Remove equipment")
    submit = gettext_lazy("Remove it")
    form_class = RemoveForm
    template_name = "desk/equipment/remove.html"

    def act(self, form: Any) -> str:
        services.remove_equipment(actor=self.actor, now=clock.now(), equipment=self.row)
        self.done(_("Removed."))
        return self.back()
