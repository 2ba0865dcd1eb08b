"""Words of agreements: what regions share, consents to come into another's region, conflicts of standards."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum


class Share(StrEnum):
    """What an agreement lets cross the border of regions."""

    RESULTS = "results"
    UNDISTURBED = "undisturbed"
    ASSISTANCE = "assistance"


class AgreementState(StrEnum):
    """Where a version stands. Signed: by everybody, but its first day has not come."""

    DRAFT = "draft"
    OFFERED = "offered"
    SIGNED = "signed"
    IN_FORCE = "in-force"
    ENDED = "ended"
    SUPERSEDED = "superseded"
    WITHDRAWN = "withdrawn"


class EquivalenceState(StrEnum):
    """Whether two items count as the same."""

    HOLDS = "holds"
    ENDED = "ended"


class AssistanceState(StrEnum):
    """Where a request to inspect in another's region stands. Only `granted` opens the gate."""

    ASKED = "asked"
    GRANTED = "granted"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"
    REVOKED = "revoked"


class ConflictState(StrEnum):
    """Where a conflict of standards stands."""

    FILED = "filed"
    RULED = "ruled"
    WITHDRAWN = "withdrawn"


class RulingOutcome(StrEnum):
    """Which of the two texts holds. Both hold: they do not contradict when read as the ruling says."""

    A_HOLDS = "a-holds"
    B_HOLDS = "b-holds"
    BOTH_HOLD = "both-hold"
    NEITHER_HOLDS = "neither-holds"


class RulingState(StrEnum):
    """Whether a ruling binds; a later one on the same conflict sets it aside."""

    BINDS = "binds"
    SET_ASIDE = "set-aside"


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


@dataclass(frozen=True, slots=True)
class AgreementDraft:
    """What an agreement says: all that is signed. Codes; `kinds` and `items` empty: all.

    `notice_days`: so many days before the last day notice is given. Dates are both included; no `valid_until`: open.
    """

    name: str
    text: str
    regions: frozenset[str]
    shares: frozenset[str]
    valid_from: date
    notice_days: int
    valid_until: date | None = None
    kinds: frozenset[str] = frozenset()
    items: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class VersionFacts:
    """A version of an agreement as the rules see it.

    `signed` holds the day of each signature by region; `must_sign` all who are to sign. `begins_on` is set once all
    have. `notice_until` is the last day after notice was given.
    """

    code: str
    version: int
    state: AgreementState
    draft: AgreementDraft
    must_sign: frozenset[str] = frozenset()
    signed: Mapping[str, date] = field(default_factory=dict)
    begins_on: date | None = None
    notice_until: date | None = None


@dataclass(frozen=True, slots=True)
class Standard:
    """An item as a region checks it."""

    item: str
    region: str


@dataclass(frozen=True, slots=True)
class EquivalenceFacts:
    """A result on `other` counts as one on `own`; `both_ways`: and the reverse."""

    agreement: str
    own: Standard
    other: Standard
    both_ways: bool


@dataclass(frozen=True, slots=True)
class AssistanceFacts:
    """A wish to inspect an enterprise in another's region.

    `place_regions` are the codes that the enterprise lies in, the nearest first (its district, the city).
    """

    agency_region: str
    place_regions: tuple[str, ...]
    from_on: date
    until_on: date
    purpose: str


@dataclass(frozen=True, slots=True)
class SideFacts:
    """One side of a conflict: which item (published version) of which agency says what."""

    item: str
    words: str
    agency: str = ""


@dataclass(frozen=True, slots=True)
class ConflictFiling:
    """ "A says X, B says Y". `region`: where it was met. `enterprise`: the code of an owner who files; else empty."""

    title: str
    a: SideFacts
    b: SideFacts
    region: str
    evidence: str
    enterprise: str = ""
