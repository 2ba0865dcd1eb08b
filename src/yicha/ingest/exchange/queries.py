"""Reading imports: kinds, imports, what a check found."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import Q, QuerySet, Subquery

from yicha.base.accounts.terms import Scope
from yicha.ingest.exchange.models import (
    Event,
    EventReader,
    HeaderMapping,
    Import,
    ImportProgress,
    RejectedRow,
)
from yicha.ingest.exchange.rules import headers as header_rules
from yicha.ingest.exchange.rules import statements
from yicha.ingest.exchange.terms import CellProblem, ImportKind, ImportState, Layout, NoteCount
from yicha.kernel.refusal import NotFound, Reason

KINDS: dict[str, ImportKind] = {}
"""Kinds by name; the apps' `intake.py` fill it through `services.register`."""


def list_kinds() -> tuple[ImportKind, ...]:
    """All kinds, in the order in which their apps declared them."""
    return tuple(KINDS.values())


def find_kind(name: str) -> ImportKind | None:
    return KINDS.get(name)


def get_kind(name: str) -> ImportKind:
    """A kind by name; raises `NotFound`."""
    if name not in KINDS:
        raise NotFound
    return KINDS[name]


def list_imports() -> QuerySet[Import]:
    """Imports, the latest first."""
    return Import.objects.all()


def find_import(uuid: UUID) -> Import | None:
    return Import.objects.filter(uuid=uuid).first()


def find_applied(kind: str, file_hash: str) -> Import | None:
    """The last import of a file that is applied and did something."""
    applied = Import.objects.filter(kind=kind, file_hash=file_hash, state=ImportState.APPLIED.value)
    return applied.exclude(rows_new=0, rows_changed=0).first()


def find_mapping(kind: str, headers: Sequence[str]) -> dict[str, str]:
    """What was remembered for a set of headers; empty if nothing."""
    found = HeaderMapping.objects.filter(kind=kind, fingerprint=header_rules.fingerprint(headers)).first()
    return dict(found.mapping) if found else {}


def find_named_mapping(kind: str, name: str) -> dict[str, str] | None:
    """A remembered mapping by its name."""
    found = HeaderMapping.objects.filter(kind=kind, name=name).first()
    return dict(found.mapping) if found else None


def lay_out(kind: ImportKind, headers: Sequence[str], mapping: dict[str, str]) -> Layout | list[Reason]:
    """Which header would be which column."""
    return header_rules.lay_out(kind, headers, mapping)


def suggest(kind: ImportKind, headers: Sequence[str], mapping: dict[str, str]) -> list[tuple[str, str]]:
    """For each header the column that it is taken for, or nothing: what a mapping form starts with."""
    known = header_rules.known_headers(kind)
    return [
        (header, mapping.get(header, known.get(header_rules.normalise(header), "")))
        for header in headers
        if header
    ]


def find_progress(entry: Import) -> ImportProgress | None:
    """How far a job is that works on an import; None if there never was one."""
    return ImportProgress.objects.filter(source=entry).first()


def failure_of(progress: ImportProgress) -> list[Reason]:
    """Why the last job ended badly."""
    return [read_reason(data) for data in progress.failure]


def list_scopes(entry: Import) -> list[Scope]:
    """Where the rows of a checked file belong: who applies them must be allowed to import there."""
    kind = get_kind(entry.kind)
    prepared = kind.prepare(entry.columns)
    if not prepared.scopes or not has_staging(entry):
        return []
    sql = prepared.scopes.replace("{staging}", entry.staging)
    return [
        Scope(agencies=frozenset({agency}) if agency else None, region=region, zone=zone)
        for agency, region, zone in _rows(sql, [])
    ]


def list_rejected(entry: Import) -> QuerySet[RejectedRow]:
    """Rejected rows in the order of the file."""
    return RejectedRow.objects.filter(source=entry).order_by("row_no")


def problems_of(row: RejectedRow) -> list[CellProblem]:
    """Why a row was rejected, cell by cell."""
    return [CellProblem(data["column"], data["value"], read_reason(data)) for data in row.problems]


def notes_of(entry: Import) -> list[NoteCount]:
    """What was put right in a file."""
    return [NoteCount(**{**data, "rows": tuple(data["rows"])}) for data in entry.notes]


def remarks_of(entry: Import) -> list[Reason]:
    """Why a file was refused, or what of it was left out."""
    return [read_reason(data) for data in entry.remarks]


def read_reason(data: dict[str, Any]) -> Reason:
    """A stored reason."""
    return Reason(
        data["code"], data["sentence"], data.get("source", ""), data.get("facts", {}), data.get("field", "")
    )


@dataclass(frozen=True, slots=True)
class RowChange:
    """A row that would be new (`before` is None) or would change. Values by field; only those that differ."""

    row_no: int
    key: str
    before: dict[str, Any] | None
    after: dict[str, Any]


def has_staging(entry: Import) -> bool:
    """Whether the checked rows of a file still wait (a crash of the database empties them, applying drops them)."""
    if not entry.staging:
        return False
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_regclass(%s) IS NOT NULL", [entry.staging])
        return bool(cursor.fetchone()[0])


def list_changes(entry: Import, limit: int = 50, offset: int = 0) -> list[RowChange]:
    """Rows that would change, with the cells that differ. Foreign keys come as ids."""
    kind, prepared = get_kind(entry.kind), get_kind(entry.kind).prepare(entry.columns)
    if entry.state != ImportState.CHECKED.value or not has_staging(entry):
        return []
    sql = statements.list_changes(entry.staging, prepared.target.current, kind.key, prepared.fields)
    return [
        RowChange(number, key, *_differing(_loaded(before), _loaded(after)))
        for number, key, before, after in _rows(sql, [limit, offset])
    ]


def list_fresh(entry: Import, limit: int = 50, offset: int = 0) -> list[RowChange]:
    """Rows that would be new."""
    kind, prepared = get_kind(entry.kind), get_kind(entry.kind).prepare(entry.columns)
    if entry.state != ImportState.CHECKED.value or not has_staging(entry):
        return []
    sql = statements.list_fresh(entry.staging, prepared.target.current, kind.key, prepared.fields)
    return [
        RowChange(number, key, None, _loaded(after)) for number, key, after in _rows(sql, [limit, offset])
    ]


def _rows(sql: str, parameters: list[Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        found: list[tuple[Any, ...]] = cursor.fetchall()
        return found


def _loaded(value: Any) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads(value) if isinstance(value, str) else value
    return loaded


def _differing(before: dict[str, Any], after: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    names = [name for name in after if before.get(name) != after[name]]
    return {name: before.get(name) for name in names}, {name: after[name] for name in names}


def list_events(after: int = 0, limit: int = 100) -> list[Event]:
    """What was told after an event (its id; 0: from the beginning), in order, as far as the order is final.

    Final is what lies below the oldest transaction that is still running: nothing can come in behind it any more.
    So whoever keeps asking from the last event that was seen misses none and gets none twice. Without such an event
    there is nothing after it.
    """
    return list(_final().filter(_beyond(after)).order_by("transaction", "id")[:limit])


def is_readable(event: int) -> bool:
    """Whether there is such an event and its place in the order is final."""
    return _final().filter(pk=event).exists()


def is_beyond(event: int, other: int) -> bool:
    """Whether an event comes after another; every event comes after the beginning (0)."""
    return Event.objects.filter(_beyond(other), pk=event).exists()


def find_event(event: int) -> Event | None:
    """An event by its id."""
    return Event.objects.filter(pk=event).first()


def find_last_event(type: str, subject: str) -> Event | None:
    """The last thing of a type that was told of a subject."""
    return Event.objects.filter(type=type, subject=subject).order_by("-transaction", "-id").first()


def list_readers() -> QuerySet[EventReader]:
    """The systems that read events, as far as they have said how far they are."""
    return EventReader.objects.order_by("client")


def list_readers_behind(event: Event) -> QuerySet[EventReader]:
    """Systems that read events and have not taken this one over yet."""
    taken = Event.objects.filter(_beyond(event.pk) | Q(pk=event.pk))
    return list_readers().exclude(cursor__in=taken.values("pk"))


_OLDEST_RUNNING = """
    WITH n AS (SELECT pg_snapshot_xmax(pg_current_snapshot())::text::bigint AS next),
        a AS (
            SELECT usesysid, query, (n.next - backend_xid::text::bigint) & 4294967295 AS behind
            FROM pg_stat_activity, n WHERE datname = current_database()
        )
    SELECT CASE
        WHEN (SELECT bool_or(usesysid IS NOT NULL AND query = '<insufficient privilege>') FROM a)
            THEN pg_snapshot_xmin(pg_current_snapshot())::text::bigint
        ELSE n.next - coalesce((SELECT max(behind) FROM a WHERE behind < 2147483648), 0)
    END FROM n
"""
"""The number of the oldest transaction that still runs in this database; without any, of the next.

Others' databases in the same cluster do not hold the feed up, unless people work in this one whose transactions this
user may not see: then all of them count. Numbers of running transactions are given without their upper half.
"""


def _final() -> QuerySet[Event]:
    """What lies below the oldest running transaction; that is asked first, and what is read is seen later."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_stat_clear_snapshot()")  # else what this transaction saw of others before
        cursor.execute(_OLDEST_RUNNING)
        (oldest,) = cursor.fetchone()
    return Event.objects.filter(transaction__lt=oldest)


def _beyond(event: int) -> Q:
    """What comes after an event in the order (transaction, id)."""
    if not event:
        return Q()
    transaction = Event.objects.filter(pk=event).values("transaction")
    return Q(transaction__gt=Subquery(transaction)) | Q(transaction=Subquery(transaction), pk__gt=event)
