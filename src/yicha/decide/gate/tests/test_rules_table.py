"""Every kind of ground has a test and a row in the guide, and the guide's table is the one that the rules make."""

from __future__ import annotations

import re
from importlib import import_module
from pathlib import Path

import pytest

from tools import decision_table
from yicha.decide.gate.rules.changes import ANSWERS
from yicha.decide.gate.rules.kinds import GroundKind
from yicha.decide.gate.rules.table import THEMES, list_kinds
from yicha.decide.gate.terms import TELLS_CLASS, Application, Bars

KINDS = [kind for theme in THEMES for kind in list_kinds(theme)]
HERE = Path(__file__).resolve().parent
GUIDE = decision_table.GUIDE.read_text("utf-8")
TESTS = "".join(
    path.read_text("utf-8")
    for path in sorted(HERE.glob("test_rules_*.py"))
    if path.name != Path(__file__).name
)


def test_a_code_belongs_to_one_kind_of_ground() -> None:
    codes = [kind.code for kind in KINDS]
    assert len(codes) == len(set(codes))
    assert set(codes) >= TELLS_CLASS


def test_no_ground_is_made_outside_the_table() -> None:
    rules = "".join(path.read_text("utf-8") for path in (HERE.parent / "rules").glob("*.py"))
    assert set(re.findall(r'code="(gate\.[a-z-]+)"', rules)) == {kind.code for kind in KINDS}


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.code)
def test_every_kind_of_ground_has_a_test_and_a_row_in_the_guide(kind: GroundKind) -> None:
    assert f'"{kind.code}"' in TESTS
    assert f"| `{kind.code}` |" in GUIDE


def test_every_ground_that_can_be_answered_has_its_answer_among_the_changes() -> None:
    assert set(ANSWERS) == {kind.code for kind in KINDS if kind.answerable}


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.code)
def test_every_kind_of_ground_names_its_source(kind: GroundKind) -> None:
    assert kind.source
    assert kind.bars or not (kind.passes or kind.answerable)
    assert kind.leads_to is None or kind.bars is Bars.NOTHING


def test_a_field_to_mend_is_one_of_the_application() -> None:
    assert {kind.at_field for kind in KINDS} - {""} <= set(Application.__dataclass_fields__)


def test_the_decision_table_is_up_to_date(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert decision_table.main(["--check"]) == 0
    stale = tmp_path / "gate.md"
    stale.write_text(GUIDE.replace("gate.quiet-day`", "gate.quiet`"), "utf-8")
    monkeypatch.setattr(decision_table, "GUIDE", stale)
    assert decision_table.main(["--check"]) == 1
    assert decision_table.main([]) == 0
    assert stale.read_text("utf-8") == GUIDE


def test_the_guide_tells_every_trigger_that_the_product_starts_with() -> None:
    """With what it is free from: own initiative, budget, frequency, quiet days, undisturbed, sparing, evidence."""
    triggers = import_module("yicha.decide.gate.migrations.0002_triggers").TRIGGERS
    for code, _words, flags, *_source in triggers:
        row = next(line for line in GUIDE.splitlines() if line.startswith(f"| `{code}`"))
        own, _counts, *others = [cell.strip().startswith("yes") for cell in row.strip("|").split("|")][1:]
        cap, quiet, undisturbed, spareable, evidence = (bool(flag) for flag in flags[2:])
        assert [own, *others] == [bool(flags[0]), cap, quiet, undisturbed, spareable, evidence], code
