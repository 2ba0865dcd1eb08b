"""A snapshot takes as much memory for many as for few: measured in processes of their own."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.db import connection

FEW, MANY = 100_000, 1_000_000
MORE_MB = 96
"""What measuring may be off by. The rows that come on top are 230 MB of text."""
SCRIPT = """
import os, resource, sys
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "yicha.site.settings")
from django.conf import settings
settings.DATABASES["default"]["NAME"] = sys.argv[1]
import django
django.setup()
from yicha.base.lake import services
from yicha.base.lake.terms import Column, ColumnType, TableSpec
from yicha.kernel import clock
rows = "SELECT id, repeat(md5(id::text), 8) FROM generate_series(%(first)s::bigint, %(last)s::bigint) AS id"
columns = (Column("id", ColumnType.BIGINT), Column("words", ColumnType.VARCHAR))
snapshot = services.take(
    actor="test", now=clock.now(), name="memory", tables=[TableSpec("rows", columns, rows)],
    keys=f"SELECT id FROM generate_series(1::bigint, {sys.argv[2]}) AS id", part_rows=50_000,
)
print(snapshot.rows["rows"], resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024)
"""


def measure(lake: Path, rows: int) -> int:
    """The most memory in MB that a process had which froze so many rows."""
    words = [sys.executable, "-c", SCRIPT, str(connection.settings_dict["NAME"]), str(rows)]
    given = {**os.environ, "YICHA_LAKE": str(lake)}
    run = subprocess.run(words, capture_output=True, text=True, timeout=600, env=given, check=True)
    frozen, peak = map(int, run.stdout.split())
    assert frozen == rows
    return peak


@pytest.mark.usefixtures("transactional_db", "django_db_serialized_rollback")
def test_ten_times_as_many_rows_take_no_more_memory(tmp_path: Path) -> None:
    few, many = measure(tmp_path / "few", FEW), measure(tmp_path / "many", MANY)
    assert many < few + MORE_MB, (few, many)
