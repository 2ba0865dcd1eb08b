"""For which regions a person acts. A listing concerns its home region and the regions it is recognised in."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet

from yicha.base.accounts import queries as accounts
from yicha.base.accounts.queries import Person
from yicha.doors.desk.places import NOWHERE, list_regions_for
from yicha.kernel.refusal import NotFound
from yicha.know.undisturbed import queries

__all__ = [
    "NOWHERE",
    "get_listing",
    "list_regions_for",
    "list_suspending",
    "narrow",
    "narrow_to_partners",
]


def narrow(listings: QuerySet[Any], person: Person, action: str) -> QuerySet[Any]:
    """The listings that concern a region for which the person may do something."""
    if accounts.may(person, action, NOWHERE):
        return listings
    return queries.list_seen_by(listings, list_regions_for(person, action))


def get_listing(uuid: Any, person: Person, action: str) -> Any:
    """A listing that concerns a region for which the person may do something; `NotFound` for all others."""
    found = queries.find_listing(uuid)
    if found is None:
        raise NotFound
    if not accounts.may(person, action, found.scope) and not narrow_to_partners(found, person, action):
        raise NotFound
    return found


def narrow_to_partners(listing: Any, person: Person, action: str) -> dict[str, str]:
    """Of the regions that recognise a listing, those for which the person may do something."""
    mine = list_regions_for(person, action)
    return {code: name for code, name in mine.items() if code in listing.partners}


def list_suspending(listing: Any, person: Person) -> dict[str, str]:
    """The regions in whose name the person may suspend a listing, home first."""
    mine = list_regions_for(person, "undisturbed.suspend")
    wanted = (listing.region.code, *listing.partners)
    return {code: mine[code] for code in wanted if code in mine}
