"""The only writers of the ledger. `append` runs in the caller's transaction and nowhere else."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.db import connection, transaction

from yicha.base.ledger import queries, rules
from yicha.base.ledger.models import Checkpoint, Entry, Head
from yicha.base.ledger.terms import JSON, CheckpointFacts, EntryFacts, Fault
from yicha.kernel import clock, merkle

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


def export(folder: Path) -> int:
    """Write `ledger.jsonl` and `checkpoints.json` into a folder; returns the number of rows.

    One snapshot: rows that arrive meanwhile belong to the next export.
    """
    folder.mkdir(parents=True, exist_ok=True)
    count = 0
    with transaction.atomic():
        connection.cursor().execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        with (folder / "ledger.jsonl").open("wb") as out:
            for leaf in queries.iterate_leaves():
                out.write(leaf + b"\n")
                count += 1
        checkpoints = [asdict(checkpoint) for checkpoint in queries.list_checkpoints()]
    (folder / "checkpoints.json").write_text(json.dumps(checkpoints, indent=1) + "\n", encoding="utf-8")
    return count


def verify_folder(folder: Path, trusted_key: str = "") -> list[Fault]:
    """What does not hold in an exported folder; reads nothing else, and never the database."""
    written = json.loads((folder / "checkpoints.json").read_text(encoding="utf-8"))
    checkpoints = [CheckpointFacts(**checkpoint) for checkpoint in written]
    with (folder / "ledger.jsonl").open("rb") as lines:
        return rules.verify_export((line.removesuffix(b"\n") for line in lines), checkpoints, trusted_key)
