"""The API as one object: its routes, and how what goes wrong is answered."""

from __future__ import annotations

import logging
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.core.exceptions import BadRequest, RequestDataTooBig, SuspiciousOperation
from django.http import Http404, HttpRequest, HttpResponse, UnreadablePostError
from ninja import NinjaAPI
from ninja.errors import HttpError, ValidationError

from yicha.doors.partners import problems
from yicha.doors.partners.parsing import StrictParser
from yicha.doors.partners.problems import Problem
from yicha.doors.partners.routes import ROUTERS
from yicha.kernel.refusal import NotFound, Reason, Refused

log = logging.getLogger("yicha.partners")
MOST_REASONS = 20
"""Of a body that is wrong in many places so many are told."""

api = NinjaAPI(
    title="一查 yicha",
    version="1",
    description="The gate, for agencies' own systems: docs/guide/partners.md.",
    openapi_url=None,
    docs_url=None,
    urls_namespace="partners",
    parser=StrictParser(),
    servers=[{"url": "/"}],
)
for router in ROUTERS:
    api.add_router("", router)


def as_problems(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """A view whose 405 is a problem document too."""

    @wraps(view)
    def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        response = view(request, *args, **kwargs)
        if response.status_code == 405:
            return _not_allowed(response["Allow"])
        return response

    return answer


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """What every address of the API answers that is missing, and every object that is foreign."""
    return problems.show_problem(
        Problem(404, [Reason("not-found", "There is no such thing, or it is not for your agency.")])
    )


def _not_allowed(allowed: str) -> HttpResponse:
    reason = Reason("request.method", "Only %(methods)s may be asked here.", facts={"methods": allowed})
    return problems.show_problem(Problem(405, [reason], {"Allow": allowed}))


@api.exception_handler(Problem)
def _problem(request: HttpRequest, problem: Problem) -> HttpResponse:
    return problems.show_problem(problem)


@api.exception_handler(Refused)
def _refused(request: HttpRequest, refused: Refused) -> HttpResponse:
    return problems.show_problem(problems.of_refusal(refused))


@api.exception_handler(NotFound)
@api.exception_handler(Http404)
def _missing(request: HttpRequest, error: Exception) -> HttpResponse:
    return not_found(request)


@api.exception_handler(ValidationError)
def _invalid(request: HttpRequest, error: ValidationError) -> HttpResponse:
    return problems.show_problem(Problem(422, [_reason(one) for one in error.errors[:MOST_REASONS]]))


def _reason(error: dict[str, Any]) -> Reason:
    """One finding of pydantic. Its own words are English and may quote what was sent: only its kind is told."""
    where = ".".join(str(part)[:80] for part in error["loc"] if part != "payload")
    facts = {"where": where, "problem": error["type"]}
    return Reason(
        "request.invalid",
        "“%(where)s” is not as the description of the API says (%(problem)s).",
        "/api/v1/openapi.json",
        facts,
        at_field=where,
    )


@api.exception_handler(HttpError)
def _http_error(request: HttpRequest, error: HttpError) -> HttpResponse:
    """ninja wraps what the parser raised."""
    cause = error.__cause__
    if isinstance(cause, Problem):
        return problems.show_problem(cause)
    return problems.show_problem(Problem(error.status_code, [_unreadable()]))


@api.exception_handler(RequestDataTooBig)
@api.exception_handler(SuspiciousOperation)
@api.exception_handler(BadRequest)
@api.exception_handler(UnreadablePostError)
def _bad_request(request: HttpRequest, error: Exception) -> HttpResponse:
    return problems.show_problem(Problem(400, [_unreadable()]))


def _unreadable() -> Reason:
    return Reason("request.unreadable", "The request cannot be read.")


@api.exception_handler(Exception)
def _failed(request: HttpRequest, error: Exception) -> HttpResponse:
    """A mistake of ours: told to the log with its trace, to the caller with nothing but the request's id."""
    request.failure = type(error).__name__  # type: ignore[attr-defined]
    log.exception("a request of the API failed")
    reason = Reason(
        "server.failed",
        "Something went wrong here, not with your request. It is in the log under %(request)s.",
        facts={"request": getattr(request, "request_id", "")},
    )
    return problems.show_problem(Problem(500, [reason]))
