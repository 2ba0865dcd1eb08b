"""What time brings: reminders before a visit, and of papers that are late."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from typing import NamedTuple

from django.db import transaction

from yicha.act.dispatch.models import Dispatch, HeadApproval, Reminder
from yicha.act.dispatch.queries import dispatches as queries
from yicha.act.dispatch.services import telling
from yicha.act.dispatch.services.holding import Numbers, read_facts
from yicha.act.dispatch.terms import REMINDER_DAYS, DispatchState, ReminderOf, VisitFacts
from yicha.base.workdays import queries as workdays
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

    Called as often as one likes. An unannounced visit is not told to its enterprise. Returns how many were sent.
    """
    today = clock.today(now)
    near = queries.list_dispatches().filter(state__in=_SENT_OUT, contact__planned_on__gt=today)
    rows = list(near.select_for_update(of=("self",)).order_by("pk"))
    late = list(queries.list_overdue(today).select_for_update(of=("self",)).order_by("pk"))
    due = [*_visits(rows, today), *_papers(late)]
    known = set(
        Reminder.objects.filter(dispatch__in=[one.row.pk for one in due]).values_list(
            "dispatch_id", "of", "audience", "day"
        )
    )
    fresh = [one for one in due if (one.row.pk, one.of.value, one.audience, one.day) not in known]
    for one in fresh:
        if one.of is ReminderOf.VISIT:
            telling.remind_of_visit(now, one.row, one.audience, one.day)
        else:
            agency = one.audience.removeprefix("agency:")
            telling.remind_of_paper(now, one.row, agency, one.of.value, one.day)
    Reminder.objects.bulk_create(
        [
            Reminder(dispatch=one.row, of=one.of.value, audience=one.audience, day=one.day, sent_at=now)
            for one in fresh
        ],
        batch_size=1000,
    )
    return len(fresh)


def _visits(rows: Iterable[Dispatch], today: date) -> list[_Due]:
    """Visits that are no more working days away than the number of their place says."""
    numbers, calendar = Numbers(today), workdays.get_calendar()
    found = []
    for one, row in _with_facts(rows):
        day = one.day
        if day is None or workdays.count_left(today, day, calendar) > numbers.get(REMINDER_DAYS, one.regions):
            continue
        people = [f"officer:{officer.certificate}" for officer in one.officers]
        told = [f"enterprise:{one.uscc}"] if row.state == DispatchState.NOTIFIED.value else []
        found += [_Due(row, ReminderOf.VISIT, audience, day) for audience in (*told, *people)]
    return found


def _papers(rows: Iterable[Dispatch]) -> list[_Due]:
    """Approvals to the agencies whose heads have not given them; notices to the lead."""
    found = []
    for one, row in _with_facts(rows):
        if row.state == DispatchState.APPROVED.value:
            found.append(_Due(row, ReminderOf.NOTICE, f"agency:{one.lead}", row.notice_due_on))
            continue
        given = set(HeadApproval.objects.filter(dispatch=row).values_list("agency__code", flat=True))
        found += [
            _Due(row, ReminderOf.APPROVAL, f"agency:{agency}", row.approval_due_on)
            for agency in one.agencies
            if agency not in given
        ]
    return found


def _with_facts(rows: Iterable[Dispatch]) -> list[tuple[VisitFacts, Dispatch]]:
    known = list(rows)
    facts = read_facts(known)
    return [(facts[row.contact_id], row) for row in known]
