"""A class in words: why it is so, and what would make it better."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from yicha.kernel.refusal import Reason
from yicha.know.credit.terms.classes import Assessment, Fact


class WayKind(StrEnum):
    """How an enterprise may come to a better class.

    ENDING: if these facts end (they are repaired, rectified, lifted). AGEING: if nothing happens until a day.
    POINTS: with so many points less.
    """

    ENDING = "ending"
    AGEING = "ageing"
    POINTS = "points"


@dataclass(frozen=True, slots=True)
class Way:
    """One way to a better class, `letter`. What does not belong to its kind is empty.

    `facts` of ENDING: a smallest set, where it could be searched to the end. `on` of AGEING: the first such day.
    `general` and `specific` of POINTS: points that each score must lose.
    """

    kind: WayKind
    letter: str
    facts: tuple[Fact, ...] = ()
    on: date | None = None
    general: int = 0
    specific: int = 0


@dataclass(frozen=True, slots=True)
class Explanation:
    """An assessment as of `on`, in sentences (for a door to translate), and the ways to a better class.

    `reasons` say why the class is what it is, the weightiest first; `hints` say each of the `ways`, in their order.
    """

    on: date
    assessment: Assessment
    reasons: tuple[Reason, ...]
    ways: tuple[Way, ...]
    hints: tuple[Reason, ...]
