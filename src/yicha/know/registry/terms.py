"""Words of the registry."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum

LATITUDES = (Decimal(3), Decimal(54))
"""From the Zengmu Ansha to the Heilongjiang, in whole degrees."""
LONGITUDES = (Decimal(73), Decimal(136))
"""From the Pamir to where the Heilongjiang and the Wusuli meet. No number is both a latitude and a longitude."""


class RegionKind(StrEnum):
    """Level of a division. A functional area (经开区) stands in no GB/T 2260 table but has agencies."""

    PROVINCE = "province"
    CITY = "city"
    DISTRICT = "district"
    FUNCTIONAL = "functional"


class EnterpriseKind(StrEnum):
    """Who is supervised (经营主体)."""

    COMPANY = "company"
    SOLE_PROPRIETOR = "sole-proprietor"
    COOPERATIVE = "cooperative"
    BRANCH = "branch"
    INSTITUTION = "institution"


class EnterpriseStatus(StrEnum):
    """Registration status (登记状态)."""

    ACTIVE = "active"
    CANCELLED = "cancelled"
    REVOKED = "revoked"
    MOVED_OUT = "moved-out"


class RiskClass(StrEnum):
    """风险分类: A low, B general, C higher, D high. Internal; never shown to the public."""

    A = "A"
    B = "B"
    C = "C"
    D = "D"


class LinkKind(StrEnum):
    """How enterprises hang together."""

    PREMISES = "premises"
    LEGAL_REPRESENTATIVE = "legal-representative"
    SUPPLIER = "supplier"


class DirectoryMode(StrEnum):
    """How a directory gets its members."""

    RULE = "rule"
    HAND = "hand"


@dataclass(frozen=True, slots=True)
class DirectoryRule:
    """Members are enterprises in status active for which every given part holds; within a part, any value.

    `industries` are prefixes of GB/T 4754 codes (`F52`), `keywords` are looked for in name and business scope,
    `regions` and `zones` are codes, `classes` letters, `kinds` kinds of enterprise.
    Industries and keywords are alternatives to each other: real files lack the industry.
    """

    industries: tuple[str, ...] = ()
    keywords: tuple[str, ...] = ()
    regions: tuple[str, ...] = ()
    zones: tuple[str, ...] = ()
    classes: tuple[str, ...] = ()
    kinds: tuple[str, ...] = field(default=())


@dataclass(frozen=True, slots=True)
class Place:
    """Where an address lies: region and zone codes; empty when unknown. `by` says what decided."""

    region: str = ""
    zone: str = ""
    by: str = ""


@dataclass(frozen=True, slots=True)
class PlacePatterns:
    """A region's or a zone's code, its address patterns, and for a zone the regions it crosses."""

    code: str
    patterns: tuple[str, ...]
    regions: tuple[str, ...] = ()


class DayPart(StrEnum):
    """Half a working day: the least that is planned. Codes as they are kept; morning comes first in every order."""

    MORNING = "am"
    AFTERNOON = "pm"


class AbsenceKind(StrEnum):
    """Why an officer is not there."""

    LEAVE = "leave"
    TRAINING = "training"
    DUTY = "duty"


class EquipmentKind(StrEnum):
    """Vehicles are used by every part of a visit of their agency; instruments by the items that name them."""

    VEHICLE = "vehicle"
    INSTRUMENT = "instrument"


class WishKind(StrEnum):
    """What an enterprise says of its days."""

    CLOSED = "closed"
    PREFERRED = "preferred"


VEHICLE = "vehicle"
"""The code under which all vehicles of an agency are one row of its equipment."""


@dataclass(frozen=True, slots=True)
class WishFacts:
    """What an enterprise says of its days: a weekday (0 is Monday), days from–until, or both; `part` None: all day."""

    kind: WishKind
    weekday: int | None = None
    from_on: date | None = None
    until_on: date | None = None
    part: DayPart | None = None
