"""One part of one table: PostgreSQL's COPY, through a pipe, into a Parquet file."""

from __future__ import annotations

import contextlib
import io
import math
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

from yicha.base.lake.rules.statements import PARQUET, SOURCE, csv_source, quoted
from yicha.base.lake.services.pipes import BLOCK, Side, name_of, pipe
from yicha.base.lake.services.reading import Reader
from yicha.base.lake.terms import TableSpec
from yicha.kernel.refusal import Reason, Refused

if TYPE_CHECKING:
    import duckdb


@dataclass(frozen=True, slots=True)
class Range:
    """Keys from first to last, both included."""

    first: int
    last: int


def find_ranges(reader: Reader, keys: str, parameters: Mapping[str, object], part_rows: int) -> list[Range]:
    """Ranges without gaps between them, each with the same number of keys but for the last."""
    population = f"(SELECT * FROM ({keys}) AS asked) AS population (key)"  # noqa: S608
    row = reader.execute(f"SELECT count(*), max(key) FROM {population}", parameters).fetchone()  # noqa: S608
    total, greatest = row or (0, 0)
    if not total:
        return []
    step = math.ceil(total / math.ceil(total / part_rows))
    rows = reader.execute(
        "SELECT key FROM (SELECT key, row_number() OVER (ORDER BY key) - 1 AS place "  # noqa: S608
        f"FROM {population}) AS placed WHERE place %% %(lake_step)s = 0 ORDER BY key",
        {**parameters, "lake_step": step},
    ).fetchall()
    firsts = [int(row[0]) for row in rows]
    if any(one >= following for one, following in pairwise(firsts)):
        raise Refused([Reason("lake.keys", "The keys of a snapshot must each be given once.", SOURCE)])
    lasts = [first - 1 for first in firsts[1:]] + [int(greatest)]
    return [Range(first, last) for first, last in zip(firsts, lasts, strict=True)]


def freeze(
    reader: Reader,
    duck: duckdb.DuckDBPyConnection,
    table: TableSpec,
    part: Range,
    parameters: Mapping[str, object],
    target: Path,
) -> int:
    """Write the part's rows, in the statement's order, and return their number."""
    asked = {**parameters, "first": part.first, "last": part.last}
    sent = 0
    with pipe() as (source, end):

        def send() -> None:
            nonlocal sent
            try:
                sent = _send(reader, table.statement, asked, end)
            finally:
                end.close()

        sender = Side(send)
        sender.start()
        try:
            read = csv_source(name_of(source), table.columns)
            written = duck.execute(f"COPY (FROM {read}) TO {quoted(str(target))} ({PARQUET})").fetchall()[0][
                0
            ]
        finally:
            source.close()  # a sender that nobody reads from ends
            sender.join()
    if sender.error is not None:
        raise sender.error
    _check(duck, table, part, target, int(written), sent)
    return sent


def _send(reader: Reader, statement: str, parameters: Mapping[str, object], end: io.FileIO) -> int:
    """PostgreSQL's rows as CSV into the pipe; how many it says it sent."""
    with reader.cursor() as cursor:
        with cursor.copy(f"COPY ({statement}) TO STDOUT (FORMAT csv)", parameters) as copy:
            gathered = io.BufferedWriter(end, BLOCK)  # rows come one by one
            try:
                for row in copy:
                    gathered.write(row)
                gathered.flush()
            finally:
                with contextlib.suppress(OSError):  # a reader that went away has said why
                    gathered.close()
        return cursor.rowcount


def _check(
    duck: duckdb.DuckDBPyConnection, table: TableSpec, part: Range, target: Path, written: int, sent: int
) -> None:
    """Nothing was lost on the way, and the statement kept to its range."""
    if written != sent:
        raise RuntimeError(f"PostgreSQL sent {sent} rows of {table.name}, and {written} were written.")
    key = table.columns[0].name
    row = duck.execute(
        f"SELECT coalesce(min({key}), 0), coalesce(max({key}), 0), count(*) - count({key}) "  # noqa: S608
        f"FROM read_parquet({quoted(str(target))})"
    ).fetchone()
    least, greatest, nulls = row or (0, 0, 0)
    if sent and (nulls or least < part.first or greatest > part.last):
        raise Refused(
            [
                Reason(
                    "lake.range",
                    "The statement of “%(table)s” gives keys outside the part it was asked for "
                    "(%(first)s to %(last)s): it must narrow its first column to %%(first)s … %%(last)s.",
                    SOURCE,
                    {"table": table.name, "first": part.first, "last": part.last},
                )
            ]
        )
