"""The only writers of keys: making, signing with, and rotating them."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from django.conf import settings
from django.db import connection, transaction

from yicha.base.keys import queries, rules
from yicha.base.keys.models import Key
from yicha.base.keys.terms import Payload, Purpose
from yicha.base.ledger import services as ledger
from yicha.base.ledger.terms import JSON
from yicha.kernel.refusal import Reason, Refused, refuse_if

_MAKING = 0x59494B59
"""Names the lock under which keys are made and rotated, so that two processes do not do it at once."""


@transaction.atomic
def sign(purpose: Purpose | str, payload: Payload, now: datetime) -> str:
    """A token over `payload`, signed with the present key of a purpose; the first one is made when there is none.

    `payload` says when it ends (`exp`). Refused: keys.no-end, keys.too-long, keys.unreadable.
    """
    purpose = Purpose(purpose)
    refuse_if(rules.refuse_life(purpose, payload, now))
    key = _find(purpose) or _make_first(purpose, now)
    return rules.sign(_read(_path(key.purpose, key.kid)), key.kid, purpose, payload)


@transaction.atomic
def rotate(actor: str, now: datetime, purpose: Purpose | str) -> Key:
    """Make a new key and retire all others of its purpose: they sign no more, and what they signed holds to its end.

    Their private files are removed when this is certain.
    """
    purpose = Purpose(purpose)
    _lock()
    former = list(Key.objects.select_for_update().filter(purpose=purpose.value, retired_at=None))
    Key.objects.filter(pk__in=[key.pk for key in former]).update(retired_at=now)
    fresh = _make(purpose, now)
    body: JSON = {"kid": fresh.kid, "retired": [key.kid for key in former]}
    ledger.append(actor=actor, now=now, act="key.rotated", subject=f"keys:{purpose.value}", body=body)

    def forget() -> None:
        for key in former:
            _path(key.purpose, key.kid).unlink(missing_ok=True)

    transaction.on_commit(forget)
    return fresh


def _find(purpose: Purpose) -> Key | None:
    """The newest key that signs and whose private half is on this machine: each machine may have its own."""
    keys = queries.list_keys(purpose).filter(retired_at=None)
    return next((key for key in keys if _path(key.purpose, key.kid).exists()), None)


def _lock() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_MAKING])


def _make_first(purpose: Purpose, now: datetime) -> Key:
    _lock()
    return _find(purpose) or _make(purpose, now)


def _make(purpose: Purpose, now: datetime) -> Key:
    """A key with its file. A file that no row knows is of a transaction that failed: it is as good as a new one."""
    for path in _files(purpose):
        private = _read(path)
        kid = rules.thumbprint(private.public_key().public_bytes_raw())
        if path == _path(purpose.value, kid) and not Key.objects.filter(kid=kid).exists():
            break
    else:
        private = Ed25519PrivateKey.generate()
        kid = rules.thumbprint(private.public_key().public_bytes_raw())
        _write(_path(purpose.value, kid), private)
    public = rules.in_base64url(private.public_key().public_bytes_raw())
    return Key.objects.create(kid=kid, purpose=purpose.value, public=public, valid_from=now)


def _folder() -> Path:
    folder: Path = settings.YICHA.keys or settings.YICHA.var / "keys"
    return folder


def _path(purpose: str, kid: str) -> Path:
    return _folder() / f"{purpose}.{kid}.pem"


def _files(purpose: Purpose) -> Iterator[Path]:
    yield from sorted(_folder().glob(f"{purpose.value}.*.pem"))


def _read(path: Path) -> Ed25519PrivateKey:
    try:
        key = load_pem_private_key(path.read_bytes(), password=None)
    except (OSError, ValueError, TypeError) as error:
        raise Refused([_reason(path, str(error))]) from None
    if not isinstance(key, Ed25519PrivateKey):
        raise Refused([_reason(path, "it is no Ed25519 key")])
    return key


def _reason(path: Path, why: str) -> Reason:
    return Reason(
        "keys.unreadable",
        "The key %(path)s cannot be used (%(why)s): restore it, or remove the file and rotate the key.",
        "docs/guide/run.md",
        {"path": str(path), "why": why},
    )


def _write(path: Path, key: Ed25519PrivateKey) -> None:
    """The file appears complete or not at all, and only this product's user may read it."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    text = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    fresh = path.with_name(f".{path.name}-{os.getpid()}")
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600), "wb") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)
