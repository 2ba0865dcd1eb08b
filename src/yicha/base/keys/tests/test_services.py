"""The ring of keys: made once, rotated, and kept where only we can read it."""

from __future__ import annotations

import dataclasses
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from django.conf import settings as current
from django.db import connection, transaction
from pytest_django.fixtures import Settings

from yicha.base.keys import queries, services
from yicha.base.keys.models import Key
from yicha.base.keys.terms import JSON, LONGEST_LIFE, Purpose
from yicha.base.ledger.models import Entry
from yicha.kernel import clock
from yicha.kernel.refusal import Refused

NOW = datetime(2026, 7, 1, 9, tzinfo=clock.BEIJING)
SAYS: dict[str, JSON] = {"visit": "1", "exp": int((NOW + timedelta(days=7)).timestamp())}


@pytest.fixture
def folder(settings: Settings, tmp_path: Path) -> Path:
    settings.YICHA = dataclasses.replace(current.YICHA, keys=tmp_path / "keys")
    return tmp_path / "keys"


def sign(now: datetime = NOW) -> str:
    return services.sign("visit-code", SAYS, now)


@pytest.mark.django_db
def test_the_first_signature_makes_the_key_and_only_we_can_read_it(folder: Path) -> None:
    token = sign()
    (path,) = folder.iterdir()
    key = Key.objects.get()
    assert path.name == f"visit-code.{key.kid}.pem"
    assert (oct(path.stat().st_mode & 0o777), oct(folder.stat().st_mode & 0o777)) == ("0o600", "0o700")
    assert queries.verify("visit-code", token, NOW) == SAYS
    assert sign() == token


@pytest.mark.django_db
def test_every_purpose_has_keys_of_its_own(folder: Path) -> None:
    sign()
    services.sign(Purpose.CERTIFICATE, SAYS, NOW)
    assert sorted(Key.objects.values_list("purpose", flat=True)) == ["certificate", "visit-code"]


@pytest.mark.django_db
def test_after_rotation_the_new_key_signs_and_the_old_one_is_believed(
    folder: Path, django_capture_on_commit_callbacks: object
) -> None:
    old = sign()
    with django_capture_on_commit_callbacks(execute=True):  # type: ignore[operator]
        fresh = services.rotate("admin", NOW, "visit-code")
    new = sign()
    assert [path.name for path in folder.iterdir()] == [f"visit-code.{fresh.kid}.pem"]
    assert new != old
    assert queries.verify("visit-code", old, NOW) == queries.verify("visit-code", new, NOW) == SAYS
    retired = Key.objects.exclude(pk=fresh.pk).get()
    assert retired.retired_at == NOW
    entry = Entry.objects.get(act="key.rotated")
    assert entry.body == {"kid": fresh.kid, "retired": [retired.kid]}
    later = NOW + LONGEST_LIFE[Purpose.VISIT_CODE]
    assert [key["kid"] for key in queries.list_public_keys(later)["keys"]] == [fresh.kid]


@pytest.mark.django_db
def test_a_rotation_that_fails_leaves_the_old_key(folder: Path) -> None:
    old = sign()
    with transaction.atomic():
        services.rotate("admin", NOW, "visit-code")
        transaction.set_rollback(True)
    assert sign() == old
    fresh = services.rotate("admin", NOW, "visit-code")
    assert Key.objects.count() == 2
    assert len(list(folder.iterdir())) == 2, "the file that the failed one left is the new key's"
    assert fresh.retired_at is None


@pytest.mark.django_db
def test_a_machine_without_the_file_makes_a_key_of_its_own(folder: Path) -> None:
    old = sign()
    for path in folder.iterdir():
        path.unlink()
    new = sign()
    assert queries.verify("visit-code", old, NOW) == queries.verify("visit-code", new, NOW)
    assert Key.objects.filter(retired_at=None).count() == 2


@pytest.mark.django_db
def test_a_file_that_is_no_key_is_refused_by_its_path(folder: Path) -> None:
    sign()
    (path,) = folder.iterdir()
    path.write_text("nonsense", encoding="ascii")
    with pytest.raises(Refused) as error:
        sign()
    assert error.value.codes == ("keys.unreadable",)
    assert str(path) in str(error.value)


@pytest.mark.django_db
def test_a_token_without_an_end_is_not_signed(folder: Path) -> None:
    with pytest.raises(Refused) as error:
        services.sign("visit-code", {"visit": "1"}, NOW)
    assert error.value.codes == ("keys.no-end",)
    assert not folder.exists()


def test_processes_that_begin_at_once_make_one_key(
    folder: Path, transactional_db: None, django_db_serialized_rollback: None
) -> None:
    def work(_: int) -> str:
        try:
            return sign()
        finally:
            connection.close()

    with ThreadPoolExecutor(6) as pool:
        tokens = set(pool.map(work, range(12)))
    assert (len(tokens), Key.objects.count(), len(list(folder.iterdir()))) == (1, 1, 1)
