"""An officer's days: visits, the day sheet, the calendar behind a secret address."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import segno
from django.conf import settings
from django.db.models import Q
from django.utils import translation
from django.utils.translation import gettext as _

from yicha.act.dispatch.models import Dispatch, Feed
from yicha.act.dispatch.queries import dispatches, facts
from yicha.act.dispatch.rules import ics
from yicha.act.dispatch.terms import CalendarEvent, DispatchState, EventState, VisitFacts
from yicha.base.accounts import queries as accounts
from yicha.base.documents import services as documents
from yicha.decide.gate import queries as gate
from yicha.decide.gate.terms import ApplicationState
from yicha.kernel import clock
from yicha.know.visits import queries as visits
from yicha.know.visits.terms import ContactState

BEHIND, AHEAD = timedelta(days=31), timedelta(days=366)
"""So far back and ahead a calendar feed reaches."""
_FIXED = {DispatchState.APPROVED.value, DispatchState.NOTIFIED.value, DispatchState.READY.value}


@dataclass(frozen=True)
class DayVisit:
    """A visit on an officer's day. `dispatch` None: it is planned, and not on its way yet."""

    facts: VisitFacts
    contact: Any
    dispatch: Dispatch | None

    @property
    def is_fixed(self) -> bool:
        """Whether every agency's head has approved it."""
        return self.dispatch is not None and self.dispatch.state in _FIXED


def list_visits_of(officer: Any, first: date, last: date) -> list[DayVisit]:
    """What an officer does from a day to another, planned and made: by day, half of the day and place."""
    return _list_in(officer, first, last, [ContactState.PLANNED.value, ContactState.MADE.value])


def _list_in(officer: Any, first: date, last: date, states: Sequence[str]) -> list[DayVisit]:
    named = Q(
        applications__officers__contains=[officer.certificate],
        applications__state__in=[ApplicationState.GRANTED.value, ApplicationState.PAPERS_DUE.value],
    )
    found = visits.list_contacts().filter(
        Q(visit_officers__officer=officer) | named, planned_on__range=(first, last), state__in=states
    )
    rows = {row.pk: row for row in found.order_by("pk").distinct()}
    living = {row.contact_id: row for row in dispatches.list_living().filter(contact__in=rows)}
    shown = [
        DayVisit(one, rows[one.contact_id], living.get(one.contact_id)) for one in facts.read_visits(rows)
    ]
    return sorted(
        shown, key=lambda one: (one.facts.day or date.max, one.facts.part, one.facts.regions, one.facts.key)
    )


def find_feed_officer(secret: str) -> Any | None:
    """Whose calendar a secret opens; None for every other text.

    Who has left has no calendar: neither who is out of service, nor who may not sign in any more.
    """
    found = Feed.objects.select_related("officer__agency").filter(digest=digest_of(secret)).first()
    if found is None or not found.officer.active or not accounts.has_active_user(found.officer.certificate):
        return None
    return found.officer


def find_feed(officer: Any) -> Feed | None:
    """The feed of an officer, if there is one."""
    return Feed.objects.filter(officer_id=officer.pk).first()


def digest_of(secret: str) -> str:
    """What is kept of a secret: 256 random bits of ours, so that a fast hash is enough."""
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()


def write_feed(officer: Any, now: datetime, count_acts: Callable[[Sequence[str]], Mapping[str, int]]) -> str:
    """An officer's calendar as a file: enterprise, address, time, names of items, certificates of who goes along.

    Of a visit without notice only its time and number: calendars lie with telephones' makers. One that was given up
    stays as cancelled, so that programs that keep what they once read take it away.

    `count_acts` counts what was done about subjects (`visit:<uuid>`): a number that rises with every change.
    """
    today = clock.today(now)
    with translation.override(settings.LANGUAGE_CODE):
        states = [ContactState.PLANNED.value, ContactState.MADE.value, ContactState.CANCELLED.value]
        shown = _list_in(officer, today - BEHIND, today + AHEAD, states)
        sequences = count_acts([f"visit:{one.facts.key}" for one in shown])
        events = [_event(one, officer, sequences.get(f"visit:{one.facts.key}", 0)) for one in shown]
        return ics.write_calendar(
            _("Visits of %(certificate)s") % {"certificate": officer.certificate}, events, now
        )


def _event(one: DayVisit, officer: Any, sequence: int) -> CalendarEvent:
    visit, is_hidden = one.facts, one.contact.unannounced and one.contact.state != ContactState.MADE.value
    assert visit.day is not None  # they were found by their day
    begins, ends = ics.hours_of(visit.day, visit.part, clock.BEIJING)
    others = [row.certificate for row in visit.officers if row.certificate != officer.certificate]
    number = [_("Number: %(number)s") % {"number": one.dispatch.number}] if one.dispatch else []
    lines = [
        _("Items: %(items)s") % {"items": "；".join(item.name for item in visit.items)},
        _("With: %(certificates)s") % {"certificates": "、".join(others)},
    ]
    return CalendarEvent(
        uid=f"{visit.key}@yicha",
        begins_at=begins,
        ends_at=ends,
        title=_("Visit without notice") if is_hidden else visit.enterprise,
        place="" if is_hidden else visit.address,
        text="\n".join([*number, *([_("See your day sheet.")] if is_hidden else lines)]),
        state=_state_of(one),
        sequence=sequence,
    )


def _state_of(one: DayVisit) -> EventState:
    if one.contact.state == ContactState.CANCELLED.value:
        return EventState.CANCELLED
    is_sure = one.is_fixed or one.contact.state == ContactState.MADE.value
    return EventState.CONFIRMED if is_sure else EventState.TENTATIVE


def draw_codes(shown: Sequence[DayVisit]) -> dict[str, str]:
    """The visit codes of a day as drawings by name (`code0`, …), for the visits that have one."""
    found = {}
    for number, one in enumerate(shown):
        code = gate.find_live_code(one.contact)
        if code is not None:
            address = f"{settings.YICHA.url}/code/#{code.token}"
            found[f"code{number}"] = documents.draw_code(segno.make(address, error="l", micro=False))
    return found
