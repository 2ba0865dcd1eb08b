"""Idempotency-Key: a request that is sent again, because its answer was lost, is carried out once."""

from __future__ import annotations

import re
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from yicha.doors.partners.policies import caller_of
from yicha.doors.partners.problems import NO_STORE, Problem, refusal_answer
from yicha.ingest.exchange import services as exchange
from yicha.ingest.exchange.terms import Answer
from yicha.kernel.refusal import Reason, Refused

HEADER = "Idempotency-Key"
REPEATED = "Idempotency-Replayed"
SOURCE = "draft-ietf-httpapi-idempotency-key-header"
_KEY = re.compile(r'"?([\x21\x23-\x7e]{1,255})"?')


def once(request: HttpRequest, act: Callable[[], Answer]) -> HttpResponse:
    """The answer of `act`, or the one that the same request got before.

    Raises `Problem`: 400 without a key, 409 while the first one is being worked on, 422 if the key was used for
    something else.
    """
    caller = caller_of(request)
    try:
        answer, repeated = exchange.answer_once(
            client_id=caller.bearer.client_id,
            key=_key(request),
            request_hash=exchange.hash_request("POST", request.path, request.body),
            now=caller.now,
            act=act,
            refused=refusal_answer,
        )
    except Refused as refused:
        if "receipt.in-flight" in refused.codes:
            raise Problem(409, refused.reasons, {"Retry-After": "1"}) from None
        raise
    headers = {**NO_STORE, REPEATED: "true" if repeated else "false"}
    if answer.location:
        headers["Location"] = answer.location
    return HttpResponse(answer.body, status=answer.status, content_type=answer.content_type, headers=headers)


def _key(request: HttpRequest) -> str:
    given = _KEY.fullmatch(request.headers.get(HEADER, ""))
    if given is None:
        raise Problem(
            400,
            [
                Reason(
                    "request.key",
                    "What writes needs a header Idempotency-Key: 1 to 255 characters of ASCII, new for each request, "
                    "the same when it is sent again.",
                    SOURCE,
                    at_field=HEADER,
                )
            ],
        )
    return given.group(1)
