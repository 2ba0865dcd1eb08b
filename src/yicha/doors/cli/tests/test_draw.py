"""`yicha draw` from the number to verified files, as an operator would type it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from yicha.doors.cli import secrets_kept
from yicha.doors.cli.main import build_parser
from yicha.kernel.refusal import NotFound, Refused

AGENCIES = ("110112-fire", "110112-market")
COMMON = ["--source", "the command line", "--kind-of-beacon", "demonstration"]


def yicha(*words: str) -> int:
    """Run a command in this process and its database."""
    args = build_parser().parse_args(["draw", *words])
    return int(args.run(args))


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def open_draw(capsys: pytest.CaptureFixture[str], kind: str = "objects") -> str:
    agencies = [word for agency in AGENCIES for word in ("--agency", agency)]
    words = [
        "--organiser",
        "110302",
        "--title",
        "餐饮",
        "--plan",
        "p",
        "--deadline",
        "2999-01-01T00:00+08:00",
    ]
    assert yicha("open", *words, *agencies, *COMMON, "--kind", kind) == 0
    return capsys.readouterr().out.strip()


def freeze_files(folder: Path) -> list[str]:
    strata = [{"id": "s1", "words": "all", "where": "everything", "rate": "0.5"}]
    (folder / "strata.json").write_text(json.dumps(strata), encoding="utf-8")
    (folder / "p.tsv").write_text("".join(f"k{n}\ts1\n" for n in range(40)), encoding="ascii")
    (folder / "x.tsv").write_text("x1\tbudget\n", encoding="ascii")
    return ["--strata", "strata.json", "--population", "p.tsv", "--exclusions", "x.tsv"]


def replace(draw_id: str, key: str) -> None:
    yicha("replace", draw_id, key, "--code", "closed", "--evidence", "photo")
    yicha("replace", draw_id, key, "--approve", "--actor", "a")
    yicha("replace", draw_id, key, "--approve", "--actor", "b")


@pytest.mark.django_db
def test_a_draw_by_hand(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    draw_id = open_draw(capsys)
    for agency in AGENCIES:
        yicha("commit", draw_id, agency)
    kept = here / "reveals" / f"{draw_id}.{AGENCIES[0]}.reveal"
    assert oct(kept.stat().st_mode & 0o777) == "0o600"
    yicha("freeze", draw_id, *freeze_files(here))
    assert "published" in capsys.readouterr().out
    for agency in AGENCIES:
        yicha("reveal", draw_id, agency)
    yicha("run", draw_id, "--beacon", "by hand")
    yicha("export", draw_id, "--out", "out")
    capsys.readouterr()
    folder = here / "out" / draw_id
    assert yicha("verify", str(folder)) == 0
    assert "ok  selection: 40 tickets, 20 objects drawn" in capsys.readouterr().out
    keys = [row["key"] for row in json.loads((folder / "result.json").read_bytes())["selection"]]
    for key in keys[:3]:
        replace(draw_id, key)
    assert f"done\t{keys[0]}\t" in capsys.readouterr().out
    yicha("supplement", draw_id, *COMMON)
    yicha("run-supplement", draw_id, "--beacon", "once more")
    yicha("export", draw_id, "--out", "out")
    assert yicha("verify", str(folder)) == 0
    assert "3 skipped, 1 supplements; 20 stand" in capsys.readouterr().out
    yicha("void", draw_id, "--agency", AGENCIES[0], "--reason", "a trial")
    yicha("export", draw_id, "--out", "out")
    yicha("verify", str(folder))
    yicha("list", "--state", "void")
    yicha("show", draw_id)
    out = capsys.readouterr().out
    assert "THIS DRAW IS VOID: a trial" in out
    assert "participant\t110112-fire\trevealed" in out


@pytest.mark.django_db
def test_a_draw_of_officers_by_hand(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    draw_id = open_draw(capsys, "officers")
    for agency in AGENCIES:
        yicha("commit", draw_id, agency)
    (here / "t.tsv").write_text("v1\ta\t2\n", encoding="ascii")
    (here / "e.tsv").write_text("v1\ta\to1\nv1\ta\to2\nv1\ta\to3\n", encoding="ascii")
    (here / "r.tsv").write_text("v1\ta\to4\trecusal\n", encoding="ascii")
    tables = ["--tasks", "t.tsv", "--eligibility", "e.tsv", "--reasons", "r.tsv", "--load-cap", "1"]
    yicha("freeze", draw_id, *tables, "--hold")
    assert "\tfrozen\t" in capsys.readouterr().out
    yicha("publish", draw_id)
    for agency in AGENCIES:
        yicha("reveal", draw_id, agency)
    yicha("run", draw_id, "--beacon", "by hand")
    assert "2 drawn" in capsys.readouterr().out


@pytest.mark.django_db
def test_what_is_wrong_is_said(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(NotFound, match="no draw"):
        yicha("show", "nothing-2026-0001")
    draw_id = open_draw(capsys)
    with pytest.raises(Refused) as refused:
        yicha("reveal", draw_id, AGENCIES[0])
    assert refused.value.codes == ("draw.secret-missing",)
    yicha("commit", draw_id, AGENCIES[0])
    with pytest.raises(Refused) as refused:
        yicha("commit", draw_id, AGENCIES[0])
    assert refused.value.codes == ("draw.secret-kept",)
    words = freeze_files(here)
    (here / "p.tsv").write_text("k1 s1\n", encoding="ascii")
    with pytest.raises(Refused) as refused:
        yicha("freeze", draw_id, *words)
    assert refused.value.codes == ("draw.file-fields",)
    freeze_files(here)
    (here / "strata.json").write_text('[{"name": "x"}]', encoding="ascii")
    with pytest.raises(Refused) as refused:
        yicha("freeze", draw_id, *words)
    assert refused.value.codes == ("draw.strata-file",)
    with pytest.raises(Refused):
        secrets_kept.make(here, "a/b", "c")


def test_a_secret_is_made_without_a_database(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    args = build_parser().parse_args(["draw", "commit", "110302-2026-0001", "a", "--offline"])
    assert args.needs_database is False
    assert args.run(args) == 0
    assert "commitment\t" in capsys.readouterr().out


def test_verify_starts_no_database(tmp_path: Path) -> None:
    environment = {**os.environ, "YICHA_VAR": str(tmp_path / "var")}
    words = [sys.executable, "-m", "yicha.doors.cli.main", "draw", "verify", str(tmp_path)]
    done = subprocess.run(words, capture_output=True, text=True, check=False, env=environment)
    assert (done.returncode, done.stdout) == (1, "NO  file-missing: manifest.json cannot be read\n")
    assert not (tmp_path / "var").exists()


@pytest.mark.parametrize(
    "words",
    [
        ["open", "--deadline", "tomorrow"],
        ["open", "--deadline", "2026-07-01T09:00"],
        ["replace", "d", "k"],
        ["run", "d"],
    ],
)
def test_wrong_usage_is_2(words: list[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        build_parser().parse_args(["draw", *words])
    assert ended.value.code == 2
