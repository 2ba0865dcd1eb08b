"""Visits to come that the enterprise was told of, and asking for another half day."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from yicha.act.dispatch import queries as dispatch
from yicha.base.messages import queries as outgoing
from yicha.base.workdays import queries as workdays
from yicha.decide.planning import queries as planning
from yicha.decide.scheduling import jobs, services
from yicha.decide.scheduling import queries as scheduling
from yicha.decide.scheduling.terms import PARTS, RequestOutcome, Slot
from yicha.doors.portal import seeing
from yicha.doors.portal.pages import PortalForm, PortalView, audience_of
from yicha.doors.portal.visits import Visit, describe
from yicha.kernel import clock
from yicha.kernel.refusal import NotFound
from yicha.know.catalogue import queries as catalogue
from yicha.know.registry import queries as registry
from yicha.know.registry.terms import DayPart

REQUESTS: dict[RequestOutcome, tuple[str, str, str | Promise]] = {
    RequestOutcome.LOOKED_AT: ("due", "hourglass", gettext_lazy("being looked at; the office decides")),
    RequestOutcome.AGREED: ("done", "circle-check", gettext_lazy("agreed")),
    RequestOutcome.NOT_AGREED: ("refuse", "circle-x", gettext_lazy("not agreed")),
    RequestOutcome.OVERTAKEN: (
        "spared",
        "refresh",
        gettext_lazy("the calendar changed meanwhile; ask again"),
    ),
}
"""How a request looks to who asked."""


@dataclass(frozen=True)
class Asked:
    """A request for another half day."""

    day: date
    part: str | Promise
    tone: str
    icon: str
    words: str | Promise


@dataclass(frozen=True)
class Announced:
    """A visit to come, with its notice."""

    visit: Visit
    dispatch: Any
    part: str
    message: Any
    asked: Sequence[Asked]
    may_ask: bool


class Coming(PortalView):
    """What is announced, the nearest first: the number, when, who, what for, what to prepare."""

    title = gettext_lazy("Visits to come")
    part = "coming"
    template_name = "portal/coming.html"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        contacts = list(seeing.list_announced(self.enterprise.uscc))
        return self.show(context={"rows": [self._announced(one) for one in contacts]})

    def _announced(self, contact: Any) -> Announced:
        told = outgoing.list_messages([audience_of(self.enterprise)])
        asked = list_asked(contact)
        return Announced(
            visit=describe(contact),
            dispatch=dispatch.find_dispatch_of(contact),
            part=contact.get_planned_part_display(),
            message=told.filter(subject_key=f"visit:{contact.uuid}").exclude(document=b"").first(),
            asked=asked,
            may_ask=may_ask(contact),
        )


def list_asked(contact: Any) -> list[Asked]:
    """What was asked for one visit, the latest first."""
    words = part_words()
    return [
        Asked(one.slot.day, words[one.slot.part.value], *REQUESTS[one.outcome])
        for one in scheduling.list_slot_requests(contact, clock.today(clock.now()))
    ]


def part_words() -> dict[str, Any]:
    """The halves of a day in words."""
    return dict(registry.list_when_choices()["part"])


def may_ask(contact: Any) -> bool:
    """Whether another half day can still be asked for: the calendar has placed it, and not too often."""
    today = clock.today(clock.now())
    most = int(catalogue.get_number("slot-requests", today).value)
    placed = bool(contact.planned_part) and planning.find_round(contact.round) is not None
    return placed and scheduling.count_slot_requests(contact) < most


class SlotForm(forms.Form):
    """Another half day, and why."""

    slot = forms.ChoiceField(
        label=gettext_lazy("Which half day would be better"),
        help_text=gettext_lazy(
            "Half days on which everybody is free come first; for the others the office has to move other visits."
        ),
    )
    because = forms.CharField(
        label=gettext_lazy("Why the announced one does not suit you"),
        max_length=200,
        widget=forms.Textarea(attrs={"rows": 3}),
    )

    def __init__(self, *args: Any, contact: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        choices: Any = list_choices(contact)
        self.fields["slot"].choices = choices  # type: ignore[attr-defined]

    def clean_slot(self) -> Slot:
        """The half day that was chosen."""
        day, part = self.cleaned_data["slot"].split()
        return Slot(date.fromisoformat(day), DayPart(part))


def list_choices(contact: Any) -> list[tuple[str, list[tuple[str, str]]]]:
    """The half days of the visit's window from the next working day on, those that are free apart from the others."""
    now = clock.now()
    days = workdays.list_working_days(
        max(clock.today(now), contact.window_from), contact.window_to, workdays.get_calendar()
    )
    planned = (contact.planned_on, contact.planned_part)
    hidden = seeing.list_hidden(contact.enterprise.uscc)
    free = set(services.list_free_slots(now=now, contact=contact, leave_out=hidden))
    slots = [
        Slot(day, part)
        for day in days
        if day > clock.today(now)
        for part in PARTS
        if (day, part.value) != planned
    ]
    groups = (
        (_("Everybody is free"), [slot for slot in slots if slot in free]),
        (_("Other visits would have to move"), [slot for slot in slots if slot not in free]),
    )
    words = part_words()
    return [
        (
            name,
            [
                (
                    f"{slot.day.isoformat()} {slot.part.value}",
                    f"{slot.day.isoformat()} {words[slot.part.value]}",
                )
                for slot in some
            ],
        )
        for name, some in groups
        if some
    ]


class AskSlot(PortalForm):
    """Ask for another half day: the calendar is tried anew, and the office decides."""

    title = gettext_lazy("Ask for another day")
    part = "coming"
    form_class = SlotForm
    submit = gettext_lazy("Ask")
    template_name = "portal/ask_slot.html"

    @property
    def contact(self) -> Any:
        """The visit of this address, if the enterprise was told of it."""
        found = seeing.list_announced(self.enterprise.uscc).filter(uuid=self.kwargs["uuid"]).first()
        if found is None:
            raise NotFound
        return found

    def form_options(self) -> dict[str, Any]:
        return {"contact": self.contact}

    def context(self) -> dict[str, Any]:
        contact = self.contact
        return {
            "visit": describe(contact),
            "half": contact.get_planned_part_display(),
            "may_ask": may_ask(contact),
        }

    def act(self, form: Any) -> str:
        asked = services.ask_slot(
            actor=self.actor,
            now=clock.now(),
            contact=self.contact,
            slot=form.cleaned_data["slot"],
            because=form.cleaned_data["because"],
        )
        jobs.start_schedule(asked.uuid)
        self.done(
            _(
                "Received. Until the office has decided, the announced day holds. The answer stands on this page."
            )
        )
        return self.back()
