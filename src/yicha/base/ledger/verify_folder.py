"""Verifies an exported ledger from its files alone: no database, no Django. What `yicha ledger verify` runs."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

from yicha.base.ledger import rules
from yicha.base.ledger.terms import CheckpointFacts, Fault

LEDGER = "ledger.jsonl"
CHECKPOINTS = "checkpoints.json"


def verify_folder(folder: Path, trusted_key: str = "", known: Sequence[CheckpointFacts] = ()) -> list[Fault]:
    """What does not hold in an exported folder; an empty list means that it is whole. Reads nothing else.

    `known` are checkpoints that were kept somewhere else. An export that was cut off together with its last
    checkpoints is whole in itself: only a checkpoint that somebody else kept tells that there was more.
    """
    try:
        checkpoints = read_checkpoints(folder / CHECKPOINTS)
    except ValueError:
        return [Fault("checkpoints-unreadable", None, f"{CHECKPOINTS} is not a list of checkpoints.")]
    with (folder / LEDGER).open("rb") as lines:
        return rules.verify_export(
            (line.removesuffix(b"\n") for line in lines), [*checkpoints, *known], trusted_key
        )


def read_checkpoints(path: Path) -> list[CheckpointFacts]:
    """The checkpoints of a file: a list, or a single one. Raises ValueError for anything else."""
    written = json.loads(path.read_text(encoding="utf-8"))
    try:
        found = [CheckpointFacts(**one) for one in (written if isinstance(written, list) else [written])]
    except TypeError as problem:
        raise ValueError(f"{path.name} holds no checkpoint") from problem
    for one in found:
        texts = (one.origin, one.root, one.key, one.signature)
        if type(one.size) is not int or one.size < 0 or not all(isinstance(text, str) for text in texts):
            raise ValueError(f"{path.name} holds a checkpoint that is none")
    return found
