"""The lake in a bucket: a real server that speaks S3, over HTTP, on this machine; and a folder beside it."""

from __future__ import annotations

import os
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings
from obstore.store import S3Store

from yicha.base.lake import queries, services
from yicha.base.lake.models import Snapshot
from yicha.base.lake.services.bucket import Bucket
from yicha.base.lake.services.storage import Folder, open_storage
from yicha.base.lake.terms import Column, ColumnType, Dataset, Place
from yicha.base.lake.tests.factories import make_tables, take
from yicha.kernel import clock
from yicha.kernel.refusal import Refused


def stored(bucket_lake: Place) -> S3Store:
    """The bucket as somebody else would open it."""
    return S3Store(
        bucket_lake.bucket,
        endpoint=bucket_lake.endpoint,
        region=bucket_lake.region,
        access_key_id=bucket_lake.key,
        secret_access_key=bucket_lake.secret,
        client_options={"allow_http": True},
    )


def listed(bucket_lake: Place) -> list[str]:
    import obstore

    return sorted(str(meta["path"]) for batch in obstore.list(stored(bucket_lake)) for meta in batch)


@pytest.fixture
def frozen(db: None, bucket_lake: Place) -> Snapshot:
    make_tables()
    return take()


def test_files_and_manifest_are_in_the_bucket(frozen: Snapshot, bucket_lake: Place) -> None:
    names = [f"{table}/{number:05d}.parquet" for table in ("firms", "notes") for number in range(4)]
    assert listed(bucket_lake) == sorted(
        f"city/lake/{frozen.place}/{name}" for name in [*names, "manifest.json"]
    )
    assert services.verify(frozen) == []


def test_another_machine_fetches_what_it_computes_on(
    frozen: Snapshot, bucket_lake: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = replace(bucket_lake, folder=tmp_path / "other machine")
    monkeypatch.setattr(settings, "YICHA", replace(settings.YICHA, lake=other))
    firms = queries.get_dataset(frozen, "firms")
    with services.open_engine() as engine:
        half = engine.compute(
            "SELECT id FROM firms WHERE is_open", {"firms": firms}, into="results/half", by_part=True
        )
        assert engine.fetch("SELECT count(*) AS count FROM half", {"half": half}) == [(50,)]
    assert len([path for path in listed(bucket_lake) if "/results/half/" in path]) == 4
    assert len(list((other.folder / "fetched").rglob("*.parquet"))) == 8
    assert half.rows == 50


def test_a_file_changed_in_the_bucket_is_not_computed_on(
    frozen: Snapshot, bucket_lake: Place, tmp_path: Path
) -> None:
    import obstore

    firms = queries.get_dataset(frozen, "firms")
    obstore.put(stored(bucket_lake), f"{bucket_lake.prefix}/{firms.uris[2]}", b"PAR1 other bytes PAR1")
    assert [fault.path for fault in services.verify(frozen)] == [firms.uris[2]]
    fresh = Bucket(replace(bucket_lake, folder=tmp_path / "fresh"))
    with pytest.raises(Refused) as refused:
        fresh.fetch(firms.uris[2], firms.hashes[2])
    assert refused.value.codes == ("lake.changed",)
    assert not [path for path in (tmp_path / "fresh").rglob("*") if path.is_file()]


def test_a_file_missing_from_the_bucket_is_named(
    frozen: Snapshot, bucket_lake: Place, tmp_path: Path
) -> None:
    import obstore

    firms = queries.get_dataset(frozen, "firms")
    obstore.delete(stored(bucket_lake), f"{bucket_lake.prefix}/{firms.uris[0]}")
    assert [(fault.path, fault.sentence) for fault in services.verify(frozen)] == [
        (firms.uris[0], "it is missing")
    ]
    with pytest.raises(Refused) as refused:
        Bucket(replace(bucket_lake, folder=tmp_path / "fresh")).fetch(firms.uris[0], firms.hashes[0])
    assert refused.value.codes == ("lake.missing",)


def test_dropping_empties_the_bucket(
    frozen: Snapshot, bucket_lake: Place, django_capture_on_commit_callbacks: object
) -> None:
    with django_capture_on_commit_callbacks(execute=True):  # type: ignore[operator]
        services.drop(frozen, actor="test", now=clock.now())
    assert listed(bucket_lake) == []


def test_a_storage_that_does_not_answer_is_refused_without_telling_the_secret(bucket_lake: Place) -> None:
    for wrong in (
        replace(bucket_lake, endpoint="http://127.0.0.1:9"),
        replace(bucket_lake, bucket="lake-of-nobody"),
    ):
        with pytest.raises(Refused) as refused:
            Bucket(wrong).list("")
        assert refused.value.codes == ("lake.storage",)
        assert wrong.secret not in str(refused.value) and wrong.secret not in repr(wrong)


def test_what_was_fetched_is_tidied_when_it_is_old(frozen: Snapshot, bucket_lake: Place) -> None:
    kept = list((bucket_lake.folder / "fetched").rglob("*.parquet"))
    assert services.tidy(now=clock.now()).files == 0
    for path in kept:
        os.utime(path, (1, 1))
    assert services.tidy(now=clock.now()).files == len(kept) > 0
    assert services.verify(frozen) == []


def test_results_are_tidied_when_they_are_old_and_snapshots_are_not(
    db: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        settings, "YICHA", replace(settings.YICHA, lake=Place(tmp_path), var=tmp_path / "var")
    )
    make_tables()
    snapshot = take()
    with services.open_engine() as engine:
        engine.compute("SELECT 1::BIGINT AS one", {}, into="results/one")
    assert services.tidy(now=clock.now()).files == 0
    later = clock.now() + timedelta(days=2)
    assert services.tidy(now=later).files == 1
    assert services.verify(snapshot) == []


def test_a_file_that_is_gone_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Refused) as refused:
        Folder(tmp_path).fetch("results/one/00000.parquet", "")
    assert refused.value.codes == ("lake.missing",)


@pytest.mark.parametrize("path", ["../outside", "/etc", "a//b", "", "a/../b", "a b", ".hidden"])
def test_no_path_leads_out_of_the_lake(tmp_path: Path, path: str) -> None:
    with pytest.raises(Refused) as refused:
        Folder(tmp_path).stage(path)
    assert refused.value.codes == ("lake.path",)


def test_an_empty_lake_has_no_files(tmp_path: Path) -> None:
    storage = Folder(tmp_path / "none")
    assert (storage.list(""), storage.measure("results/none"), storage.remove("results")) == ([], None, 0)


def test_files_of_this_machine_may_be_named_by_their_full_path(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import duckdb

    target = tmp_path / "plain.parquet"
    duckdb.execute(f"COPY (SELECT n FROM range(3) AS r (n)) TO '{target}'")
    dataset = Dataset((str(target),), (Column("n", ColumnType.BIGINT),), 3)
    with services.open_engine() as engine:
        assert engine.fetch("SELECT CAST(sum(n) AS BIGINT) AS n FROM t", {"t": dataset}) == [(3,)]
    assert isinstance(open_storage(), Folder)
