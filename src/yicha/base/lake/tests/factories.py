"""Two tables with a key in common, as an app of ours would have them."""

from __future__ import annotations

from typing import Any

from django.db import connection

from yicha.base.lake import services
from yicha.base.lake.models import Snapshot
from yicha.base.lake.terms import Column, ColumnType, TableSpec
from yicha.kernel import clock

FIRMS = TableSpec(
    "firms",
    (
        Column("id", ColumnType.BIGINT),
        Column("name", ColumnType.VARCHAR),
        Column("size", ColumnType.INTEGER),
        Column("is_open", ColumnType.BOOLEAN),
    ),
    "SELECT id, name, size, is_open FROM lake_firm WHERE id BETWEEN %(first)s AND %(last)s ORDER BY id",
)
NOTES = TableSpec(
    "notes",
    (
        Column("firm", ColumnType.BIGINT),
        Column("words", ColumnType.VARCHAR),
        Column("level", ColumnType.SMALLINT),
    ),
    "SELECT firm, words, level FROM lake_note WHERE firm BETWEEN %(first)s AND %(last)s "
    "AND level < %(below)s AND coalesce(words, '') NOT LIKE 'x%%' ORDER BY firm, level",
)
KEYS = "SELECT id FROM lake_firm"
FIRMS_THERE_ARE = 100
MAKE = """
CREATE {kind} TABLE lake_firm (id bigint PRIMARY KEY, name text, size int, is_open boolean);
CREATE {kind} TABLE lake_note (firm bigint, words text, level smallint);
INSERT INTO lake_firm SELECT n * n, '企业' || n, nullif(n % 7, 3), n % 2 = 0 FROM generate_series(1, 100) AS n;
INSERT INTO lake_note SELECT n * n, CASE k WHEN 0 THEN 'note ' || n WHEN 1 THEN '' END, k
FROM generate_series(1, 100) AS n, generate_series(0, n % 4) AS k
"""
"""Keys with gaps that grow; of firm n² there are 1 + n % 4 notes, of which the words of the second are empty."""


def make_tables(kind: str = "TEMP") -> None:
    """A hundred firms and their notes. `kind`: TEMP, or nothing for tables that other connections see."""
    with connection.cursor() as cursor:
        cursor.execute(MAKE.format(kind=kind))


def drop_tables() -> None:
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE lake_firm, lake_note")


def take(**other: Any) -> Snapshot:
    """A snapshot of both tables in four parts."""
    asked = {
        "actor": "test",
        "now": clock.now(),
        "name": "firms",
        "tables": [FIRMS, NOTES],
        "keys": KEYS,
        "parameters": {"below": 3},
        "part_rows": 30,
    }
    return services.take(**{**asked, **other})
