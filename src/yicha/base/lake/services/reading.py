"""Connections that all see the same: one exported snapshot, or the caller's own transaction."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from typing import Any

import psycopg
from django.db import connection
from psycopg import sql

Reader = psycopg.Connection[Any]


@contextmanager
def outside(count: int) -> Iterator[list[Reader]]:
    """Connections of their own, read only, on one exported snapshot: nobody is blocked, whatever it takes."""
    with ExitStack() as stack:
        readers = [stack.enter_context(_connect()) for _ in range(count)]
        exported = readers[0].execute("SELECT pg_export_snapshot()").fetchone()
        for reader in readers[1:]:
            reader.execute(sql.SQL("SET TRANSACTION SNAPSHOT {}").format(exported[0] if exported else ""))
        yield readers
        for reader in readers:
            reader.rollback()


def _connect() -> Reader:
    reader: Reader = psycopg.connect(**connection.get_connection_params())
    reader.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
    reader.read_only = True
    return reader


@contextmanager
def inside(statements: Sequence[str], parameters: Mapping[str, object]) -> Iterator[list[Reader]]:
    """The caller's connection. Below REPEATABLE READ, tables are locked against writers until its transaction ends."""
    connection.ensure_connection()
    reader: Reader = connection.connection
    level = reader.execute("SHOW transaction_isolation").fetchone()
    if level is None or level[0] not in {"repeatable read", "serializable"}:
        tables = set().union(*(_relations(reader, one, parameters) for one in statements))
        for schema, table in sorted(tables):
            reader.execute(sql.SQL("LOCK TABLE {} IN SHARE MODE").format(sql.Identifier(schema, table)))
    yield [reader]


def _relations(reader: Reader, statement: str, parameters: Mapping[str, object]) -> set[tuple[str, str]]:
    """The tables that PostgreSQL would read for a statement."""
    plan = reader.execute(
        f"EXPLAIN (VERBOSE, FORMAT JSON) {statement}", {**parameters, "first": 0, "last": 0}
    )
    found = plan.fetchone()
    todo: list[Any] = (
        [] if found is None else [found[0] if isinstance(found[0], list) else json.loads(found[0])]
    )
    relations: set[tuple[str, str]] = set()
    while todo:
        node = todo.pop()
        if isinstance(node, list):
            todo.extend(node)
        elif isinstance(node, dict):
            if "Relation Name" in node:
                relations.add((node["Schema"], node["Relation Name"]))
            todo.extend(value for value in node.values() if isinstance(value, dict | list))
    return relations
