"""A frozen population: small ones are read from their sealed file, large ones lie in the lake as well.

Freezing writes the population and nothing else; the lowest tickets are looked for when there is a seed.
"""

from __future__ import annotations

import io
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import connection

from yicha.base.lake import queries as lake_queries
from yicha.base.lake import services as lake
from yicha.base.lake.terms import Dataset, SnapshotState, TableSpec
from yicha.decide.drawing import queries
from yicha.decide.drawing.models import Draw, DrawFile, Selected
from yicha.decide.drawing.rules import objects
from yicha.decide.drawing.services import engine
from yicha.decide.drawing.terms import POPULATION, Drawn, Member, Stratum

_TABLE = TableSpec(
    "population",
    engine.POPULATION,
    "SELECT n, k, s FROM draw_population WHERE n BETWEEN %(first)s AND %(last)s ORDER BY n",
)
_KEYS = "SELECT n FROM draw_population"
_BLOCK = 1 << 20


def keep(actor: str, now: datetime, draw: Draw, content: bytes, strata: Collection[Stratum]) -> None:
    """Freeze a large population into the lake; `content` is its sealed file. Inside the caller's transaction."""
    numbers = engine.number(strata)
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS draw_population")
        cursor.execute(
            'CREATE TEMP TABLE draw_population (n bigint, k text COLLATE "C", s integer) ON COMMIT DROP'
        )
        with cursor.copy("COPY draw_population FROM STDIN") as copy:
            block = io.StringIO()
            for n, line in enumerate(io.BytesIO(content), start=1):
                key, stratum = line.decode("ascii").rstrip("\n").split("\t")
                block.write(f"{n}\t{key}\t{numbers[stratum]}\n")
                if block.tell() >= _BLOCK:
                    copy.write(block.getvalue())
                    block = io.StringIO()
            copy.write(block.getvalue())
    draw.snapshot = lake.take(actor=actor, now=now, name="draw-population", tables=[_TABLE], keys=_KEYS)
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE draw_population")


def strata_of(draw: Draw) -> list[Stratum]:
    """The strata of a frozen draw, in the manifest's order."""
    return [Stratum(row.code, row.size, row.rate, row.quota) for row in queries.list_strata(draw)]


def draw_all(actor: str, now: datetime, draw: Draw) -> int:
    """Keep what the draw's seed selects; returns how many."""
    strata, file = strata_of(draw), queries.get_file(draw, POPULATION)
    if file.rows < engine.FROM_ROWS:
        return save(draw, objects.select(draw.seed, members_of(file), strata))
    population = _in_lake(actor, now, draw, file, strata)
    with lake.open_engine() as computing:
        drawn = engine.draw(computing, population, draw.seed, strata, into=_place(draw, "drawn"))
    return _copy(draw, drawn, strata)


def lowest(
    actor: str, now: datetime, draw: Draw, seed: str, quotas: Mapping[str, int], supplement: int = 0
) -> list[Drawn]:
    """The so many lowest tickets of these strata under a seed, sorted: for replacements and supplements."""
    file = queries.get_file(draw, POPULATION)
    strata = [row._replace(quota=min(quotas.get(row.id, 0), row.size)) for row in strata_of(draw)]
    if file.rows < engine.FROM_ROWS:
        members = [row for row in members_of(file) if row.stratum in quotas]
        return objects.select(seed, members, strata, supplement)
    population = _in_lake(actor, now, draw, file, strata)
    with lake.open_engine() as computing:
        into = _place(draw, f"lowest-{supplement}")
        drawn = engine.draw(computing, population, seed, strata, into=into, supplement=supplement)
        return engine.read(computing, drawn, strata)


def members_of(file: DrawFile) -> list[Member]:
    """The population in its sealed file, which was checked when it was sealed."""
    return [Member(*line.split("\t")) for line in file.content.decode("ascii").splitlines()]


def save(draw: Draw, drawn: Sequence[Drawn], supplement: int = 0) -> int:
    """Keep what was drawn; returns how many."""
    Selected.objects.bulk_create(
        (
            Selected(draw=draw, stratum=row.stratum, key=row.key, ticket=row.ticket, supplement=supplement)
            for row in drawn
        ),
        batch_size=5000,
    )
    return len(drawn)


def _in_lake(actor: str, now: datetime, draw: Draw, file: DrawFile, strata: Collection[Stratum]) -> Dataset:
    """The population in the lake; made anew from its sealed file where it is not there, or not what was frozen."""
    kept = draw.snapshot
    if kept is None or kept.state != SnapshotState.READY or lake.verify(kept):
        keep(actor, now, draw, file.content, strata)
        draw.save(update_fields=["snapshot"])
    frozen: Any = draw.snapshot
    return lake_queries.get_dataset(frozen, _TABLE.name)


def _place(draw: Draw, what: str) -> str:
    return f"results/draw-{draw.uuid}/{what}"


def _copy(draw: Draw, drawn: Dataset, strata: Collection[Stratum]) -> int:
    """What was drawn, from the lake into the database."""
    numbers = engine.number(strata)
    with connection.cursor() as cursor:
        cursor.execute(
            'CREATE TEMP TABLE draw_selection (s integer, k text, t text COLLATE "C") ON COMMIT DROP'
        )
        lake.copy_back(drawn, ["s", "k", "t"], "draw_selection", cursor)
        cursor.execute(
            "INSERT INTO drawing_selected (draw_id, stratum, key, ticket, supplement, replaces) "
            "SELECT %s, stratum.code, k, t, 0, '' FROM draw_selection "
            "JOIN unnest(%s::integer[], %s::text[]) AS stratum (s, code) USING (s) ORDER BY s, t, k",
            [draw.pk, list(numbers.values()), list(numbers)],
        )
        cursor.execute("DROP TABLE draw_selection")
    return drawn.rows
