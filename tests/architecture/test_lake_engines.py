"""Spark is an extra: nothing loads it, and nothing needs it, unless a setting names it."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
ENGINE = "src/yicha/base/lake/services/spark.py"

IMPORT_ALL = """
import pkgutil, sys
from importlib import import_module
import django
django.setup()
import yicha
for module in pkgutil.walk_packages(yicha.__path__, "yicha."):
    if ".tests" not in module.name and not module.name.endswith("__main__"):
        import_module(module.name)
print(sorted(name for name in sys.modules if name.partition(".")[0] in {"pyspark", "py4j"}))
"""


def imports_of(tree: ast.AST) -> set[str]:
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            found.add((node.module or "").partition(".")[0])
    return found


def test_only_the_engine_for_spark_names_pyspark() -> None:
    naming = {
        str(path.relative_to(ROOT))
        for path in (ROOT / "src").rglob("*.py")
        if "pyspark" in imports_of(ast.parse(path.read_text(encoding="utf-8")))
    }
    assert naming == {ENGINE}


def test_importing_everything_loads_no_spark() -> None:
    done = subprocess.run(
        [sys.executable, "-c", IMPORT_ALL],
        env={**os.environ, "DJANGO_SETTINGS_MODULE": "yicha.site.settings"},
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == "[]"


def test_a_process_that_serves_pages_loads_no_engine() -> None:
    done = subprocess.run(
        [
            sys.executable,
            "-c",
            "import django, sys; django.setup(); import yicha.site.urls; print('duckdb' in sys.modules)",
        ],
        env={**os.environ, "DJANGO_SETTINGS_MODULE": "yicha.site.settings"},
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert done.stdout.strip() == "False", done.stdout + done.stderr
