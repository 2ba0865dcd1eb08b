"""Words of recognition: what is offered, refused, revoked and certified."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from yicha.know.visits.terms import ResultCode

SPEC = "yicha-certificate/1"
"""Names the form of a certificate; it changes when the form does."""
EVIDENCE_SPEC = "yicha-evidence/1"
"""Names the form of the record whose SHA-256 is a result's evidence."""
MOST_RESULTS = 4
"""Results on one certificate: they fit on one page, and in a code that a phone reads from paper."""
MOST_AGREEMENTS = 2
"""Agreements that a certificate names: for the same reason."""
MOST_BYTES = 1900
"""Of what is signed: with signature and address it still fits into the largest QR code (2,953 bytes)."""
NAME_LENGTHS = (60, 30, 12)
"""To so many characters names are cut, the first that fits; codes are always whole."""

NOT_CHECKED = frozenset(
    {
        ResultCode.UNREACHABLE,
        ResultCode.UNCOOPERATIVE,
        ResultCode.CLOSED,
        ResultCode.CANCELLED,
        ResultCode.LICENCE_REVOKED,
        ResultCode.REGISTRATION_WITHDRAWN,
        ResultCode.MOVED_OUT,
    }
)
"""Codes that say that the item could not be looked at: they stand in for no check, and are not offered."""


class RevocationKind(StrEnum):
    """Why a result is taken back."""

    CORRECTED = "corrected"
    APPEALED = "appealed"
    EVIDENCE_WITHDRAWN = "evidence-withdrawn"


class ReachKind(StrEnum):
    """What a revocation or a refusal reached."""

    CONTACT = "contact"
    DEMAND = "demand"
    APPLICATION = "application"
    CERTIFICATE = "certificate"


class Standing(StrEnum):
    """How a result stands on a day. Ended: its validity is over; nobody revoked it."""

    VALID = "valid"
    ENDED = "ended"
    REVOKED = "revoked"


@dataclass(frozen=True, slots=True)
class ResultFacts:
    """A result as the rules see it. `region` and `kind` are those of the agency that found it (codes)."""

    agency: str
    region: str
    kind: str
    item: str
    found_on: date
    valid_until: date
    revoked: bool = False
    refused_by: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class AskerFacts:
    """An agency that would use a result."""

    agency: str
    region: str
    kind: str


@dataclass(frozen=True, slots=True)
class ExternalResult:
    """A result that a partner's own system sends. `reference` is its number there: the same is the same result."""

    agency: str
    uscc: str
    item: str
    found_on: date
    result_code: str
    evidence_hash: str
    reference: str


@dataclass(frozen=True, slots=True)
class ExternalFacts:
    """What is known here of a result that was sent. None: there is no such thing.

    `competent_regions` are codes of the regions whose agencies are competent where the enterprise is; `agency_kind`
    the kind of agency that checks the item.
    """

    sent: ExternalResult
    asker: AskerFacts | None
    known_enterprise: bool
    competent_regions: frozenset[str]
    item_version_id: int | None
    agency_kind: str


@dataclass(frozen=True, slots=True)
class CertifiedResult:
    """One line of a certificate."""

    item: str
    name: str
    version: int
    code: str
    found_on: date
    valid_until: date
    evidence_hash: str


@dataclass(frozen=True, slots=True)
class AgreementNamed:
    """An agreement under which a certificate is shown. `until` None: open."""

    code: str
    version: int
    name: str
    regions: tuple[str, ...]
    until: date | None


@dataclass(frozen=True, slots=True)
class CertificateDraft:
    """All that a certificate says; ids as text."""

    id: str
    number: str
    uscc: str
    enterprise: str
    agency: str
    agency_name: str
    issued_on: date
    results: tuple[CertifiedResult, ...]
    agreements: tuple[AgreementNamed, ...]
    simulated: bool = False


@dataclass(frozen=True, slots=True)
class CertifiedState:
    """How a result on a certificate stands today: all that the public may know."""

    item: str
    name: str
    standing: Standing
    valid_until: date
    revoked_on: date | None


@dataclass(frozen=True, slots=True)
class CertificateState:
    """Whether a certificate may still be relied on. `is_good`: it is known, and a result on it is valid today.

    `is_changed`: a result on it was revoked since it was issued.
    """

    number: str
    is_known: bool
    is_good: bool
    is_changed: bool
    results: tuple[CertifiedState, ...] = ()
