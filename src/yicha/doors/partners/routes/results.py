"""POST /results: what an agency's own system found, for others to recognise."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from ninja import Router

from yicha.doors.partners.once import once
from yicha.doors.partners.places import agency_of, get_enterprise, require_own
from yicha.doors.partners.policies import caller_of, route
from yicha.doors.partners.problems import value_answer
from yicha.doors.partners.routes.enterprises import show_result
from yicha.doors.partners.shapes import ResultIn, ResultOut
from yicha.ingest.exchange.terms import Answer
from yicha.know.agreement.terms import Share
from yicha.share.recognition import services
from yicha.share.recognition.terms import ExternalResult

router = Router(tags=["results"])


@route(router, "POST", "/results", response={200: ResultOut, 201: ResultOut}, summary="Send a result")
def send_result(request: HttpRequest, payload: ResultIn) -> HttpResponse:
    """A result for others to recognise: 201 when it is new, 200 when its reference was sent before, unchanged."""
    caller = caller_of(request)
    require_own(caller, payload.agency)
    agency_of(caller)
    get_enterprise(caller, payload.uscc, Share.RESULTS)
    sent = ExternalResult(
        agency=caller.agency,
        uscc=payload.uscc,
        item=payload.item,
        found_on=payload.found_on,
        result_code=payload.result_code,
        evidence_hash=payload.evidence_sha256,
        reference=payload.reference,
    )

    def act() -> Answer:
        found, is_new = services.offer_external(actor=caller.actor, now=caller.now, sent=sent)
        return value_answer(show_result(found), 201 if is_new else 200)

    return once(request, act)
