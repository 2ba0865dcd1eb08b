"""Visits to come that the enterprise was told of, and asking for another half day."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from yicha.act.dispatch import queries as dispatch
from yicha.base.workdays import queries as workdays
from yicha.decide.planning import queries as planning
from yicha.decide.scheduling import jobs, services
from yicha.decide.scheduling import queries as scheduling
from yicha.decide.scheduling.terms import PARTS, RequestOutcome, Slot
from yicha.doors.portal import seeing
from yicha.doors.portal.pages import PortalForm, PortalView
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
class AgencyPart:
    """What one agency checks in a visit, and who comes for it: names with certificates."""

    agency: str
    items: Sequence[str]
    officers: Sequence[str]


@dataclass(frozen=True)
class Announced:
    """A visit to come, with its notice."""

    visit: Visit
    dispatch: Any
    when: str
    left: tuple[str, str, str]
    """How near it is: tone, icon, words."""
    said: Any
    """What its notice says."""
    parts: Sequence[AgencyPart]
    changed: str
    """What the last notice says otherwise than the one before, in words."""
    sent_at: datetime
    message: Any
    asked: Sequence[Asked]
    may_ask: bool
    asked_enough: bool


class Coming(PortalView):
    """What is announced, the nearest first: the number, when, who, what for, what to prepare."""

    title = gettext_lazy("Visits to come")
    part = "coming"
    template_name = "portal/coming.html"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        contacts = list(seeing.list_announced(self.enterprise.uscc))
        return self.show(context={"rows": [self._announced(one) for one in contacts]})

    def _announced(self, contact: Any) -> Announced:
        row: Any = dispatch.find_dispatch_of(contact)
        notice: Any = dispatch.list_notices(row)[0]
        return Announced(
            visit=describe(contact),
            dispatch=row,
            when=dispatch.day_words(contact.planned_on, contact.planned_part),
            left=say_left(contact.planned_on),
            said=notice.said,
            parts=list_parts(notice.said),
            changed=dispatch.changed_words(one["of"] for one in notice.changed),
            sent_at=notice.sent_at,
            message=notice.message,
            asked=list_asked(contact),
            may_ask=may_ask(contact),
            asked_enough=scheduling.count_slot_requests(contact) >= most_asked(),
        )


def say_left(day: date) -> tuple[str, str, str]:
    """How near a visit is: tone, icon, words. A day that is past without a result is said to be so."""
    left = (day - clock.today(clock.now())).days
    if left < 0:
        return "spared", "hourglass", _("the day is past; nothing is recorded yet")
    if left == 0:
        return "due", "calendar-event", _("today")
    return "action", "calendar-event", ngettext("in %(n)s day", "in %(n)s days", left) % {"n": left}


def list_parts(said: Mapping[str, Any]) -> list[AgencyPart]:
    """What a notice says, by agency in its order."""
    return [
        AgencyPart(
            agency,
            [one["name"] for one in said["items"] if one["agency"] == agency],
            [f"{one['name']}（{one['certificate']}）" for one in said["officers"] if one["agency"] == agency],
        )
        for agency in said["agencies"]
    ]


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
    """Whether another half day can still be asked for: before the day, where the calendar placed it, not too often."""
    ahead = contact.planned_on > clock.today(clock.now())
    placed = bool(contact.planned_part) and planning.find_round(contact.round) is not None
    return ahead and placed and scheduling.count_slot_requests(contact) < most_asked()


def most_asked() -> int:
    """How often another half day may be asked for, of one visit."""
    return int(catalogue.get_number("slot-requests", clock.today(clock.now())).value)


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

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """The form, as long as there is a half day to choose; else why there is none."""
        contact = self.contact
        if may_ask(contact) and list_choices(contact):
            return super().get(request, *args, **kwargs)
        return self.show("portal/ask_no_slot.html", {"back": self.back(), **self.context()})

    def context(self) -> dict[str, Any]:
        contact = self.contact
        return {
            "visit": describe(contact),
            "half": contact.get_planned_part_display(),
            "asked_enough": scheduling.count_slot_requests(contact) >= most_asked(),
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
