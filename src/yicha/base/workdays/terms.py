"""Words of working days."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class Calendar:
    """`special[day]` is True for a weekend that is worked and False for a holiday; `known` are the years decided."""

    special: Mapping[date, bool]
    known: frozenset[int]


@dataclass(frozen=True, slots=True)
class Deadline:
    """The last day of a term. `certain` is False when a year on the way has no published holidays yet."""

    on: date
    certain: bool
