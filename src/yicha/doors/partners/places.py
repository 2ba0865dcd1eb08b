"""Whom an agency may look at: its own region, and beyond it what an agreement in force shares.

Agencies, regions and agreements rarely change: each worker keeps them and reads them again when their stamp, which
comes with every token, is another (decision 0015).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from yicha.doors.partners.policies import Caller
from yicha.doors.partners.problems import Problem
from yicha.kernel.refusal import NotFound, Reason
from yicha.know.agreement import queries as agreement
from yicha.know.agreement.terms import AgreementFacts, Share
from yicha.know.registry import queries as registry


@dataclass(frozen=True)
class AgencyPlace:
    """Where an agency is, and of what kind (codes)."""

    code: str
    region: str
    kind: str


@dataclass(frozen=True)
class Places:
    """The reference tables at one stamp.

    `above` are a region's own code and those of the regions that it lies in; `regions` and `zones` are codes by id.
    """

    stamp: str
    agencies: Mapping[str, AgencyPlace]
    above: Mapping[str, frozenset[str]]
    regions: Mapping[int | None, str]
    zones: Mapping[int | None, str]
    agreements: tuple[AgreementFacts, ...]

    def may_see(self, agency: AgencyPlace, region: str, share: Share | None, today: date) -> bool:
        """Whether an agency may look at what lies in a region; `share` None: any agreement will do."""
        if agency.region in self.above.get(region, ()):
            return True
        return any(
            (share is None or share.value in one.shares)
            and {agency.region, region} <= one.regions
            and (not one.kinds or agency.kind in one.kinds)
            and one.valid_from <= today
            and (one.valid_until is None or today <= one.valid_until)
            for one in self.agreements
        )

    def seen_by(self, agency: AgencyPlace, share: Share, today: date) -> list[str]:
        """The codes of all regions into which an agency may look."""
        return [region for region in self.above if self.may_see(agency, region, share, today)]


_kept: Places | None = None


def places_at(stamp: str) -> Places:
    """The reference tables as they are at a stamp."""
    global _kept
    kept = _kept
    if kept is None or kept.stamp != stamp:
        _kept = kept = _read(stamp)
    return kept


def agency_of(caller: Caller) -> AgencyPlace:
    """The agency that a client acts for. Raises `Problem` 403 when the registry does not know it any more."""
    found = places_at(caller.bearer.stamp).agencies.get(caller.agency)
    if found is None:
        reason = Reason(
            "client.agency",
            "The agency “%(agency)s” of this client is unknown.",
            facts={"agency": caller.agency},
        )
        raise Problem(403, [reason])
    return found


def require_place(caller: Caller, region: str, share: Share | None) -> None:
    """Raise `NotFound` for what lies where the client's agency may not look: as if it were not there."""
    agency = agency_of(caller)
    if not places_at(caller.bearer.stamp).may_see(agency, region, share, caller.today):
        raise NotFound


def get_enterprise(caller: Caller, uscc: str, share: Share | None) -> Any:
    """An enterprise that the client's agency may look at; `NotFound` if it is missing or foreign."""
    found = registry.get_enterprise(uscc)
    require_place(caller, found.region.code if found.region else "", share)
    return found


def require_own(caller: Caller, named: str | None) -> None:
    """Raise `Problem` 403 when a request names another agency than the one that its client acts for."""
    if named is not None and named != caller.agency:
        reason = Reason(
            "client.other-agency",
            "This client acts for “%(own)s” and for no other agency.",
            facts={"own": caller.agency},
            at_field="agency",
        )
        raise Problem(403, [reason])


def _read(stamp: str) -> Places:
    regions = list(registry.list_regions())
    parents = {region.code: region.parent.code if region.parent else "" for region in regions}
    agencies = {
        agency.code: AgencyPlace(agency.code, agency.region.code, agency.kind.code)
        for agency in registry.list_agencies()
    }
    above = {code: frozenset(_chain(code, parents)) for code in parents}
    return Places(
        stamp,
        agencies,
        above,
        {region.pk: region.code for region in regions},
        {zone.pk: zone.code for zone in registry.list_zones()},
        tuple(agreement.list_agreement_facts()),
    )


def _chain(code: str, parents: Mapping[str, str]) -> list[str]:
    chain: list[str] = []
    while code and code not in chain:
        chain.append(code)
        code = parents.get(code, "")
    return chain
