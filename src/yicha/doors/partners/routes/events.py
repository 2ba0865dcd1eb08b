"""What happened, in order, for systems that keep copies: asked for again and again from the last cursor on."""

from __future__ import annotations

from typing import Annotated, Any

from django.http import HttpRequest, HttpResponse
from ninja import Query, Router

from yicha.doors.partners.once import once
from yicha.doors.partners.pages import MOST, read_cursor, write_cursor
from yicha.doors.partners.policies import caller_of, route
from yicha.doors.partners.problems import instant, show, value_answer
from yicha.doors.partners.record_shapes import AcknowledgementIn, AcknowledgementOut, EventPage
from yicha.doors.partners.shapes import CURSOR
from yicha.ingest.exchange import queries, services
from yicha.ingest.exchange.terms import Answer

router = Router(tags=["events"])
SOURCE = "/api/v1/events"


@route(router, "GET", "/events", response={200: EventPage}, summary="What happened since")
def list_events(
    request: HttpRequest,
    after: Annotated[str, Query(pattern=CURSOR)] = "",
    limit: Annotated[int, Query(ge=1, le=MOST)] = 100,
) -> HttpResponse:
    """Events after a cursor, each once and none left out, however long what tells them takes to commit."""
    found = queries.list_events(read_cursor(after), limit)
    cursor = write_cursor(found[-1].pk) if found else after
    return show({"items": [_show(event) for event in found], "cursor": cursor})


@route(
    router,
    "POST",
    "/events/acknowledgement",
    response={200: AcknowledgementOut},
    summary="Say how far the events were taken over",
)
def acknowledge(request: HttpRequest, payload: AcknowledgementIn) -> HttpResponse:
    """Everything up to this cursor is in the client's own data: what has ended is used there no more."""
    caller = caller_of(request)
    cursor = read_cursor(payload.cursor)

    def act() -> Answer:
        reader = services.acknowledge(now=caller.now, client=caller.bearer.client, cursor=cursor)
        return value_answer({"cursor": write_cursor(reader.cursor)}, 200)

    return once(request, act)


def _show(event: Any) -> dict[str, Any]:
    return {
        "specversion": "1.0",
        "id": str(event.uuid),
        "source": SOURCE,
        "type": event.type,
        "subject": event.subject,
        "time": instant(event.at),
        "datacontenttype": "application/json",
        "data": event.data,
    }
