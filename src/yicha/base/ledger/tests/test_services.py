from __future__ import annotations

import json
import stat
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.db import ProgrammingError, close_old_connections, connection, transaction
from pytest_django import DjangoDbBlocker
from pytest_django.fixtures import Settings

from tests.cast import NOW
from yicha.base.ledger import queries, services
from yicha.base.ledger.models import Checkpoint, Entry, Head
from yicha.kernel.refusal import Refused

KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))


def append(count: int = 1) -> int:
    acts: list[services.Act] = [("test.done", f"test:{number}", {"n": number}) for number in range(count)]
    with transaction.atomic():
        return services.append_many(actor="甲", now=NOW, acts=acts)


@pytest.fixture
def committed(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """Rows that other connections see. They are taken out again past the triggers: a flush would be refused."""
    with django_db_blocker.unblock():
        head = Head.objects.get(id=1)
        yield
        with transaction.atomic(), connection.cursor() as cursor:
            for table, column in (("ledger_entry", "seq"), ("ledger_checkpoint", "size")):
                cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
                cursor.execute(f"DELETE FROM {table} WHERE {column} >= %s", [head.size])
                cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")
            head.save()
        connection.close()


def test_an_act_outside_a_transaction_is_an_error(committed: None) -> None:
    with pytest.raises(transaction.TransactionManagementError):
        services.append(actor="甲", now=NOW, act="test.done", subject="test:1", body={})


@pytest.mark.django_db
def test_an_act_is_undone_with_its_transaction() -> None:
    before = queries.count_entries()
    with pytest.raises(RuntimeError), transaction.atomic():
        append(3)
        raise RuntimeError
    assert queries.count_entries() == before
    assert append() == before, "the number is given to the next act: no gap"


@pytest.mark.django_db
@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE ledger_entry SET actor = 'x'",
        "DELETE FROM ledger_entry",
        "TRUNCATE ledger_entry CASCADE",
        "UPDATE ledger_checkpoint SET root = 'x'",
        "DELETE FROM ledger_checkpoint",
    ],
)
def test_the_database_itself_refuses_to_rewrite(statement: str) -> None:
    append()
    services.sign_checkpoint(now=NOW, key=KEY)
    with pytest.raises(ProgrammingError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)
    assert queries.count_entries() > 0


@pytest.mark.django_db
def test_a_float_never_enters() -> None:
    with pytest.raises(ValueError, match="float"), transaction.atomic():
        services.append(actor="甲", now=NOW, act="test.done", subject="test:1", body={"rate": 0.1})  # type: ignore[dict-item]


@pytest.mark.django_db
def test_an_export_holds_and_what_was_changed_in_it_is_found(tmp_path: Path) -> None:
    append(5)
    services.sign_checkpoint(now=NOW, key=KEY)
    append(4)
    last = services.sign_checkpoint(now=NOW, key=KEY)
    append(2)
    assert services.export(tmp_path, size=last.size) == last.size
    assert services.verify_folder(tmp_path) == []
    assert services.verify_folder(tmp_path, last.key) == []
    ledger = tmp_path / "ledger.jsonl"
    whole = ledger.read_bytes()
    ledger.write_bytes(whole.replace(b"test.done", b"test.left", 1))
    assert {fault.code for fault in services.verify_folder(tmp_path)} == {"root-differs"}
    ledger.write_bytes(b"".join(whole.splitlines(keepends=True)[:-1]))
    assert {fault.code for fault in services.verify_folder(tmp_path)} == {"row-removed"}


@pytest.mark.django_db
def test_an_export_of_everything_names_what_no_checkpoint_signed(tmp_path: Path) -> None:
    append(2)
    services.sign_checkpoint(now=NOW, key=KEY)
    append(1)
    services.export(tmp_path)
    assert [fault.code for fault in services.verify_folder(tmp_path)] == ["row-unsigned"]


@pytest.mark.django_db
def test_the_same_size_is_signed_once() -> None:
    append()
    first = services.sign_checkpoint(now=NOW, key=KEY)
    assert services.sign_checkpoint(now=NOW, key=KEY) == first
    assert Checkpoint.objects.filter(size=first.size).count() == 1


@pytest.mark.django_db
def test_a_row_changed_behind_the_triggers_is_found_in_the_export(tmp_path: Path) -> None:
    """Somebody with the rights of the owner switches the triggers off and rewrites bytes and columns alike."""
    append(3)
    last = services.sign_checkpoint(now=NOW, key=KEY)
    newest = Entry.objects.order_by("-seq")[0]
    forged = bytes(newest.leaf).replace(b"test.done", b"test.left")
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE ledger_entry DISABLE TRIGGER USER")
        cursor.execute("UPDATE ledger_entry SET leaf = %s WHERE seq = %s", [forged, newest.seq])
        cursor.execute("ALTER TABLE ledger_entry ENABLE TRIGGER USER")
    services.export(tmp_path, size=last.size)
    assert {fault.code for fault in services.verify_folder(tmp_path)} == {"root-differs"}


def test_acts_of_many_threads_leave_no_gap(committed: None, tmp_path: Path) -> None:
    start = queries.count_entries()
    failures: list[BaseException] = []

    def work() -> None:
        try:
            for _ in range(5):
                append(3)
        except BaseException as error:
            failures.append(error)
        finally:
            close_old_connections()
            connection.close()

    threads = [threading.Thread(target=work) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failures
    numbers = list(Entry.objects.filter(seq__gte=start).order_by("seq").values_list("seq", flat=True))
    assert numbers == list(range(start, start + 90))
    last = services.sign_checkpoint(now=NOW, key=KEY)
    services.export(tmp_path, size=last.size)
    assert services.verify_folder(tmp_path) == []


def test_the_key_is_made_once_for_its_owner_alone(settings: Settings, tmp_path: Path) -> None:
    settings.YICHA = with_(settings, var=tmp_path, ledger_key=None)
    first = services.signing_key()
    path = tmp_path / "keys" / "ledger.pem"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert services.signing_key().private_bytes_raw() == first.private_bytes_raw()
    assert [found.name for found in path.parent.iterdir()] == ["ledger.pem"]


@pytest.mark.parametrize(
    "text", [None, "no key", "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"]
)
def test_a_named_key_that_is_none_is_refused(settings: Settings, tmp_path: Path, text: str | None) -> None:
    path = tmp_path / "own.pem"
    if text is not None:
        path.write_text(text)
    settings.YICHA = with_(settings, var=tmp_path, ledger_key=path)
    with pytest.raises(Refused, match="YICHA_LEDGER_KEY"):
        services.signing_key()
    assert not (tmp_path / "keys").exists()


def with_(settings: Settings, **changes: object) -> object:
    from dataclasses import replace

    return replace(settings.YICHA, **changes)


@pytest.mark.django_db
def test_the_exported_rows_are_the_entries_themselves(tmp_path: Path) -> None:
    append(1)
    services.export(tmp_path)
    newest = json.loads((tmp_path / "ledger.jsonl").read_bytes().splitlines()[-1])
    assert (newest["actor"], newest["act"], newest["body"]) == ("甲", "test.done", {"n": 0})
    assert newest["at"] == "2026-07-01T09:00:00+08:00"
