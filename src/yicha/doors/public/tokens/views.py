"""The pages on which codes and certificates are checked, the published keys, and what the server knows since."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, ClassVar

from django.contrib.staticfiles import finders
from django.contrib.staticfiles.storage import staticfiles_storage
from django.db import connection, transaction
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

from yicha.base.keys import queries as keys
from yicha.base.keys.terms import Purpose
from yicha.doors.public.pages import PublicPage
from yicha.doors.public.tokens import states
from yicha.doors.public.tokens.checking import check
from yicha.doors.public.tokens.words import words
from yicha.kernel import clock
from yicha.kernel.refusal import NotFound

DIGEST = re.compile(r"[0-9a-f]{64}")
KEPT_SECONDS = 300
"""How long a browser may take the published keys from its cache."""


class Keys(PublicPage):
    """The public keys (RFC 7517), for everybody who checks codes without us."""

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        headers = {"Cache-Control": f"public, max-age={KEPT_SECONDS}", "Access-Control-Allow-Origin": "*"}
        found = keys.list_public_keys(clock.now())
        return JsonResponse(found, content_type="application/jwk-set+json", headers=headers)


class TokenPage(PublicPage):
    """Is this genuine? The browser answers; where it cannot, a form asks the server, which keeps nothing."""

    http_method_names = ["get", "head", "options", "post"]
    template_name = "public/tokens/page.html"
    purpose: ClassVar[Purpose]
    name: ClassVar[str]
    other_name: ClassVar[str]
    ask: ClassVar[str | Promise]
    label: ClassVar[str | Promise]
    how: ClassVar[str | Promise]
    other: ClassVar[str | Promise]

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return self._show()

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        given = request.POST.get("token", "")[:8000]
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION READ ONLY")
            answer = check(self.purpose, given, clock.now())
        return self._show({"answer": answer, "given": given})

    def _show(self, context: dict[str, Any] | None = None) -> HttpResponse:
        # The address of a digest, without the digest: the browser adds it.
        state_url = reverse(f"public:tokens:{self.name}-state", args=["-"]).removesuffix("-/")
        frame = {
            "ask": self.ask,
            "label": self.label,
            "how": self.how,
            "other": self.other,
            "other_url": reverse(f"public:tokens:{self.other_name}"),
            "state_url": state_url,
            "worker_url": reverse(f"public:tokens:{self.name}-worker"),
            "words": words(self.purpose),
        }
        return self.show(context={**frame, **(context or {})})


class CodePage(TokenPage):
    """Is this visit code genuine, who may enter, when, and what for?"""

    title = gettext_lazy("Is this visit code genuine?")
    purpose = Purpose.VISIT_CODE
    name, other_name = "code", "certificate"
    ask = gettext_lazy("The visit code")
    label = gettext_lazy("Text of the code, or the address that it leads to")
    how = gettext_lazy(
        "Officers show a visit code before they enter. Without one, or with one that is not genuine, an enterprise "
        "may refuse them. Check that the certificates of the people at the door are those named above."
    )
    other = gettext_lazy("Check a recognition certificate instead")


class CertificatePage(TokenPage):
    """Is this recognition certificate genuine, and does its result still hold?"""

    title = gettext_lazy("Is this recognition certificate genuine?")
    purpose = Purpose.CERTIFICATE
    name, other_name = "certificate", "code"
    ask = gettext_lazy("The certificate")
    label = gettext_lazy("Text of the certificate, or the address that its QR code leads to")
    how = gettext_lazy(
        "A recognition certificate says what one agency found about one item at one enterprise. Agencies of every "
        "region under the agreement accept it instead of checking again, until the day it names."
    )
    other = gettext_lazy("Check a visit code instead")


class CodeState(PublicPage):
    """What the server knows of a code: by its hash, so that the code itself is not sent."""

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return _state(Purpose.VISIT_CODE, kwargs["digest"])


class CertificateState(PublicPage):
    """What the server knows of a certificate, by its hash."""

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return _state(Purpose.CERTIFICATE, kwargs["digest"])


def _state(purpose: Purpose, digest: str) -> HttpResponse:
    if not DIGEST.fullmatch(digest):
        raise NotFound
    found = states.find_state(purpose, digest)
    body = {"state": found.state, "sentence": found.sentence, "rows": found.rows}
    return JsonResponse(body, headers={"Cache-Control": "no-store"})


class Worker(PublicPage):
    """The small program that keeps the page for where there is no network; its address limits it to that page."""

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return HttpResponse(
            _read_static("tokens-worker.js"),
            content_type="text/javascript; charset=utf-8",
            headers={"Cache-Control": "no-cache"},
        )


def _read_static(name: str) -> bytes:
    """A built file: collected where files are collected, else as it lies in the package."""
    if staticfiles_storage.exists(name):
        with staticfiles_storage.open(name) as file:
            content: bytes = file.read()
            return content
    found = finders.find(name)
    if not isinstance(found, str):
        raise NotFound
    return Path(found).read_bytes()
