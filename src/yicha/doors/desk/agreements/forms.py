"""Forms of agreements."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from yicha.know.agreement import queries
from yicha.know.agreement.terms import AgreementDraft, Standard
from yicha.know.catalogue import queries as catalogue
from yicha.know.registry import queries as registry

LONG = {"data-choose": ""}


class DayField(forms.DateField):
    """A day, chosen with the browser's own calendar."""

    widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")


def item_choices() -> list[tuple[str, str]]:
    """Items by code, with the name of their current version."""
    return [(row.item.code, f"{row.name} ({row.item.code})") for row in catalogue.list_current_versions()]


class AgreementForm(forms.Form):
    """What is agreed: between whom, what crosses, since when."""

    name = forms.CharField(label=_("Name"), max_length=200)
    regions = forms.MultipleChoiceField(
        label=_("Member regions"),
        widget=forms.SelectMultiple(attrs=LONG),
        help_text=_("Two at least. It holds when every one of them has signed."),
    )
    shares = forms.MultipleChoiceField(
        label=_("What is shared"), choices=queries.SHARE_CHOICES, widget=forms.CheckboxSelectMultiple
    )
    kinds = forms.MultipleChoiceField(
        label=_("Kinds of agency"),
        required=False,
        widget=forms.SelectMultiple(attrs=LONG),
        help_text=_("None chosen: all kinds."),
    )
    items = forms.MultipleChoiceField(
        label=_("Items recognised"),
        required=False,
        widget=forms.SelectMultiple(attrs=LONG),
        help_text=_("None chosen: all items."),
    )
    valid_from = DayField(label=_("First day"))
    valid_until = DayField(
        label=_("Last day"), required=False, help_text=_("Without one it holds until notice is given.")
    )
    notice_days = forms.IntegerField(
        label=_("Days of notice"),
        min_value=0,
        max_value=3650,
        help_text=_("So long before its last day a member gives notice."),
    )
    text = forms.CharField(
        label=_("Text of the agreement"), widget=forms.Textarea(attrs={"rows": 14}), max_length=50_000
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        regions = [(one.code, f"{one.name} ({one.code})") for one in registry.list_regions()]
        kinds = [(one.code, one.name) for one in registry.list_agency_kinds()]
        for name, choices in (("regions", regions), ("kinds", kinds), ("items", item_choices())):
            self.fields[name].choices = choices  # type: ignore[attr-defined]

    def draft(self) -> AgreementDraft:
        """What was written down."""
        given = self.cleaned_data
        return AgreementDraft(
            name=given["name"],
            text=given["text"],
            regions=frozenset(given["regions"]),
            shares=frozenset(given["shares"]),
            valid_from=given["valid_from"],
            notice_days=given["notice_days"],
            valid_until=given["valid_until"],
            kinds=frozenset(given["kinds"]),
            items=frozenset(given["items"]),
        )


def initial_of(agreement: Any) -> dict[str, Any]:
    """A draft's words, for its form."""
    return {
        "name": agreement.name,
        "text": agreement.text,
        "regions": [one.code for one in agreement.regions.all()],
        "shares": agreement.shares,
        "kinds": [one.code for one in agreement.kinds.all()],
        "items": [one.code for one in agreement.items.all()],
        "valid_from": agreement.valid_from,
        "valid_until": agreement.valid_until,
        "notice_days": agreement.notice_days,
    }


class ReasonForm(forms.Form):
    """Why."""

    reason = forms.CharField(label=_("Reason"), max_length=300, widget=forms.Textarea(attrs={"rows": 4}))


class NoticeForm(forms.Form):
    """Which member gives notice, from when on, and why."""

    region = forms.ChoiceField(label=_("Who gives notice"))
    last_on = DayField(label=_("Last day"))
    reason = forms.CharField(label=_("Reason"), max_length=500, widget=forms.Textarea(attrs={"rows": 4}))

    def __init__(self, *args: Any, regions: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["region"].choices = regions  # type: ignore[attr-defined]


class EquivalenceForm(forms.Form):
    """Two items of two members, and the document that compares them."""

    own_item = forms.ChoiceField(label=_("Item"), widget=forms.Select(attrs=LONG))
    own_region = forms.ChoiceField(label=_("as checked in"))
    other_item = forms.ChoiceField(label=_("Counts as the same: item"), widget=forms.Select(attrs=LONG))
    other_region = forms.ChoiceField(label=_("as checked in"))
    both_ways = forms.BooleanField(label=_("in both directions"), required=False, initial=True)
    source = forms.CharField(
        label=_("Source"), max_length=200, help_text=_("The document that compares the two, with its number.")
    )

    def __init__(self, *args: Any, agreement: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        covered = {one.code for one in agreement.items.all()}
        kinds = {one.code for one in agreement.kinds.all()}
        items = [
            (row.item.code, f"{row.name} ({row.item.code})")
            for row in catalogue.list_current_versions()
            if (not covered or row.item.code in covered) and (not kinds or row.item.agency_kind.code in kinds)
        ]
        regions = [(one.code, one.name) for one in agreement.regions.all()]
        for name, choices in (("item", items), ("region", regions)):
            for side in ("own", "other"):
                self.fields[f"{side}_{name}"].choices = [("", "—"), *choices]  # type: ignore[attr-defined]

    def standards(self) -> tuple[Standard, Standard]:
        """The two sides."""
        given = self.cleaned_data
        return (
            Standard(given["own_item"], given["own_region"]),
            Standard(given["other_item"], given["other_region"]),
        )
