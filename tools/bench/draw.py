"""`draw_1m_vs_hash`, `draw_100m_vs_hash`, `draw_growth`: the draw in the lake, against hashing its objects alone.

The population has the form in which a freeze writes it: parts of a million objects, as Parquet. Both sides run on the
same files in the same engine, each time in a process of its own, in alternation; the draw ends with the table of what
was drawn, written. `python -m tools.bench.draw` is such a process.
"""

from __future__ import annotations

import atexit
import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from functools import cache
from pathlib import Path
from typing import Any

from tools.bench import Bench, Result

MILLION = 1_000_000
MOST = 100
"""Millions."""
PART_ROWS = 1_000_000
SEED = "00112233445566778899aabbccddeeff"
SHARES = ("0.01", "0.02", "0.10", "0.30")
"""The rates of RULES for four classes: 30, 50, 15 and 5 of a hundred objects have them, in each of three regions."""
ROWS = """
COPY (
    SELECT i AS n, '91110302MA' || lpad((i * 61803399 % 100000000)::VARCHAR, 8, '0') AS k,
        ((i % 3) * 4 + CASE WHEN i % 100 < 30 THEN 0 WHEN i % 100 < 80 THEN 1 WHEN i % 100 < 95 THEN 2 ELSE 3 END
        )::INTEGER AS s
    FROM range({first}, {after}) AS given (i)
) TO '{path}' (FORMAT parquet, COMPRESSION zstd, COMPRESSION_LEVEL 1)
"""


def vs_hash(millions: int, rounds: int) -> Result:
    """The least of several turns of each."""
    folder = population(millions)
    turns = [(measure("draw", folder, millions), measure("hash", folder, millions)) for _ in range(rounds)]
    drawn, hashed = turns[0]
    note = (
        f"{millions}M objects, {drawn['drawn']:,} drawn; at most {max(one['mb'] for one, _ in turns)} MB of memory, "
        f"hashing {hashed['mb']} MB; {drawn['engine']}"
    )
    seconds = [min(float(turn[side]["seconds"]) for turn in turns) for side in (0, 1)]
    return Result(value=seconds[0], unit="s", baseline=seconds[1], note=note)


def draw_1m_vs_hash() -> Result:
    """A million objects: what the engine's start and the files cost shows."""
    return vs_hash(1, 7)


def draw_100m_vs_hash() -> Result:
    """A hundred million objects."""
    return vs_hash(MOST, 2)


def draw_growth() -> Result:
    """Seconds for a million of 100 million objects, against those for a million of ten: 1 is linear."""
    least = {
        millions: min(
            float(measure("draw", population(MOST), millions)["seconds"]) / millions for _ in range(rounds)
        )
        for millions, rounds in ((1, 5), (10, 3), (MOST, 1))
    }
    told = ", ".join(f"{millions}M {seconds / least[1]:.2f}" for millions, seconds in least.items())
    note = f"seconds per million, relative to 1M: {told}"
    return Result(value=least[MOST], unit="s/M", baseline=least[1], note=note)


@cache
def population(millions: int) -> Path:
    """A folder with the parts; smaller populations are its first ones. Gone when the program ends."""
    folder = Path(tempfile.mkdtemp(prefix="yicha-bench-draw-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    measure("make", folder, millions)
    return folder


def measure(what: str, folder: Path, millions: int) -> dict[str, Any]:
    """One turn, in a process of its own: seconds of the work alone, and the most memory the process had."""
    environment = {**os.environ, "YICHA_LAKE": str(folder), "YICHA_VAR": str(folder / "var")}
    done = subprocess.run(
        [sys.executable, "-m", "tools.bench.draw", what, str(folder), str(millions)],
        env=environment,
        stdout=subprocess.PIPE,
        check=True,
    )
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def make(folder: Path, millions: int) -> dict[str, Any]:
    """Write the population."""
    import duckdb

    (folder / "population").mkdir()
    with duckdb.connect() as connection:
        for part in range(millions * MILLION // PART_ROWS):
            first = part * PART_ROWS
            path = folder / path_of(part)
            connection.execute(ROWS.format(first=first, after=first + PART_ROWS, path=path))
    return {}


def path_of(part: int) -> str:
    """Of a part, below the lake."""
    return f"population/{part:05d}.parquet"


def work(what: str, millions: int) -> dict[str, Any]:
    """Draw, or hash alone, with the lake's engine."""
    import django

    django.setup()
    from yicha.base.lake import services as lake
    from yicha.base.lake.terms import Dataset
    from yicha.decide.drawing.rules import quotas
    from yicha.decide.drawing.services import engine

    rows = millions * MILLION
    uris = tuple(path_of(part) for part in range(rows // PART_ROWS))
    objects = Dataset(uris, engine.POPULATION, rows)
    hashing = f"SELECT max(sha256('{engine.label_prefix(SEED)}' || k)) AS t FROM population"
    found: dict[str, Any] = {}
    with lake.open_engine() as computing:
        counted = computing.fetch(
            "SELECT s, count(*) AS size FROM population GROUP BY s", {"population": objects}
        )
        sizes = {f"{int(str(s)):02d}": int(str(size)) for s, size in counted}
        strata = quotas.with_quotas([(name, SHARES[int(name) % 4]) for name in sizes], sizes)
        begun = time.perf_counter()
        if what == "draw":
            found["drawn"] = engine.draw(computing, objects, SEED, strata, into="results/draw").rows
        else:
            computing.fetch(hashing, {"population": objects})
        found["seconds"] = time.perf_counter() - begun
        found["engine"] = computing.describe()
    found["mb"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    return found


BENCHES: dict[str, Bench] = {
    "draw_1m_vs_hash": draw_1m_vs_hash,
    "draw_100m_vs_hash": draw_100m_vs_hash,
    "draw_growth": draw_growth,
}

if __name__ == "__main__":
    asked, place, size = sys.argv[1:]
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "yicha.site.settings")
    print(json.dumps(make(Path(place), int(size)) if asked == "make" else work(asked, int(size))))
