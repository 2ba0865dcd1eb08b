"""An enterprise, its budget, and the results that an agency may lean on instead of a visit."""

from __future__ import annotations

from typing import Annotated, Any

from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from ninja import Path, Query, Router

from yicha.decide.gate import queries as gate
from yicha.doors.partners.pages import MOST, page
from yicha.doors.partners.places import agency_of, get_enterprise, places_at, require_place
from yicha.doors.partners.policies import caller_of, route
from yicha.doors.partners.problems import show
from yicha.doors.partners.shapes import CURSOR, USCC, BudgetOut, EnterpriseOut, ResultPage
from yicha.doors.partners.verdicts import show_row
from yicha.kernel.refusal import NotFound
from yicha.know.agreement.terms import Share
from yicha.know.registry import queries as registry
from yicha.know.visits import queries as visits
from yicha.share.recognition import queries as recognition
from yicha.share.recognition.terms import AskerFacts

router = Router(tags=["enterprises"])
UsccPath = Annotated[str, Path(pattern=USCC)]


@route(router, "GET", "/enterprises/{uscc}", response={200: EnterpriseOut}, summary="An enterprise")
def read_enterprise(request: HttpRequest, uscc: UsccPath) -> HttpResponse:
    """What the registry knows, without the class, which is internal."""
    caller = caller_of(request)
    found = registry.find_entry(uscc)
    if found is None:
        raise NotFound
    code, name, kind, industry, region_id, zone_id, address, status = found
    places = places_at(caller.bearer.stamp)
    region = places.regions.get(region_id, "")
    require_place(caller, region, None)
    return show(
        {
            "uscc": code,
            "name": name,
            "kind": kind,
            "industry": industry,
            "region": region,
            "zone": places.zones.get(zone_id, ""),
            "address": address,
            "status": status,
        }
    )


@route(router, "GET", "/enterprises/{uscc}/budget", response={200: BudgetOut}, summary="Its budget of visits")
def read_budget(request: HttpRequest, uscc: UsccPath) -> HttpResponse:
    """What is used and what is left this year, and which visits counted."""
    caller = caller_of(request)
    get_enterprise(caller, uscc, None)
    budget = gate.get_budget(uscc, caller.today)
    lines = [
        {
            "level": line.level.value if line.level else None,
            "used": line.used,
            "allowed": line.allowed,
            "row": show_row(line.row) if line.row else None,
        }
        for line in budget.lines
    ]
    made = [
        {
            "contact": visit.contact.uuid,
            "on": visit.contact.on.isoformat(),
            "state": visit.contact.state,
            "kind": visit.contact.kind,
            "trigger": visit.contact.trigger,
            "lead": visit.contact.lead,
            "counted": visit.counted.value,
        }
        for visit in budget.visits
    ]
    return show({"uscc": budget.uscc, "year": budget.year, "lines": lines, "visits": made})


@route(router, "GET", "/enterprises/{uscc}/results", response={200: ResultPage}, summary="Results to lean on")
def read_results(
    request: HttpRequest,
    uscc: UsccPath,
    cursor: Annotated[str, Query(pattern=CURSOR)] = "",
    limit: Annotated[int, Query(ge=1, le=MOST)] = 100,
) -> HttpResponse:
    """Results of the agency itself, and those of others that an agreement lets it recognise today."""
    caller = caller_of(request)
    found = get_enterprise(caller, uscc, Share.RESULTS)
    agency = agency_of(caller)
    offered = recognition.list_offered_to(AskerFacts(agency.code, agency.region, agency.kind), caller.today)
    seen = Q(agency__code=agency.code) | Q(pk__in=offered.order_by().values("pk"))
    rows = visits.list_results().filter(seen, enterprise=found)
    return show(page(rows, cursor, limit, show_result))


def show_result(row: Any) -> dict[str, Any]:
    """The JSON of a result."""
    version = row.item_version
    return {
        "uuid": str(row.uuid),
        "item": version.item.code,
        "item_name": version.name,
        "version": version.version,
        "agency": row.agency.code,
        "result_code": row.result_code,
        "found_on": row.found_on.isoformat(),
        "valid_until": row.valid_until.isoformat(),
        "evidence_sha256": row.evidence_hash,
        "state": row.state,
        "reference": row.reference,
    }
