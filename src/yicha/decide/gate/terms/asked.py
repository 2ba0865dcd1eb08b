"""What is asked, and the facts that are looked at."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from yicha.know.agreement.terms import AgreementFacts, ConsentFacts
from yicha.know.catalogue.terms import NumberFacts
from yicha.know.undisturbed.terms import ListingFacts
from yicha.know.visits.terms import ContactKind


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
    `method` is `offsite` or `written` when the rate that drew it asks for that, whatever its items say; else empty.
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
    method: str = ""


@dataclass(frozen=True, slots=True)
class TriggerFacts:
    """A row of triggers in force: what it frees from. `spareable`: a result or data may stand in for a visit.

    `may_be_unannounced`: with approval, the enterprise gets no notice beforehand.
    """

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
    may_be_unannounced: bool = False


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

    `accepts` are other items with the region where they count as the same: standards of two regions under an agreement.
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
    accepts: frozenset[tuple[str, str]] = frozenset()
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
