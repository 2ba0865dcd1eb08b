"""Strict JSON: what two readers may understand differently, or no database keeps, is refused with a sentence."""

from __future__ import annotations

import json
from typing import Any, NoReturn

from django.http import HttpRequest
from ninja.parser import Parser

from yicha.doors.partners.problems import Problem
from yicha.kernel.refusal import Reason

SOURCE = "RFC 8259; RFC 7493 (I-JSON)"


class StrictParser(Parser):
    """Reads the body of a request as I-JSON."""

    def parse_body(self, request: HttpRequest) -> Any:
        """The value in the body. Raises `Problem` 400 for what is no JSON, 422 for JSON that is not taken."""
        return parse(request.body)


def parse(body: bytes) -> Any:
    """The value in some bytes: UTF-8, no key twice, no NaN, no NUL character, no half of a surrogate pair."""
    try:
        value = json.loads(body.decode("utf-8"), object_pairs_hook=_members, parse_constant=_no_constant)
    except (UnicodeDecodeError, json.JSONDecodeError):
        raise _problem(400, "json.invalid", sentence="The body is no JSON in UTF-8.") from None
    except (ValueError, RecursionError):  # a number of thousands of digits; thousands of brackets
        raise _problem(
            400, "json.extreme", sentence="The body has a number too long or is nested too deep."
        ) from None
    if b"\\u" in body:  # only an escape can bring what follows: raw, both are no JSON at all
        _check_text(value)
    return value


def _members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise _problem(
            422, "json.repeated", sentence="A member is named twice; which one counts would be a guess."
        )
    return members


def _no_constant(text: str) -> NoReturn:
    raise _problem(422, "json.number", sentence="NaN and Infinity are no numbers of JSON.")


def _check_text(value: object) -> None:
    if isinstance(value, str):
        if "\x00" in value or any("\ud800" <= letter <= "\udfff" for letter in value):
            raise _problem(
                422, "json.text", sentence="A text holds a NUL character or half a surrogate pair."
            )
    elif isinstance(value, dict):
        for name, member in value.items():
            _check_text(name)
            _check_text(member)
    elif isinstance(value, list):
        for member in value:
            _check_text(member)


def _problem(status: int, code: str, sentence: str) -> Problem:
    return Problem(status, [Reason(code, sentence, SOURCE)])
