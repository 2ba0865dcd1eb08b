"""Somebody looks after the lake from the command line: what is there, does it hold, away with it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection

from yicha.base.lake import queries
from yicha.base.lake.models import Snapshot
from yicha.base.lake.terms import Place, SnapshotState
from yicha.base.lake.tests.factories import make_tables, take
from yicha.doors.cli.main import build_parser
from yicha.kernel.refusal import NotFound, Refused


@pytest.fixture
def lake(db: None, tmp_path: Path) -> Iterator[Path]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(settings, "YICHA", replace(settings.YICHA, lake=Place(tmp_path / "lake"), var=tmp_path))
        make_tables()
        yield tmp_path / "lake"


def yicha(*words: object) -> int:
    args = build_parser().parse_args(["lake", *(str(word) for word in words)])
    return int(args.run(args))


def test_the_list_names_every_snapshot(lake: Path, capsys: pytest.CaptureFixture[str]) -> None:
    snapshot = take()
    assert yicha("list") == 0
    said = capsys.readouterr().out
    assert str(snapshot.uuid) in said and "ready" in said and "firms 100, notes 225" in said


def test_a_whole_snapshot_holds(lake: Path, capsys: pytest.CaptureFixture[str]) -> None:
    snapshot = take()
    assert yicha("verify", snapshot.uuid) == 0
    assert f"325 rows, manifest {snapshot.manifest_sha256}" in capsys.readouterr().out


def change(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)


def test_a_changed_byte_is_found_and_the_file_named(lake: Path, capsys: pytest.CaptureFixture[str]) -> None:
    snapshot = take()
    path = queries.get_dataset(snapshot, "notes").uris[1]
    change(lake / path)
    assert yicha("verify", snapshot.uuid) == 1
    said = capsys.readouterr().err
    assert said.startswith(f"{path}: its SHA-256 is ") and len(said.splitlines()) == 1


def test_a_file_cut_short_is_found(lake: Path, capsys: pytest.CaptureFixture[str]) -> None:
    snapshot = take()
    path = queries.get_dataset(snapshot, "firms").uris[0]
    (lake / path).write_bytes((lake / path).read_bytes()[:-1])
    assert yicha("verify", snapshot.uuid) == 1
    assert "bytes, and the manifest says" in capsys.readouterr().err


def test_missing_files_are_named_up_to_a_number(lake: Path, capsys: pytest.CaptureFixture[str]) -> None:
    snapshot = take(part_rows=5)
    for path in queries.get_dataset(snapshot, "firms").uris + queries.get_dataset(snapshot, "notes").uris:
        (lake / path).unlink()
    assert yicha("verify", snapshot.uuid) == 1
    said = capsys.readouterr().err.splitlines()
    assert said[0].endswith("firms/00000.parquet: it is missing.")
    assert said[-1] == "… and 20 more."


def test_a_manifest_changed_in_the_database_is_found(lake: Path, capsys: pytest.CaptureFixture[str]) -> None:
    snapshot = take()
    snapshot.manifest["tables"]["firms"]["rows"] = 99
    Snapshot.objects.filter(pk=snapshot.pk).update(manifest=snapshot.manifest)
    assert yicha("verify", snapshot.uuid) == 1
    assert (
        "manifest: the manifest in the database is not the one that was recorded" in capsys.readouterr().err
    )


def test_a_manifest_changed_with_its_hash_is_not_what_the_ledger_says(
    lake: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    from yicha.base.lake.rules import manifest
    from yicha.kernel import canonical

    snapshot = take()
    snapshot.manifest["taken_at"] = "2020-01-01"
    (lake / snapshot.place / "manifest.json").write_bytes(canonical.dumps(snapshot.manifest))
    Snapshot.objects.filter(pk=snapshot.pk).update(
        manifest=snapshot.manifest, manifest_sha256=manifest.digest(snapshot.manifest)
    )
    assert yicha("verify", snapshot.uuid) == 1
    assert capsys.readouterr().err.startswith("ledger: ")


def test_a_manifest_changed_in_the_lake_is_found(lake: Path, capsys: pytest.CaptureFixture[str]) -> None:
    snapshot = take()
    change(lake / snapshot.place / "manifest.json")
    assert yicha("verify", snapshot.uuid) == 1
    assert "manifest.json: it is not the manifest that was recorded" in capsys.readouterr().err


def test_what_is_dropped_is_gone_and_remembered(
    lake: Path, capsys: pytest.CaptureFixture[str], django_capture_on_commit_callbacks: object
) -> None:
    snapshot = take()
    with django_capture_on_commit_callbacks(execute=True):  # type: ignore[operator]
        assert yicha("drop", snapshot.uuid) == 0
    snapshot.refresh_from_db()
    assert snapshot.state == SnapshotState.DROPPED and snapshot.manifest_sha256
    assert not [path for path in lake.rglob("*") if path.is_file()]
    with pytest.raises(Refused) as refused:
        yicha("verify", snapshot.uuid)
    assert refused.value.codes == ("lake.not-ready",)


def test_nothing_is_dropped_twice(lake: Path) -> None:
    snapshot = take()
    yicha("drop", snapshot.uuid)
    with pytest.raises(Refused) as refused:
        yicha("drop", snapshot.uuid)
    assert refused.value.codes == ("lake.snapshot.state",)


@pytest.mark.parametrize("act", ["verify", "drop"])
def test_what_is_not_there_is_not_found(lake: Path, act: str) -> None:
    with pytest.raises(NotFound):
        yicha(act, "00000000-0000-0000-0000-000000000000")


def test_tidying_says_what_it_removed(lake: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert yicha("tidy") == 0
    assert capsys.readouterr().out == "0 snapshots that were never completed, 0 other files removed.\n"


def test_the_engine_says_who_it_is(lake: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert yicha("engine") == 0
    said = capsys.readouterr().out
    assert said.startswith("DuckDB ") and "5050" in said
    assert connection.is_usable()
