"""The SQL of the outbox, as text."""

# ruff: noqa: S608 - statements come from code, never from outside
from __future__ import annotations

SETTLE = (
    "UPDATE exchange_event SET transaction = transaction - 1 - told.latest "
    "FROM (SELECT max(transaction) AS latest FROM exchange_event) told "
    "WHERE told.latest >= pg_snapshot_xmax(pg_current_snapshot())::text::bigint "
    "AND told.latest <> pg_current_xact_id()::text::bigint"
)
"""After a restore into another cluster, whose transactions are counted afresh: what was told comes first.

Events of transactions that this cluster has not seen can only come from another one. Their order stays; their numbers
become negative, so that they lie before everything that will be told. Without such events it finds nothing to do.
"""


def tell(selected: str, at: str = "now()") -> str:
    """Write events: `selected` is a SELECT of (type, subject, data as jsonb), `at` the instant."""
    return (
        "INSERT INTO exchange_event (uuid, type, subject, at, data) "
        f"SELECT gen_random_uuid(), told.type, told.subject, {at}, told.data "
        f"FROM ({selected}) AS told(type, subject, data)"
    )
