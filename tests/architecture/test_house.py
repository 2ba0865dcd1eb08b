"""What import-linter cannot see: the house rules of DESIGN and CONTRIBUTING, each as a test."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import grimp
import pytest
from django.apps import apps

ROOT = Path(__file__).resolve().parents[2]
SOURCE = ROOT / "src" / "yicha"
STAGES = ("kernel", "base", "ingest", "know", "decide", "act", "share", "doors", "site")
WRITES = {"save", "create", "bulk_create", "bulk_update", "update_or_create", "get_or_create", "delete"}
CLOCKS = {
    ("datetime", "now"),
    ("datetime", "utcnow"),
    ("datetime", "today"),
    ("date", "today"),
    ("timezone", "now"),
}


def shipped() -> Iterator[Path]:
    """Every module that ships, without migrations and tests."""
    for path in sorted(SOURCE.rglob("*.py")):
        if not {"migrations", "tests"} & set(path.relative_to(SOURCE).parts):
            yield path


def app_folders() -> list[Path]:
    return sorted(
        path.parent for path in SOURCE.glob("*/*/apps.py") if path.parent.parent.name not in {"doors", "site"}
    )


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def calls(path: Path) -> Iterator[tuple[ast.Call, str, str]]:
    """Every call of an attribute as (node, what it is called on, attribute)."""
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            yield node, ast.unparse(node.func.value), node.func.attr


def named(path: Path, node: ast.AST) -> str:
    return f"{path.relative_to(ROOT)}:{getattr(node, 'lineno', 0)}"


def test_models_and_rules_of_an_app_are_imported_by_that_app_alone() -> None:
    graph = grimp.build_graph("yicha")
    strangers = []
    for module in graph.modules:
        parts = module.split(".")
        if len(parts) != 4 or parts[3] not in {"models", "rules"}:
            continue
        own = ".".join(parts[:3])
        for importer in graph.find_modules_that_directly_import(module):
            if not importer.startswith(own) and ".tests" not in importer:
                strangers.append(f"{importer} imports {module}")
    assert not strangers, "Ask its queries or services instead: " + "; ".join(sorted(strangers))


def test_only_the_kernel_reads_the_clock() -> None:
    found = [
        named(path, node)
        for path in shipped()
        if path != SOURCE / "kernel" / "clock.py"
        for node, on, attribute in calls(path)
        if (on.rsplit(".", 1)[-1], attribute) in CLOCKS
    ]
    assert not found, f"Take `now` as a parameter: {found}"


def test_only_services_write() -> None:
    found = [
        named(path, node)
        for folder in app_folders()
        for path in sorted(folder.glob("*.py"))
        if path.stem in {"queries", "rules", "terms", "models", "admin"}
        for node, on, attribute in calls(path)
        if attribute in WRITES and "objects" in on
    ]
    found += [
        named(path, node)
        for path in sorted((SOURCE / "doors").rglob("*.py"))
        if "tests" not in path.parts
        for node, on, attribute in calls(path)
        if attribute in WRITES and ".objects" in f".{on}"
    ]
    assert not found, f"Write through a service: {found}"


def test_no_rows_are_drawn_by_the_database_at_random() -> None:
    found = [
        named(path, node)
        for path in shipped()
        for node, _, attribute in calls(path)
        if attribute == "order_by" and any(isinstance(a, ast.Constant) and a.value == "?" for a in node.args)
    ]
    assert not found, f"A draw is a public rule, never order_by('?'): {found}"


def test_nothing_happens_behind_a_signal() -> None:
    words = ("django.db.models.signals", "django.dispatch")
    found = [
        str(path.relative_to(ROOT))
        for path in shipped()
        for node in ast.walk(tree(path))
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith(words)
    ]
    assert not found, f"Call the service; a reader cannot see a signal: {found}"


def test_no_foreign_key_points_up_the_house() -> None:
    wrong = []
    for model in apps.get_models():
        if not model.__module__.startswith("yicha."):
            continue
        own = STAGES.index(model.__module__.split(".")[1])
        for field in model._meta.get_fields():
            target = field.related_model
            if (
                field.auto_created
                or not isinstance(target, type)
                or not target.__module__.startswith("yicha.")
            ):
                continue
            if STAGES.index(target.__module__.split(".")[1]) > own:
                wrong.append(f"{model.__name__}.{field.name} → {target.__name__}")
    assert not wrong, f"A later stage may point to an earlier one, never the reverse: {wrong}"


def test_no_file_has_a_name_that_says_nothing() -> None:
    empty = {"utils", "util", "helpers", "helper", "common", "misc"}
    found = [str(path.relative_to(ROOT)) for path in SOURCE.rglob("*") if path.stem in empty]
    assert not found, f"Name it for what it does: {found}"


@pytest.mark.parametrize("folder", app_folders(), ids=lambda folder: f"{folder.parent.name}/{folder.name}")
def test_an_app_introduces_itself(folder: Path) -> None:
    readme = folder / "README.md"
    assert readme.exists(), (
        f"{folder.name} needs a README.md of about ten lines: what, words, law, who may call it"
    )
    text = readme.read_text(encoding="utf-8")
    assert text.startswith(f"# {folder.name}"), f"{readme} begins with the app's name"


def test_files_stay_readable() -> None:
    long = {
        str(path.relative_to(ROOT)): lines
        for path in shipped()
        # each is published as one file that anybody can run: docs/decisions/0010
        if path.name not in ("verify_draw.py", "verify_calendar.py")
        and (lines := len(path.read_text(encoding="utf-8").splitlines())) > 400
    }
    assert not long, f"Over 400 lines: something wants to be named: {long}"


def test_functions_stay_readable() -> None:
    long = {
        f"{named(path, node)} {node.name}": length
        for path in shipped()
        for node in ast.walk(tree(path))
        if isinstance(node, ast.FunctionDef)
        and (length := (node.end_lineno or 0) - node.lineno + 1 - _docstring_lines(node)) > 50
    }
    assert not long, f"Over 50 lines: something wants to be named: {long}"


def _docstring_lines(node: ast.FunctionDef) -> int:
    first = node.body[0]
    if (
        isinstance(first, ast.Expr)
        and isinstance(first.value, ast.Constant)
        and isinstance(first.value.value, str)
    ):
        return (first.end_lineno or 0) - first.lineno + 1
    return 0


def test_a_commit_names_no_machine() -> None:
    """Lock files carry hashes without addresses."""
    lock = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    assert "://" not in lock and "--hash=sha256:" in lock
    assert '"resolved"' not in (ROOT / "frontend" / "package-lock.json").read_text(encoding="utf-8")
