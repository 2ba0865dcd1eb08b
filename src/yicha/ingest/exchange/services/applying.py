"""Applying what a check found, and undoing it: each one transaction, all or nothing."""

# ruff: noqa: S608 - names in statements come from code, never from a file
from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db import IntegrityError, connection, transaction

from yicha.base.ledger import services as ledger
from yicha.ingest.exchange import queries
from yicha.ingest.exchange.models import Import
from yicha.ingest.exchange.rules import statements
from yicha.ingest.exchange.services.bulk import suspended_indexes
from yicha.ingest.exchange.services.checking import OnProgress
from yicha.ingest.exchange.services.receiving import drop_file, drop_staging
from yicha.ingest.exchange.terms import (
    IMPORT_STEPS,
    Aftermath,
    ImportKind,
    ImportState,
    Prepared,
    Target,
)
from yicha.kernel.refusal import Reason, Refused

_LATER = "SELECT key, before FROM import_changed"
_BOTH = f"SELECT key, NULL::jsonb AS before FROM import_fresh UNION ALL {_LATER}"
_HAND_BACK = (
    "UPDATE exchange_importedrow i SET version = c.version FROM import_undone u JOIN ({current}) c ON c.id = u.id "
    "WHERE i.target = u.id AND i.version = u.before->>'version' "
    "AND i.source_id IN (SELECT id FROM exchange_import WHERE kind = %s AND state = %s)"
)
"""Rows that are again as an earlier import left them belong to it again: it can be undone next."""
_TOUCHED_BY = "SELECT key FROM exchange_importedrow WHERE source_id = "
NAMED = 20
"""Rows that a refusal names."""


@transaction.atomic
def apply(
    entry: Import, *, actor: str, now: datetime, on_progress: OnProgress = lambda share: None
) -> Import:
    """Put the checked rows into the register. What is done is exactly what the check showed, or nothing.

    Raises `Refused` if the register has changed since so that other rows would be new or changed, or if the
    checked rows are gone (the database crashed): check again.
    """
    entry = Import.objects.select_for_update().get(pk=entry.pk)
    entry.state = IMPORT_STEPS.after(ImportState(entry.state), "apply").value
    kind = queries.get_kind(entry.kind)
    prepared = kind.prepare(entry.columns)
    if not queries.has_staging(entry):
        raise _stale()
    _lock(prepared.target)
    on_progress(0.05)
    new, changed, waiting = _divide(entry, kind, prepared)
    if (new, changed, waiting - new - changed) != (entry.rows_new, entry.rows_changed, entry.rows_unchanged):
        raise _stale()
    on_progress(0.1)
    with suspended_indexes(prepared.target.table, new):
        if new:
            _insert(entry, prepared.target, kind.key)
        on_progress(0.5)
        _run(prepared.target.update if changed else (), entry.staging)
        on_progress(0.6)
    on_progress(0.9)
    _remember(entry, prepared.target, kind.key)
    if new or changed:
        _find_concerned(kind, prepared.target, f"{_TOUCHED_BY}{entry.pk}")
        _tell_owner(kind, entry, actor, now, "apply")
    drop_staging(entry)
    if not entry.rows_rejected:
        drop_file(entry)  # with rejected rows it is still needed for the error workbook
    entry.applied_at, entry.applied_by = now, actor
    entry.save()
    _record("import.applied", entry, actor, now)
    return entry


def _lock(target: Target) -> None:
    """Readers go on, writers wait. In the order of `locks`, always."""
    with connection.cursor() as cursor:
        for table in target.locks:
            cursor.execute(f"LOCK TABLE {table} IN SHARE ROW EXCLUSIVE MODE")
        cursor.execute("SET LOCAL work_mem = '128MB'; SET LOCAL jit = off")


def _divide(entry: Import, kind: ImportKind, prepared: Prepared) -> tuple[int, int, int]:
    """Make the tables of new and of changed rows; returns how many there are of both, and of staged rows."""
    current, fields = prepared.target.current, prepared.fields
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS import_fresh, import_changed, import_undone")
        cursor.execute(f"SELECT count(*) FROM {entry.staging}")
        waiting = int(cursor.fetchone()[0])
        cursor.execute(statements.make_fresh(entry.staging, current, kind.key))
        new = int(cursor.rowcount)
        changed = 0
        cursor.execute(
            statements.make_changed(entry.staging, current, kind.key, fields)
            if new < waiting
            else statements.make_no_changes()
        )
        changed = int(cursor.rowcount) if new < waiting else 0
        cursor.execute("ANALYZE import_fresh; ANALYZE import_changed")
    return new, changed, waiting


def _run(texts: Sequence[str], staging: str = "") -> None:
    places = {
        "staging": staging,
        "fresh": "import_fresh",
        "changed": "import_changed",
        "undone": "import_undone",
    }
    with connection.cursor() as cursor:
        for text in texts:
            for place, table in places.items():
                text = text.replace("{" + place + "}", table)
            cursor.execute(text)


def _insert(entry: Import, target: Target, key: str) -> None:
    """Insert the new rows; those of a plain target are remembered on the way, without another pass."""
    if not target.plain:
        _run(target.insert, entry.staging)
        return
    (insert,) = target.insert
    returning = f"{insert} RETURNING id, {key} AS key, xmin::text AS version"
    _run(
        [
            f"WITH fresh AS ({returning}) INSERT INTO exchange_importedrow (source_id, key, target, version) "
            f"SELECT {entry.pk}, key, id, version FROM fresh"
        ],
        entry.staging,
    )


def _remember(entry: Import, target: Target, key: str) -> None:
    """Keep of every row what it was and which version it has now."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO exchange_importedrow (source_id, key, target, before, version) "
            f"SELECT %s, d.key, c.id, d.before, c.version FROM "
            f"({_LATER if target.plain else _BOTH}) d "
            f"JOIN ({target.current}) c ON c.{key} = d.key",
            [entry.pk],
        )


@transaction.atomic
def undo(entry: Import, *, actor: str, now: datetime) -> Import:
    """Put every row back to what it was and remove those that were new.

    Raises `Refused`, naming rows, if one of them has another version by now, is gone, or is referred to.
    """
    entry = Import.objects.select_for_update().get(pk=entry.pk)
    entry.state = IMPORT_STEPS.after(ImportState(entry.state), "undo").value
    kind = queries.get_kind(entry.kind)
    target = kind.prepare(entry.columns).target
    _lock(target)
    _refuse_touched(entry, target)
    _refuse_referred(entry, target)
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS import_fresh, import_changed, import_undone")
        cursor.execute(
            "CREATE TEMPORARY TABLE import_undone ON COMMIT DROP AS "
            "SELECT key, target AS id, before FROM exchange_importedrow WHERE source_id = %s",
            [entry.pk],
        )
        cursor.execute("ANALYZE import_undone")
    _find_concerned(kind, target, "SELECT key FROM import_undone")  # while the rows are there
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            _run([*target.restore, *target.remove])
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED")
            cursor.execute("DELETE FROM exchange_importedrow WHERE source_id = %s", [entry.pk])
            cursor.execute(
                _HAND_BACK.replace("{current}", target.current), [entry.kind, ImportState.APPLIED.value]
            )
    except IntegrityError as error:
        raise _in_use(str(error).partition("DETAIL:")[2].strip() or str(error)) from error
    _tell_owner(kind, entry, actor, now, "undo")
    entry.undone_at, entry.undone_by = now, actor
    entry.save()
    _record("import.undone", entry, actor, now)
    return entry


def _find_concerned(kind: ImportKind, target: Target, touched: str) -> None:
    """Write down what hangs on the touched rows, for whoever wants to be told."""
    if kind.after is None:
        return
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS import_concerned")
        cursor.execute(
            "CREATE TEMPORARY TABLE import_concerned ON COMMIT DROP AS "
            + target.concerns.replace("{touched}", f"({touched})")
        )


def _tell_owner(kind: ImportKind, entry: Import, actor: str, now: datetime, act: str) -> None:
    if kind.after is not None:
        subject = f"import:{entry.uuid}"
        kind.after(Aftermath(actor, now, act, subject, "SELECT id FROM import_concerned"))


def _refuse_touched(entry: Import, target: Target) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT count(*), (array_agg(i.key ORDER BY i.key))[1:{NAMED}] FROM exchange_importedrow i "
            f"LEFT JOIN ({target.current}) c ON c.id = i.target "
            f"WHERE i.source_id = %s AND c.version IS DISTINCT FROM i.version",
            [entry.pk],
        )
        count, keys = cursor.fetchone()
    if count:
        raise Refused(
            [
                Reason(
                    "import.touched-since",
                    "%(count)s rows were changed by something else since, so this import cannot be undone: %(rows)s.",
                    facts={"count": count, "rows": _named(keys, count)},
                )
            ]
        )


def _refuse_referred(entry: Import, target: Target) -> None:
    """Name the new rows that other tables refer to: they cannot be taken away."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT conrelid::regclass::text, attname FROM pg_constraint "
            "JOIN pg_attribute ON attrelid = conrelid AND attnum = conkey[1] "
            "WHERE contype = 'f' AND confrelid = %s::regclass",
            [target.table],
        )
        for table, column in cursor.fetchall():
            if table in target.owned:
                continue
            cursor.execute(
                f"SELECT count(*), (array_agg(key ORDER BY key))[1:{NAMED}] FROM (SELECT DISTINCT i.key "
                f'FROM exchange_importedrow i JOIN {table} r ON r."{column}" = i.target '
                f"WHERE i.source_id = %s AND i.before IS NULL) found",
                [entry.pk],
            )
            count, keys = cursor.fetchone()
            if count:
                raise _in_use(_named(keys, count))


def _named(keys: Sequence[str], count: int) -> str:
    return ", ".join(keys) + (" …" if count > len(keys) else "")


def _in_use(rows: str) -> Refused:
    return Refused(
        [
            Reason(
                "import.in-use",
                "Rows that this import brought are in use by now, so it cannot be undone: %(rows)s.",
                facts={"rows": rows[:500]},
            )
        ]
    )


def _stale() -> Refused:
    return Refused(
        [
            Reason(
                "import.check-again",
                "The register has changed since the check, or its result is gone: check again.",
            )
        ]
    )


def _record(act: str, entry: Import, actor: str, now: datetime) -> None:
    """No cell of the file stands in the ledger: only what was done with which file."""
    body = {
        "kind": entry.kind,
        "file": entry.file_name,
        "sha256": entry.file_hash,
        "rows": entry.rows,
        "new": entry.rows_new,
        "changed": entry.rows_changed,
        "unchanged": entry.rows_unchanged,
        "rejected": entry.rows_rejected,
    }
    ledger.append(actor=actor, now=now, act=act, subject=f"import:{entry.uuid}", body=body)
