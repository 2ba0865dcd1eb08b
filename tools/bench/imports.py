"""`import_1m_vs_copy`: a million enterprises, dry run and application, against a bare COPY of the same rows.

The baseline only moves bytes: the same file, streamed into a table without key, index or constraint. The import
also finds the encoding, reads every cell, checks every code, places every address, looks for repeats,
compares with the register, fills all of its indexes (three of them by trigrams), remembers what to undo, and
writes to the ledger.
"""

from __future__ import annotations

import csv
import os
import resource
import tempfile
import time
from pathlib import Path
from random import Random

from tools.bench import Bench, Result
from tools.bench.ground import empty_database

ROWS = int(os.environ.get("BENCH_ROWS", "1000000"))
_BASE = 20_000
_LETTERS = (
    "嘉恒泰瑞宏鑫华盛博远诚信达汇丰源润康安宁和顺祥福永昌隆兴茂荣德仁正明晨旭阳星辰云海泉溪峰岳林森松柏"
)
_PIECE = 1 << 20


def import_1m_vs_copy() -> Result:
    """Seconds of `check` and `apply`, with those of the COPY beside them, and the peak of this process's memory."""
    with empty_database(), tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "enterprises.csv"
        write_rows(path, ROWS)
        _make_places()
        baseline = _copy(path)
        checked, applied = _import(path)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    note = f"{ROWS:,} rows: dry run {checked:.1f} s, apply with all indexes {applied:.1f} s; peak {peak} MB"
    return Result(value=checked + applied, unit="s", baseline=baseline, note=note)


def write_rows(path: Path, count: int) -> None:
    """A file of the demonstration's enterprises, each many times under other codes, names and addresses."""
    from yicha.doors.cli.demo.enterprises import HEADERS, generate
    from yicha.kernel import uscc

    rng = Random(1)
    base = [made.row for made in generate(_BASE, 1)]
    letters = [a + b for a in _LETTERS for b in _LETTERS]
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(HEADERS)
        for number in range(count):
            row = list(base[number % _BASE])
            body = f"{row[1][:8]}MA{number:07d}" if len(row[1]) == 18 else f"91110112MA{number:07d}"
            row[1] = body + uscc.check_character(body)
            row[0] = row[0][:2] + rng.choice(letters) + row[0][2:]
            row[HEADERS.index("注册地址")] += f"{number % 97 + 1}室"
            writer.writerow(row)


def _make_places() -> None:
    from yicha.doors.cli.demo import zone
    from yicha.kernel import clock

    zone.make_places(clock.now())


def _copy(path: Path) -> float:
    """A bare COPY, as anybody would write it."""
    from django.db import connection, transaction

    with path.open(encoding="utf-8", newline="") as file:
        width = len(next(csv.reader(file)))
    with transaction.atomic(), connection.cursor() as cursor, path.open("rb") as stream:
        cursor.execute(f"CREATE TABLE bare ({', '.join(f'c{index} text' for index in range(width))})")
        begun = time.perf_counter()
        with cursor.copy("COPY bare FROM STDIN (FORMAT csv, HEADER)") as copy:
            while piece := stream.read(_PIECE):
                copy.write(piece)
        taken = time.perf_counter() - begun
        cursor.execute("SELECT count(*) FROM bare")
        if cursor.fetchone()[0] != ROWS:
            raise RuntimeError("the COPY lost rows")
        transaction.set_rollback(True)
    return taken


def _import(path: Path) -> tuple[float, float]:
    from yicha.ingest.exchange import services
    from yicha.kernel import clock

    source, now = services.Source(path, path.name), clock.now()
    begun = time.perf_counter()
    entry = services.receive("enterprises", source, actor="bench", now=now)
    entry = services.check(entry, source, actor="bench", now=now)
    checked = time.perf_counter()
    entry = services.apply(entry, actor="bench", now=now)
    applied = time.perf_counter()
    if (entry.rows, entry.rows_new) != (ROWS, ROWS):
        raise RuntimeError(f"{entry.rows_new} of {ROWS} rows came in")
    return checked - begun, applied - checked


BENCHES: dict[str, Bench] = {"import_1m_vs_copy": import_1m_vs_copy}
