"""Forms of plans."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from yicha.base.accounts import queries as accounts
from yicha.base.accounts.queries import Person
from yicha.base.accounts.terms import Scope
from yicha.decide.drawing.terms import BeaconKind
from yicha.decide.planning.terms import EntryDraft, PlanOwner
from yicha.doors.desk.quarters import list_quarters
from yicha.know.catalogue import queries as catalogue
from yicha.know.registry import queries as registry
from yicha.know.visits.terms import ContactKind

KINDS = [
    (ContactKind.DAILY.value, gettext_lazy("daily inspection")),
    (ContactKind.SPECIAL.value, gettext_lazy("special inspection")),
    (ContactKind.CASE.value, gettext_lazy("case inspection")),
]
BEACONS = [
    (BeaconKind.DRAND.value, gettext_lazy("drand, the public randomness beacon")),
    (BeaconKind.LOTTERY.value, gettext_lazy("lottery")),
    (BeaconKind.DICE.value, gettext_lazy("twenty dice")),
    (BeaconKind.DEMONSTRATION.value, gettext_lazy("demonstration")),
]
LONG = {"data-choose": ""}
FEW_LINES = {"rows": 4}


class DateField(forms.DateField):
    """A day, chosen with the browser's own calendar."""

    widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")


class PlanForm(forms.Form):
    """Whose plan, and for which year. `owner` is `agency:CODE`, `list:CODE@zone:CODE` or `list:CODE@region:CODE`."""

    owner = forms.ChoiceField(
        label=gettext_lazy("Whose plan"),
        widget=forms.Select(attrs=LONG),
        help_text=gettext_lazy(
            "An agency, or a joint list in a zone or region; an owner has one plan a year."
        ),
    )
    year = forms.IntegerField(label=gettext_lazy("Year"), min_value=2000, max_value=2100, localize=False)
    title = forms.CharField(label=gettext_lazy("Title"), max_length=200)

    def __init__(self, *args: Any, person: Person, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["owner"].choices = owner_choices(person)  # type: ignore[attr-defined]
        self.fields["year"].initial = today.year

    def owner_given(self) -> PlanOwner:
        """The owner that was chosen."""
        kind, code = self.cleaned_data["owner"].split(":", 1)
        if kind == "agency":
            return PlanOwner(agency=code)
        joint_list, place = code.split("@", 1)
        kind, place = place.split(":", 1)
        return PlanOwner(joint_list=joint_list, **{kind: place})


def owner_choices(person: Person) -> list[Any]:
    """Agencies that a person plans for, and joint lists at places that he may plan."""
    agencies = [
        (f"agency:{agency.code}", agency.name)
        for agency in accounts.scoped(registry.list_agencies(), person, "plan.edit")
    ]
    leads = {(agency.kind_id, agency.region.code): agency.code for agency in registry.list_agencies()}
    places = [
        (f"zone:{zone.code}", zone.name, "", zone.code, [region.code for region in zone.regions.all()])
        for zone in registry.list_zones()
    ]
    places += [
        (f"region:{region.code}", region.name, region.code, "", [region.code])
        for region in registry.list_regions()
    ]
    joint = [
        (f"list:{one.code}@{code}", f"{one.name} · {name}")
        for one in catalogue.list_joint_lists()
        for code, name, region, zone, within in places
        if accounts.may(
            person, "plan.edit", Scope(_leads(leads, one.lead_kind_id, within), region=region, zone=zone)
        )
    ]
    return [(_("agencies"), agencies), (_("joint lists"), joint)]


def _leads(agencies: dict[tuple[int, str], str], kind: int, regions: list[str]) -> frozenset[str]:
    """The agencies of a kind in some regions: who leads a joint list there."""
    return frozenset(agencies[kind, region] for region in regions if (kind, region) in agencies)


class EntryForm(forms.Form):
    """One line of a plan."""

    directory = forms.ChoiceField(label=gettext_lazy("Directory"), widget=forms.Select(attrs=LONG))
    items = forms.MultipleChoiceField(
        label=gettext_lazy("Items"),
        widget=forms.SelectMultiple(attrs=LONG),
        help_text=gettext_lazy("What is checked; only items of the agency's own kind."),
    )
    quarter = forms.TypedChoiceField(label=gettext_lazy("Quarter"), choices=list_quarters, coerce=int)
    kind = forms.ChoiceField(label=gettext_lazy("Kind"), choices=KINDS)
    window_from = DateField(
        label=gettext_lazy("First day"),
        required=False,
        help_text=gettext_lazy(
            "Without dates the whole quarter: the wider the window, the more visits can be joined."
        ),
    )
    window_to = DateField(label=gettext_lazy("Last day"), required=False)
    rate = forms.DecimalField(
        label=gettext_lazy("Own rate in percent"),
        required=False,
        min_value=Decimal("0.01"),
        max_value=100,
        max_digits=5,
        decimal_places=2,
        help_text=gettext_lazy(
            "Empty: each class as the rates in force say. General items have a ceiling; key items may reach 100 %, "
            "and are then random in order only."
        ),
    )
    title = forms.CharField(
        label=gettext_lazy("Title"),
        max_length=200,
        required=False,
        help_text=gettext_lazy("Without one, the name of the directory."),
    )
    ordered_by = forms.CharField(
        label=gettext_lazy("Special ordered by"),
        max_length=200,
        required=False,
        help_text=gettext_lazy("A special inspection outside the published plan needs its approval record."),
    )
    order_number = forms.CharField(label=gettext_lazy("Number of the order"), max_length=100, required=False)
    ordered_on = DateField(label=gettext_lazy("Ordered on"), required=False)
    revision = forms.IntegerField(widget=forms.HiddenInput, localize=False)

    def __init__(self, *args: Any, plan: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        directories = [(one.code, one.name) for one in registry.list_directories()]
        self.fields["directory"].choices = directories  # type: ignore[attr-defined]
        if plan.owner is None:
            del self.fields["items"]
            if plan.joint_list.directory:
                self.fields["directory"].initial = plan.joint_list.directory.code
        else:
            self.fields["directory"].choices = [("", ""), *directories]  # type: ignore[attr-defined]
            versions = catalogue.list_versions_in_force(date(plan.year, 12, 31)).filter(
                item__agency_kind=plan.owner.kind
            )
            self.fields["items"].choices = [  # type: ignore[attr-defined]
                (one.item.code, f"{one.name} ({one.item.code})") for one in versions
            ]

    def draft(self) -> EntryDraft:
        """What was written down."""
        given = self.cleaned_data
        return EntryDraft(
            quarter=given["quarter"],
            directory=given["directory"],
            items=tuple(given.get("items", ())),
            kind=ContactKind(given["kind"]),
            window_from=given["window_from"],
            window_to=given["window_to"],
            title=given["title"],
            rate=given["rate"] / 100 if given["rate"] is not None else None,
            ordered_by=given["ordered_by"],
            order_number=given["order_number"],
            ordered_on=given["ordered_on"],
        )


class ReturnForm(forms.Form):
    """Why a plan goes back."""

    reason = forms.CharField(
        label=gettext_lazy("What has to be changed"), max_length=500, widget=forms.Textarea(attrs=FEW_LINES)
    )
    revision = forms.IntegerField(widget=forms.HiddenInput, localize=False)


class DrawForm(forms.Form):
    """The later event that decides a draw, and until when agencies may reveal."""

    beacon = forms.ChoiceField(label=gettext_lazy("Event"), choices=BEACONS)
    source = forms.CharField(
        label=gettext_lazy("Which one exactly"),
        max_length=300,
        help_text=gettext_lazy(
            "So that anybody can look it up afterwards, such as “drand quicknet 12345678”."
        ),
    )
    fallback = forms.CharField(
        label=gettext_lazy("If the event does not take place"), max_length=300, required=False
    )
    reveal_deadline = forms.DateTimeField(
        label=gettext_lazy("Reveals until"),
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
        input_formats=["%Y-%m-%dT%H:%M"],
        help_text=gettext_lazy("Before the event: nobody may choose last."),
    )


def said_of(draft: EntryDraft) -> dict[str, Any]:
    """A draft as the form's fields have it."""
    return {
        "directory": draft.directory,
        "items": list(draft.items),
        "quarter": draft.quarter,
        "kind": draft.kind.value,
        "window_from": draft.window_from,
        "window_to": draft.window_to,
        "rate": (draft.rate * 100).normalize() if draft.rate is not None else None,
        "title": draft.title,
        "ordered_by": draft.ordered_by,
        "order_number": draft.order_number,
        "ordered_on": draft.ordered_on,
    }
