"""Something has changed: an officer cannot come, a day is lost, an enterprise asks for another half day.

Each makes a calendar that moves as little as possible; its changes are listed before anybody keeps them.
"""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from yicha.base.accounts import queries as accounts
from yicha.decide.planning import queries as planning
from yicha.decide.scheduling import services
from yicha.doors.desk.calendar.grid import PARTS
from yicha.doors.desk.calendar.moving import OneVisit, SlotForm
from yicha.doors.desk.calendar.runs import OneRound, start
from yicha.doors.desk.pages import FormPage, Words
from yicha.doors.templatetags.look import sentence
from yicha.kernel import clock
from yicha.kernel.refusal import Refused
from yicha.know.registry import queries as registry
from yicha.know.registry import services as registry_services
from yicha.know.registry.terms import AbsenceKind, DayPart

WHOLE = ("", gettext_lazy("the whole day"))


def _date(label: Any) -> forms.DateField:
    return forms.DateField(label=label, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))


def _part(given: str) -> DayPart | None:
    return DayPart(given) if given else None


class Changed(OneRound, FormPage):
    """A form about something that changed in a round whose calendars the person's office makes."""

    action = "schedule.run"
    template_name = "desk/calendar/changed.html"
    submit = gettext_lazy("Work out what moves")
    hint: Words = ""

    def context(self) -> dict[str, Any]:
        return {"round": self.round_to_run(), "hint": self.hint}


class AbsenceForm(forms.Form):
    """Who cannot come, and when."""

    officer = forms.ModelChoiceField(
        registry.list_officers(),
        to_field_name="certificate",
        label=gettext_lazy("Officer"),
        widget=forms.Select(attrs={"data-choose": ""}),
    )
    from_on = _date(gettext_lazy("From"))
    until_on = _date(gettext_lazy("Until"))
    part = forms.ChoiceField(
        label=gettext_lazy("Part of the day"), required=False, choices=[WHOLE, *PARTS.items()]
    )
    kind = forms.ChoiceField(
        label=gettext_lazy("Kind"), help_text=gettext_lazy("Nothing more is written down about why.")
    )

    def __init__(self, *args: Any, officers: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["officer"].queryset = officers  # type: ignore[attr-defined]
        self.fields["kind"].choices = registry.list_when_choices()["absence"]  # type: ignore[attr-defined]


class OfficerAbsent(Changed):
    """An officer cannot come: the absence is recorded, and the visits that lack people without him move."""

    title = gettext_lazy("An officer cannot come")
    hint = gettext_lazy(
        "The absence is recorded, and the visits that have too few people without the officer move."
    )
    form_class = AbsenceForm

    def form_options(self) -> dict[str, Any]:
        officers = accounts.scoped(registry.list_officers(), self.person, "absence.edit").filter(active=True)
        today = clock.today(clock.now())
        return {"officers": officers, "initial": {"from_on": today, "until_on": today}}

    def act(self, form: Any) -> str:
        round_, given = self.round_to_run(), form.cleaned_data
        accounts.require(self.person, "absence.edit", given["officer"].scope)
        now, certificate = clock.now(), given["officer"].certificate
        registry_services.record_absence(
            actor=self.actor,
            now=now,
            certificate=certificate,
            kind=AbsenceKind(given["kind"]),
            from_on=given["from_on"],
            until_on=given["until_on"],
            part=_part(given["part"]),
        )
        try:
            found = services.officer_absent(actor=self.actor, now=now, round_=round_, certificate=certificate)
        except Refused as refused:
            # The absence is a fact, whether or not a calendar can be made of it now.
            told = " ".join(sentence(reason) for reason in refused.reasons)
            messages.info(self.request, _("The absence is recorded. %(told)s") % {"told": told})
            return self.back()
        return start(found)


class LostForm(forms.Form):
    """Which day, where, and why."""

    day = _date(gettext_lazy("Day"))
    part = forms.ChoiceField(
        label=gettext_lazy("Part of the day"), required=False, choices=[WHOLE, *PARTS.items()]
    )
    districts = forms.ModelMultipleChoiceField(
        registry.list_regions(),
        to_field_name="code",
        label=gettext_lazy("Regions"),
        required=False,
        help_text=gettext_lazy("None chosen: everywhere."),
        widget=forms.CheckboxSelectMultiple,
    )
    because = forms.CharField(
        label=gettext_lazy("Reason"),
        max_length=200,
        help_text=gettext_lazy("For example a rainstorm warning. It is written into the record."),
    )


class DayLost(Changed):
    """Nobody goes on a day: its visits move to other half days of their windows."""

    title = gettext_lazy("A day is lost")
    hint = gettext_lazy(
        "Rain, a flood, a power cut: nobody goes that day, and its visits move inside their windows."
    )
    form_class = LostForm

    def form_options(self) -> dict[str, Any]:
        return {"initial": {"day": self.request.GET.get("day", "")}}

    def act(self, form: Any) -> str:
        given = form.cleaned_data
        return start(
            services.lose_day(
                actor=self.actor,
                now=clock.now(),
                round_=self.round_to_run(),
                day=given["day"],
                part=_part(given["part"]),
                districts=[region.code for region in given["districts"]],
                because=given["because"],
            )
        )


class WishForm(SlotForm):
    """Which half day the enterprise asks for, and why."""

    because = forms.CharField(label=gettext_lazy("Reason"), max_length=200)


class Wish(OneVisit, FormPage):
    """The enterprise asks for another half day; others may move for it, and that is listed before it is kept."""

    action = "schedule.run"
    title = gettext_lazy("The enterprise asks for another day")
    form_class = WishForm
    submit = gettext_lazy("Work out what moves")
    template_name = "desk/calendar/move.html"

    def context(self) -> dict[str, Any]:
        return {"row": self.visit(), "free": []}

    def act(self, form: Any) -> str:
        row = self.visit()
        accounts.require(self.person, self.action, planning.get_round(row.round).run_scope)
        return start(
            services.ask_slot(
                actor=self.actor,
                now=clock.now(),
                contact=row,
                slot=form.slot,
                because=form.cleaned_data["because"],
            )
        )
