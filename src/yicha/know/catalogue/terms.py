"""Words of the catalogue."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum


class ItemStatus(StrEnum):
    """Only what is published may be checked."""

    DRAFT = "draft"
    PUBLISHED = "published"
    RETIRED = "retired"


class Method(StrEnum):
    """How an item is checked; the lighter way comes first (国办发〔2024〕54号)."""

    OFFSITE = "offsite"
    WRITTEN = "written"
    ONSITE = "onsite"


class Weight(StrEnum):
    """一般事项 have a ceiling for their rate; 重点事项 may reach 100 %."""

    GENERAL = "general"
    KEY = "key"


@dataclass(frozen=True, slots=True)
class RateFacts:
    """One row of rates as `rules.rate_for` sees it. Empty list, item or region means any."""

    joint_list: str
    item: str
    risk_class: str
    region: str
    rate: Decimal
    in_force_from: date
    source: str


@dataclass(frozen=True, slots=True)
class NumberFacts:
    """A number with its unit, its source and whether it is ours for want of an official one. No region: everywhere."""

    code: str
    value: Decimal
    unit: str
    source: str
    is_ours: bool
    in_force_from: date
    region: str = ""
