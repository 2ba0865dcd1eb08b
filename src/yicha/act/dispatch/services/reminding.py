"""What time brings: reminders before a visit, and of papers that are late."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import NamedTuple

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet
from django.utils import translation

from yicha.act.dispatch.models import Dispatch, Reminder
from yicha.act.dispatch.queries import dispatches as queries
from yicha.act.dispatch.services import telling
from yicha.act.dispatch.services.approving import list_given
from yicha.act.dispatch.services.holding import Numbers, is_living, read_facts
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
    """Remind enterprises and officers of visits that are near, and agencies of what is due; each once.

    Agencies on the last working day in time, or when it is late. Called as often as one likes: what was said is kept in
    the same transaction. An unannounced visit is not told to its enterprise. Officers of whose visit something else has
    become are told that, too (`take_back`); and the lead, when an enterprise does not know of its visit yet. Returns
    how many were sent.
    """
    today = clock.today(now)
    numbers, calendar = Numbers(today), workdays.get_calendar()
    next_day = workdays.find_deadline(today, 1, calendar).on
    last = workdays.find_deadline(today, numbers.largest(REMINDER_DAYS), calendar).on
    near = queries.list_dispatches().filter(
        state__in=_SENT_OUT,
        contact__planned_on__gte=today,
        contact__planned_on__lte=last,
        contact__begun_on=None,
    )
    reminded, rows, late = _hold(_reminded(today), near, queries.list_overdue(next_day))
    back = take_back(now, reminded)
    due = [*_visits(rows, today, numbers, calendar), *_papers(late)]
    known = set(
        Reminder.objects.filter(dispatch__in={one.row.pk for one in due}).values_list(
            "dispatch_id", "of", "audience", "day"
        )
    )
    fresh = [one for one in due if (one.row.pk, one.of.value, one.audience, one.day) not in known]
    with translation.override(settings.LANGUAGE_CODE):
        messages.say_many(now=now, letters=[_write(one, today) for one in fresh])
    Reminder.objects.bulk_create(
        [
            Reminder(dispatch=one.row, of=one.of.value, audience=one.audience, day=one.day, sent_at=now)
            for one in fresh
        ],
        batch_size=1000,
    )
    return back + len(fresh)


def _hold(*found: QuerySet[Dispatch]) -> list[list[Dispatch]]:
    """Rows of several lists, all held in one order: whoever holds many of them holds them in this one too."""
    wanted = set().union(*(rows.order_by().values_list("pk", flat=True) for rows in found))
    held = Dispatch.objects.filter(pk__in=wanted).select_for_update().order_by("pk")
    ids = list(held.values_list("pk", flat=True))
    return [list(rows.filter(pk__in=ids).order_by("pk")) for rows in found]


def take_back(now: datetime, rows: Sequence[Dispatch]) -> int:
    """Tell officers who were reminded of visits that they do not make on that day any more; the rows are held.

    The reminder is forgotten with it: whoever is put back is reminded anew. Returns how many were told.
    """
    reminded = Reminder.objects.filter(
        dispatch__in={row.pk for row in rows},
        of=ReminderOf.VISIT.value,
        audience__startswith="officer:",
        day__gte=clock.today(now),
    ).order_by("pk")
    kept = list(reminded)
    if not kept:
        return 0
    by_id = {row.pk: row for row in rows}
    facts = {row.pk: one for one, row in _with_facts([by_id[pk] for pk in {one.dispatch_id for one in kept}])}
    gone = [one for one in kept if not _goes(one, by_id[one.dispatch_id], facts[one.dispatch_id])]
    with translation.override(settings.LANGUAGE_CODE):
        letters = [telling.take_back(by_id[one.dispatch_id], one.audience, one.day) for one in gone]
        messages.say_many(now=now, letters=letters)
    Reminder.objects.filter(pk__in=[one.pk for one in gone]).delete()
    return len(gone)


def _goes(one: Reminder, row: Dispatch, visit: VisitFacts) -> bool:
    """Whether the officer still makes the visit on the day that he was reminded of."""
    crew = {f"officer:{officer.certificate}" for officer in visit.officers}
    return is_living(row) and visit.day == one.day and one.audience in crew


def _reminded(today: date) -> QuerySet[Dispatch]:
    """Those of which officers were reminded for today or later."""
    found = Reminder.objects.filter(
        of=ReminderOf.VISIT.value, audience__startswith="officer:", day__gte=today
    )
    return queries.list_dispatches().filter(pk__in=found.values("dispatch"))


def _write(one: _Due, today: date) -> Letter:
    if one.of is ReminderOf.VISIT:
        return telling.remind_of_visit(one.row, one.audience, one.day)
    if one.of is ReminderOf.UNREAD:
        return telling.remind_of_unread(one.row, one.audience, one.day)
    return telling.remind_of_paper(one.row, one.audience, one.of, one.day, is_late=one.day < today)


def _visits(rows: Sequence[Dispatch], today: date, numbers: Numbers, calendar: Calendar) -> list[_Due]:
    """Visits that are no more working days away than the number of their place says; on the day officers alone."""
    found, unread = [], queries.list_unread([row.pk for row in rows])
    for one, row in _with_facts(rows):
        day = one.day
        if day is None or workdays.count_left(today, day, calendar) > numbers.get(REMINDER_DAYS, one.regions):
            continue
        people = [f"officer:{officer.certificate}" for officer in one.officers]
        is_told = row.state == DispatchState.NOTIFIED.value and day > today
        told = [f"enterprise:{one.uscc}"] if is_told else []
        found += [_Due(row, ReminderOf.VISIT, audience, day) for audience in (*told, *people)]
        if is_told and row.pk in unread:
            found.append(_Due(row, ReminderOf.UNREAD, f"agency:{one.lead}", day))
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
