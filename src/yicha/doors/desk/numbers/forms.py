"""Forms of dated rows: numbers, rates, and what the gate judges by."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from yicha.decide.gate import queries as gate
from yicha.doors.desk.numbers.tables import places
from yicha.doors.templatetags.look import word
from yicha.know.catalogue import queries
from yicha.know.catalogue.terms import Method, RateScope
from yicha.know.registry import queries as registry

DAY = forms.DateInput(attrs={"type": "date"})
FLAGS = {
    "own_initiative": gettext_lazy("it is on the agency's own initiative"),
    "counts_toward_cap": gettext_lazy("it counts toward the annual cap"),
    "exempt_from_cap": gettext_lazy("it is free of the annual cap"),
    "exempt_from_quiet": gettext_lazy("it is free of quiet days"),
    "exempt_from_undisturbed": gettext_lazy("it is free of the undisturbed list"),
    "spareable": gettext_lazy("a result or data may stand in for the visit"),
    "needs_evidence": gettext_lazy("the evidence must be named"),
    "may_be_unannounced": gettext_lazy("with approval, the enterprise gets no notice"),
}
"""What a trigger says, as a form asks for it."""
METHODS = [
    (Method.ONSITE.value, gettext_lazy("on site")),
    (Method.WRITTEN.value, gettext_lazy("in writing")),
    (Method.OFFSITE.value, gettext_lazy("off site")),
]
SCOPES = [
    (RateScope.ALL.value, gettext_lazy("all items")),
    (RateScope.KEY.value, gettext_lazy("key items only")),
]


class DatedRow(forms.Form):
    """What every dated row says: from when, by which document, and whether the number is ours."""

    in_force_from = forms.DateField(label=gettext_lazy("in force from"), widget=DAY)
    source = forms.CharField(
        label=gettext_lazy("source"),
        max_length=200,
        help_text=gettext_lazy("The document that sets it, with its number."),
    )
    is_ours = forms.BooleanField(
        label=gettext_lazy("our default: no official number was found"), required=False
    )


class NumberForm(DatedRow):
    """A new value of a number, from a day on. The rows before it stay: what was decided under them names them."""

    code = forms.ChoiceField(label=gettext_lazy("number"))
    value = forms.DecimalField(label=gettext_lazy("value"), max_digits=12, decimal_places=4, min_value=0)
    region = forms.ChoiceField(
        label=gettext_lazy("region or zone"),
        required=False,
        help_text=gettext_lazy("A row of a region or zone goes before the row for everywhere."),
    )

    field_order = ("code", "value", "region")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        known = {row.code: row for row in queries.list_numbers().reverse()}
        self.rows = known
        self.fields["code"].choices = [  # type: ignore[attr-defined]
            (code, f"{word(row.words)} ({word(row.unit)})") for code, row in sorted(known.items())
        ]
        self.fields["region"].choices = [("", _("everywhere")), *places()]  # type: ignore[attr-defined]


class RateForm(DatedRow):
    """What is drawn of a class, how often, how it is checked and what of, from a day on."""

    risk_class = forms.ChoiceField(
        label=gettext_lazy("class"), choices=[(letter, letter) for letter in "ABCD"]
    )
    percent = forms.DecimalField(
        label=gettext_lazy("rate in %"), max_digits=5, decimal_places=2, min_value=0, max_value=100
    )
    visits_a_year = forms.IntegerField(
        label=gettext_lazy("visits on own initiative a year"),
        required=False,
        min_value=1,
        max_value=365,
        help_text=gettext_lazy("Who had so many in twelve months is not drawn. Empty: no limit."),
    )
    method = forms.ChoiceField(
        label=gettext_lazy("method"),
        choices=METHODS,
        required=False,
        help_text=gettext_lazy("Off site or in writing: who is drawn is checked without a visit."),
    )
    scope = forms.ChoiceField(label=gettext_lazy("checked items"), choices=SCOPES, required=False)
    joint_list = forms.ChoiceField(label=gettext_lazy("joint list"), required=False)
    region = forms.ChoiceField(label=gettext_lazy("region"), required=False)

    field_order = ("risk_class", "percent", "visits_a_year", "method", "scope", "joint_list", "region")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, rows in (("joint_list", queries.list_joint_lists()), ("region", registry.list_regions())):
            choices = [("", _("all")), *((row.code, row.name) for row in rows)]
            self.fields[name].choices = choices  # type: ignore[attr-defined]


class TriggerForm(DatedRow):
    """What a trigger frees from, from a day on. The rows before it stay."""

    code = forms.ChoiceField(label=gettext_lazy("trigger"))

    field_order = ("code", *FLAGS)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.words = {row.code: row.words for row in gate.list_triggers().reverse()}
        self.fields["code"].choices = [  # type: ignore[attr-defined]
            (code, word(words)) for code, words in sorted(self.words.items())
        ]
        for name, label in FLAGS.items():
            self.fields[name] = forms.BooleanField(label=label, required=False)
        self.order_fields(self.field_order)


class QuietForm(DatedRow):
    """Days of every month without visits; both 0: a region gives its quiet days up."""

    region = forms.ChoiceField(label=gettext_lazy("region or zone"))
    from_day = forms.IntegerField(label=gettext_lazy("from day"), min_value=0, max_value=31)
    until_day = forms.IntegerField(
        label=gettext_lazy("until day"),
        min_value=0,
        max_value=31,
        help_text=gettext_lazy("Days of every month, both included. 0 and 0: no quiet days any more."),
    )

    field_order = ("region", "from_day", "until_day")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["region"].choices = places()  # type: ignore[attr-defined]


class CampaignForm(forms.Form):
    """Who approved a special campaign, for whom, and until when."""

    code = forms.SlugField(
        label=gettext_lazy("code"), max_length=64, help_text=gettext_lazy("Applications name it.")
    )
    document = forms.CharField(label=gettext_lazy("document"), max_length=200)
    approved_by = forms.CharField(label=gettext_lazy("approved by"), max_length=100)
    from_above = forms.BooleanField(
        label=gettext_lazy("ordered from above: its visits do not count toward the cap"), required=False
    )
    agencies = forms.MultipleChoiceField(
        label=gettext_lazy("agencies"), required=False, help_text=gettext_lazy("None: all.")
    )
    items = forms.MultipleChoiceField(
        label=gettext_lazy("items"), required=False, help_text=gettext_lazy("None: all.")
    )
    valid_from = forms.DateField(label=gettext_lazy("valid from"), widget=DAY)
    valid_until = forms.DateField(label=gettext_lazy("valid until"), widget=DAY)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        agencies = [(row.code, row.name) for row in registry.list_agencies()]
        items = [
            (row.item.code, f"{row.item.code} {row.name}")
            for row in queries.list_current_versions().order_by("item__code")
        ]
        for name, choices in (("agencies", agencies), ("items", items)):
            self.fields[name].choices = choices  # type: ignore[attr-defined]
            self.fields[name].widget.attrs["data-choose"] = ""
