"""Forms of the gate. What a ground asks a reason for has a field of its own, named by the ground's code."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from yicha.base.accounts import queries as accounts
from yicha.base.accounts.queries import Person
from yicha.decide.gate import queries
from yicha.decide.gate.terms import Application
from yicha.doors.desk.gate.triggers import EMERGENCY, choices_with_evidence
from yicha.doors.templatetags.gate import APPROVALS
from yicha.know.catalogue import queries as catalogue
from yicha.know.registry import queries as registry
from yicha.know.visits.terms import ContactKind

KINDS = [
    (ContactKind.DAILY.value, gettext_lazy("daily inspection")),
    (ContactKind.SPECIAL.value, gettext_lazy("special inspection")),
    (ContactKind.CASE.value, gettext_lazy("case inspection")),
    (ContactKind.COURTESY.value, gettext_lazy("courtesy call")),
]
REASON = "reason:"
"""Before the code of a ground: the name of its field."""
LONG = {"data-choose": ""}
LONGEST_REASON = 1000


class DayField(forms.DateField):
    """A day, chosen with the browser's own calendar."""

    widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")


def own_agencies(person: Person, action: str) -> list[Any]:
    """The agencies for which a person may do something."""
    return list(accounts.scoped(registry.list_agencies(), person, action))


class ApplicationForm(forms.Form):
    """A wish to enter. `draft` reads it as far as it is filled in, so that the answer can be shown while typing."""

    action = "gate.apply"

    agency = forms.ChoiceField(label=gettext_lazy("Agency"))
    premises = forms.ChoiceField(label=gettext_lazy("Premises"), required=False)
    items = forms.MultipleChoiceField(
        label=gettext_lazy("Items"),
        widget=forms.SelectMultiple(attrs=LONG),
        help_text=gettext_lazy("Published items of the agency's own kind."),
    )
    kind = forms.ChoiceField(label=gettext_lazy("Kind"), choices=KINDS)
    trigger = forms.ChoiceField(
        label=gettext_lazy("Trigger"), help_text=gettext_lazy("Why this visit, and why now.")
    )
    evidence = forms.CharField(
        label=gettext_lazy("Document behind it"),
        max_length=200,
        required=False,
        help_text=gettext_lazy("Number of the complaint, document or clue, if the trigger wants one."),
    )
    campaign = forms.ChoiceField(label=gettext_lazy("Approved campaign"), required=False)
    from_on = DayField(label=gettext_lazy("First day"))
    until_on = DayField(
        label=gettext_lazy("Last day"),
        help_text=gettext_lazy(
            "A window finds a free day, or a visit to join, more easily than a single day."
        ),
    )
    officers = forms.MultipleChoiceField(
        label=gettext_lazy("Officers"),
        widget=forms.SelectMultiple(attrs=LONG),
        required=False,
        help_text=gettext_lazy("Two at least, of the agency; not needed where nobody has to come."),
    )
    approve = forms.BooleanField(
        label=gettext_lazy("I approve this inspection"),
        required=False,
        help_text=gettext_lazy("Every inspection needs the approval of the agency's head."),
    )

    def __init__(self, *args: Any, person: Person, enterprise: Any, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.person, self.enterprise, self.today = person, enterprise, today
        self.agencies = own_agencies(person, self.action)
        self._offer("agency", [(one.code, one.name) for one in self.agencies])
        self._offer("premises", _premises(enterprise))
        self._offer("items", _items(self.agencies, today))
        self._offer("trigger", self.triggers())
        self._offer("campaign", _campaigns(today))
        self._offer("officers", _officers(self.agencies, today))
        if "trigger" in self.fields:
            self.fields["trigger"].initial = "initiative"
        for name, day in self.days().items():
            self.fields[name].initial = day
        if not any(accounts.may(person, "gate.approve", one.scope) for one in self.agencies):
            del self.fields["approve"]

    def triggers(self) -> list[tuple[str, str]]:
        """The triggers that may be chosen."""
        return choices_with_evidence()

    def days(self) -> Mapping[str, date]:
        """The days that the form begins with."""
        return {"from_on": self.today, "until_on": self.today + timedelta(days=14)}

    def _offer(self, name: str, choices: list[Any]) -> None:
        self.fields[name].choices = choices  # type: ignore[attr-defined]
        if len(choices) == 1 and choices[0][0] == "":
            del self.fields[name]

    @property
    def reasons(self) -> dict[str, str]:
        """What was answered, by the code of the ground."""
        given = {
            name.removeprefix(REASON): str(value).strip()[:LONGEST_REASON]
            for name, value in self.data.items()
            if name.startswith(REASON)
        }
        return {code: words for code, words in given.items() if words}

    @property
    def missing(self) -> list[str]:
        """Labels of what is needed before anything can be answered."""
        needed = ("agency", "items", "kind", "trigger", "from_on", "until_on")
        return [str(self.fields[name].label) for name in needed if not self.cleaned_data.get(name)]

    def draft(self) -> Application | None:
        """The application as far as it goes; None while something is missing without which there is no answer."""
        self.is_valid()
        return None if self.missing else self.application()

    def application(self) -> Application:
        """What is asked for."""
        given = self.cleaned_data
        return Application(
            agency=given["agency"],
            uscc=self.enterprise.uscc,
            items=tuple(given["items"]),
            kind=ContactKind(given["kind"]),
            trigger=given["trigger"],
            from_on=given["from_on"],
            until_on=given["until_on"],
            officers=tuple(given.get("officers") or ()),
            premises=given.get("premises") or "",
            evidence=given.get("evidence", "").strip(),
            campaign=given.get("campaign") or "",
            approved_by=self.approver(given["agency"]),
            reasons=self.reasons,
        )

    def approver(self, agency: str) -> str:
        """The name of the person, if they approve and may."""
        found = next((one for one in self.agencies if one.code == agency), None)
        if not self.cleaned_data.get("approve") or found is None:
            return ""
        return str(self.person) if accounts.may(self.person, "gate.approve", found.scope) else ""


def _premises(enterprise: Any) -> list[tuple[str, str]]:
    rows = [(str(one.uuid), f"{one.name} · {one.address}") for one in enterprise.premises.all()]
    return [("", _("the registered address")), *rows] if rows else [("", "")]


def _items(agencies: Iterable[Any], today: date) -> list[Any]:
    kinds = {one.kind_id: one.kind.name for one in agencies}
    versions = catalogue.list_versions_in_force(today).filter(item__agency_kind__in=list(kinds))
    groups: dict[str, list[tuple[str, str]]] = {}
    for one in versions:
        groups.setdefault(kinds[one.item.agency_kind_id], []).append(
            (one.item.code, f"{one.name} ({one.item.code})")
        )
    return list(groups.items()) if len(groups) > 1 else [row for rows in groups.values() for row in rows]


def _campaigns(today: date) -> list[tuple[str, str]]:
    in_force = queries.list_campaigns().filter(valid_until__gte=today)
    rows = [(one.code, f"{one.document} ({one.code})") for one in in_force]
    return [("", _("none")), *rows] if rows else [("", "")]


def _officers(agencies: list[Any], today: date) -> list[tuple[str, str]]:
    several = len(agencies) > 1
    rows = registry.list_fit_officers(today).filter(agency__in=agencies)
    return [
        (one.certificate, f"{one.name} {one.certificate}{f' · {one.agency.name}' if several else ''}")
        for one in rows[:2000]
    ]


class EntryForm(ApplicationForm):
    """A visit that has taken place already. `entered_on` is its day; the window is that day."""

    action = "gate.enter"

    entered_on = DayField(label=gettext_lazy("Entered on"))
    note = forms.CharField(
        label=gettext_lazy("What forced the entry"),
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=gettext_lazy("Why it could not wait for a code."),
    )
    field_order = ["agency", "premises", "entered_on", "items", "officers", "note"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        del self.fields["from_on"], self.fields["until_on"]
        self.fields["officers"].required = True
        self.fields["officers"].help_text = _("Who went in; two at least.")
        for name in ("approve", "campaign"):
            self.fields.pop(name, None)

    def days(self) -> Mapping[str, date]:
        return {"entered_on": self.today}

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        given["from_on"] = given["until_on"] = given.get("entered_on")
        return given

    def application(self) -> Application:
        return replace(super().application(), entered_on=self.cleaned_data["entered_on"])


class EmergencyForm(EntryForm):
    """An emergency: entered first, papers after. Its trigger is always the emergency."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        del self.fields["trigger"], self.fields["kind"]
        self.fields["evidence"].required = True
        self.fields["evidence"].help_text = _("The report, call or order that sent the officers.")

    def clean(self) -> dict[str, Any]:
        given = super().clean()
        given["trigger"], given["kind"] = EMERGENCY, ContactKind.CASE.value
        return given


class BackEntryForm(EntryForm):
    """A visit made while codes could not be issued: entered within the days that the rule gives, with a reason."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["note"].label = _("Why there was no code")
        self.fields["note"].help_text = _("What was out of order, from when to when.")


class AnswerForm(forms.Form):
    """The reasons that a verdict waits for: one field per ground."""

    def __init__(self, *args: Any, wanted: Mapping[str, str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for code, words in wanted.items():
            if code not in APPROVALS:
                self.fields[f"{REASON}{code}"] = forms.CharField(
                    label=words, max_length=LONGEST_REASON, widget=forms.Textarea(attrs={"rows": 3})
                )

    @property
    def reasons(self) -> dict[str, str]:
        """What was answered, by the code of the ground."""
        return {name.removeprefix(REASON): words for name, words in self.cleaned_data.items()}


class PapersForm(forms.Form):
    """The papers of an emergency, completed after."""

    approved_by = forms.CharField(
        label=gettext_lazy("Approved by"),
        max_length=100,
        help_text=gettext_lazy("The head of the agency who was told at once, and approved."),
    )
    evidence = forms.CharField(
        label=gettext_lazy("Papers"),
        max_length=200,
        help_text=gettext_lazy("Numbers of the approval and of the record on site."),
    )


class BecauseForm(forms.Form):
    """Why something is taken back."""

    because = forms.CharField(
        label=gettext_lazy("Why"), max_length=300, widget=forms.Textarea(attrs={"rows": 3})
    )
