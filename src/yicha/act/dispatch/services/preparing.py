"""Putting planned visits on their way: numbered, with clocks and the one list of papers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from django.db import connection, transaction

from yicha.act.dispatch.models import Dispatch
from yicha.act.dispatch.queries import facts as facts_queries
from yicha.act.dispatch.rules import sending
from yicha.act.dispatch.services.holding import Numbers
from yicha.act.dispatch.terms import (
    HEAD_APPROVAL_DAYS,
    OFFICERS_PER_AGENCY,
    DispatchState,
    VisitFacts,
)
from yicha.base.ledger import services as ledger
from yicha.base.workdays import queries as workdays
from yicha.decide.gate import services as gate
from yicha.kernel import clock
from yicha.kernel.refusal import NotFound, Reason, refuse_if
from yicha.know.visits import queries as visits
from yicha.know.visits import services as visit_services


@transaction.atomic
def prepare(
    *, actor: str, now: datetime, contacts: Iterable[Any], unannounced_because: str | None = None
) -> list[Dispatch]:
    """Put visits (rows of the contact ledger) on their way, all or none; each waits for its agencies' heads then.

    `unannounced_because`: the enterprises get no notice, for this reason; refused where the trigger does not allow it.
    Refused also for a visit that is not planned, on its way already, without a day, without the word of an agency or
    with too few or unfit officers.
    """
    found = _hold(contacts)
    numbers, today = Numbers(clock.today(now)), clock.today(now)
    reasons: list[Reason] = []
    for one in found:
        reasons += sending.check_prepare(one, today, numbers.get(OFFICERS_PER_AGENCY, one.regions))
        if unannounced_because is not None:
            reasons += sending.check_unannounced(one, unannounced_because)
    refuse_if(reasons)
    because = (unannounced_because or "").strip()
    rows = Dispatch.objects.bulk_create(_rows(actor, now, found, numbers, because), batch_size=1000)
    if unannounced_because is not None:
        visit_services.set_unannounced(contacts=[one.contact_id for one in found], unannounced=True)
    acts = [
        (
            "dispatch.prepared",
            f"visit:{one.key}",
            {"number": row.number, "approval_by": row.approval_due_on.isoformat(), "unannounced": because},
        )
        for row, one in zip(rows, found, strict=True)
    ]
    ledger.append_many(actor=actor, now=now, acts=acts)
    return rows


def _hold(contacts: Iterable[Any]) -> list[VisitFacts]:
    wanted = sorted({contact.pk for contact in contacts})
    rows = visits.list_contacts().filter(pk__in=wanted)
    gate.take_turns(rows.order_by().values_list("enterprise_id", flat=True))
    held = list(rows.select_for_update(of=("self",)).order_by("pk").values_list("pk", flat=True))
    if held != wanted:
        raise NotFound
    return sorted(facts_queries.read_visits(held), key=lambda one: (str(one.day), one.key))


def _rows(
    actor: str, now: datetime, found: Sequence[VisitFacts], numbers: Numbers, because: str
) -> list[Dispatch]:
    today, calendar = clock.today(now), workdays.get_calendar()
    given = _take_numbers(found)
    rows = []
    for one, number in zip(found, given, strict=True):
        assert one.day is not None  # `check_prepare` refuses a visit without one
        days = numbers.get(HEAD_APPROVAL_DAYS, one.regions)
        rows.append(
            Dispatch(
                contact_id=one.contact_id,
                number=number,
                state=DispatchState.PREPARED.value,
                prepared_by=actor,
                prepared_at=now,
                approval_due_on=workdays.find_deadline(today, days, calendar).on,
                notice_due_on=sending.notice_due_on(one.day, numbers.notice_days(one)),
                unannounced_because=because,
                papers=sending.merge_papers(item.papers for item in one.items),
            )
        )
    return rows


def _take_numbers(found: Sequence[VisitFacts]) -> list[str]:
    """A running number for each, of its round or else of its year; who comes at the same time waits."""
    series = [one.round or str(one.day.year if one.day else "") for one in found]
    last: Counter[str] = Counter()
    for name in sorted(set(series)):
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"dispatch {name}"])
        last[name] = Dispatch.objects.filter(number__startswith=f"{name}-").count()
    numbers = []
    for name in series:
        last[name] += 1
        numbers.append(f"{name}-{last[name]:04d}")
    return numbers
