"""POST /token: an access token for a client's secret (OAuth 2, RFC 6749, client credentials)."""

from __future__ import annotations

import base64
import binascii
from urllib.parse import unquote_plus

from django.http import HttpRequest, HttpResponse, QueryDict
from ninja import Form, Router
from pydantic import BaseModel, Field

from yicha.base.accounts import services as accounts
from yicha.base.accounts.terms import TOKEN_SECONDS
from yicha.doors.partners.policies import check_rate, route
from yicha.doors.partners.problems import Problem, show
from yicha.doors.partners.shapes import TokenOut
from yicha.kernel import clock
from yicha.kernel.refusal import Reason, Refused

router = Router(tags=["token"])
SOURCE = "RFC 6749"
TRIES_A_MINUTE = 60
"""So often a client id may ask for a token, right secret or wrong: a token is good for an hour."""


class TokenIn(BaseModel):
    """The form. Client and secret stand here or in the header Authorization (Basic), never in both."""

    grant_type: str = Field("", json_schema_extra={"enum": ["client_credentials"]})
    scope: str = Field("", description="fewer scopes than the client has, if so wished; separated by spaces")
    client_id: str = ""
    client_secret: str = ""


@route(router, "POST", "/token", response={200: TokenOut}, summary="Get an access token")
def get_token(request: HttpRequest, form: Form[TokenIn]) -> HttpResponse:
    """An access token, good for an hour. Send it as `Authorization: Bearer …`."""
    _refuse_repeated(request.POST)
    if form.grant_type != "client_credentials":
        code = "unsupported_grant_type" if form.grant_type else "invalid_request"
        raise _problem(400, code, sentence="The grant_type must be client_credentials.")
    client_id, secret = _credentials(request, form)
    check_rate(f"token:{client_id[:64]}", TRIES_A_MINUTE)
    try:
        token, scopes = accounts.issue_token(
            now=clock.now(), client_id=client_id, secret=secret, scope=form.scope
        )
    except Refused as refused:
        if "client.scope" in refused.codes:
            raise _problem(
                400, "invalid_scope", sentence="The client may not do all of what is asked for."
            ) from None
        raise _unknown() from None
    return show(
        {
            "access_token": token,
            "token_type": "Bearer",
            "expires_in": TOKEN_SECONDS,
            "scope": " ".join(sorted(scopes)),
        }
    )


def _refuse_repeated(form: QueryDict) -> None:
    """RFC 6749, 3.2: no parameter twice. A text that no database holds is in no credential either."""
    if any(len(values) > 1 for _name, values in form.lists()):
        raise _problem(400, "invalid_request", sentence="A parameter is given twice.")


def _credentials(request: HttpRequest, form: TokenIn) -> tuple[str, str]:
    header = request.META.get("HTTP_AUTHORIZATION", "")
    if not header:
        if not form.client_id or not form.client_secret:
            raise _unknown()
        return form.client_id, form.client_secret
    if form.client_secret:
        raise _problem(
            400, "invalid_request", sentence="Client and secret stand in the header or in the form."
        )
    kind, _space, encoded = header.partition(" ")
    try:
        text = base64.b64decode(encoded.strip(), validate=True).decode("utf-8")
    except (binascii.Error, ValueError):
        raise _unknown() from None
    client_id, colon, secret = text.partition(":")
    if kind.lower() != "basic" or not colon:
        raise _unknown()
    return unquote_plus(client_id), unquote_plus(secret)


def _unknown() -> Problem:
    return _problem(
        401,
        "invalid_client",
        sentence="There is no such client, or the secret is another.",
        headers={"WWW-Authenticate": 'Basic realm="yicha", charset="UTF-8"'},
    )


def _problem(status: int, error: str, sentence: str, headers: dict[str, str] | None = None) -> Problem:
    members = {"error": error, "error_description": sentence}
    return Problem(status, [Reason(f"token.{error.replace('_', '-')}", sentence, SOURCE)], headers, members)
