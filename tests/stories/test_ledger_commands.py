"""Somebody checks the record of official acts from the command line, with and without our database."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest
from pytest_django.fixtures import Settings

from tests.cast import NOW, Cast
from yicha.doors.cli.main import build_parser, main
from yicha.share.publicity import queries
from yicha.share.publicity import services as publicity
from yicha.share.publicity.tests.factories import closed


@pytest.fixture
def exported(cast: Cast, settings: Settings, tmp_path: Path) -> Path:
    """The acts of the cast, exported by the command itself."""
    from dataclasses import replace

    settings.YICHA = replace(settings.YICHA, var=tmp_path, ledger_key=None)
    folder = tmp_path / "export"
    args = build_parser().parse_args(["ledger", "export", str(folder)])
    assert args.run(args) == 0
    return folder


def change(folder: Path) -> None:
    file = folder / "ledger.jsonl"
    file.write_bytes(file.read_bytes().replace(b'"region.saved"', b'"region.stolen"', 1))


def test_a_whole_export_holds_and_a_changed_one_does_not(
    exported: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["ledger", "verify", str(exported)]) == 0
    said = capsys.readouterr().out
    assert "whole" in said and "root" in said
    change(exported)
    assert main(["ledger", "verify", str(exported)]) == 1
    assert "root-differs" in capsys.readouterr().err


def test_a_stranger_verifies_without_a_database_and_leaves_nothing_behind(
    exported: Path, tmp_path: Path
) -> None:
    """Another process, another folder, settings that name a database that is not there."""
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    environment = {
        **os.environ,
        "DATABASE_URL": "postgresql://nobody@127.0.0.1:1/none",
        "YICHA_VAR": str(elsewhere / "var"),
    }
    command = [sys.executable, "-m", "yicha.doors.cli.main", "ledger", "verify", str(exported)]
    done = subprocess.run(
        command, cwd=elsewhere, env=environment, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert list(elsewhere.iterdir()) == [], "no data folder was made"
    change(exported)
    done = subprocess.run(
        command, cwd=elsewhere, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 1 and "root-differs" in done.stderr


def test_a_kept_checkpoint_finds_what_was_cut_off_together_with_its_checkpoint(
    exported: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    kept = tmp_path / "kept.json"
    kept.write_text(json.dumps(json.loads((exported / "checkpoints.json").read_text())[-1]))
    lines = (exported / "ledger.jsonl").read_bytes().splitlines(keepends=True)
    (exported / "ledger.jsonl").write_bytes(b"".join(lines[:-2]))
    assert main(["ledger", "verify", str(exported), "--against", str(kept)]) == 1
    assert "row-removed" in capsys.readouterr().err


def test_another_key_is_named(exported: Path, capsys: pytest.CaptureFixture[str]) -> None:
    key = json.loads((exported / "checkpoints.json").read_text())[-1]["key"]
    assert main(["ledger", "verify", str(exported), "--key", key]) == 0
    assert main(["ledger", "verify", str(exported), "--key", "00" * 32]) == 1
    assert "key-unknown" in capsys.readouterr().err


def test_a_folder_that_is_none_is_one_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["ledger", "verify", str(tmp_path / "nothing")]) == 1
    said = capsys.readouterr().err
    assert len(said.strip().splitlines()) == 1 and "checkpoints.json" in said


def test_wrong_usage_ends_with_two() -> None:
    with pytest.raises(SystemExit) as ended:
        main(["ledger", "weigh"])
    assert ended.value.code == 2
    with pytest.raises(SystemExit) as ended:
        main(["publish", "--due", "tomorrow"])
    assert ended.value.code == 2


def test_publish_says_what_it_would_do_and_does_it(cast: Cast, capsys: pytest.CaptureFixture[str]) -> None:
    closed(cast.noodle_shop, now=NOW)
    publicity.register_closed(now=NOW)
    due_on = queries.list_due().get().due_on

    def publish(*arguments: str) -> str:
        args = build_parser().parse_args(["publish", *arguments])
        assert args.run(args) == 0
        return capsys.readouterr().out

    assert publish("--dry-run").startswith("Results that would be published: 1")
    assert publish("--due", (due_on - timedelta(days=1)).isoformat()).startswith("Results published: 0")
    assert publish().startswith("Results published: 1")
    assert queries.list_published().count() == 1
