"""Words of what one version of a model says otherwise than another."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Subject(StrEnum):
    """What of a model differs."""

    INDICATOR = "indicator"
    RED_LINE = "red-line"
    DECAY = "decay"
    CREDIT_LEVELS = "credit-levels"
    RISK_LEVELS = "risk-levels"
    MATRIX = "matrix"
    DOCUMENT = "document"


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that differs. `name`: the words of an indicator or red line, the name of a table.

    `field` is a key of the document, with a severity after a point where there is one (`points.serious`); empty when
    the whole subject was added (`before` is empty) or removed (`after` is empty).
    """

    subject: Subject
    name: str
    field: str
    before: str
    after: str
