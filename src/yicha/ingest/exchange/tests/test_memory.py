"""A million rows stay below 512 MB, in a process of their own. Marked slow: each takes minutes."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
import xlsxwriter
from django.db import connection

from yicha.ingest.exchange.models import Import
from yicha.ingest.exchange.tests.files import HEADERS, row

ROWS = 1_000_000
LIMIT_MB = 512
SCRIPT = """
import os, resource, sys
from pathlib import Path
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "yicha.site.settings")
from django.conf import settings
settings.DATABASES["default"]["NAME"] = sys.argv[1]
import django
django.setup()
from yicha.ingest.exchange import services
from yicha.kernel import clock
source = services.Source(Path(sys.argv[2]), sys.argv[3])
entry = services.receive("enterprises", source, actor="test", now=clock.now())
entry = services.check(entry, source, actor="test", now=clock.now())
if sys.argv[4] == "apply":
    entry = services.apply(entry, actor="test", now=clock.now())
services.write_report(entry, source, Path(sys.argv[2] + ".xlsx"))
print(entry.rows, entry.rows_new, entry.rows_rejected, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024)
"""

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("transactional_db", "django_db_serialized_rollback")]


def measure(path: Path, name: str, act: str) -> tuple[int, ...]:
    """Rows, new, rejected, and the peak of resident memory in MB."""
    words = [sys.executable, "-c", SCRIPT, str(connection.settings_dict["NAME"]), str(path), name, act]
    run = subprocess.run(
        words, capture_output=True, text=True, timeout=3000, env=os.environ.copy(), check=True
    )
    return tuple(map(int, run.stdout.split()))


def line(number: int, *, bad: bool = False) -> list[str]:
    cells = row(number % 9_999_999)
    return [cells[0], cells[1], "no date" if bad else cells[2], cells[3], cells[4]]


def test_a_million_rows_of_csv_are_checked_and_applied(tmp_path: Path) -> None:
    path = tmp_path / "a"
    with path.open("w", encoding="utf-8") as out:
        out.write(",".join(HEADERS) + "\n")
        out.writelines(",".join(line(number)) + "\n" for number in range(ROWS))
    rows, new, rejected, peak = measure(path, "a.csv", "apply")
    assert (rows, new, rejected) == (ROWS, ROWS, 0)
    assert peak < LIMIT_MB
    assert Import.objects.get().state == "applied"


def test_a_million_rejected_rows_are_all_listed_and_reported(tmp_path: Path) -> None:
    path = tmp_path / "a"
    with path.open("w", encoding="utf-8") as out:
        out.write(",".join(HEADERS) + "\n")
        out.writelines(",".join(line(number, bad=True)) + "\n" for number in range(ROWS))
    rows, new, rejected, peak = measure(path, "a.csv", "check")
    assert (rows, new, rejected) == (ROWS, 0, ROWS)
    assert peak < LIMIT_MB


def test_a_million_rows_of_a_workbook_are_checked(tmp_path: Path) -> None:
    path = tmp_path / "a"
    with xlsxwriter.Workbook(str(path), {"constant_memory": True}) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, HEADERS)
        for number in range(ROWS):
            sheet.write_row(number + 1, 0, line(number))
    rows, new, rejected, peak = measure(path, "a.xlsx", "check")
    assert (rows, new, rejected) == (ROWS, ROWS, 0)
    assert peak < LIMIT_MB
