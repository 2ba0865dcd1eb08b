"""Credit records: written by the agency whose facts they are, read by everybody as far as the public may see them."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from ninja import Path, Query, Router

from yicha.doors.partners.once import once
from yicha.doors.partners.pages import MOST, page
from yicha.doors.partners.places import agency_of, get_enterprise, require_own
from yicha.doors.partners.policies import Caller, caller_of, route
from yicha.doors.partners.problems import show, value_answer
from yicha.doors.partners.record_shapes import CorrectionIn, EndingIn, RecordIn, RecordOut, RecordPage
from yicha.doors.partners.shapes import CURSOR, UUID_TEXT
from yicha.ingest.exchange.terms import Answer
from yicha.kernel.refusal import NotFound
from yicha.know.credit import queries, services
from yicha.know.credit.terms import RecordFacts, Severity
from yicha.share.repair import services as endings

router = Router(tags=["credit records"])
UuidPath = Annotated[str, Path(pattern=UUID_TEXT)]


@route(
    router, "GET", "/credit-records", response={200: RecordPage}, summary="Published records, page by page"
)
def list_records(
    request: HttpRequest,
    since: Annotated[str, Query(pattern=CURSOR)] = "",
    limit: Annotated[int, Query(ge=1, le=MOST)] = 100,
) -> HttpResponse:
    """Everything that the public may see today. Who keeps a copy takes these once and follows the events."""
    today = caller_of(request).today
    return show(page(queries.list_public(today), since, limit, _show))


@route(router, "POST", "/credit-records", response={200: RecordOut, 201: RecordOut}, summary="Send a record")
def send_record(request: HttpRequest, payload: RecordIn) -> HttpResponse:
    """A fact of the client's agency: 201 when it is new, 200 when it is there already and says the same."""
    caller = caller_of(request)
    facts = _facts(caller, payload)

    def act() -> Answer:
        found = services.record(actor=caller.actor, now=caller.now, facts=facts)
        is_new = (found.recorded_at, found.recorded_by) == (caller.now, caller.actor)
        return value_answer(_show(found), 201 if is_new else 200)

    return once(request, act)


@route(
    router,
    "POST",
    "/credit-records/{uuid}/correction",
    response={200: RecordOut},
    summary="Correct a record by its next version",
)
def correct_record(request: HttpRequest, uuid: UuidPath, payload: CorrectionIn) -> HttpResponse:
    """What holds instead. The version before stays as it was; its effect ends everywhere."""
    caller = caller_of(request)
    record, facts = _own(caller, uuid), _facts(caller, payload)

    def act() -> Answer:
        found = endings.correct(
            actor=caller.actor, now=caller.now, record=record, facts=facts, reason=payload.reason
        )
        return value_answer(_show(found), 200)

    return once(request, act)


@route(
    router,
    "POST",
    "/credit-records/{uuid}/ending",
    response={200: RecordOut},
    summary="End the effect of a record",
)
def end_record(request: HttpRequest, uuid: UuidPath, payload: EndingIn) -> HttpResponse:
    """The agency takes a record back: from that day on it speaks against nobody."""
    caller = caller_of(request)
    record = _own(caller, uuid)

    def act() -> Answer:
        found = endings.end(
            actor=caller.actor, now=caller.now, record=record, reason=payload.reason, on=payload.on
        )
        return value_answer(_show(found), 200)

    return once(request, act)


def _facts(caller: Caller, payload: RecordIn) -> RecordFacts:
    """What is sent, by the client's own agency, of an enterprise that it may look at."""
    require_own(caller, payload.agency)
    agency_of(caller)
    get_enterprise(caller, payload.uscc, None)
    return RecordFacts(
        uscc=payload.uscc,
        kind=payload.kind,
        agency=caller.agency,
        reference=payload.reference,
        happened_on=payload.happened_on,
        effective_from=payload.effective_from or payload.happened_on,
        effective_until=payload.effective_until,
        words=payload.words,
        evidence_hash=payload.evidence_sha256 or "",
        evidence=payload.evidence,
        year=payload.year,
        severity=payload.severity or Severity.NONE,
        amount=None if payload.amount is None else Decimal(payload.amount),
        is_published=payload.published_on is not None,
        published_on=payload.published_on,
        publish_until=payload.publish_until,
    )


def _own(caller: Caller, uuid: str) -> Any:
    """A record of the client's agency; others' are not there."""
    found = queries.find_record(UUID(uuid))
    if found is None or found.agency.code != caller.agency:
        raise NotFound
    return found


def _show(row: Any) -> dict[str, Any]:
    return {
        "uuid": str(row.uuid),
        "agency": row.agency.code,
        "reference": row.reference,
        "version": row.version,
        "uscc": row.enterprise.uscc,
        "kind": row.kind,
        "severity": row.severity,
        "happened_on": row.happened_on.isoformat(),
        "effective_from": row.effective_from.isoformat(),
        "effective_until": _day(row.effective_until),
        "year": row.year,
        "amount": None if row.amount is None else f"{row.amount:.2f}",
        "words": row.words,
        "published_on": _day(row.published_on),
        "publish_until": _day(row.publish_until),
        "state": row.state,
        "ended_on": _day(row.ended_on),
    }


def _day(day: Any) -> str | None:
    return day.isoformat() if day else None
