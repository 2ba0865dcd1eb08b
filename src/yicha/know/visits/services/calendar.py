"""The days of planned visits: put on another half day, or given up."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime

from django.db import connection, transaction

from yicha.base.ledger import services as ledger
from yicha.base.ledger.terms import JSON
from yicha.kernel.refusal import Reason, Refused, refuse_if
from yicha.know.registry.terms import DayPart
from yicha.know.visits import rules
from yicha.know.visits.models import Contact
from yicha.know.visits.terms import ContactState


@transaction.atomic
def reschedule(
    *, actor: str, now: datetime, slots: Mapping[int, tuple[date, DayPart]], because: str
) -> list[Contact]:
    """Put planned visits, by their id, on a half day, all or none. One ledger act for each that really moves.

    Refused when one is not planned any more, has begun, or its day lies outside its window. Returns those that moved,
    as they are now.
    """
    found = _lock(slots)
    _refuse_others(found)
    outside = [row for row in found if not row.window_from <= slots[row.pk][0] <= row.window_to]
    if outside:
        raise Refused([_outside(row, slots[row.pk][0]) for row in outside])
    moved = [row for row in found if (row.planned_on, row.planned_part) != slots[row.pk]]
    acts: list[ledger.Act] = []
    for row in moved:
        day, part = slots[row.pk]
        body: dict[str, JSON] = {"from": _written(row), "to": f"{day.isoformat()} {part}", "because": because}
        acts.append(("visit.rescheduled", f"visit:{row.uuid}", body))
        row.planned_on, row.planned_part = day, part.value
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE visits_contact SET planned_on = new.day, planned_part = new.part "
            "FROM unnest(%s::bigint[], %s::date[], %s::text[]) AS new(id, day, part) WHERE visits_contact.id = new.id",
            [
                [row.pk for row in moved],
                [row.planned_on for row in moved],
                [row.planned_part for row in moved],
            ],
        )
    ledger.append_many(actor=actor, now=now, acts=acts)
    return moved


@transaction.atomic
def set_window(*, contact: Contact, first: date, last: date) -> None:
    """Write on which days a planned visit may be made, after some of its checks left it. The caller records the act."""
    locked = Contact.objects.select_for_update(of=("self",)).get(pk=contact.pk)
    locked.window_from, locked.window_to = first, last
    locked.save(update_fields=["window_from", "window_to"])


@transaction.atomic
def cancel_contacts(*, actor: str, now: datetime, because: Mapping[int, str]) -> list[Contact]:
    """Give up planned visits that have not begun, by their id with the reason of each. One ledger act per visit."""
    found = _lock(because)
    _refuse_others(found)
    for row in found:
        row.state = rules.LIFE.after(ContactState(row.state), "cancel").value
    Contact.objects.bulk_update(found, ["state"], batch_size=1000)
    acts: list[ledger.Act] = [
        ("visit.cancelled", f"visit:{row.uuid}", {"because": because[row.pk]}) for row in found
    ]
    ledger.append_many(actor=actor, now=now, acts=acts)
    return found


def _lock(contacts: Iterable[int]) -> list[Contact]:
    """In the order of their ids, so that two who want the same visits wait for each other and no more."""
    rows = Contact.objects.select_for_update(of=("self",)).filter(pk__in=list(contacts))
    return list(rows.select_related("enterprise").order_by("pk"))


def _refuse_others(found: Sequence[Contact]) -> None:
    gone = [row for row in found if row.state != ContactState.PLANNED]
    begun = [row for row in found if row.state == ContactState.PLANNED and row.begun_on]
    refuse_if(
        Reason(code, sentence, facts={"names": ", ".join(row.enterprise.name for row in rows[:10])})
        for rows, code, sentence in (
            (gone, "visits.not-planned-any-more", "These visits are not planned any more: %(names)s."),
            (begun, "visits.begun", "The officers are there already: %(names)s."),
        )
        if rows
    )


def _outside(row: Contact, day: date) -> Reason:
    return Reason(
        "visits.outside-window",
        "%(name)s: %(day)s lies outside the window from %(first)s to %(last)s.",
        facts={
            "name": row.enterprise.name,
            "day": day.isoformat(),
            "first": row.window_from.isoformat(),
            "last": row.window_to.isoformat(),
        },
    )


def _written(row: Contact) -> str:
    day = row.planned_on.isoformat() if row.planned_on else ""
    return f"{day} {row.planned_part}".strip()
