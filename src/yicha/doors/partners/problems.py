"""What the API answers: JSON, and problem documents (RFC 9457) in which every reason is said in both languages."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import datetime
from functools import lru_cache
from http import HTTPStatus
from typing import Any

from django.http import HttpResponse
from django.utils import translation
from django.utils.translation import gettext

from yicha.ingest.exchange.terms import Answer
from yicha.kernel import clock
from yicha.kernel.refusal import Reason, Refused

JSON = "application/json"
PROBLEM_JSON = "application/problem+json"
NO_STORE = {"Cache-Control": "no-store"}
_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


class Problem(Exception):
    """An answer that is an error: its status, all its reasons, headers, members beyond those of RFC 9457."""

    def __init__(
        self,
        status: int,
        reasons: Iterable[Reason],
        headers: Mapping[str, str] | None = None,
        members: Mapping[str, object] | None = None,
    ) -> None:
        self.status = status
        self.reasons = tuple(reasons)
        self.headers = dict(headers or {})
        self.members = dict(members or {})
        super().__init__(status, [reason.code for reason in self.reasons])


def show(value: object, status: int = 200, headers: Mapping[str, str] | None = None) -> HttpResponse:
    """A value as JSON. Answers are for one client: nobody may keep them."""
    return HttpResponse(
        _encode(value), status=status, content_type=JSON, headers={**NO_STORE, **(headers or {})}
    )


def show_problem(problem: Problem) -> HttpResponse:
    """A problem document."""
    return HttpResponse(
        problem_text(problem),
        status=problem.status,
        content_type=PROBLEM_JSON,
        headers={**NO_STORE, **problem.headers},
    )


def problem_text(problem: Problem) -> str:
    """The JSON of a problem document. `type` is always about:blank: the reasons' codes say more than an address."""
    return _encode(
        {
            "type": "about:blank",
            "title": HTTPStatus(problem.status).phrase,
            "status": problem.status,
            "reasons": [shown(reason) for reason in problem.reasons],
            **problem.members,
        }
    )


def of_refusal(refused: Refused) -> Problem:
    """422 if a reason names an input to mend, else 409: it is the state of things that forbids."""
    return Problem(422 if any(reason.at_field for reason in refused.reasons) else 409, refused.reasons)


def refusal_answer(refused: Refused) -> Answer:
    """A refusal as an answer that a receipt keeps."""
    problem = of_refusal(refused)
    return Answer(problem.status, PROBLEM_JSON, problem_text(problem).encode())


def value_answer(value: object, status: int, location: str = "") -> Answer:
    """A value as an answer that a receipt keeps."""
    return Answer(status, JSON, _encode(value).encode(), location)


def shown(reason: Reason) -> dict[str, Any]:
    """One reason, as every answer writes it."""
    return {
        "code": reason.code,
        "sentence": both(reason.sentence, reason.facts),
        "source": reason.source,
        "facts": {name: _fact(value) for name, value in reason.facts.items()},
        "at_field": reason.at_field,
    }


def both(sentence: str, facts: Mapping[str, object]) -> dict[str, str]:
    """A sentence in Chinese and in English, its places filled."""
    chinese = _in("zh-hans", sentence)
    return {"zh": chinese % facts, "en": sentence % facts} if facts else {"zh": chinese, "en": sentence}


def instant(at: datetime) -> str:
    """An instant, with the time zone of the law."""
    return at.astimezone(clock.BEIJING).isoformat()


def _fact(value: object) -> str | int:
    return value if isinstance(value, int) and not isinstance(value, bool) else str(value)


@lru_cache(maxsize=4096)
def _in(language: str, sentence: str) -> str:
    """Message ids are a fixed set: each is looked up once in a process."""
    with translation.override(language):
        return gettext(sentence)
