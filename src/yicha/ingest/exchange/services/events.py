"""The outbox: what is told to partners' systems, in the transaction in which it happens; and who has taken it over."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from django.db import connection, transaction

from yicha.ingest.exchange import queries
from yicha.ingest.exchange.models import Event, EventReader
from yicha.ingest.exchange.rules import events as rules
from yicha.kernel.refusal import Reason, Refused


def emit(*, now: datetime, type: str, subject: str, data: Mapping[str, object]) -> Event:
    """Tell one thing. The caller holds the transaction in which it happens, and sees to what `data` may hold."""
    _settle()
    return Event.objects.create(type=type, subject=subject, at=now, data=dict(data))


def emit_all(*, now: datetime, selected: str) -> int:
    """Tell many things at once: a SELECT of (type, subject, data as jsonb). Returns how many. Else as `emit`."""
    _settle()
    with connection.cursor() as cursor:
        cursor.execute(rules.tell(selected.replace("%", "%%"), "%s"), [now])
        return int(cursor.rowcount)


@transaction.atomic
def acknowledge(*, now: datetime, client: str, cursor: int) -> EventReader:
    """A system (its uuid) has taken over everything up to an event (its id). Going back changes nothing.

    Refused when there is no such event below the oldest running transaction.
    """
    if not queries.is_readable(cursor):
        raise Refused(
            [
                Reason(
                    "events.cursor",
                    "The cursor is not one that the events gave.",
                    "docs/guide/partners.md",
                    at_field="cursor",
                )
            ]
        )
    reader, _ = EventReader.objects.select_for_update().get_or_create(client=client, defaults={"at": now})
    if queries.is_beyond(cursor, reader.cursor):
        reader.cursor, reader.at = cursor, now
        reader.save(update_fields=["cursor", "at"])
    return reader


def _settle() -> None:
    """See `rules.SETTLE`."""
    if not connection.in_atomic_block:
        raise transaction.TransactionManagementError(
            "An event is told in the transaction in which it happens."
        )
    with connection.cursor() as cursor:
        cursor.execute(rules.SETTLE)
