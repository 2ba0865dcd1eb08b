"""What goes in and out, as the description of the API says it. What goes in is checked by these; what goes out is
written by the routes and held against these by the tests."""

from __future__ import annotations

import re
from datetime import date, datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, WithJsonSchema, model_validator

from yicha.decide.gate.terms import ApplicationState, Counted, Level, Outcome
from yicha.know.visits.terms import ContactKind, ContactState

FIRST_DAY, LAST_DAY = date(2000, 1, 1), date(2100, 12, 31)
"""Days that the API takes: arithmetic with years has room on both sides."""
USCC = r"^([0-9A-HJ-NPQRTUWXY]{18}|[0-9]{15})$"
CODE = r"^[A-Za-z0-9][A-Za-z0-9._:-]{0,63}$"
UUID_TEXT = r"^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$"
CURSOR = r"^[A-Za-z0-9_-]{0,64}$"
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def _day(value: Any) -> date:
    if not isinstance(value, str) or not _DAY.fullmatch(value):
        raise ValueError("not a day like 2026-07-01")
    day = date.fromisoformat(value)
    if not FIRST_DAY <= day <= LAST_DAY:
        raise ValueError("not a day between 2000 and 2100")
    return day


Day = Annotated[date, BeforeValidator(_day), WithJsonSchema({"type": "string", "format": "date"})]
Uscc = Annotated[
    str, Field(pattern=USCC, description="统一社会信用代码, or a registration number of 15 digits")
]
Code = Annotated[str, Field(pattern=CODE)]
Certificate = Annotated[str, Field(pattern=r"^[^\x00-\x20]{1,32}$", description="执法证 of an officer")]
Id = Annotated[str, Field(pattern=UUID_TEXT)]
Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
Facts = dict[str, str | int]


class In(BaseModel):
    """What is taken: a member that is not described is refused, not ignored."""

    model_config = ConfigDict(extra="forbid")


class Out(BaseModel):
    """What is given: nothing that is not described."""

    model_config = ConfigDict(extra="forbid")


class ApplicationIn(In):
    """A wish to enter. Days are both included."""

    agency: Code | None = Field(None, description="need not be said; another than the client's is refused")
    uscc: Uscc
    items: list[Code] = Field(min_length=1, max_length=50, description="codes of items")
    kind: ContactKind
    trigger: Code = Field(
        description="draw, initiative, campaign, complaint, … : a row of the gate's triggers"
    )
    from_on: Day
    until_on: Day
    officers: list[Certificate] = Field(default_factory=list, max_length=20)
    premises: Id | None = Field(None, description="a site of the enterprise, else its registered address")
    evidence: str = Field("", max_length=200, description="reference that an exception needs")
    campaign: Code | None = Field(None, description="the approval of a special campaign")
    approved_by: str = Field("", max_length=100, description="the agency's head who approved")
    reasons: dict[Code, Annotated[str, Field(min_length=1, max_length=500)]] = Field(
        default_factory=dict,
        max_length=20,
        description="answers to grounds that ask for a reason, by their code",
    )

    @model_validator(mode="after")
    def _window(self) -> ApplicationIn:
        if self.until_on < self.from_on:
            raise ValueError("until_on lies before from_on")
        return self


class CompletionIn(In):
    """What an application waits for: reasons by the codes of the grounds, and who approved."""

    reasons: dict[Code, Annotated[str, Field(min_length=1, max_length=500)]] = Field(
        default_factory=dict, max_length=20
    )
    approved_by: str = Field("", max_length=100)


class ResultIn(In):
    """A result of the agency's own system. `reference` is its number there: the same is the same result."""

    agency: Code | None = None
    uscc: Uscc
    item: Code
    found_on: Day
    result_code: str = Field(pattern=r"^[0-9]{2}$", description="a published result code, 01 to 14")
    evidence_sha256: Sha256
    reference: str = Field(pattern=r"^[^\x00-\x1f]{1,100}$")


class CertificateIn(In):
    """The results that a certificate is to show, all of one enterprise and one agency."""

    results: list[Id] = Field(min_length=1, max_length=6)


class Sentence(Out):
    """In both languages."""

    zh: str
    en: str


class ReasonOut(Out):
    """Why not. `code` is stable."""

    code: str
    sentence: Sentence
    source: str
    facts: Facts
    at_field: str


class RowOut(Out):
    """A dated row that a ground leans on."""

    table: str
    code: str
    value: str
    source: str
    in_force_from: date | None
    is_ours: bool


class GroundOut(ReasonOut):
    """A reason of a verdict. `until`: from this day on it does not bar any more."""

    item: str
    bars: Literal["nothing", "new-visit", "entry", "everything"]
    until: date | None
    answerable: bool
    leads_to: Outcome | None
    rows: list[RowOut]


class ProblemOut(BaseModel):
    """A problem document (RFC 9457)."""

    type: str
    title: str
    status: int
    reasons: list[ReasonOut]


class TokenProblemOut(ProblemOut):
    """The same, with the members of RFC 6749, 5.2, when it is the request for a token that is wrong."""

    error: str = ""
    error_description: str = ""


class ItemVerdictOut(Out):
    """The answer for one item. `contact` of a merge; `result` and `valid_until` of a recognition."""

    item: str
    outcome: Outcome
    contact: str
    result: str
    valid_until: date | None


class VerdictOut(Out):
    """May this visit happen, and all reasons, also those that did not decide."""

    outcome: Outcome
    on: date | None
    until: date | None
    wants: list[str]
    counts_toward_cap: bool
    rules: str
    items: list[ItemVerdictOut]
    reasons: list[GroundOut]


class ApplicationOut(Out):
    """An application as it stands. `code` is the signed visit code while there is one."""

    uuid: UUID
    state: ApplicationState
    agency: str
    uscc: str
    asked_at: datetime
    contact: UUID | None
    code: str | None
    verdict: VerdictOut


class TokenOut(Out):
    """An access token (RFC 6749, 5.1)."""

    access_token: str
    token_type: Literal["Bearer"]
    expires_in: int
    scope: str


class EnterpriseOut(Out):
    """An enterprise as the registry knows it."""

    uscc: str
    name: str
    kind: str
    industry: str
    region: str
    zone: str
    address: str
    status: str


class KeysOut(BaseModel):
    """A JSON Web Key Set (RFC 7517)."""

    keys: list[dict[str, str]]


class ResultOut(Out):
    """A result that the agency may lean on, or that it found itself. `valid_until` is the last day."""

    uuid: UUID
    item: str
    item_name: str
    version: int
    agency: str
    result_code: str
    found_on: date
    valid_until: date
    evidence_sha256: str
    state: str
    reference: str


class ResultPage(Out):
    """A page of results. `next` is the cursor of the next page; null: this is the last."""

    items: list[ResultOut]
    next: str | None


class ListingOut(Out):
    """An enterprise on the undisturbed list. `region` is its home region, `partners` those that recognise it."""

    uuid: UUID
    uscc: str
    name: str
    region: str
    state: str
    since: datetime
    listed_on: date | None
    window_until: date | None
    partners: list[str]
    agreements: list[str]


class ListingPage(Out):
    """A page of listings."""

    items: list[ListingOut]
    next: str | None


class CertificateOut(Out):
    """A recognition certificate: what it says (read `token` to believe it), and whether it is still good."""

    uuid: UUID
    number: str
    uscc: str
    agency: str
    issued_at: datetime
    valid_until: date
    is_good: bool
    is_changed: bool
    token: str
    pdf: str


class BudgetLineOut(Out):
    """One cap of the year: of a level, or (null) of both together. `allowed` null: no cap is in force."""

    level: Level | None
    used: int
    allowed: int | None
    row: RowOut | None


class BudgetVisitOut(Out):
    """A visit of the year. `counted` says whether it uses the budget, and if not, why."""

    contact: UUID
    on: date
    state: ContactState
    kind: ContactKind
    trigger: str
    lead: str
    counted: Counted


class BudgetOut(Out):
    """An enterprise's budget of visits in this year."""

    uscc: str
    year: int
    lines: list[BudgetLineOut]
    visits: list[BudgetVisitOut]
