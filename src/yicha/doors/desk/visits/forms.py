"""The form of one agency's part: for each item a result and the problems found, as fields of one form."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from yicha.act.inspection.terms import CheckResult, FindingFacts, Severity
from yicha.know.visits.terms import ResultCode

MOST_FINDINGS = 20
"""Problems of one item on one page."""
SEVERITY_CHOICES = [
    (Severity.MINOR.value, _("minor")),
    (Severity.GENERAL.value, _("general")),
    (Severity.SERIOUS.value, _("serious")),
]


@dataclass(frozen=True)
class FindingFields:
    """The fields of one problem."""

    words: forms.BoundField
    severity: forms.BoundField
    correct_by: forms.BoundField
    is_new: bool


@dataclass(frozen=True)
class CheckFields:
    """One item with its fields."""

    check: Any
    code: forms.BoundField
    findings: list[FindingFields]


class PartForm(forms.Form):
    """Result and problems per item. An item whose result is left empty is left as it is.

    The result of the check 7 is the field `check-7`, its problems are `check-7-0-words`, … with one empty problem
    more than were written down.
    """

    fill = forms.BooleanField(
        required=False,
        label=_("Record “no problem found” for every item that is still empty"),
    )

    def __init__(self, part: Any, result_choices: list[tuple[str, Any]], data: Any = None) -> None:
        super().__init__(data)
        self.part = part
        self.checks = list(part.checks.all())
        for check in self.checks:
            self._add_check(check, result_choices)

    def _add_check(self, check: Any, result_choices: list[tuple[str, Any]]) -> None:
        name = f"check-{check.pk}"
        self.fields[name] = forms.ChoiceField(
            choices=[("", _("no result yet")), *result_choices],
            required=False,
            initial=check.result_code,
            label=check.contact_item.item_version.name,
        )
        written = list(check.findings.all())
        for number in range(self._count(name, len(written))):
            finding = written[number] if number < len(written) else None
            self._add_finding(f"{name}-{number}", finding)

    def _count(self, name: str, written: int) -> int:
        """How many problems the form has room for: those sent or kept, and an empty one."""
        sent = 0
        while self.is_bound and f"{name}-{sent}-words" in self.data and sent < MOST_FINDINGS:
            sent += 1
        return min(sent if self.is_bound else written + 1, MOST_FINDINGS)

    def _add_finding(self, name: str, finding: Any) -> None:
        item = _("Problem found")
        self.fields[f"{name}-words"] = forms.CharField(
            required=False,
            max_length=2000,
            label=item,
            initial=finding.words if finding else "",
            widget=forms.Textarea(attrs={"rows": 2}),
        )
        self.fields[f"{name}-severity"] = forms.ChoiceField(
            required=False,
            choices=SEVERITY_CHOICES,
            label=_("Severity"),
            initial=finding.severity if finding else Severity.MINOR.value,
        )
        self.fields[f"{name}-correct_by"] = forms.DateField(
            required=False,
            label=_("Correct by"),
            initial=finding.correct_by if finding else None,
            widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        )

    def rows(self) -> Iterator[CheckFields]:
        """The fields, item by item, for the template."""
        for check in self.checks:
            name = f"check-{check.pk}"
            findings = []
            number = 0
            while f"{name}-{number}-words" in self.fields:
                words = self[f"{name}-{number}-words"]
                findings.append(
                    FindingFields(
                        words,
                        self[f"{name}-{number}-severity"],
                        self[f"{name}-{number}-correct_by"],
                        not words.value(),
                    )
                )
                number += 1
            yield CheckFields(check, self[name], findings)

    def results(self) -> Mapping[int, CheckResult]:
        """What was filled in, by the check's id."""
        found: dict[int, CheckResult] = {}
        for check in self.checks:
            code = self.cleaned_data.get(f"check-{check.pk}") or ""
            if not code and self.cleaned_data.get("fill"):
                code = ResultCode.NO_PROBLEM.value
            if code:
                found[check.pk] = CheckResult(ResultCode(code), tuple(self._findings(f"check-{check.pk}")))
        return found

    def _findings(self, name: str) -> Iterator[FindingFacts]:
        number = 0
        while f"{name}-{number}-words" in self.fields:
            words = str(self.cleaned_data.get(f"{name}-{number}-words") or "").strip()
            if words:
                yield FindingFacts(
                    words,
                    Severity(self.cleaned_data.get(f"{name}-{number}-severity") or Severity.MINOR.value),
                    self.cleaned_data.get(f"{name}-{number}-correct_by"),
                )
            number += 1


class StartForm(forms.Form):
    """The day on which the officers were at the door."""

    visited_on = forms.DateField(
        label=_("Day of the visit"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )


class BecauseForm(forms.Form):
    """Why a part is opened again."""

    because = forms.CharField(label=_("Reason"), max_length=200)


class CallOffForm(forms.Form):
    """Why a visit does not take place."""

    called_off_because = forms.CharField(label=_("Reason"), max_length=200)


class OfficersForm(forms.Form):
    """Who goes instead of those who were drawn, and why."""

    officers = forms.MultipleChoiceField(label=_("Officers who go"), widget=forms.CheckboxSelectMultiple)
    because = forms.CharField(label=_("Reason"), max_length=200)

    def __init__(self, *args: Any, officers: list[tuple[str, str]], **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["officers"] = forms.MultipleChoiceField(
            label=_("Officers who go"), choices=officers, widget=forms.CheckboxSelectMultiple
        )


class CorrectionsForm(forms.Form):
    """What was corrected, and when the agency saw it."""

    checks = forms.TypedMultipleChoiceField(
        label=pgettext_lazy("problem", "corrected"),
        coerce=int,
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )
    on = forms.DateField(
        label=_("corrected on"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )

    def __init__(self, *args: Any, open_orders: list[tuple[int, str]], **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["checks"].choices = open_orders  # type: ignore[attr-defined]
