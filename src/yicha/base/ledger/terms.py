"""Words of the ledger."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

JSON: TypeAlias = bool | int | str | Sequence["JSON"] | Mapping[str, "JSON"] | None
"""JSON without floats: amounts and rates are texts, so that every reader gets the same bytes."""


@dataclass(frozen=True, slots=True)
class EntryFacts:
    """What one entry says. `at` is ISO 8601 with its offset; `subject` is `kind:code`."""

    seq: int
    at: str
    actor: str
    act: str
    subject: str
    body: JSON


@dataclass(frozen=True, slots=True)
class CheckpointFacts:
    """A signed tree head. `root` and `signature` are lower-case hexadecimal; `key` is the Ed25519 public key."""

    origin: str
    size: int
    root: str
    key: str
    signature: str


@dataclass(frozen=True, slots=True)
class Fault:
    """What does not hold in an export: a stable code, the number of the entry if it is known, and a sentence."""

    code: str
    seq: int | None
    sentence: str
