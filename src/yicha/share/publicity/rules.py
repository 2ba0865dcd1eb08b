"""What may be public. Pure: everything that leaves for the public is made here."""

from __future__ import annotations

import hashlib
import re
from datetime import date

from yicha.kernel import canonical
from yicha.kernel.transitions import Transitions
from yicha.know.registry.terms import EnterpriseKind
from yicha.know.visits.terms import PROBLEM_CODES, ResultCode
from yicha.share.publicity.terms import SPEC, PublicationState, ResultFacts

LIFE: Transitions[PublicationState] = Transitions(
    "publication", {"publish": (frozenset({PublicationState.DUE}), PublicationState.PUBLISHED)}
)

_MOBILE = re.compile(r"(?<!\d)1[3-9]\d{9}(?!\d)")
_IDENTITY_CARD = re.compile(
    r"(?<![0-9A-Za-z])[1-8]\d{5}(?:19|20)\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])\d{3}[\dXx](?![0-9A-Za-z])"
)


def is_personal(text: str) -> bool:
    """Whether a text holds something like a mobile number or an identity-card number."""
    return bool(_MOBILE.search(text) or _IDENTITY_CARD.search(text))


def public_name(kind: str, name: str) -> str:
    """The name under which an enterprise is published; empty: with the code only.

    A sole proprietor's name is often a person's (yicha-draw/1, Privacy); so is a name with a telephone number in it.
    """
    return "" if kind == EnterpriseKind.SOLE_PROPRIETOR or is_personal(name) else name


def content(facts: ResultFacts) -> dict[str, object]:
    """Exactly what is published of a visit."""
    return {
        "spec": SPEC,
        "uscc": facts.uscc,
        "name": public_name(facts.kind, facts.name),
        "region": facts.region,
        "lead": facts.lead,
        "visited_on": facts.visited_on.isoformat(),
        "closed_on": facts.closed_on.isoformat(),
        "simulated": facts.simulated,
        "results": [
            {"agency": result.agency, "item": result.item, "code": result.code} for result in facts.results
        ],
    }


def content_hash(published: dict[str, object]) -> str:
    """SHA-256 of the canonical JSON (RFC 8785) of what was published: what the ledger remembers."""
    return hashlib.sha256(canonical.dumps(published)).hexdigest()


def count_problems(facts: ResultFacts) -> int:
    """In how many items something was found against the enterprise."""
    return sum(ResultCode(result.code) in PROBLEM_CODES for result in facts.results)


def is_late(due_on: date, published_on: date | None, today: date) -> bool:
    """Whether a result was published after its last day, or is not public although that day is over."""
    return (published_on or today) > due_on
