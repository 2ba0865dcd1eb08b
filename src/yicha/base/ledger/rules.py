"""The bytes of an entry, and what an export must fulfil. RFC 6962; no database, no clock."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from yicha.base.ledger.terms import CheckpointFacts, EntryFacts, Fault
from yicha.kernel import canonical, merkle

ORIGIN = "yicha-ledger/1"


def leaf(entry: EntryFacts) -> bytes:
    """The bytes that are hashed and exported: canonical JSON (RFC 8785) of the whole entry."""
    return canonical.dumps(
        {
            "seq": entry.seq,
            "at": entry.at,
            "actor": entry.actor,
            "act": entry.act,
            "subject": entry.subject,
            "body": entry.body,
        }
    )


def signed_text(size: int, root: str) -> bytes:
    """What a checkpoint's signature is over: origin, size and root, a line each."""
    return f"{ORIGIN}\n{size}\n{root}\n".encode()


def verify_export(
    lines: Iterable[bytes], checkpoints: Sequence[CheckpointFacts], trusted_key: str = ""
) -> list[Fault]:
    """Everything that does not hold in an export; an empty list means that it is whole.

    `lines` are the leaves without their line ends. A row that was changed, removed, reordered or inserted shows
    in its number or its bytes, and at the latest in the root that a checkpoint signed. `trusted_key` is a public
    key known from elsewhere: without it, an export signed with another key is only as good as its own word.
    """
    faults = [fault for checkpoint in checkpoints for fault in _signature_faults(checkpoint, trusted_key)]
    if not checkpoints:
        faults.append(
            Fault("checkpoint-missing", None, "The export has no checkpoint: nothing binds its rows.")
        )
    due: dict[int, list[CheckpointFacts]] = {}
    for checkpoint in checkpoints:
        due.setdefault(checkpoint.size, []).append(checkpoint)
    frontier = merkle.Frontier()
    size = expected = 0
    _check_roots(due.pop(0, []), frontier, faults)
    for size, line in enumerate(lines, start=1):
        expected = _check_line(expected, line, faults)
        frontier.append(merkle.leaf_hash(line))
        _check_roots(due.pop(size, []), frontier, faults)
    last = max((checkpoint.size for checkpoint in checkpoints), default=0)
    if size > last and checkpoints:
        faults.append(
            Fault(
                "row-unsigned",
                last,
                f"Rows from number {last} on are under no checkpoint: {size - last} rows.",
            )
        )
    faults.extend(
        Fault("row-removed", size, f"A checkpoint signed {missing} rows, but the export ends after {size}.")
        for missing in sorted(due)
    )
    return faults


def _signature_faults(checkpoint: CheckpointFacts, trusted_key: str) -> list[Fault]:
    if trusted_key and checkpoint.key != trusted_key:
        return [
            Fault(
                "key-unknown", None, f"The checkpoint of size {checkpoint.size} is signed with another key."
            )
        ]
    try:
        Ed25519PublicKey.from_public_bytes(bytes.fromhex(checkpoint.key)).verify(
            bytes.fromhex(checkpoint.signature), signed_text(checkpoint.size, checkpoint.root)
        )
    except (InvalidSignature, ValueError):
        return [
            Fault(
                "signature-wrong",
                None,
                f"The signature of the checkpoint of size {checkpoint.size} does not hold.",
            )
        ]
    return []


def _check_line(expected: int, line: bytes, faults: list[Fault]) -> int:
    """Adds what is wrong with a row; returns the number that the next one must have, so that each gap is told once."""
    try:
        entry = json.loads(line)
        found = int(entry["seq"])
        same = canonical.dumps(entry) == line
    except (ValueError, KeyError, TypeError):
        faults.append(Fault("row-unreadable", expected, f"Row {expected} is not an entry."))
        return expected + 1
    if found > expected:
        gap = f"Row {expected} is" if found == expected + 1 else f"Rows {expected} to {found - 1} are"
        faults.append(Fault("row-removed", expected, f"{gap} not where the numbers say."))
    elif found < expected:
        faults.append(Fault("row-order", found, f"Row {found} stands again, or behind row {expected - 1}."))
    if not same:
        faults.append(Fault("row-bytes", found, f"Row {found} is not in canonical form."))
    return max(expected, found + 1)


def _check_roots(due: Iterable[CheckpointFacts], frontier: merkle.Frontier, faults: list[Fault]) -> None:
    faults.extend(
        Fault(
            "root-differs",
            None,
            f"The root over the first {checkpoint.size} rows is not the one that was signed.",
        )
        for checkpoint in due
        if frontier.root().hex() != checkpoint.root
    )
