"""What the server knows of a token since it was signed, and the names behind its codes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _

from yicha.base.keys.terms import Purpose
from yicha.decide.gate import queries as gate
from yicha.decide.gate.terms import CodeState
from yicha.doors.public.tokens.words import answers
from yicha.doors.templatetags.look import on
from yicha.kernel import clock
from yicha.know.visits import queries as visits
from yicha.share.recognition import queries as recognition
from yicha.share.recognition.terms import CertifiedState, Standing

STATES = {CodeState.LIVE: "valid", CodeState.REPLACED: "superseded", CodeState.REVOKED: "withdrawn"}


@dataclass(frozen=True)
class State:
    """`state`: valid, withdrawn, superseded or unknown. `rows`: facts in words, as (label, value)."""

    state: str
    sentence: str
    rows: Sequence[tuple[str, str]] = field(default_factory=list)


def find_state(purpose: Purpose, digest: str) -> State:
    """The state of the token with this SHA-256."""
    if purpose is Purpose.VISIT_CODE:
        return _of_code(digest)
    return _of_certificate(digest)


def _sentence(purpose: Purpose, state: str) -> str:
    return answers(purpose)["genuine" if state == "valid" else state]["sentence"]


def _of_code(digest: str) -> State:
    purpose = Purpose.VISIT_CODE
    code = gate.list_codes().filter(digest=digest).first()
    if code is None:
        return State("unknown", _sentence(purpose, "unknown"))
    state = STATES[CodeState(code.state)]
    return State(state, _sentence(purpose, state), _rows_of(code, gate.read_code(code)["officers"]))


def _rows_of(code: Any, officers: Sequence[str]) -> list[tuple[str, str]]:
    """Who may enter where, when and what for; names of agencies and items, certificates of officers, no person."""
    enterprise = code.contact.enterprise
    items = list(visits.list_items_of(code.contact))
    between = "、"
    name = enterprise.name if enterprise.kind == "company" else _("Sole proprietor")
    return [
        (_("enterprise"), f"{name} {enterprise.uscc}"),
        (_("who may enter: agencies"), between.join(dict.fromkeys(one.agency.name for one in items))),
        (_("who may enter: certificates of officers"), between.join(officers)),
        (_("from"), on(code.valid_from)),
        (_("until, included"), on(code.valid_until)),
        (_("what for"), between.join(dict.fromkeys(one.item_version.name for one in items))),
    ]


def _of_certificate(digest: str) -> State:
    purpose = Purpose.CERTIFICATE
    found = recognition.find_certificate_state(digest, clock.today(clock.now()))
    if not found.is_known:
        state = "unknown"
    elif found.is_good:
        state = "changed" if found.is_changed else "valid"
    else:
        state = "withdrawn" if found.is_changed else "expired"
    rows = [(one.name, _standing(one)) for one in found.results] if state != "valid" else []
    return State(state, _sentence(purpose, state), rows)


def _standing(one: CertifiedState) -> str:
    if one.standing is Standing.REVOKED:
        return _("revoked on %(day)s") % {"day": on(one.revoked_on)}
    if one.standing is Standing.ENDED:
        return _("recognised until %(day)s, which is over") % {"day": on(one.valid_until)}
    return _("still recognised, until %(day)s") % {"day": on(one.valid_until)}
