"""How a refusal looks: one summary of all reasons on a page, one problem document in JSON (RFC 9457)."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from yicha.kernel.refusal import Reason, Refused

PROBLEM_JSON = "application/problem+json"


def refused_response(request: HttpRequest, refused: Refused, status: int | None = None) -> HttpResponse:
    """All reasons in the reader's language, as a page or as problem+json, whichever was asked for.

    422 if a reason names an input to mend, 409 if it is the state of things that forbids.
    """
    code = status or (422 if any(reason.at_field for reason in refused.reasons) else 409)
    if wants_json(request):
        body = {
            "type": "about:blank",
            "title": _("This cannot be done"),
            "status": code,
            "reasons": [summary(reason) for reason in refused.reasons],
        }
        return JsonResponse(body, status=code, content_type=PROBLEM_JSON)
    return render(request, "refused.html", {"reasons": refused.reasons}, status=code)


def summary(reason: Reason) -> dict[str, Any]:
    """One reason as it is shown: the sentence in the reader's language."""
    sentence = _(reason.sentence)
    return {
        "code": reason.code,
        "sentence": sentence % reason.facts if reason.facts else sentence,
        "source": reason.source,
        "at_field": reason.at_field,
    }


def wants_json(request: HttpRequest) -> bool:
    """Whether the caller prefers JSON to a page."""
    best = request.get_preferred_type(["text/html", PROBLEM_JSON, "application/json"])
    return best in {PROBLEM_JSON, "application/json"}
