"""The undisturbed list, as far as an agency's region shares it."""

from __future__ import annotations

from typing import Annotated, Any

from django.http import HttpRequest, HttpResponse
from ninja import Path, Query, Router

from yicha.doors.partners.pages import MOST, page
from yicha.doors.partners.places import agency_of, get_enterprise, places_at
from yicha.doors.partners.policies import Caller, caller_of, route
from yicha.doors.partners.problems import instant, show
from yicha.doors.partners.shapes import CURSOR, USCC, ListingOut, ListingPage
from yicha.kernel.refusal import NotFound
from yicha.know.agreement.terms import Share
from yicha.know.undisturbed import queries as undisturbed
from yicha.know.undisturbed.terms import ListingState

router = Router(tags=["listings"])
IN_EFFECT = (ListingState.LISTED.value, ListingState.SUSPENDED.value)
"""What concerns the gate: on the list, or suspended from it. Who is only proposed is the matter of who decides."""


@route(router, "GET", "/listings", response={200: ListingPage}, summary="The undisturbed list")
def list_listings(
    request: HttpRequest,
    cursor: Annotated[str, Query(pattern=CURSOR)] = "",
    limit: Annotated[int, Query(ge=1, le=MOST)] = 100,
) -> HttpResponse:
    """Who is on the list or suspended from it, in the agency's region and in those that share the list with it."""
    return show(page(_seen(caller_of(request)), cursor, limit, _show))


@route(router, "GET", "/listings/{uscc}", response={200: ListingOut}, summary="One enterprise's listing")
def read_listing(request: HttpRequest, uscc: Annotated[str, Path(pattern=USCC)]) -> HttpResponse:
    """The listing of one enterprise; 404 when it is not on the list, or that is not for the agency to know."""
    caller = caller_of(request)
    found = _seen(caller).filter(enterprise=get_enterprise(caller, uscc, Share.UNDISTURBED)).first()
    if found is None:
        raise NotFound
    return show(_show(found))


def _seen(caller: Caller) -> Any:
    """Listings in effect of regions into which the agency may look."""
    regions = places_at(caller.bearer.stamp).seen_by(agency_of(caller), Share.UNDISTURBED, caller.today)
    return undisturbed.list_listings().filter(state__in=IN_EFFECT, region__code__in=regions)


def _show(row: Any) -> dict[str, Any]:
    """Without the reason of a suspension, which may name the class."""
    return {
        "uuid": str(row.uuid),
        "uscc": row.enterprise.uscc,
        "name": row.enterprise.name,
        "region": row.region.code,
        "state": row.state,
        "since": instant(row.since),
        "listed_on": row.listed_on.isoformat() if row.listed_on else None,
        "window_until": row.window_until.isoformat() if row.window_until else None,
        "partners": row.partners,
        "agreements": row.agreements,
    }
