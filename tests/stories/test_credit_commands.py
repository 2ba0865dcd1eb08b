"""Models of classes from the command line: a document is checked, and what the product ships takes force."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cast import Cast, person
from yicha.base.accounts.terms import GrantFacts, Role
from yicha.doors.cli.main import build_parser
from yicha.know.credit.queries import models as queries
from yicha.know.registry.models import Enterprise


def yicha(*words: str) -> int:
    """Run a command in this process, on this database."""
    args = build_parser().parse_args(["credit", *words])
    return int(args.run(args))


def test_a_document_is_checked_and_every_fault_is_printed(
    db: None, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "model.yaml"
    file.write_text(queries.get_shipped().text.replace("minor: 40", "minor: -40", 1))
    assert yicha("models", "check", str(file)) == 1
    said = capsys.readouterr().err.splitlines()
    assert len(said) == 1 and "is below 0" in said[0]
    file.write_text(queries.get_shipped().text)
    assert yicha("models", "check", str(file)) == 0


def test_what_is_shipped_takes_force_by_two_people(cast: Cast, capsys: pytest.CaptureFixture[str]) -> None:
    person("approver", "审批人", GrantFacts(Role.APPROVER, "110112-market", "110112"))
    both = ("--coordinator", "coordinator", "--approver", "approver")
    assert yicha("models", "use", "default", *both) == 0
    assert "changed\t" in capsys.readouterr().out
    in_force = queries.find_model_in_force()
    assert in_force is not None and in_force.version == 0
    assert set(queries.list_signatures(in_force).values()) == {"coordinator", "approver"}
    assert set(Enterprise.objects.values_list("risk_class", flat=True)) == {"B"}  # nobody filed a report
    assert yicha("models", "list") == 0
    assert "0\tin-force" in capsys.readouterr().out
    assert yicha("classify") == 0


def test_who_may_not_sign_is_named(cast: Cast, capsys: pytest.CaptureFixture[str]) -> None:
    words = ("models", "use", "default", "--coordinator", "coordinator", "--approver", "planner")
    assert yicha(*words) == 1
    assert "“planner”" in capsys.readouterr().err
    assert yicha("models", "use", "9", "--coordinator", "coordinator", "--approver", "coordinator") == 1
