"""Words of the undisturbed list (无事不扰名单)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class ListingFacts:
    """The enterprise is on the undisturbed list of `region`, now, and nothing speaks against it."""

    uuid: str
    region: str
    listed_on: date
