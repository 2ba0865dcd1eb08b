"""What time brings: reminders before a visit, and of papers that are late."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import NamedTuple

from django.conf import settings
from django.db import transaction
from django.utils import translation

from yicha.act.dispatch.models import Dispatch, Reminder
from yicha.act.dispatch.queries import dispatches as queries
from yicha.act.dispatch.services import telling
from yicha.act.dispatch.services.approving import list_given
from yicha.act.dispatch.services.holding import Numbers, read_facts
from yicha.act.dispatch.terms import REMINDER_DAYS, DispatchState, ReminderOf, VisitFacts
from yicha.base.messages import services as messages
from yicha.base.messages.terms import Letter
from yicha.base.workdays import queries as workdays
from yicha.base.workdays.terms import Calendar
from yicha.kernel import clock

_SENT_OUT = [DispatchState.NOTIFIED.value, DispatchState.READY.value]


class _Due(NamedTuple):
    """Who is to be reminded of what."""

    row: Dispatch
    of: ReminderOf
    audience: str
    day: date


@transaction.atomic
def remind(*, now: datetime) -> int:
    """Remind enterprises and officers of visits that are near, and agencies of what is late; each once.

    Called as often as one likes: what was said is kept in the same transaction. An unannounced visit is not told to
    its enterprise. Returns how many were sent.
    """
    today = clock.today(now)
    numbers, calendar = Numbers(today), workdays.get_calendar()
    last = workdays.find_deadline(today, numbers.largest(REMINDER_DAYS), calendar).on
    near = queries.list_dispatches().filter(
        state__in=_SENT_OUT, contact__planned_on__gt=today, contact__planned_on__lte=last
    )
    rows = list(near.select_for_update(of=("self",)).order_by("pk"))
    late = list(queries.list_overdue(today).select_for_update(of=("self",)).order_by("pk"))
    due = [*_visits(rows, today, numbers, calendar), *_papers(late)]
    known = set(
        Reminder.objects.filter(dispatch__in={one.row.pk for one in due}).values_list(
            "dispatch_id", "of", "audience", "day"
        )
    )
    fresh = [one for one in due if (one.row.pk, one.of.value, one.audience, one.day) not in known]
    with translation.override(settings.LANGUAGE_CODE):
        messages.say_many(now=now, letters=[_write(one) for one in fresh])
    Reminder.objects.bulk_create(
        [
            Reminder(dispatch=one.row, of=one.of.value, audience=one.audience, day=one.day, sent_at=now)
            for one in fresh
        ],
        batch_size=1000,
    )
    return len(fresh)


def _write(one: _Due) -> Letter:
    if one.of is ReminderOf.VISIT:
        return telling.remind_of_visit(one.row, one.audience, one.day)
    return telling.remind_of_paper(one.row, one.audience, one.of, one.day)


def _visits(rows: Sequence[Dispatch], today: date, numbers: Numbers, calendar: Calendar) -> list[_Due]:
    """Visits that are no more working days away than the number of their place says."""
    found = []
    for one, row in _with_facts(rows):
        day = one.day
        if day is None or workdays.count_left(today, day, calendar) > numbers.get(REMINDER_DAYS, one.regions):
            continue
        people = [f"officer:{officer.certificate}" for officer in one.officers]
        told = [f"enterprise:{one.uscc}"] if row.state == DispatchState.NOTIFIED.value else []
        found += [_Due(row, ReminderOf.VISIT, audience, day) for audience in (*told, *people)]
    return found


def _papers(rows: Sequence[Dispatch]) -> list[_Due]:
    """Approvals to the agencies whose heads have not given them; notices to the lead."""
    given, found = list_given(rows), []
    for one, row in _with_facts(rows):
        if row.state == DispatchState.APPROVED.value:
            found.append(_Due(row, ReminderOf.NOTICE, f"agency:{one.lead}", row.notice_due_on))
            continue
        found += [
            _Due(row, ReminderOf.APPROVAL, f"agency:{agency}", row.approval_due_on)
            for agency in one.agencies
            if agency not in given[row.pk]
        ]
    return found


def _with_facts(rows: Sequence[Dispatch]) -> list[tuple[VisitFacts, Dispatch]]:
    facts = read_facts(rows)
    return [(facts[row.contact_id], row) for row in rows]
