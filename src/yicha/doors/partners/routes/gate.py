"""The gate: ask, apply, look again, complete."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from ninja import Path, Router

from yicha.decide.gate import queries as gate
from yicha.decide.gate import services
from yicha.decide.gate.terms import Application, Facts
from yicha.doors.partners.once import once
from yicha.doors.partners.places import agency_of, get_enterprise, require_own, require_place
from yicha.doors.partners.policies import Caller, caller_of, route
from yicha.doors.partners.problems import instant, show, value_answer
from yicha.doors.partners.shapes import UUID_TEXT, ApplicationIn, ApplicationOut, CompletionIn, VerdictOut
from yicha.doors.partners.verdicts import REST, TELLS_CLASS, show_verdict
from yicha.ingest.exchange.terms import Answer
from yicha.kernel.refusal import NotFound

router = Router(tags=["gate"])
UuidPath = Annotated[str, Path(pattern=UUID_TEXT)]


@route(router, "POST", "/gate/preview", response={200: VerdictOut}, summary="May this visit happen?")
def preview(request: HttpRequest, payload: ApplicationIn) -> HttpResponse:
    """The verdict with all its reasons. Nothing is written, and nothing is promised: apply for that."""
    caller = caller_of(request)
    verdict, facts = gate.preview(_asked(caller, payload), caller.now)
    _require_visible(caller, facts)
    return show(show_verdict(verdict))


@route(router, "POST", "/gate/applications", response={201: ApplicationOut}, summary="Apply for a visit")
def apply(request: HttpRequest, payload: ApplicationIn) -> HttpResponse:
    """The verdict, kept with its facts; with the visit code when the visit may happen. A refusal is kept too."""
    caller = caller_of(request)
    asked = _asked(caller, payload)
    get_enterprise(caller, asked.uscc, None)

    def act() -> Answer:
        found = services.apply(actor=caller.actor, now=caller.now, application=asked)
        return value_answer(_show(found), 201, f"/api/v1/gate/applications/{found.uuid}")

    return once(request, act)


@route(
    router,
    "GET",
    "/gate/applications/{uuid}",
    response={200: ApplicationOut},
    summary="An application as it stands",
)
def read_application(request: HttpRequest, uuid: UuidPath) -> HttpResponse:
    """One of the agency's own applications."""
    return show(_show(_own(caller_of(request), uuid)))


@route(
    router,
    "POST",
    "/gate/applications/{uuid}/completion",
    response={200: ApplicationOut},
    summary="Give what an application waits for",
)
def complete(request: HttpRequest, uuid: UuidPath, payload: CompletionIn) -> HttpResponse:
    """Reasons and the approval that were wanted; the application is judged again by the facts of now."""
    caller = caller_of(request)
    found = _own(caller, uuid)
    reasons = {_inside(code): text for code, text in payload.reasons.items()}

    def act() -> Answer:
        done = services.complete(
            actor=caller.actor,
            now=caller.now,
            application=found,
            reasons=reasons,
            approved_by=payload.approved_by,
        )
        return value_answer(_show(done), 200)

    return once(request, act)


def _asked(caller: Caller, payload: ApplicationIn) -> Application:
    """What the gate is asked: by the client's agency, whatever the body says."""
    require_own(caller, payload.agency)
    agency_of(caller)
    return Application(
        agency=caller.agency,
        uscc=payload.uscc,
        items=tuple(payload.items),
        kind=payload.kind,
        trigger=payload.trigger,
        from_on=payload.from_on,
        until_on=payload.until_on,
        officers=tuple(payload.officers),
        premises=payload.premises or "",
        evidence=payload.evidence,
        campaign=payload.campaign or "",
        approved_by=payload.approved_by,
        reasons={_inside(code): text for code, text in payload.reasons.items()},
    )


def _inside(code: str) -> str:
    """The gate's own code of a ground that went out under a neutral one."""
    return next((own for own, neutral in TELLS_CLASS.items() if code == neutral == REST), code)


def _require_visible(caller: Caller, facts: Facts) -> None:
    """Missing and foreign are the same; a consent to come lets look, too."""
    if facts.enterprise is None:
        raise NotFound
    if not any(consent.region in facts.enterprise.place_regions for consent in facts.consents):
        require_place(caller, facts.enterprise.region, None)


def _own(caller: Caller, uuid: str) -> Any:
    found = gate.find_application(UUID(uuid))
    if found is None or found.agency.code != caller.agency:
        raise NotFound
    return found


def _show(found: Any) -> dict[str, Any]:
    code = gate.find_live_code(found.contact) if found.contact else None
    return {
        "uuid": str(found.uuid),
        "state": found.state,
        "agency": found.agency.code,
        "uscc": found.enterprise.uscc,
        "asked_at": instant(found.asked_at),
        "contact": str(found.contact.uuid) if found.contact else None,
        "code": code.token if code else None,
        "verdict": show_verdict(gate.read_verdict(found)),
    }
