"""One visit in the calendar: where it stands and why, moving it, and pinning it to its place."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from yicha.act.dispatch import services as dispatch
from yicha.base.accounts import queries as accounts
from yicha.base.accounts.queries import Person
from yicha.decide.scheduling import services
from yicha.decide.scheduling.terms import Slot
from yicha.doors.desk.calendar import chosen, words
from yicha.doors.desk.calendar.day import find_spot
from yicha.doors.desk.calendar.enterprises import bar_of, wish_in_words
from yicha.doors.desk.calendar.grid import PARTS, show_visit
from yicha.doors.desk.pages import ActView, DeskView, FormPage
from yicha.doors.desk.tones import CONTACT
from yicha.doors.templatetags.look import sentence, word
from yicha.kernel import clock
from yicha.kernel.refusal import Reason, Refused
from yicha.know.registry import queries as registry
from yicha.know.registry.terms import DayPart
from yicha.know.visits import queries as visits

FREE = 24
"""So many free half days are offered; there may be more."""


class OneVisit(DeskView):
    """A page about one planned visit that the person may see, or with `schedule.move` may move."""

    action = "schedule.move"

    def visit(self) -> Any:
        """The visit of the address."""
        rows = visits.list_contacts().filter(uuid=self.kwargs["uuid"], planned_on__isnull=False)
        found = rows.select_related("pin", "premises__region").prefetch_related(
            "items__agency", "items__item_version__item", "visit_officers__officer__agency"
        )
        return accounts.get_allowed(found.first(), self.person, self.action)

    def back(self) -> str:
        return reverse("desk:calendar:visit", args=[self.kwargs["uuid"]])


class VisitPage(OneVisit):
    """Where a visit stands in the calendar, and what may be done with it."""

    action = "schedule.view"
    template_name = "desk/calendar/visit.html"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        row = self.visit()
        is_planned = row.state == "planned"
        wishes = registry.list_wishes().filter(enterprise=row.enterprise)
        context = {
            "title": row.enterprise.name,
            "visit": show_visit(row, may_move=self.may("schedule.move", row)),
            "row": row,
            "tone": CONTACT[row.state][0],
            "icon": CONTACT[row.state][1],
            "bar": bar_of(row),
            "place": find_spot(row),
            "wishes": [wish_in_words(wish) for wish in wishes],
            "may_move": is_planned and self.may("schedule.move", row),
            "may_run": is_planned and self.may("schedule.run", row),
            "is_shown": row.state in chosen.SHOWN,
        }
        return self.show(context=context)


def own_agency(person: Person) -> str:
    """The agency that a person speaks for: with a move of its own it has accepted the half day."""
    agencies = accounts.list_agencies_of(person)
    return agencies[0] if len(agencies) == 1 else ""


class SlotForm(forms.Form):
    """A half day."""

    day = forms.DateField(
        label=gettext_lazy("Day"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    part = forms.ChoiceField(
        label=gettext_lazy("Half day"), choices=list(PARTS.items()), widget=forms.RadioSelect
    )

    @property
    def slot(self) -> Slot:
        """What was chosen."""
        return Slot(self.cleaned_data["day"], DayPart(self.cleaned_data["part"]))


class Move(OneVisit, FormPage):
    """Move a visit by day and half: what dragging does, by keyboard and on a phone."""

    title = gettext_lazy("Move the visit")
    form_class = SlotForm
    submit = gettext_lazy("Check and move")
    template_name = "desk/calendar/move.html"

    def form_options(self) -> dict[str, Any]:
        row = self.visit()
        day = chosen.read_day(self.request.GET.get("day", ""), row.planned_on)
        return {"initial": {"day": day, "part": self.request.GET.get("part", row.planned_part)}}

    def context(self) -> dict[str, Any]:
        row = self.visit()
        here = (row.planned_on, row.planned_part)
        found = services.list_free_slots(now=clock.now(), contact=row)
        free = [slot for slot in found if (slot.day, slot.part.value) != here]
        return {"row": row, "free": [(slot, words.slot_in_words(slot)) for slot in free[:FREE]]}

    def act(self, form: Any) -> str:
        row = self.visit()
        services.move(
            actor=self.actor, now=clock.now(), contact=row, slot=form.slot, agency=own_agency(self.person)
        )
        dispatch.follow(actor=self.actor, now=clock.now(), contacts=[row])
        self.done(_("The visit is moved to %(slot)s.") % {"slot": words.slot_in_words(form.slot)})
        return self.back()


def _answer(reasons: list[Reason], free: str) -> JsonResponse:
    told = [{"sentence": sentence(one), "source": word(one.source)} for one in reasons]
    refused = _("This does not work")
    return JsonResponse({"free": not told, "word": refused if told else free, "reasons": told})


class DragView(OneVisit):
    """Answers a drag in JSON: whether the visit may stand there, and all reasons against it."""

    http_method_names = ["post"]

    def slot(self) -> Slot | None:
        """The half day that was asked for."""
        day = chosen.read_day(self.request.POST.get("day", ""), date.min)
        part = self.request.POST.get("part", "")
        return Slot(day, DayPart(part)) if day != date.min and part in PARTS else None

    def answer(self, row: Any, slot: Slot) -> HttpResponseBase:
        """What the server says."""
        raise NotImplementedError

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        row, slot = self.visit(), self.slot()
        if slot is None:
            return _answer([Reason("schedule.slot", "This is not a half day of a calendar.")], "")
        return self.answer(row, slot)


class Try(DragView):
    """May the visit stand there? Nothing is written."""

    def answer(self, row: Any, slot: Slot) -> HttpResponseBase:
        return _answer(services.try_move(now=clock.now(), contact=row, slot=slot), _("Free"))


class Drop(DragView):
    """Move it there; what changed meanwhile refuses it."""

    def answer(self, row: Any, slot: Slot) -> HttpResponseBase:
        try:
            services.move(
                actor=self.actor, now=clock.now(), contact=row, slot=slot, agency=own_agency(self.person)
            )
            dispatch.follow(actor=self.actor, now=clock.now(), contacts=[row])
        except Refused as refused:
            return _answer(list(refused.reasons), "")
        return _answer([], _("Moved, and pinned there"))


class PinIt(OneVisit, ActView):
    """The visit stays where it is, whatever else moves."""

    def act(self) -> str:
        because = self.request.POST.get("because", "")
        services.pin(actor=self.actor, now=clock.now(), contact=self.visit(), because=because)
        self.done(_("Pinned: no calendar moves this visit."))
        return self.back()


class Unpin(OneVisit, ActView):
    """The visit may move again."""

    def act(self) -> str:
        services.unpin(actor=self.actor, now=clock.now(), contact=self.visit())
        self.done(_("No longer pinned."))
        return self.back()
