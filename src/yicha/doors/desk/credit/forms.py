"""What people write about records."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy, pgettext_lazy

from yicha.know.credit import queries
from yicha.know.credit.terms import RecordFacts, RecordKind, Severity

DAY = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
CODE = forms.TextInput(attrs={"class": "mono", "autocomplete": "off", "spellcheck": "false"})


class RecordForm(forms.Form):
    """What a source agency says about an enterprise."""

    uscc = forms.CharField(label=gettext_lazy("unified social credit code"), max_length=40, widget=CODE)
    kind = forms.ChoiceField(label=gettext_lazy("kind"))
    severity = forms.ChoiceField(
        label=gettext_lazy("severity"),
        required=False,
        help_text=gettext_lazy(
            "Of what speaks against the enterprise. Empty: general. It decides how long the record has effect, and "
            "when it may be repaired."
        ),
    )
    agency = forms.ChoiceField(label=gettext_lazy("source agency"))
    reference = forms.CharField(
        label=gettext_lazy("document number"),
        max_length=100,
        help_text=gettext_lazy("The source's own number; it names the record."),
    )
    happened_on = forms.DateField(label=gettext_lazy("happened on"), widget=DAY)
    amount = forms.DecimalField(
        label=gettext_lazy("amount (yuan)"), required=False, max_digits=16, decimal_places=2
    )
    words = forms.CharField(
        label=gettext_lazy("what happened"),
        max_length=500,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=gettext_lazy("Without names of persons, identity cards and telephones."),
    )
    year = forms.IntegerField(
        label=gettext_lazy("year of the report"),
        required=False,
        min_value=1990,
        max_value=2100,
        help_text=gettext_lazy("Of annual reports only."),
    )
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
        help_text=gettext_lazy(
            "Empty: as long as its severity says at most; who is on a list, until removed."
        ),
    )
    published_on = forms.DateField(
        label=gettext_lazy("published on"),
        widget=DAY,
        required=False,
        help_text=gettext_lazy("Empty: the public does not see it. It can be published later."),
    )
    publish_until = forms.DateField(
        label=gettext_lazy("published until"),
        widget=DAY,
        required=False,
        help_text=gettext_lazy("Empty: as long as it has effect."),
    )
    evidence = forms.CharField(
        label=gettext_lazy("where the evidence is kept"), max_length=200, required=False
    )
    evidence_hash = forms.CharField(
        label=gettext_lazy("evidence (SHA-256)"), max_length=64, required=False, widget=CODE
    )

    def __init__(self, *args: Any, agencies: list[tuple[str, str]], **options: Any) -> None:
        super().__init__(*args, **options)
        grades = [(one.value, queries.name_severity(one)) for one in Severity if one is not Severity.NONE]
        self._offer("agency", agencies)
        self._offer("kind", [(kind.value, queries.name_kind(kind)) for kind in RecordKind])
        self._offer("severity", [("", gettext_lazy("not said")), *grades])

    def _offer(self, name: str, choices: list[tuple[str, Any]]) -> None:
        self.fields[name].choices = choices  # type: ignore[attr-defined]

    def facts(self) -> RecordFacts:
        """What was written, once it is valid."""
        given = {name: value for name, value in self.cleaned_data.items() if name in _FACTS}
        given["kind"] = RecordKind(given["kind"])
        given["severity"] = Severity(given["severity"] or "none")
        given["effective_from"] = given["effective_from"] or given["happened_on"]
        return RecordFacts(**given, is_published=given["published_on"] is not None)


_FACTS = frozenset(RecordFacts.__dataclass_fields__) - {"is_published"}


class CorrectionForm(RecordForm):
    """What holds instead. Agency and number name the record, so they stay."""

    reason = forms.CharField(
        label=pgettext_lazy("credit record", "why it is corrected"),
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    field_order = ("reason",)

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        for name in ("agency", "reference"):
            self.fields[name].disabled = True


class PublishForm(forms.Form):
    """From when to when the public sees a record."""

    on = forms.DateField(
        label=gettext_lazy("published on"),
        widget=DAY,
        required=False,
        help_text=gettext_lazy("Empty: today."),
    )
    until = forms.DateField(
        label=gettext_lazy("published until"),
        widget=DAY,
        required=False,
        help_text=gettext_lazy("Empty: as long as it has effect."),
    )


class EndForm(forms.Form):
    """Since when a record has no effect, and why."""

    reason = forms.CharField(
        label=pgettext_lazy("credit record", "why it ends"),
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    on = forms.DateField(
        label=gettext_lazy("ended on"), widget=DAY, required=False, help_text=gettext_lazy("Empty: today.")
    )
