"""A class and everything that it rests on."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from yicha.know.credit.terms.model import FactKind
from yicha.know.credit.terms.records import Severity


@dataclass(frozen=True, slots=True)
class Fact:
    """One thing that happened to an enterprise, as a model sees it.

    `source` names where it is kept: `credit:<code>`, `result:<uuid>`, `item:<id>`. `domain` is the kind of its agency
    (`market`), `amount` is in whole yuan, `year` is of annual reports. It counts until `until`, included; None: until
    somebody ends it.
    """

    kind: FactKind
    severity: Severity
    day: date
    domain: str
    source: str
    amount: int = 0
    year: int | None = None
    until: date | None = None


@dataclass(frozen=True, slots=True)
class Subject:
    """The enterprise, as far as a model looks at it."""

    uscc: str
    industry: str
    kind: str
    registered_on: date | None


@dataclass(frozen=True, slots=True)
class FactPoints:
    """What one fact gives to one indicator, before the indicator's cap."""

    fact: Fact
    points: int


@dataclass(frozen=True, slots=True)
class Contribution:
    """What an indicator gives: `points` after the cap, never below 0; `lowers` says to which side they count."""

    indicator: str
    points: int
    lowers: bool
    facts: tuple[FactPoints, ...] = ()


@dataclass(frozen=True, slots=True)
class Cuts:
    """The scores where levels 2, 3 and 4 begin: a model's own, or what its shares came to in a run."""

    credit: tuple[int, int, int]
    risk: tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class Assessment:
    """A class with the contribution of every indicator, in the model's order, and the red lines that were crossed."""

    letter: str
    general: int
    specific: int
    credit_level: int
    risk_level: int
    contributions: tuple[Contribution, ...]
    red_lines: tuple[str, ...]


class ModelState(StrEnum):
    """A version of a model: drafted → submitted → signed by two roles → in force → superseded; or withdrawn."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    SIGNED = "signed"
    IN_FORCE = "in-force"
    SUPERSEDED = "superseded"
    WITHDRAWN = "withdrawn"


class RunState(StrEnum):
    """A classification of everybody, or the trial of a model."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


class RunKind(StrEnum):
    """MONTHLY: the regular one. ASKED: somebody asked for it, or a new version took force. TRIAL: changes no class."""

    MONTHLY = "monthly"
    ASKED = "asked"
    TRIAL = "trial"
