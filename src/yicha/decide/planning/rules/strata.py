"""Opaque strata: no published file shows a class letter (国市监信发〔2022〕6号: classes are internal).

A stratum's id is its region and a rank: `110112-1`. The rank orders salted commitments of the classes under a secret
of the draw, so that it differs from draw to draw and says nothing of the letter; the commitment itself is published
in the stratum's condition, so that a supervisor who is given the secret can check every stratum.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from datetime import date

from yicha.know.catalogue.terms import RateScope, Weight

CLASSES = ("A", "B", "C", "D")


def class_commitment(secret: str, region: str, risk_class: str) -> str:
    """What is published of a stratum's class: SHA-256 over the draw's secret, the region and the class."""
    text = f"yicha-stratum\n{secret}\n{region}\n{risk_class}"
    return hashlib.sha256(text.encode()).hexdigest()


def stratum_ids(secret: str, regions: Iterable[str]) -> dict[tuple[str, str], str]:
    """(region, class) → the opaque id of its stratum."""
    ids: dict[tuple[str, str], str] = {}
    for region in sorted(set(regions)):
        ranked = sorted(CLASSES, key=lambda letter: class_commitment(secret, region, letter))
        ids |= {(region, letter): f"{region}-{rank}" for rank, letter in enumerate(ranked, start=1)}
    return ids


def stratum_words(region_name: str, stratum: str) -> str:
    """A stratum in words, without a letter: the region and the rank."""
    return f"{region_name} 第{stratum.rsplit('-', 1)[1]}层"


def stratum_where(secret: str, region: str, risk_class: str) -> str:
    """The condition a stratum was cut by, its class committed to but not shown."""
    return f"region={region};class-commitment=sha256:{class_commitment(secret, region, risk_class)}"


EXCLUSION_BY_STATUS: Mapping[str, str] = {
    "cancelled": "cancelled",
    "revoked": "revoked",
    "moved-out": "moved",
}
"""Registration status → code of the closed list of exclusions (yicha-draw/1)."""


def exclusion(
    status: str,
    region: str,
    units_used: int,
    annual_cap: int,
    own_visits: int = 0,
    visits_a_year: int | None = None,
) -> str:
    """Why an enterprise of the directory cannot be drawn, or "".

    The first that holds: its registration ended; nobody knows where it is; its annual budget of visits is used up, or
    it had as many visits on own initiative (`own_visits`, twelve months) as its rate allows. Both of the last read the
    same in public: a code of its own would tell the class.
    """
    if status in EXCLUSION_BY_STATUS:
        return EXCLUSION_BY_STATUS[status]
    if not region:
        return "unidentified"
    often = visits_a_year is not None and own_visits >= visits_a_year
    return "budget" if often or units_used >= annual_cap else ""


def year_before(day: date) -> date:
    """The same day of the year before; of 29 February the 28th."""
    return day.replace(year=day.year - 1, day=min(day.day, 28) if day.month == 2 else day.day)


def items_in_scope(scope: RateScope, items: Sequence[tuple[str, Weight]]) -> frozenset[str]:
    """The codes of the items that are checked of who was drawn: all, or the key ones.

    Where no item is a key one, all stay: who was drawn is checked (国市监信发〔2022〕6号: scope by class).
    """
    key = frozenset(code for code, weight in items if weight is Weight.KEY)
    return key if key and scope is RateScope.KEY else frozenset(code for code, _ in items)
