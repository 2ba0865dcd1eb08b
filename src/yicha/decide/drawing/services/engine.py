"""The selection in DuckDB, for populations that one would rather not rank in Python. Same answer as `rules`.

One pass hashes and keeps what lies below the bound of its stratum; only that is ranked. Memory follows what is
kept, not the population. See docs/decisions on the threshold.
"""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from yicha.decide.drawing.rules import thresholds
from yicha.decide.drawing.terms import Drawn, Stratum

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

FROM_ROWS = 200_000
"""From how many objects on the engine is used; below, Python is as fast as starting it."""

_RANK = """
with few as (select * from (select s, k, sha256($prefix || k) as t from population) where {below})
select s, k, t from few join quota using (s)
qualify row_number() over (partition by s order by t, k) <= quota
order by s, t, k
"""


def label_prefix(seed: str, supplement: int = 0) -> str:
    """What stands before the key in the text of a ticket."""
    return f"{seed}|s{supplement}:o:" if supplement else f"{seed}|o:"


def rank_statement(strata: Sequence[Stratum]) -> tuple[str, dict[str, object]]:
    """The statement that draws, and its parameters besides `prefix`; tables `population` (s, k), `quota` (s, quota).

    The lowest tier needs no look at the stratum: whoever lies below it is kept in any case.
    """
    found = thresholds.tiers(strata)
    parts, parameters = [], dict[str, object]()
    for number, tier in enumerate(found):
        parameters[f"bound{number}"] = tier.bound
        part = f"t < $bound{number}"
        if number:
            higher = sorted(set().union(*(other.strata for other in found[number:])))
            parameters[f"strata{number}"] = higher
            part += f" and list_contains($strata{number}, s)"
        parts.append(f"({part})")
    return _RANK.format(below=" or ".join(parts) or "false"), parameters


def set_quotas(connection: DuckDBPyConnection, strata: Sequence[Stratum]) -> None:
    """Make the table `quota` of the strata that draw something."""
    connection.execute("create or replace temp table quota (s varchar, quota bigint)")
    rows = [(row.id, row.quota) for row in strata if row.quota]
    if rows:
        connection.executemany("insert into quota values (?, ?)", rows)


def select(
    connection: DuckDBPyConnection, seed: str, strata: Sequence[Stratum], supplement: int = 0
) -> list[Drawn]:
    """The selection from the table `population` (s, k) of the connection."""
    set_quotas(connection, strata)
    statement, parameters = rank_statement(strata)
    prefix = label_prefix(seed, supplement)
    rows = connection.execute(statement, {"prefix": prefix, **parameters}).fetchall()
    drawn = Counter(row[0] for row in rows)
    short = [row.id for row in strata if drawn[row.id] < min(row.quota, row.size)]
    if short:
        rows = [row for row in rows if row[0] not in set(short)]
        rows += connection.execute(
            _RANK.format(below="list_contains($short, s)"), {"prefix": prefix, "short": short}
        ).fetchall()
        rows.sort(key=lambda row: (row[0], row[2], row[1]))
    return [Drawn(*row) for row in rows]


def select_from_file(content: bytes, seed: str, strata: Sequence[Stratum]) -> list[Drawn]:
    """The selection from the bytes of a `population.tsv`."""
    import duckdb

    with tempfile.TemporaryDirectory() as folder, duckdb.connect() as connection:
        path = Path(folder) / "population.tsv"
        path.write_bytes(content)
        connection.execute(
            "create temp table population as select k, s from read_csv(?, delim='\\t', header=false, quote='',"
            " escape='', columns={'k': 'varchar', 's': 'varchar'})",
            [str(path)],
        )
        return select(connection, seed, strata)
