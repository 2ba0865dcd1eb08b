"""The outbox: what is told to partners' systems, in the transaction in which it happens; and who has taken it over."""

# ruff: noqa: S608 - statements come from code, never from outside
from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from django.db import connection, transaction

from yicha.ingest.exchange import queries
from yicha.ingest.exchange.models import Event, EventReader
from yicha.kernel.refusal import Reason, Refused

_RESTORED = (
    "SELECT coalesce(max(transaction) >= pg_snapshot_xmax(pg_current_snapshot())::text::bigint, false) "
)
_SETTLE = (
    "UPDATE exchange_event SET transaction = transaction - 1 - (SELECT max(transaction) FROM exchange_event)"
)


def emit(*, now: datetime, type: str, subject: str, data: Mapping[str, object]) -> Event:
    """Tell one thing. The caller holds the transaction in which it happens, and sees to what `data` may hold."""
    _settle()
    return Event.objects.create(type=type, subject=subject, at=now, data=dict(data))


def emit_all(*, now: datetime, type: str, statement: str) -> int:
    """Tell many things at once: a SELECT of (subject, data as jsonb). Returns how many. The caller's as in `emit`."""
    _settle()
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO exchange_event (uuid, type, subject, at, data) "
            f"SELECT gen_random_uuid(), %s, told.subject, %s, told.data FROM ({statement}) AS told(subject, data)",
            [type, now],
        )
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
    """After a restore into another cluster, whose transactions are counted afresh: what was told comes first.

    Events of transactions that this cluster has not seen can only come from another one. Their order stays; their
    numbers become negative, so that they lie before everything that will be told.
    """
    if not connection.in_atomic_block:
        raise transaction.TransactionManagementError(
            "An event is told in the transaction in which it happens."
        )
    with connection.cursor() as cursor:
        cursor.execute(_RESTORED + "FROM exchange_event")
        (restored,) = cursor.fetchone() or (False,)
        if restored:
            cursor.execute(_SETTLE)
