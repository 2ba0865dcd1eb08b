"""`yicha gate` and `yicha keys`, as an agency's officer would type them."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

import pytest

from tests.cast import Cast
from yicha.decide.gate import queries, services
from yicha.decide.gate.terms import Application
from yicha.decide.gate.tests.stage import items
from yicha.doors.cli.main import build_parser
from yicha.kernel import clock
from yicha.kernel.refusal import NotFound, Refused
from yicha.know.visits.terms import ContactKind

ON = clock.today(clock.now()) + timedelta(days=1)
"""The command line asks the clock."""


def yicha(*words: str) -> int:
    """Run a command in this process and its database."""
    args = build_parser().parse_args([str(word) for word in words])
    return int(args.run(args))


def preview(cast: Cast, *more: str, item: str = "food") -> int:
    common = ["--uscc", cast.noodle_shop.uscc.lower(), "--agency", cast.agency_a.code, "--items", item]
    days = ["--on", ON.isoformat(), "--until", (ON + timedelta(days=5)).isoformat()]
    return yicha("gate", "preview", *common, "--trigger", "initiative", *days, *more)


FIT = ["--officers", "T-0001,T-0002", "--approved-by", "局长"]


@pytest.fixture
def known(cast: Cast) -> Cast:
    items()
    return cast


def test_a_visit_that_may_be(known: Cast, capsys: pytest.CaptureFixture[str]) -> None:
    assert preview(known, *FIT) == 0
    said = capsys.readouterr().out.splitlines()
    assert said[0] == f"allow on {ON}"
    assert said[1] == "  food: allow"
    assert any("gate.budget" in line and "annual-visit-cap = 4" in line for line in said)


def test_what_may_not_be_ends_with_1_and_says_why(known: Cast, capsys: pytest.CaptureFixture[str]) -> None:
    assert preview(known, *FIT, item="hose") == 1
    assert "✗ hose: " in capsys.readouterr().out


def test_a_reason_that_is_wanted_ends_with_1(known: Cast, capsys: pytest.CaptureFixture[str]) -> None:
    assert preview(known, "--officers", "T-0001,T-0002") == 1
    said = capsys.readouterr().out
    assert said.startswith("a reason is required") and "Wanted: gate.approval-missing" in said


def test_as_json_it_is_the_whole_verdict(known: Cast, capsys: pytest.CaptureFixture[str]) -> None:
    assert preview(known, *FIT, "--json") == 0
    verdict = json.loads(capsys.readouterr().out)
    assert verdict["outcome"] == "allow"
    assert {"code", "sentence", "source", "facts", "bars"} <= verdict["grounds"][0].keys()


def test_wrong_usage_ends_with_2(known: Cast, capsys: pytest.CaptureFixture[str]) -> None:
    assert preview(known, "--until", "2020-01-01", "--kind", "raid", "--reason", "x") == 2
    said = capsys.readouterr().err
    assert "lies before" in said and "no kind “raid”" in said and "CODE=TEXT" in said
    assert preview(known, "--until", "2199-01-01") == 2
    assert preview(known, "--agency", "nobody") == 2


def test_the_budget(known: Cast, capsys: pytest.CaptureFixture[str]) -> None:
    assert yicha("gate", "budget", "--uscc", known.noodle_shop.uscc, "--on", "2026-07-01") == 0
    assert "  district: 0 of 2" in capsys.readouterr().out
    with pytest.raises(NotFound):
        yicha("gate", "budget", "--uscc", "nobody")


def test_a_code_is_checked_off_line(known: Cast, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    today = ON - timedelta(days=1)
    application = Application(
        agency=known.agency_a.code,
        uscc=known.noodle_shop.uscc,
        items=("food",),
        kind=ContactKind.CASE,
        trigger="complaint",
        evidence="12345",
        from_on=today,
        until_on=ON,
        officers=("T-0001", "T-0002"),
        approved_by="局长",
    )
    row = services.apply("t", clock.now(), application)
    assert row.contact is not None, row.verdict
    code = queries.find_live_code(row.contact)
    assert code is not None
    assert yicha("keys", "list", "--jwks") == 0
    keys = tmp_path / "jwks.json"
    keys.write_text(capsys.readouterr().out, encoding="utf-8")
    token = f"https://yicha.example.cn/code/#{code.token}"
    assert yicha("gate", "code", "verify", token, "--keys", str(keys)) == 0
    assert known.noodle_shop.uscc in capsys.readouterr().out
    with pytest.raises(Refused):
        yicha("gate", "code", "verify", "nonsense", "--keys", str(keys))
    keys.write_text("[]", encoding="utf-8")
    assert yicha("gate", "code", "verify", token, "--keys", str(keys)) == 2


@pytest.mark.django_db
def test_keys_are_rotated_and_listed(capsys: pytest.CaptureFixture[str]) -> None:
    assert yicha("keys", "rotate", "certificate") == 0
    assert yicha("keys", "list") == 0
    assert "certificate  " in capsys.readouterr().out
