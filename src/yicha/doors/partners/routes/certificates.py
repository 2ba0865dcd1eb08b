"""Recognition certificates: issued over the agency's own results, read by whoever may see the enterprise."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from ninja import Path, Router

from yicha.doors.partners.once import once
from yicha.doors.partners.places import agency_of, require_place
from yicha.doors.partners.policies import Caller, caller_of, route
from yicha.doors.partners.problems import NO_STORE, instant, show, value_answer
from yicha.doors.partners.shapes import UUID_TEXT, CertificateIn, CertificateOut
from yicha.ingest.exchange.terms import Answer
from yicha.kernel.refusal import NotFound
from yicha.know.agreement.terms import Share
from yicha.know.visits import queries as visits
from yicha.share.recognition import queries, services

router = Router(tags=["certificates"])
UuidPath = Annotated[str, Path(pattern=UUID_TEXT)]
PDF = "application/pdf"


@route(router, "POST", "/certificates", response={201: CertificateOut}, summary="Issue a certificate")
def issue(request: HttpRequest, payload: CertificateIn) -> HttpResponse:
    """A certificate over some of the agency's own results at one enterprise, to be checked without our database."""
    caller = caller_of(request)
    agency_of(caller)
    wanted = set(payload.results)
    own = list(visits.list_results().filter(uuid__in=wanted, agency__code=caller.agency))
    if len(own) != len(wanted):
        raise NotFound

    def act() -> Answer:
        made = services.issue(actor=caller.actor, now=caller.now, results=own)
        return value_answer(_show(caller, made), 201, f"/api/v1/certificates/{made.uuid}")

    return once(request, act)


@route(router, "GET", "/certificates/{uuid}", response={200: CertificateOut}, summary="A certificate")
def read_certificate(request: HttpRequest, uuid: UuidPath) -> HttpResponse:
    """The signed certificate, and whether it is good today."""
    caller = caller_of(request)
    return show(_show(caller, _seen(caller, uuid)))


@route(
    router,
    "GET",
    "/certificates/{uuid}/pdf",
    summary="A certificate on paper",
    openapi_extra={
        "responses": {200: {"content": {PDF: {"schema": {"type": "string", "format": "binary"}}}}}
    },
)
def read_paper(request: HttpRequest, uuid: UuidPath) -> HttpResponse:
    """One page with the QR code that an officer of any region checks."""
    found = _seen(caller_of(request), uuid)
    name = f'attachment; filename="certificate-{found.uuid}.pdf"'
    return HttpResponse(
        queries.certificate_pdf(found), content_type=PDF, headers={**NO_STORE, "Content-Disposition": name}
    )


def _seen(caller: Caller, uuid: str) -> Any:
    found = queries.list_certificates().filter(uuid=UUID(uuid)).first()
    if found is None:
        raise NotFound
    if found.agency.code != caller.agency:
        region = found.enterprise.region
        require_place(caller, region.code if region else "", Share.RESULTS)
    return found


def _show(caller: Caller, found: Any) -> dict[str, Any]:
    state = queries.get_certificate_state(queries.read_payload(found), caller.today)
    return {
        "uuid": str(found.uuid),
        "number": found.number,
        "uscc": found.enterprise.uscc,
        "agency": found.agency.code,
        "issued_at": instant(found.issued_at),
        "valid_until": found.valid_until.isoformat(),
        "is_good": state.is_good,
        "is_changed": state.is_changed,
        "token": found.token,
        "pdf": f"/api/v1/certificates/{found.uuid}/pdf",
    }
