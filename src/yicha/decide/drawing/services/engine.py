"""The selection in DuckDB, for populations that one would rather not rank in Python. Same answer as `rules`.

One pass hashes and keeps what lies below the bound of its stratum; only that is ranked. Memory follows what is
kept, not the population. See docs/decisions on the threshold.
"""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from yicha.decide.drawing.rules import thresholds
from yicha.decide.drawing.terms import Drawn, Stratum

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

FROM_ROWS = 200_000
"""From how many objects on the engine is used; below, Python is as fast as starting it."""

_DRAW = """
with few as (
    select s, k, t
    from (select s, k, sha256($prefix || k) as t, {bound} as bound from population {where})
    where t < bound
)
select s, k, t from few join quota using (s)
qualify row_number() over (partition by s order by t, k) <= quota
order by s, t, k
"""


def label_prefix(seed: str, supplement: int = 0) -> str:
    """What stands before the key in the text of a ticket."""
    return f"{seed}|s{supplement}:o:" if supplement else f"{seed}|o:"


def draw_statement(strata: Sequence[Stratum]) -> str:
    """The statement that draws, with the parameter `prefix`; tables `population` (s, k) and `quota` (s, quota).

    Every row is hashed once and compared once, with the bound of its stratum's tier. Most rows are in the lowest
    tier, which is the ELSE. Ids are keys, so that they can stand in the text between quotes.
    """
    lowest, *higher = thresholds.tiers(strata) or [thresholds.Tier("", frozenset())]
    cases = "".join(f" when s in ({_listed(tier.strata)}) then '{tier.bound}'" for tier in reversed(higher))
    bound = f"case{cases} else '{lowest.bound}' end" if cases else f"'{lowest.bound}'"
    return _DRAW.format(bound=bound, where="")


def _listed(names: Collection[str]) -> str:
    return ", ".join(f"'{name}'" for name in sorted(names))


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
    prefix = {"prefix": label_prefix(seed, supplement)}
    rows = connection.execute(draw_statement(strata), prefix).fetchall()
    drawn = Counter(row[0] for row in rows)
    short = {row.id for row in strata if drawn[row.id] < min(row.quota, row.size)}
    if short:
        again = _DRAW.format(bound=f"'{thresholds.NO_BOUND}'", where=f"where s in ({_listed(short)})")
        rows = [row for row in rows if row[0] not in short]
        rows += connection.execute(again, prefix).fetchall()
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
