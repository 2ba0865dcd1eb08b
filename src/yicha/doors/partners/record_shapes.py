"""What goes in and out of credit records and events; as `shapes.py` for the rest."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field

from yicha.doors.partners.shapes import Code, Day, In, Out, Sha256, Uscc
from yicha.know.credit.terms import RecordKind, RecordState, Severity

Amount = Annotated[str, Field(pattern=r"^[0-9]{1,14}(\.[0-9]{1,2})?$", description="yuan")]
GradedSeverity = Literal[Severity.MINOR, Severity.GENERAL, Severity.SERIOUS]


class RecordIn(In):
    """A fact about an enterprise. `reference` is its number at its source: the same is the same record."""

    agency: Code | None = Field(None, description="need not be said; another than the client's is refused")
    uscc: Uscc
    kind: RecordKind
    reference: str = Field(pattern=r"^[^\x00-\x1f]{1,100}$", description="文号")
    happened_on: Day
    effective_from: Day | None = Field(None, description="null: from the day it happened")
    effective_until: Day | None = Field(
        None, description="null: as long as its severity says at most; lists until removed"
    )
    severity: GradedSeverity | None = Field(
        None, description="of what speaks against the enterprise; null: general"
    )
    amount: Amount | None = None
    year: int | None = Field(None, ge=1990, le=2100, description="of annual reports, and only of these")
    words: str = Field("", max_length=500)
    evidence: str = Field("", max_length=200, description="where it is kept")
    evidence_sha256: Sha256 | None = None
    published_on: Day | None = Field(
        None, description="since when the public may see it; null: not published"
    )
    publish_until: Day | None = None


class CorrectionIn(RecordIn):
    """What holds instead, whole; the reference stays."""

    reason: str = Field(pattern=r"^[^\x00-\x1f]{1,300}$")


class EndingIn(In):
    """That a record has no effect any more, since a day (null: today)."""

    reason: str = Field(pattern=r"^[^\x00-\x1f]{1,300}$")
    on: Day | None = None


class AcknowledgementIn(In):
    """How far the events were taken over: a cursor that they gave."""

    cursor: str = Field(pattern=r"^[A-Za-z0-9_-]{1,64}$")


class RecordOut(Out):
    """A credit record as it holds. `severity` none: the kind has no grades."""

    uuid: UUID
    agency: str
    reference: str
    version: int
    uscc: str
    kind: RecordKind
    severity: Severity
    happened_on: date
    effective_from: date
    effective_until: date | None
    year: int | None
    amount: str | None
    words: str
    published_on: date | None
    publish_until: date | None
    state: RecordState
    ended_on: date | None


class RecordPage(Out):
    """A page of published records. `next`: what to ask `since`; null: this is the last."""

    items: list[RecordOut]
    next: str | None


class EventOut(Out):
    """Something that happened (CloudEvents 1.0). `id` is the same whenever it is read."""

    specversion: Literal["1.0"]
    id: UUID
    source: str
    type: str
    subject: str
    time: datetime
    datacontenttype: Literal["application/json"]
    data: dict[str, str | int | None]


class EventPage(Out):
    """Events in their final order. `cursor`: what to ask `after` next time; there is always one to keep."""

    items: list[EventOut]
    cursor: str


class AcknowledgementOut(Out):
    """How far the events were taken over, as it is kept: never back."""

    cursor: str
