"""The selection in DuckDB, for populations that one would rather not rank in Python. Same answer as `rules`.

One pass hashes and keeps what lies below the bound of its stratum; only that is ranked. Memory follows what is
kept, not the population. See docs/decisions on the threshold.
"""

from __future__ import annotations

import tempfile
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
{into}
with few as (
    select s, k, t
    from (select s, k, sha256($prefix || k) as t, {bound} as bound from population {where})
    where t < bound
)
select s, k, t from few join quota using (s)
qualify row_number() over (partition by s order by t, k) <= quota
"""
_NEW, _MORE, _LESS = (
    "create or replace temp table selection as",
    "insert into selection",
    "delete from selection",
)
_FILE = """
select k, s from read_csv(?, delim='\t', header=false, quote='', escape='', columns={'k': 'varchar', 's': 'varchar'})
"""


def label_prefix(seed: str, supplement: int = 0) -> str:
    """What stands before the key in the text of a ticket."""
    return f"{seed}|s{supplement}:o:" if supplement else f"{seed}|o:"


def draw_statement(strata: Sequence[Stratum]) -> str:
    """The statement that draws, with the parameter `prefix`, from the tables `population` and `quota`.

    Every row is hashed once and compared once, with the bound of its stratum's tier. Most rows are in the lowest
    tier, which is the ELSE. Ids are keys, so that they can stand in the text between quotes.
    """
    lowest, *higher = thresholds.tiers(strata) or [thresholds.Tier("", frozenset())]
    cases = "".join(f" when s in ({_listed(tier.strata)}) then '{tier.bound}'" for tier in reversed(higher))
    bound = f"case{cases} else '{lowest.bound}' end" if cases else f"'{lowest.bound}'"
    return _DRAW.format(into=_NEW, bound=bound, where="")


def _listed(names: Collection[str]) -> str:
    return ", ".join(f"'{name}'::stratum" for name in sorted(names))


def fill(
    connection: DuckDBPyConnection, strata: Sequence[Stratum], source: str, parameters: Sequence[object] = ()
) -> None:
    """Make the tables `population` and `quota` from a query for (k, s); strata are an enumeration, in their order."""
    names = ", ".join(f"'{row.id}'" for row in sorted(strata))
    connection.execute(f"create type stratum as enum ({names})")
    population = "create temp table population as select k, s::stratum as s from"
    connection.execute(f"{population} ({source})", parameters)
    connection.execute("create temp table quota (s stratum, quota bigint)")
    connection.executemany("insert into quota values (?, ?)", [(row.id, row.quota) for row in strata])


def draw(connection: DuckDBPyConnection, seed: str, strata: Sequence[Stratum], supplement: int = 0) -> None:
    """Make the table `selection` (s, k, t) from the tables that `fill` made."""
    prefix = {"prefix": label_prefix(seed, supplement)}
    connection.execute(draw_statement(strata), prefix)
    drawn = dict(connection.execute("select s, count(*) from selection group by s").fetchall())
    short = [row.id for row in strata if drawn.get(row.id, 0) < min(row.quota, row.size)]
    if short:
        where = f"where s in ({_listed(short)})"
        connection.execute(f"{_LESS} {where}")
        connection.execute(_DRAW.format(into=_MORE, bound=f"'{thresholds.NO_BOUND}'", where=where), prefix)


def select(
    connection: DuckDBPyConnection, seed: str, strata: Sequence[Stratum], supplement: int = 0
) -> list[Drawn]:
    """The selection, sorted by stratum and ticket."""
    draw(connection, seed, strata, supplement)
    rows = connection.execute("select s, k, t from selection order by s, t, k").fetchall()
    return [Drawn(*row) for row in rows]


def select_from_file(content: bytes, seed: str, strata: Sequence[Stratum]) -> list[Drawn]:
    """The selection from the bytes of a `population.tsv`."""
    import duckdb

    with tempfile.TemporaryDirectory() as folder, duckdb.connect() as connection:
        path = Path(folder) / "population.tsv"
        path.write_bytes(content)
        fill(connection, strata, _FILE, [str(path)])
        return select(connection, seed, strata)
