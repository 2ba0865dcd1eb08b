"""Words of the gate: what is asked, the facts that are looked at, and what is answered."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import IntEnum, StrEnum

from yicha.know.agreement.terms import AgreementFacts, ConsentFacts
from yicha.know.catalogue.terms import NumberFacts
from yicha.know.undisturbed.terms import ListingFacts
from yicha.know.visits.terms import ContactKind

RULES_VERSION = "gate/1"
"""Changes when the rules change; every verdict keeps the one that it was judged by."""


class Outcome(StrEnum):
    """May this visit happen. In the order of preference: recognise → merge → offsite → allow; else defer or refuse."""

    RECOGNISE = "recognise"
    MERGE = "merge"
    OFFSITE = "offsite"
    ALLOW = "allow"
    DEFER = "defer"
    REFUSE = "refuse"


class Bars(IntEnum):
    """What a ground stands in the way of; each includes what is before it.

    NOTHING: a remark. NEW_VISIT: a visit of its own (budget, frequency, quiet days); joining a planned one is free.
    ENTRY: passing the door at all (officers, the undisturbed list, campaigns without approval). EVERYTHING: the check
    itself, even from data (item not in force, agency not competent).
    """

    NOTHING = 0
    NEW_VISIT = 1
    ENTRY = 2
    EVERYTHING = 3


class ApplicationState(StrEnum):
    """Where an application stands.

    WAITING: a reason or an approval is wanted. GRANTED: a visit code was issued. SPARED: results or data stand in for
    the whole visit. PAPERS_DUE: an emergency was entered, its papers are missing. REOPENED: what it leaned on was
    revoked. DEFERRED, REFUSED, WITHDRAWN say themselves.
    """

    WAITING = "waiting"
    GRANTED = "granted"
    SPARED = "spared"
    DEFERRED = "deferred"
    REFUSED = "refused"
    PAPERS_DUE = "papers-due"
    WITHDRAWN = "withdrawn"
    REOPENED = "reopened"


class CodeState(StrEnum):
    """Whether a visit code opens the door. REPLACED: more items or people came to the visit, it has a newer code."""

    LIVE = "live"
    REPLACED = "replaced"
    REVOKED = "revoked"


class Level(StrEnum):
    """Of an agency: what counts toward which annual cap."""

    DISTRICT = "district"
    CITY = "city"


@dataclass(frozen=True, slots=True)
class Application:
    """A wish to enter. Dates are both included; one day when they are equal. Codes as the glossary says.

    `reasons` answers grounds that ask for a reason, by their code. `approved_by` names the agency's head who approved
    (every inspection needs prior approval, 司法部问题解答); `campaign` is the code of an approval of a campaign.
    `entered_on`: the day of an entry that has happened already (emergency, outage); else None.
    `planned`: a demand of a round, whose officers are drawn later: without officers nothing is missing.
    """

    agency: str
    uscc: str
    items: tuple[str, ...]
    kind: ContactKind
    trigger: str
    from_on: date
    until_on: date
    officers: tuple[str, ...] = ()
    premises: str = ""
    evidence: str = ""
    campaign: str = ""
    approved_by: str = ""
    reasons: Mapping[str, str] = field(default_factory=dict)
    entered_on: date | None = None
    planned: bool = False


@dataclass(frozen=True, slots=True)
class TriggerFacts:
    """A row of triggers in force: what it frees from. `spareable`: a result or data may stand in for a visit."""

    code: str
    words: str
    own_initiative: bool
    counts_toward_cap: bool
    exempt_from_cap: bool
    exempt_from_quiet: bool
    exempt_from_undisturbed: bool
    spareable: bool
    needs_evidence: bool
    source: str
    is_ours: bool
    in_force_from: date


@dataclass(frozen=True, slots=True)
class AgencyFacts:
    """Who asks. `region` is a code; `kind` the code of its kind."""

    code: str
    name: str
    kind: str
    region: str
    level: Level


@dataclass(frozen=True, slots=True)
class EnterpriseFacts:
    """Who is asked about. Region and zone are those of the premises when these are named, else of the address.

    `place_regions` are the codes that the place lies in, the nearest first: its district, the zone, the city.
    `zone_regions` are all regions that the zone crosses; empty without a zone.
    """

    uscc: str
    name: str
    status: str
    risk_class: str
    region: str
    zone: str
    place_regions: tuple[str, ...]
    zone_regions: tuple[str, ...]
    premises: str = ""


@dataclass(frozen=True, slots=True)
class ItemFacts:
    """An item that was asked for. `known` False: there is no such code, and the rest is empty.

    `accepts` are codes of items that count as the same (itself included): standards of two regions under an agreement.
    `ruled_out` is the ruling (its code and words) of a conflict of standards under which this version must not be
    checked; empty: none. `is_spared` says whether the item is on the list of items that undisturbed enterprises are
    spared in the place's region.
    """

    code: str
    known: bool
    name: str = ""
    status: str = ""
    version: int = 0
    version_id: int = 0
    in_force_from: date | None = None
    agency_kind: str = ""
    competence: str = ""
    method: str = ""
    annual_cap: int | None = None
    accepts: frozenset[str] = frozenset()
    ruled_out: str = ""
    is_spared: bool = False


@dataclass(frozen=True, slots=True)
class OfficerFacts:
    """An officer who is to go. `known` False: nobody holds this certificate. `recused`: why not here; empty: may."""

    certificate: str
    known: bool
    name: str = ""
    agency: str = ""
    active: bool = False
    valid_from: date | None = None
    valid_until: date | None = None
    competences: tuple[str, ...] = ()
    recused: str = ""


@dataclass(frozen=True, slots=True)
class ContactFacts:
    """A visit planned or made, from a year before what is asked to a year after.

    `on` is the day it was made, else planned for. `found` is whether something was found: None while it is planned.
    `items` are codes of items, `agencies` and `officers` (certificates) who takes part.
    """

    uuid: str
    state: str
    on: date
    kind: str
    trigger: str
    counts: bool
    level: Level
    lead: str
    agencies: tuple[str, ...]
    items: tuple[str, ...]
    officers: tuple[str, ...] = ()
    found: bool | None = None
    premises: str = ""


@dataclass(frozen=True, slots=True)
class ResultFacts:
    """A result that may stand in for a check. `refused`: this agency gave a reason not to accept it."""

    uuid: str
    item: str
    agency: str
    region: str
    agency_kind: str
    result_code: str
    found_on: date
    valid_until: date
    refused: bool = False
    premises: str = ""


@dataclass(frozen=True, slots=True)
class QuietFacts:
    """宁静日: days of every month, both included, on which a region wants no visits."""

    region: str
    from_day: int
    until_day: int
    source: str
    is_ours: bool
    in_force_from: date


@dataclass(frozen=True, slots=True)
class CampaignFacts:
    """An approval of a special campaign: who approved what for whom. Empty agencies or items: all."""

    code: str
    document: str
    approved_by: str
    from_above: bool
    agencies: frozenset[str]
    items: frozenset[str]
    valid_from: date
    valid_until: date


@dataclass(frozen=True, slots=True)
class Facts:
    """Everything that a verdict is found from. `today` is the day in Beijing on which it is asked.

    None: there is no such agency, enterprise, trigger or campaign. `numbers` holds, by code, the row that is in force
    at the place on `application.from_on`.
    """

    today: date
    application: Application
    agency: AgencyFacts | None
    enterprise: EnterpriseFacts | None
    trigger: TriggerFacts | None
    items: tuple[ItemFacts, ...]
    officers: tuple[OfficerFacts, ...] = ()
    contacts: tuple[ContactFacts, ...] = ()
    results: tuple[ResultFacts, ...] = ()
    listing: ListingFacts | None = None
    agreements: tuple[AgreementFacts, ...] = ()
    consents: tuple[ConsentFacts, ...] = ()
    quiet: tuple[QuietFacts, ...] = ()
    campaign: CampaignFacts | None = None
    numbers: Mapping[str, NumberFacts] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class RowUsed:
    """A dated row that a ground leans on: a number, a trigger, quiet days, an agreement, a campaign."""

    table: str
    code: str
    value: str
    source: str
    in_force_from: date | None
    is_ours: bool = False


@dataclass(frozen=True, slots=True)
class Ground:
    """One reason of a verdict.

    `code` is stable (`gate.cap-used`). `sentence` is an English message id with `%(name)s` places, `facts` fills them.
    `bars` says what it stands in the way of. `until`: from this day on it does not any more (None: does not pass by
    waiting). `answerable`: a reason in `Application.reasons`, or an approval, lifts it. `item` is empty for the whole.
    `leads_to` is set on grounds that speak for an outcome (a result that exists, a visit to join). `at_field` names the
    field of `Application` to mend; empty: none in particular.
    """

    code: str
    sentence: str
    source: str
    facts: Mapping[str, str | int] = field(default_factory=dict)
    bars: Bars = Bars.NOTHING
    until: date | None = None
    answerable: bool = False
    item: str = ""
    leads_to: Outcome | None = None
    rows: tuple[RowUsed, ...] = ()
    at_field: str = ""


@dataclass(frozen=True, slots=True)
class ItemVerdict:
    """The answer for one item. `contact` of a merge; `result` and `valid_until` of a recognition."""

    item: str
    outcome: Outcome
    contact: str = ""
    result: str = ""
    valid_until: date | None = None


@dataclass(frozen=True, slots=True)
class Verdict:
    """The answer. `outcome` is that of the whole: if an item is barred, the whole is; else the heaviest that is left.

    `on` is the day of an allowed or joined visit; `until` the first day that is open again when deferred. `wants` are
    the codes of answerable grounds when nothing else stands in the way: a reason or an approval is required.
    `counts_toward_cap` says whether an allowed visit uses the enterprise's budget.
    """

    outcome: Outcome
    items: tuple[ItemVerdict, ...]
    grounds: tuple[Ground, ...]
    on: date | None = None
    until: date | None = None
    wants: tuple[str, ...] = ()
    counts_toward_cap: bool = True
    rules: str = RULES_VERSION


class ChangeKind(StrEnum):
    """One fact that could be otherwise; in brackets what `Change.value` names."""

    TRIGGER = "trigger"
    """Another trigger, with its evidence (its code)."""
    DAY = "day"
    """Another day (in ISO 8601)."""
    OFFICERS = "officers"
    """Other officers, who are fit in every way."""
    WITHOUT_ITEM = "without-item"
    """An item left out (its code)."""
    REASON = "reason"
    """A reason given (the code of the ground that asks for one)."""
    EVIDENCE = "evidence"
    """The reference of the evidence given."""
    APPROVAL = "approval"
    """The approval of the agency's head."""
    CAMPAIGN = "campaign"
    """The approval of a campaign that covers agency, items and days."""
    CONSENT = "consent"
    """The consent of the region in which the place lies."""
    AGREEMENT = "agreement"
    """An agreement that shares everything between all regions that are involved."""
    NOT_LISTED = "not-listed"
    """The enterprise is not on an undisturbed list."""
    RISK_CLASS = "risk-class"
    """Another class (its letter); never shown outside the desk."""


@dataclass(frozen=True, slots=True)
class Change:
    """ "Why not?": one fact changed, in words, and the answer that would then be given (None: not judged yet).

    `sentence` is a message id, `facts` fills its places. `wants` as in `Verdict`.
    """

    kind: ChangeKind
    value: str = ""
    sentence: str = ""
    facts: Mapping[str, str | int] = field(default_factory=dict)
    outcome: Outcome | None = None
    on: date | None = None
    until: date | None = None
    wants: tuple[str, ...] = ()


TELLS_CLASS = frozenset({"gate.class-a-rest", "gate.low-risk-visits"})
"""Codes of grounds that tell the internal class: never on a page of the enterprise or the public (decision 0007)."""


class Counted(StrEnum):
    """Whether a visit uses the enterprise's budget, and why not."""

    YES = "counts"
    COURTESY = "courtesy"
    FROM_ABOVE = "from-above"
    EXCEPTION = "exception"
    NO = "apart"


@dataclass(frozen=True, slots=True)
class BudgetLine:
    """One cap of a year: of a level, or (None) of both together. No `row`: no cap is in force, `allowed` is None."""

    level: Level | None
    used: int
    allowed: int | None
    row: RowUsed | None


@dataclass(frozen=True, slots=True)
class BudgetVisit:
    """A visit of the year, planned or made. `row` is that of its trigger, which says what it is free from."""

    contact: ContactFacts
    counted: Counted
    row: RowUsed | None


@dataclass(frozen=True, slots=True)
class Budget:
    """An enterprise's budget of visits in a year: what is used, what is left, and what counted or not."""

    uscc: str
    year: int
    lines: tuple[BudgetLine, ...]
    visits: tuple[BudgetVisit, ...]
