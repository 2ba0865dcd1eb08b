"""The description of the API (OpenAPI 3.1): ninja's, with policies, problem documents and keys written in."""

from __future__ import annotations

import json
from functools import cache
from typing import Any

from django.http import HttpRequest, HttpResponse

from yicha.base.accounts.terms import ApiScope
from yicha.doors.partners.api import api
from yicha.doors.partners.once import HEADER
from yicha.doors.partners.policies import POLICIES, Policy
from yicha.doors.partners.problems import JSON, PROBLEM_JSON
from yicha.doors.partners.shapes import ProblemOut, TokenProblemOut

PREFIX = "api/v1"
_REFERENCE = "#/components/schemas/{model}"
ERRORS = {
    400: "The request cannot be read.",
    401: "No access token, or one that is not valid.",
    403: "The token lacks the scope, or another agency is named.",
    404: "Missing, or not for this agency: the two are never told apart.",
    409: "The state of things forbids it, or a request with the same key is being worked on.",
    413: "The body is too large.",
    415: "The body is of another kind.",
    422: "Something in the request is to be mended.",
    429: "Too many requests; Retry-After says when to ask again.",
}
KEY_PARAMETER = {
    "in": "header",
    "name": HEADER,
    "required": True,
    "schema": {"type": "string", "pattern": "^[!#-~]{1,255}$"},
    "description": "New for each request, the same when it is sent again; kept for 30 days.",
}


def describe(request: HttpRequest) -> HttpResponse:
    """GET /api/v1/openapi.json."""
    return HttpResponse(description_text(), content_type=JSON)


describe.public = True  # type: ignore[attr-defined]  # see tests/architecture/test_doors.py


@cache
def description_text() -> str:
    """The description; the same for as long as the process lives."""
    return json.dumps(description(), ensure_ascii=False)


def description() -> dict[str, Any]:
    """The description as a value."""
    found: dict[str, Any] = json.loads(json.dumps(api.get_openapi_schema(path_prefix=PREFIX)))
    schemas = found["components"].setdefault("schemas", {})
    for model in (ProblemOut, TokenProblemOut):
        schema = model.model_json_schema(ref_template=_REFERENCE)
        schemas |= schema.pop("$defs", {})
        schemas[model.__name__] = schema
    found["components"]["securitySchemes"] = {"client": _credentials()}
    for (method, path), policy in POLICIES.items():
        operation = found["paths"].get(f"/{PREFIX}{path}", {}).get(method.lower())
        if operation is not None:
            _complete(operation, method, path, policy)
    return found


def _credentials() -> dict[str, Any]:
    scopes = {scope.value: scope.value for scope in ApiScope}
    return {
        "type": "oauth2",
        "flows": {"clientCredentials": {"tokenUrl": f"/{PREFIX}/token", "scopes": scopes}},
    }


def _complete(operation: dict[str, Any], method: str, path: str, policy: Policy) -> None:
    operation["security"] = [{"client": [policy.scope.value]}] if policy.scope else []
    if policy.once:
        operation["parameters"].append(KEY_PARAMETER)
    model = TokenProblemOut if path == "/token" else ProblemOut
    schema = {"$ref": _REFERENCE.format(model=model.__name__)}
    for status in sorted(_statuses(method, path, policy)):
        operation["responses"][str(status)] = {
            "description": ERRORS[status],
            "content": {PROBLEM_JSON: {"schema": schema}},
        }


def _statuses(method: str, path: str, policy: Policy) -> set[int]:
    statuses = {422} if policy.scope or "{" in path else set()
    if policy.scope:
        statuses |= {401, 403, 404, 429}
    if path == "/token":
        statuses |= {401, 429}
    if method == "POST":
        statuses |= {400, 413, 415}
    if policy.once:
        statuses |= {409}
    return statuses
