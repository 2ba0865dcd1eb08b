"""`draw_1m_vs_hash`: drawing of a million objects, against hashing them alone in the same engine."""

from __future__ import annotations

import time
from collections.abc import Callable

from tools.bench import Bench, Result
from yicha.decide.drawing.terms import Stratum

OBJECTS = 1_000_000
ROUNDS = 7
SEED = "00112233445566778899aabbccddeeff"
SHARES = ((30, "0.01"), (50, "0.02"), (15, "0.10"), (5, "0.30"))
"""Of a hundred objects so many are drawn at this rate: the rates of RULES for four classes."""
SOURCE = (
    "select '91110302MA' || lpad((i * 7919 % 100000000)::varchar, 8, '0') as k,"
    " '1101' || (12 + i % 3) || '-' || case when i % 100 < 30 then 1 when i % 100 < 80 then 2"
    f" when i % 100 < 95 then 3 else 4 end as s from range({OBJECTS}) t(i)"
)


def draw() -> Result:
    """The least of several turns of each, in alternation; the draw ends with a table of what was drawn."""
    import django
    import duckdb

    django.setup()
    from yicha.decide.drawing.services import engine

    with duckdb.connect() as connection:
        strata = _strata(connection.execute(f"select s, count(*) from ({SOURCE}) group by s").fetchall())
        engine.fill(connection, strata, SOURCE)
        prefix = engine.label_prefix(SEED)

        def hash_alone() -> None:
            connection.execute(
                "select max(sha256($prefix || k)) from population", {"prefix": prefix}
            ).fetchall()

        def whole_draw() -> None:
            engine.draw(connection, SEED, strata)

        value, baseline = _alternate(whole_draw, hash_alone)
        drawn = connection.execute("select count(*) from selection").fetchall()[0][0]
    note = f"{OBJECTS:,} objects in {len(strata)} strata, {drawn:,} drawn; DuckDB"
    return Result(value=value, unit="s", baseline=baseline, note=note)


def _strata(sizes: list[tuple[str, int]]) -> list[Stratum]:
    from yicha.decide.drawing.rules import quotas

    return quotas.with_quotas([(name, SHARES[int(name[-1]) - 1][1]) for name, _ in sizes], dict(sizes))


def _alternate(*functions: Callable[[], None]) -> tuple[float, ...]:
    best = [float("inf")] * len(functions)
    for _ in range(ROUNDS):
        for place, function in enumerate(functions):
            begun = time.perf_counter()
            function()
            best[place] = min(best[place], time.perf_counter() - begun)
    return tuple(best)


BENCHES: dict[str, Bench] = {"draw_1m_vs_hash": draw}
