"""`classify_10m_vs_scan` and `classify_growth`: the shipped model on a made-up population, in the product's engine.

`classify_10m_vs_scan`: ten million enterprises with thirty million facts, every contribution written, against DuckDB
merely scanning the same files and grouping all facts by enterprise. Each population is measured in a process of its
own, so that its memory is its own.
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

from tools.bench import Bench, Result

MILLION = 1_000_000
PART = 1_000_000
"""Enterprises in a part, as a snapshot has them; each has three facts in the mean."""
ON = date(2026, 7, 1)
DOMAINS = {"market": 1, "fire": 2, "emergency": 3, "environment": 4, "tax": 5, "health": 6, "housing": 7}
_SCAN = (
    "SELECT count(*) AS n, max(g.n) AS most, CAST(max(amount) AS BIGINT) AS amount, max(latest) AS latest "
    "FROM enterprises e LEFT JOIN (SELECT id, count(*) AS n, sum(amount) AS amount, max(day) AS latest FROM facts "
    "GROUP BY id) g ON g.id = e.id"
)
_WRITE = "(FORMAT parquet, COMPRESSION zstd, COMPRESSION_LEVEL 1)"


def _enterprises(first: int, day: int) -> str:
    return f"""
        SELECT i AS id, '91110302MA' || lpad((i * 7919 % 100000000)::varchar, 8, '0') AS uscc, i % 16 AS region,
            ['C2641', 'H6210', 'F5250', 'G5941', 'I6510', 'A0111', 'P8210', 'L7211'][(1 + (h & 7))::bigint]
                AS industry,
            CASE WHEN h & 56 = 0 THEN 'sole-proprietor' ELSE 'company' END AS kind,
            ({day} - ((h >> 8) & 8191)::integer)::integer AS registered, true AS active, 'B' AS was
        FROM (SELECT i, hash(i) AS h FROM range({first}, {first + PART}) t(i))"""


def _facts(first: int, day: int) -> str:
    """Nearly in order, 24 to eight enterprises; `n` says 24 at most, a little more than a snapshot would."""
    return f"""
        SELECT i // 24 * 8 + (h & 7)::bigint AS id, kind::smallint AS kind, ((h >> 8) & 3)::smallint AS severity,
            (1 + ((h >> 10) & 7))::integer AS domain,
            CASE WHEN (h >> 13) & 3 = 0 THEN ((h >> 15) & 2097151)::bigint ELSE 0 END AS amount,
            ({day} - ((h >> 40) & 2047)::integer)::integer AS day,
            CASE WHEN kind = 4 THEN (2020 + ((h >> 56) & 7))::smallint END AS year, (1 + i % 24)::integer AS n
        FROM (SELECT i, h, (h >> 4) & 15 AS kind
            FROM (SELECT i, hash(i) AS h FROM range({first * 3}, {(first + PART) * 3}) t(i)))"""


def make(folder: Path, count: int) -> tuple[list[str], list[str]]:
    """The files of a snapshot of so many enterprises, as `know/credit` freezes them."""
    import duckdb

    from yicha.know.credit.rules.lanes import days

    files: tuple[list[str], list[str]] = ([], [])
    with duckdb.connect() as connection:
        for number, first in enumerate(range(0, count, PART)):
            for kind, select, made in zip("ef", (_enterprises, _facts), files, strict=True):
                made.append(str(folder / f"{kind}{number:05d}.parquet"))
                connection.execute(f"COPY ({select(first, days(ON))}) TO '{made[-1]}' {_WRITE}")
    return files


def measure(folder: Path, count: int, rounds: int, scans: int) -> dict[str, float]:
    """Seconds of a classification of so many enterprises and of a scan, the least of some; and most memory in MB."""
    from importlib import resources

    import django

    people, facts = make(folder, count)
    django.setup()
    from yicha.base.lake.services import open_engine
    from yicha.base.lake.terms import Dataset
    from yicha.know.credit.rules import scoring
    from yicha.know.credit.rules.models import parse
    from yicha.know.credit.rules.statement import ENTERPRISES, FACTS, MOST_FACTS, compile_model

    model = parse(
        resources.files("yicha.know.credit.rules").joinpath("default_model.yaml").read_text("utf-8")
    )
    inputs = {
        "enterprises": Dataset(tuple(people), ENTERPRISES, count),
        "facts": Dataset(tuple(facts), FACTS, count * 3),
    }
    with open_engine() as engine:

        def classify() -> None:
            most = engine.fetch(MOST_FACTS, inputs)[0][0]
            compiled = compile_model(model, ON, int(str(most)), DOMAINS)
            statement = compiled.results(scoring.find_cuts(model))
            done = engine.compute(statement, inputs, compiled.small, into="bench", by_part=True)
            assert done.rows == count

        seconds = _least(classify, rounds)
        memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        scan = _least(lambda: engine.fetch(_SCAN, inputs), scans)
    return {"seconds": seconds, "scan": scan, "memory": memory, "indicators": len(model.indicators)}


def _least(work: Callable[[], object], rounds: int) -> float:
    best = float("inf") if rounds else 0.0
    for _ in range(rounds):
        begun = time.perf_counter()
        work()
        best = min(best, time.perf_counter() - begun)
    return best


def apart(count: int, rounds: int, scans: int) -> dict[str, Any]:
    """`measure` in a process of its own, with a lake of its own."""
    with tempfile.TemporaryDirectory(prefix="yicha-bench-") as folder:
        asked = [str(number) for number in (count, rounds, scans)]
        done = subprocess.run(
            [sys.executable, "-m", "tools.bench.classify", folder, *asked],
            env={**os.environ, "YICHA_VAR": folder, "YICHA_ENGINE": "duckdb"},
            capture_output=True,
            text=True,
            check=False,
        )
    if done.returncode:
        raise RuntimeError(done.stderr.strip().splitlines()[-1])
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def against_scan() -> Result:
    """The least of two turns each."""
    found = apart(10 * MILLION, 2, 2)
    note = (
        f"10,000,000 enterprises, 30,000,000 facts, {found['indicators']:.0f} indicators; "
        f"{found['memory']:,.0f} MB at most"
    )
    return Result(value=found["seconds"], unit="s", baseline=found["scan"], note=note)


def growth() -> Result:
    """Seconds for a million enterprises out of a hundred million, against a million alone."""
    sizes = {1: apart(MILLION, 3, 0), 10: apart(10 * MILLION, 1, 0), 100: apart(100 * MILLION, 1, 0)}
    each = {size: found["seconds"] / size for size, found in sizes.items()}
    memory = max(found["memory"] for found in sizes.values())
    shown = " / ".join(f"{one:.2f}" for one in each.values())
    note = f"seconds a million: {shown} at 1 / 10 / 100 million; {memory:,.0f} MB at most"
    return Result(value=each[100], unit="s/M", baseline=each[1], note=note)


BENCHES: dict[str, Bench] = {"classify_10m_vs_scan": against_scan, "classify_growth": growth}

if __name__ == "__main__":
    place, *numbers = sys.argv[1:]
    count, rounds, scans = (int(number) for number in numbers)
    print(json.dumps(measure(Path(place), count, rounds, scans)))
