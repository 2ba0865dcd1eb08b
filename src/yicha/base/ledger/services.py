"""The only writers of the ledger. `append` runs in the caller's transaction and nowhere else."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from dataclasses import asdict
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

from yicha.base.ledger import queries, rules
from yicha.base.ledger.models import Checkpoint, Entry, Head
from yicha.base.ledger.terms import JSON, CheckpointFacts, EntryFacts
from yicha.base.ledger.verify_folder import CHECKPOINTS, LEDGER, verify_folder
from yicha.kernel import clock, merkle
from yicha.kernel.refusal import Reason, Refused

__all__ = ["append", "append_many", "export", "sign_checkpoint", "signing_key", "verify_folder"]

Act = tuple[str, str, JSON]
"""(act, subject, body)"""


def append(*, actor: str, now: datetime, act: str, subject: str, body: JSON) -> int:
    """Add one act and return its number. The caller holds the transaction in which the act takes effect."""
    return append_many(actor=actor, now=now, acts=[(act, subject, body)])


def append_many(*, actor: str, now: datetime, acts: Sequence[Act]) -> int:
    """Add acts in order and return the number of the last; without any, the last there is.

    Appends of all transactions queue on the head row until commit. That is the price of numbers without gaps:
    take other locks first and append last.
    """
    if not connection.in_atomic_block:
        raise transaction.TransactionManagementError(
            "An act is recorded in the transaction that carries it out."
        )
    head = Head.objects.select_for_update().get(id=1)
    frontier = merkle.Frontier.load(head.frontier)
    at = now.astimezone(clock.BEIJING)
    entries = []
    for seq, (act, subject, body) in enumerate(acts, start=head.size):
        leaf = rules.leaf(EntryFacts(seq, at.isoformat(), actor, act, subject, body))
        frontier.append(merkle.leaf_hash(leaf))
        entries.append(Entry(seq=seq, at=at, actor=actor, act=act, subject=subject, body=body, leaf=leaf))
    Entry.objects.bulk_create(entries, batch_size=1000)
    head.size += len(entries)
    head.frontier = frontier.dump()
    head.save(update_fields=["size", "frontier"])
    return head.size - 1


@transaction.atomic
def sign_checkpoint(*, now: datetime, key: Ed25519PrivateKey) -> CheckpointFacts:
    """Sign the present size and root; the same size is signed once."""
    head = Head.objects.select_for_update().get(id=1)
    root = merkle.Frontier.load(head.frontier).root().hex()
    public = key.public_key().public_bytes_raw().hex()
    row, _ = Checkpoint.objects.get_or_create(
        size=head.size,
        defaults={
            "root": root,
            "key": public,
            "signature": key.sign(rules.signed_text(head.size, root)).hex(),
            "signed_at": now,
        },
    )
    return CheckpointFacts(rules.ORIGIN, row.size, row.root, row.key, row.signature)


def export(folder: Path, *, size: int | None = None) -> int:
    """Write `ledger.jsonl` and `checkpoints.json` into a folder; returns the number of rows.

    `size`: of a checkpoint; only what it signed is written, so that rows that arrive meanwhile, which nothing binds
    yet, belong to the next export. Without it, all there is now: rows take effect in the order of their numbers.
    """
    folder.mkdir(parents=True, exist_ok=True)
    count = 0
    with (folder / LEDGER).open("wb") as out:
        for leaf in queries.iterate_leaves(queries.count_entries() if size is None else size):
            out.write(leaf + b"\n")
            count += 1
    checkpoints = [asdict(one) for one in queries.list_checkpoints() if one.size <= count]
    (folder / CHECKPOINTS).write_text(json.dumps(checkpoints, indent=1) + "\n", encoding="utf-8")
    return count


def signing_key() -> Ed25519PrivateKey:
    """The key that signs checkpoints: the one YICHA_LEDGER_KEY names, or `keys/ledger.pem` in the data folder.

    The latter is made (mode 0600) if there is none yet. Refused if it cannot be read or is no Ed25519 key.
    """
    given: Path | None = settings.YICHA.ledger_key
    path = given or settings.YICHA.var / "keys" / "ledger.pem"
    try:
        if given is None and not path.exists():
            _make_key(path)
        key = load_pem_private_key(path.read_bytes(), password=None)
    except (OSError, ValueError, TypeError) as error:
        raise Refused([_key_reason(path, str(error))]) from None
    if not isinstance(key, Ed25519PrivateKey):
        raise Refused([_key_reason(path, "it is no Ed25519 key")])
    return key


def _key_reason(path: Path, why: str) -> Reason:
    return Reason(
        "ledger.key",
        "The key %(path)s that signs the ledger cannot be used (%(why)s): "
        "set YICHA_LEDGER_KEY to a PEM file with an Ed25519 key.",
        "docs/guide/run.md",
        {"path": str(path), "why": why},
    )


def _make_key(path: Path) -> None:
    """The file appears complete or not at all; of two processes that begin at once, the first one's stays."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    text = Ed25519PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    fresh = path.with_name(f".{path.name}-{os.getpid()}")
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600), "wb") as file:
        file.write(text)
    try:
        os.link(fresh, path)
    except FileExistsError:
        return
    finally:
        fresh.unlink()
