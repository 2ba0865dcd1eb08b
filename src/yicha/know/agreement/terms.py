"""Words of agreements: what regions share, and consents to come into another's region."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum


class Share(StrEnum):
    """What an agreement lets cross the border of regions."""

    RESULTS = "results"
    UNDISTURBED = "undisturbed"
    ASSISTANCE = "assistance"


@dataclass(frozen=True, slots=True)
class AgreementFacts:
    """An agreement in force. `kinds` and `items` empty: all. `shares` are of "results", "undisturbed", "assistance"."""

    code: str
    version: int
    name: str
    regions: frozenset[str]
    kinds: frozenset[str]
    items: frozenset[str]
    shares: frozenset[str]
    valid_from: date
    valid_until: date | None


@dataclass(frozen=True, slots=True)
class ConsentFacts:
    """Another region consented to an inspection in it by this agency, for these days."""

    uuid: str
    region: str
    from_on: date
    until_on: date
