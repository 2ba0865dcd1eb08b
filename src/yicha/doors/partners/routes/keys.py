"""GET /keys: the public keys by which visit codes and certificates are checked."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from ninja import Router

from yicha.base.keys import queries as keys
from yicha.doors.partners.policies import route
from yicha.doors.partners.problems import show
from yicha.doors.partners.shapes import KeysOut

router = Router(tags=["keys"])


@route(router, "GET", "/keys", response={200: KeysOut}, summary="The public keys")
def get_keys(request: HttpRequest) -> HttpResponse:
    """A JSON Web Key Set (RFC 7517); the same as at /.well-known/jwks.json."""
    return show(keys.list_public_keys(), headers={"Cache-Control": "public, max-age=300"})
