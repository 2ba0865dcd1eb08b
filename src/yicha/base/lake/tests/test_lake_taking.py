"""Freezing tables: what one transaction saw, whole, in equal parts, provable, or nothing at all."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from threading import Thread
from typing import Any

import psycopg
import pytest
from django.conf import settings
from django.db import connection, transaction

from yicha.base.lake import queries, services
from yicha.base.lake.models import Snapshot
from yicha.base.lake.rules import manifest
from yicha.base.lake.services.tidying import DIED
from yicha.base.lake.terms import Column, ColumnType, SnapshotState, TableSpec
from yicha.base.lake.tests.factories import FIRMS, KEYS, NOTES, drop_tables, make_tables, take
from yicha.base.ledger.models import Entry
from yicha.kernel import clock
from yicha.kernel.refusal import NotFound, Refused


@pytest.fixture
def tables(db: None) -> None:
    make_tables()


@pytest.fixture
def committed(transactional_db: None) -> Iterator[None]:
    """Tables that other connections see."""
    make_tables(kind="")
    yield
    drop_tables()


def files_of(snapshot: Snapshot) -> list[Path]:
    root: Path = settings.YICHA.lake.folder
    return sorted(path for path in (root / snapshot.place).rglob("*") if path.is_file())


def read(snapshot: Snapshot, statement: str) -> list[tuple[object, ...]]:
    inputs = {name: queries.get_dataset(snapshot, name) for name in ("firms", "notes")}
    with services.open_engine() as engine:
        return engine.fetch(statement, inputs)


def test_every_row_is_frozen_as_it_is(tables: None) -> None:
    snapshot = take()
    assert snapshot.state == SnapshotState.READY
    assert snapshot.rows == {"firms": 100, "notes": 225}
    with connection.cursor() as cursor:
        cursor.execute("SELECT id, name, size, is_open FROM lake_firm ORDER BY id")
        assert read(snapshot, "SELECT * FROM firms ORDER BY id") == cursor.fetchall()
        cursor.execute("SELECT firm, words, level FROM lake_note WHERE level < 3 ORDER BY firm, level")
        assert read(snapshot, "SELECT * FROM notes ORDER BY firm, level") == cursor.fetchall()


def test_null_and_an_empty_text_stay_two_things(tables: None) -> None:
    found = read(
        take(),
        "SELECT count(*) FILTER (WHERE words = '') AS empty, count(*) FILTER (WHERE words IS NULL) AS nothing "
        "FROM notes",
    )
    assert found == [(75, 50)]


def test_texts_that_look_like_something_else_stay_what_they_are(tables: None) -> None:
    odd = ['"', '""', ",", "a\nb", "\r\n", "\\N", "\\.", "NULL", "\t", "'", " x ", "企业,\n“一”", "%(first)s"]
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM lake_firm")
        cursor.executemany("INSERT INTO lake_firm (id, name) VALUES (%s, %s)", [*enumerate(odd, start=1)])
    assert [row[0] for row in read(take(), "SELECT name FROM firms ORDER BY id")] == odd


def test_parts_have_equal_numbers_of_keys_and_the_same_ranges_in_every_table(tables: None) -> None:
    parts = manifest.parts(take().manifest)
    firms, notes = parts[:4], parts[4:]
    assert [part.rows for part in firms] == [25, 25, 25, 25]
    assert [(part.first, part.last) for part in firms] == [(part.first, part.last) for part in notes]
    assert (firms[0].first, firms[-1].last) == (1, 10_000)
    assert all(one.last + 1 == after.first for one, after in pairwise(firms))


def test_rows_of_a_part_are_sorted_by_the_key(tables: None) -> None:
    snapshot = take(part_rows=1000)
    found = read(
        snapshot,
        "SELECT count(*) AS late FROM (SELECT firm < lag(firm) OVER () AS late FROM notes) WHERE late",
    )
    assert found == [(0,)]


def test_the_ledger_has_the_hash_of_the_manifest(tables: None) -> None:
    snapshot = take()
    entry = Entry.objects.get(act="snapshot.taken")
    assert entry.subject == f"snapshot:{snapshot.uuid}"
    assert entry.body["manifest"] == snapshot.manifest_sha256 == manifest.digest(snapshot.manifest)


def test_an_empty_population_is_a_snapshot_too(tables: None) -> None:
    snapshot = take(keys="SELECT id FROM lake_firm WHERE id < 0")
    assert snapshot.rows == {"firms": 0, "notes": 0}
    assert read(snapshot, "SELECT count(*) AS count FROM firms JOIN notes ON firm = id") == [(0,)]
    assert services.verify(snapshot) == []


def test_the_same_rows_give_the_same_files(tables: None) -> None:
    one, other = take(), take()
    assert [part.sha256 for part in manifest.parts(one.manifest)] == [
        part.sha256 for part in manifest.parts(other.manifest)
    ]


def test_rows_not_yet_committed_are_seen_inside_the_callers_transaction(committed: None) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("INSERT INTO lake_firm VALUES (20000, 'new')")
        assert take().rows["firms"] == 101


def test_inside_a_transaction_writers_wait(committed: None) -> None:
    with transaction.atomic():
        take()
        with connect() as other:
            other.execute("SET lock_timeout = '50ms'")
            with pytest.raises(psycopg.errors.LockNotAvailable):
                other.execute("INSERT INTO lake_note VALUES (1, 'late', 0)")


def test_what_others_commit_meanwhile_is_in_no_table(committed: None) -> None:
    """The snapshot begins, another process writes to both tables, and only then the tables are read."""
    taken: list[Snapshot] = []
    gate = "SELECT id FROM lake_firm, (SELECT pg_advisory_lock(20220), pg_advisory_unlock(20220)) AS gate"

    def work() -> None:
        try:
            taken.append(take(keys=gate))
        finally:
            connection.close()

    with connect() as other:
        other.execute("SELECT pg_advisory_lock(20220)")
        taker = Thread(target=work)
        taker.start()
        while not waiting(other):
            taker.join(0.05)
            assert taker.is_alive()
        other.execute("INSERT INTO lake_firm VALUES (20000, 'new')")
        other.execute("INSERT INTO lake_note VALUES (20000, 'new', 0), (1, 'new', 0)")
        other.execute("SELECT pg_advisory_unlock(20220)")
        taker.join()
    assert taken[0].rows == {"firms": 100, "notes": 225}
    assert take().rows == {"firms": 101, "notes": 227}


def waiting(other: psycopg.Connection[Any]) -> list[Any]:
    return other.execute(
        "SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND objid = 20220 AND NOT granted"
    ).fetchall()


def connect() -> psycopg.Connection[Any]:
    return psycopg.connect(**{**connection.get_connection_params(), "autocommit": True})


def test_a_failure_leaves_no_files_and_a_row_that_says_why(committed: None) -> None:
    broken = TableSpec("notes", NOTES.columns, NOTES.statement.replace("level <", "1 / (level - 2) <"))
    with pytest.raises(psycopg.errors.DivisionByZero):
        take(tables=[FIRMS, broken])
    snapshot = Snapshot.objects.get()
    assert snapshot.state == SnapshotState.FAILED
    assert "DivisionByZero" in snapshot.failure
    assert files_of(snapshot) == []
    assert not Entry.objects.filter(act="snapshot.taken").exists()


def test_a_failure_inside_a_transaction_leaves_the_transaction_whole(tables: None) -> None:
    broken = TableSpec("notes", NOTES.columns, NOTES.statement.replace("level <", "1 / (level - 2) <"))
    with pytest.raises(psycopg.errors.DivisionByZero):
        take(tables=[FIRMS, broken])
    assert not Snapshot.objects.exists()
    assert take().state == SnapshotState.READY


def test_a_value_that_its_column_cannot_hold_fails(tables: None) -> None:
    columns = (Column("id", ColumnType.BIGINT), Column("name", ColumnType.SMALLINT), *FIRMS.columns[2:])
    with pytest.raises(Exception, match="name"):
        take(tables=[TableSpec("firms", columns, FIRMS.statement)])


def test_what_a_taker_that_died_has_left_is_removed_by_the_next(committed: None) -> None:
    dead = Snapshot.objects.create(
        name="firms",
        state=SnapshotState.TAKING,
        taken_at=clock.now(),
        taken_by="test",
        place="snapshots/dead",
    )
    left: Path = settings.YICHA.lake.folder / "snapshots" / "dead" / "firms" / "00000.parquet"
    left.parent.mkdir(parents=True)
    left.write_bytes(b"PAR1")
    take()
    dead.refresh_from_db()
    assert (dead.state, dead.failure) == (SnapshotState.FAILED, DIED)
    assert not left.exists()


def test_what_is_still_being_taken_is_left_alone(committed: None) -> None:
    from yicha.base.lake.services.tidying import lock_number

    live = Snapshot.objects.create(
        name="firms",
        state=SnapshotState.TAKING,
        taken_at=clock.now(),
        taken_by="test",
        place="snapshots/live",
    )
    with connect() as taker:
        taker.execute("SELECT pg_advisory_lock(%s)", [lock_number(live.uuid)])
        take()
        live.refresh_from_db()
        assert live.state == SnapshotState.TAKING


def test_a_key_given_twice_is_refused(tables: None) -> None:
    with pytest.raises(Refused) as refused:
        take(keys="SELECT 5 FROM lake_firm")
    assert refused.value.codes == ("lake.keys",)


def test_a_statement_that_does_not_keep_to_its_part_is_refused(tables: None) -> None:
    all_of_them = TableSpec(
        "firms", FIRMS.columns, "SELECT id, name, size, is_open FROM lake_firm ORDER BY id"
    )
    with pytest.raises(Refused) as refused:
        take(tables=[all_of_them])
    assert refused.value.codes == ("lake.range",)
    assert "%(first)s" in str(refused.value)


@pytest.mark.parametrize("name", ["Firms", "firms; drop", "", "1st", "a" * 64])
def test_a_name_that_not_every_engine_takes_is_refused(tables: None, name: str) -> None:
    with pytest.raises(Refused) as refused:
        take(tables=[TableSpec(name, FIRMS.columns, FIRMS.statement)])
    assert refused.value.codes == ("lake.name",)


def test_a_table_that_is_not_in_the_snapshot_is_refused(tables: None) -> None:
    with pytest.raises(Refused) as refused:
        queries.get_dataset(take(), "visits")
    assert refused.value.codes == ("lake.no-table",)


def test_a_snapshot_that_is_not_ready_is_refused(tables: None) -> None:
    snapshot = take()
    services.drop(snapshot, actor="test", now=clock.now())
    snapshot.refresh_from_db()
    with pytest.raises(Refused) as refused:
        queries.get_dataset(snapshot, "firms")
    assert refused.value.codes == ("lake.no-table",)


def test_the_newest_that_is_ready_is_found_by_its_name(tables: None) -> None:
    older, newer = take(), take()
    assert queries.find_newest("firms") == newer
    services.drop(newer, actor="test", now=clock.now())
    assert queries.find_newest("firms") == older
    assert queries.find_newest("visits") is None


@pytest.mark.parametrize("asked", ["00000000-0000-0000-0000-000000000000", "no uuid"])
def test_a_snapshot_that_is_not_there_is_not_found(db: None, asked: str) -> None:
    with pytest.raises(NotFound):
        queries.get_snapshot(asked)


def test_keys_are_a_select_of_the_callers(tables: None) -> None:
    snapshot = take(keys=f"{KEYS} WHERE id > %(beyond)s", parameters={"below": 3, "beyond": 2500})
    assert snapshot.rows["firms"] == 50
    assert snapshot.manifest["parameters"] == {"below": "3", "beyond": "2500"}
