"""The selection of a large population, by the lake's engine. Same answer as `rules.objects`, on every engine.

One pass hashes every object and keeps what lies below the bound of its stratum. Of these few, most surely are drawn;
only what lies around the edge is ranked. Memory follows neither the population nor what is drawn. See docs/decisions
on the threshold, and on the draw in the lake.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import NamedTuple

from yicha.base.lake.terms import Column, ColumnType, Dataset, Engine, Small
from yicha.decide.drawing.rules import thresholds
from yicha.decide.drawing.terms import Drawn, Stratum

FROM_ROWS = 200_000
"""From how many objects on a population lies in the lake; below, Python is as fast as starting an engine."""

POPULATION = (
    Column("n", ColumnType.BIGINT),
    Column("k", ColumnType.VARCHAR),
    Column("s", ColumnType.INTEGER),
)
"""A population in the lake: the line in `population.tsv`, the key, and the number of the stratum."""
DRAWN = (
    Column("s", ColumnType.INTEGER),
    Column("k", ColumnType.VARCHAR),
    Column("t", ColumnType.VARCHAR),
)
"""What was drawn: number of the stratum, key, ticket."""
_EDGES = (
    Column("s", ColumnType.INTEGER),
    Column("low", ColumnType.VARCHAR),
    Column("high", ColumnType.VARCHAR),
    Column("room", ColumnType.BIGINT),
)

_FEW = """
SELECT s, k, t
FROM (SELECT s, k, sha256('{prefix}' || k) AS t FROM population{where}) AS hashed JOIN edge USING (s)
WHERE t < high
"""
"""The bound comes by a join, so that no engine can move the filter below the hash and reckon the hash twice."""
_COUNTED = """
SELECT s, count(*) AS found, count(CASE WHEN t < low THEN 1 END) AS sure
FROM few JOIN edge USING (s)
GROUP BY s
"""
_DRAWN = """
SELECT s, k, t FROM few JOIN edge USING (s) WHERE t < low
UNION ALL
SELECT s, k, t
FROM (
    SELECT s, k, t, room, row_number() OVER (PARTITION BY s ORDER BY t, k) AS n
    FROM few JOIN edge USING (s)
    WHERE t >= low
) AS ranked
WHERE n <= room
"""
_SORTED = "SELECT s, k, t FROM drawn ORDER BY s, t, k"


class Edge(NamedTuple):
    """A stratum by its number. Below `low` surely all are drawn, from `high` on surely none; it has `size` objects."""

    s: int
    low: str
    high: str
    quota: int
    size: int


def label_prefix(seed: str, supplement: int = 0) -> str:
    """What stands before the key in the text of a ticket."""
    return f"{seed}|s{supplement}:o:" if supplement else f"{seed}|o:"


def number(strata: Iterable[Stratum]) -> dict[str, int]:
    """The strata of a population, each with the number that stands for it in the lake."""
    return {name: place for place, name in enumerate(sorted(row.id for row in strata))}


def draw(
    engine: Engine,
    population: Dataset,
    seed: str,
    strata: Sequence[Stratum],
    *,
    into: str,
    supplement: int = 0,
) -> Dataset:
    """The rows (s, k, t) that are drawn, in no order, below the folder `into` of the lake.

    `strata` are all that the population has: their order gives the numbers in column `s`. Those without a quota are
    not looked at.
    """
    numbers, prefix = number(strata), label_prefix(seed, supplement)
    wanted = [row for row in strata if row.quota and row.size]
    if not wanted:
        return Dataset((), DRAWN, 0)
    edges = [
        Edge(numbers[row.id], thresholds.floor_of(row.size, row.quota), high, row.quota, row.size)
        for row in wanted
        for high in (thresholds.bound_of(row.size, row.quota),)
    ]
    only = None if len(wanted) == len(strata) else [edge.s for edge in edges]
    drawn, short = _draw(engine, population, prefix, edges, only, f"{into}/bounded")
    if not short:
        return drawn
    unbounded = [edge._replace(low="", high=thresholds.NO_BOUND) for edge in short]
    rest, _ = _draw(engine, population, prefix, unbounded, [edge.s for edge in short], f"{into}/unbounded")
    return Dataset(drawn.uris + rest.uris, DRAWN, drawn.rows + rest.rows, drawn.hashes + rest.hashes)


def _draw(
    engine: Engine,
    population: Dataset,
    prefix: str,
    edges: Sequence[Edge],
    only: Collection[int] | None,
    into: str,
) -> tuple[Dataset, list[Edge]]:
    """What is drawn of these strata, but for those that come up short below their bound; and these."""
    where = "" if only is None else f" WHERE s IN ({_listed(only)})"
    bounds = Small(_EDGES, [(edge.s, edge.low, edge.high, 0) for edge in edges])
    statement = _FEW.format(prefix=prefix, where=where)
    few = engine.compute(statement, {"population": population}, {"edge": bounds}, into=f"{into}/few")
    counted = {
        int(str(s)): (int(str(found)), int(str(sure)))
        for s, found, sure in engine.fetch(_COUNTED, {"few": few}, {"edge": bounds})
    }
    short = [edge for edge in edges if counted.get(edge.s, (0, 0))[0] < min(edge.quota, edge.size)]
    kept = [_room(edge, counted[edge.s][1]) for edge in edges if edge not in short]
    drawn = engine.compute(_DRAWN, {"few": few}, {"edge": Small(_EDGES, kept)}, into=f"{into}/drawn")
    return drawn, short


def _room(edge: Edge, sure: int) -> tuple[int, str, str, int]:
    """A row of edges: how many are drawn from `low` on. Where more than the quota lie below it, it says nothing."""
    if sure > edge.quota:
        return edge.s, "", edge.high, edge.quota
    return edge.s, edge.low, edge.high, edge.quota - sure


def _listed(numbers: Iterable[int]) -> str:
    return ", ".join(str(one) for one in sorted(numbers))


def read(engine: Engine, drawn: Dataset, strata: Sequence[Stratum]) -> list[Drawn]:
    """What was drawn, sorted by stratum and ticket: for small selections."""
    names = {place: name for name, place in number(strata).items()}
    rows = engine.fetch(_SORTED, {"drawn": drawn}) if drawn.rows else []
    return [Drawn(names[int(str(s))], str(k), str(t)) for s, k, t in rows]
