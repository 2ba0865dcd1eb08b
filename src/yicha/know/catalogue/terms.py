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


class RateScope(StrEnum):
    """What is checked of who was drawn: every item, or the key ones only (重点事项)."""

    ALL = "all"
    KEY = "key"


@dataclass(frozen=True, slots=True)
class RateFacts:
    """One row of rates as `rules.rate_for` sees it. Empty list, item or region means any.

    `rate` is the share that is drawn; `visits_a_year` after how many visits on own initiative within twelve months
    nobody is drawn again (None: no limit); `method` how who was drawn is checked; `scope` what of.
    """

    joint_list: str
    item: str
    risk_class: str
    region: str
    rate: Decimal
    in_force_from: date
    source: str
    visits_a_year: int | None = None
    method: Method = Method.ONSITE
    scope: RateScope = RateScope.ALL


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
