"""First loads: build indexes and foreign keys once at the end, as a restore does, instead of a million times."""

# ruff: noqa: S608 - names in statements come from code, never from a file
from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection

MANY = 50_000
"""New rows from which it is worth it, if they also outnumber what is there."""


@contextmanager
def suspended_indexes(table: str, new: int) -> Iterator[None]:
    """Within the caller's transaction: take indexes and foreign keys of `table` off, and put them back after.

    Only when the new rows are many and more than those already there; until the transaction ends the table is
    then closed to readers too. The primary key stays. Every row is checked when the constraints come back.
    """
    if new < MANY or new < _estimated_rows(table):
        yield
        return
    drop, create = _definitions(table)
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE; SET LOCAL maintenance_work_mem = '512MB'")
        for statement in drop:
            cursor.execute(statement)
    yield
    with connection.cursor() as cursor:
        for statement in create:
            cursor.execute(statement)
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")


def _estimated_rows(table: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM {table}")
        return int(cursor.fetchone()[0])


def _definitions(table: str) -> tuple[list[str], list[str]]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT quote_ident(conname), pg_get_constraintdef(oid) FROM pg_constraint WHERE conrelid = %s::regclass "
            "AND (contype = 'f' OR contype = 'u' AND NOT EXISTS "
            "(SELECT 1 FROM pg_constraint r WHERE r.contype = 'f' AND r.conindid = pg_constraint.conindid "
            "AND r.conrelid <> pg_constraint.conrelid)) ORDER BY contype DESC, conname",
            [table],
        )
        constraints = cursor.fetchall()
        cursor.execute(
            "SELECT indexrelid::regclass::text, pg_get_indexdef(indexrelid) FROM pg_index "
            "WHERE indrelid = %s::regclass "
            "AND NOT EXISTS (SELECT 1 FROM pg_constraint WHERE conindid = indexrelid AND conrelid = indrelid) "
            "ORDER BY indexrelid",
            [table],
        )
        indexes = cursor.fetchall()
    drop = [f"ALTER TABLE {table} DROP CONSTRAINT {name}" for name, _ in constraints]
    drop += [f"DROP INDEX {name}" for name, _ in indexes]
    create = [definition for _, definition in indexes]
    create += [f"ALTER TABLE {table} ADD CONSTRAINT {name} {text}" for name, text in constraints]
    return drop, create
