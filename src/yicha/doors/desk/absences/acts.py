"""Entering absences and taking them back: planners for their agency's officers, officers for themselves."""

from __future__ import annotations

from typing import Any

from django import forms
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from yicha.base.accounts import queries as accounts
from yicha.doors.desk.pages import FormPage
from yicha.kernel import clock
from yicha.kernel.refusal import NotFound
from yicha.know.registry import queries, services
from yicha.know.registry.terms import AbsenceKind, DayPart
from yicha.know.visits import queries as visits

_DAY = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")


class OwnAbsenceForm(forms.Form):
    """Which days, and what kind of absence."""

    kind = forms.ChoiceField(label=gettext_lazy("kind"))
    from_on = forms.DateField(label=gettext_lazy("from"), widget=_DAY)
    until_on = forms.DateField(label=gettext_lazy("until"), widget=_DAY)
    part = forms.ChoiceField(
        label=gettext_lazy("part of the day"),
        required=False,
        help_text=gettext_lazy("In this half of each of the days only."),
    )

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        choices = queries.list_when_choices()
        self.fields["kind"].choices = choices["absence"]  # type: ignore[attr-defined]
        self.fields["part"].choices = [("", _("all day")), *choices["part"]]  # type: ignore[attr-defined]

    def facts(self) -> dict[str, Any]:
        """What the service is given."""
        given = self.cleaned_data
        return {
            "kind": AbsenceKind(given["kind"]),
            "from_on": given["from_on"],
            "until_on": given["until_on"],
            "part": DayPart(given["part"]) if given["part"] else None,
        }


class AbsenceForm(OwnAbsenceForm):
    """The same for one of several officers."""

    officer = forms.ChoiceField(label=gettext_lazy("officer"), widget=forms.Select(attrs={"data-choose": ""}))
    field_order = ("officer", "kind", "from_on", "until_on", "part")

    def __init__(self, *args: Any, officers: list[tuple[str, str]], **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["officer"].choices = [("", "—"), *officers]  # type: ignore[attr-defined]


class EnterAbsence(FormPage):
    """Enter days; those who plan are told how many visits stand on them."""

    submit = gettext_lazy("Enter the absence")

    def form_options(self) -> dict[str, Any]:
        today = clock.today(clock.now())
        return {"initial": {"from_on": today, "until_on": today}}

    def officer(self, form: Any) -> Any:
        """Whose absence it is; `NotFound` when it is none of the person's."""
        raise NotImplementedError

    def act(self, form: Any) -> str:
        officer, facts = self.officer(form), form.facts()
        services.record_absence(actor=self.actor, now=clock.now(), certificate=officer.certificate, **facts)
        self.done(_("Entered. Nobody is sent on these days whose calendar is not made yet."))
        if count := visits.count_planned_of(officer, facts["from_on"], facts["until_on"]):
            words = ngettext(
                "%(count)s visit of this officer stands on these days: the calendar is to be made anew.",
                "%(count)s visits of this officer stand on these days: the calendar is to be made anew.",
                count,
            )
            self.done(words % {"count": count})
        return self.back()


class NewAbsence(EnterAbsence):
    """Of an officer of one's agency."""

    action = "absence.edit"
    title = gettext_lazy("Enter an absence")
    form_class = AbsenceForm

    @cached_property
    def officers(self) -> dict[str, Any]:
        """The officers in service for whom the person plans, by certificate."""
        rows = accounts.scoped(queries.list_officers().filter(active=True), self.person, self.action)
        return {row.certificate: row for row in rows}

    def form_options(self) -> dict[str, Any]:
        names = [(code, f"{row.name} {code} · {row.agency}") for code, row in self.officers.items()]
        return {**super().form_options(), "officers": names}

    def officer(self, form: Any) -> Any:
        found = self.officers.get(form.cleaned_data["officer"])
        if found is None:
            raise NotFound
        return found

    def back(self) -> str:
        return reverse("desk:absences:list")


class NewOwnAbsence(EnterAbsence):
    """Of oneself."""

    action = "calendar.own"
    title = gettext_lazy("Enter my absence")
    form_class = OwnAbsenceForm

    def make_form(self) -> Any:
        self.myself()
        return super().make_form()

    def myself(self) -> Any:
        """The officer that this person is; `NotFound` without a certificate."""
        found = queries.find_officer(str(getattr(self.person, "certificate", "")))
        return accounts.get_allowed(found, self.person, self.action)

    def officer(self, form: Any) -> Any:
        return self.myself()

    def back(self) -> str:
        return reverse("desk:absences:mine")


class TakeBackForm(forms.Form):
    """Nothing to fill in: one button."""


class TakeBack(FormPage):
    """Take an absence back: what has begun ends yesterday."""

    action = "absence.edit"
    title = gettext_lazy("Take the absence back")
    submit = gettext_lazy("Take it back")
    form_class = TakeBackForm
    template_name = "desk/absences/take_back.html"

    @cached_property
    def absence(self) -> Any:
        """The absence of the address."""
        return accounts.get_allowed(queries.find_absence(self.kwargs["uuid"]), self.person, self.action)

    def context(self) -> dict[str, Any]:
        return {"absence": self.absence, "today": clock.today(clock.now())}

    def back(self) -> str:
        return reverse("desk:absences:list")

    def act(self, form: Any) -> str:
        services.take_back_absence(actor=self.actor, now=clock.now(), absence=self.absence)
        self.done(_("Taken back. The next calendar may send this officer on these days."))
        return self.back()


class TakeBackOwn(TakeBack):
    """One's own."""

    action = "calendar.own"

    @cached_property
    def absence(self) -> Any:
        found = queries.find_absence(self.kwargs["uuid"])
        certificate = getattr(self.person, "certificate", "")
        if found is None or not certificate or found.officer.certificate != certificate:
            raise NotFound
        return accounts.get_allowed(found, self.person, self.action)

    def back(self) -> str:
        return reverse("desk:absences:mine")
