"""Visit codes: issued over a whole visit, replaced when somebody joins it, revoked with a reason."""

from __future__ import annotations

import json
from base64 import urlsafe_b64decode
from collections.abc import Iterable, Sequence
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from django.db import transaction

from yicha.base.keys import services as keys
from yicha.base.keys.terms import LONGEST_LIFE, Purpose
from yicha.base.ledger import services as ledger
from yicha.decide.gate.models import Application, VisitCode
from yicha.decide.gate.queries.lists import digest_of
from yicha.decide.gate.rules.life import CODE_LIFE
from yicha.decide.gate.terms import ApplicationState, CodeState
from yicha.kernel import clock
from yicha.kernel.refusal import Reason, Refused
from yicha.know.visits import queries as visits

if TYPE_CHECKING:
    from django.db.models import Model

VERSION = 1
"""Of what a token says; in its member `v`."""
_STANDING = (ApplicationState.GRANTED.value, ApplicationState.PAPERS_DUE.value)


@transaction.atomic
def issue_code(*, actor: str, now: datetime, contact: Any, officers: Iterable[str] = ()) -> VisitCode:
    """A code over all items, agencies and officers of a visit (a row of the contact ledger); replaces the one before.

    `officers`: certificates besides those of its applications. A live code that says the same already stays. The
    caller holds the enterprise's turn.
    """
    people = _officers(contact, officers)
    on = contact.made_on or contact.planned_on
    first, last = min(contact.window_from, on), max(contact.window_to, on)
    payload = _payload(contact, people, first, last, now)
    live = VisitCode.objects.filter(contact=contact, state=CodeState.LIVE.value).first()
    if live is not None and _says(payload) == _says(_part(live.token, 1)):
        return live
    number = uuid4()
    token = keys.sign(Purpose.VISIT_CODE, {**payload, "jti": str(number)}, now)
    former = _end_live(contact, "replace", now, "")
    code = VisitCode.objects.create(
        uuid=number,
        contact=contact,
        token=token,
        digest=digest_of(token),
        kid=_part(token, 0)["kid"],
        state=CodeState.LIVE.value,
        issued_at=now,
        valid_from=first,
        valid_until=last,
    )
    body: dict[str, Any] = {
        "code": str(code.uuid),
        "sha256": code.digest,
        "from": first.isoformat(),
        "until": last.isoformat(),
        "officers": people,
        "replaces": former,
    }
    ledger.append(actor=actor, now=now, act="code.issued", subject=f"visit:{contact.uuid}", body=body)
    return code


def list_named(contact: Any) -> list[str]:
    """The certificates in the live code of a visit: whoever was drawn stays in it when others join or leave."""
    live = VisitCode.objects.filter(contact=contact, state=CodeState.LIVE.value).first()
    return [] if live is None else list(_part(live.token, 1)["officers"])


def _payload(contact: Any, people: list[str], first: date, last: date, now: datetime) -> dict[str, Any]:
    """What the token says: codes and certificates, no names."""
    items = visits.list_items_of(contact)
    return {
        "v": VERSION,
        "visit": str(contact.uuid),
        "uscc": contact.enterprise.uscc,
        "items": sorted({row.item_version.item.code for row in items}),
        "officers": people,
        "agencies": sorted({contact.lead_agency.code, *(row.agency.code for row in items)}),
        "iat": int(now.timestamp()),
        "nbf": int(_midnight(first).timestamp()),
        "exp": int(_end(last, now).timestamp()),
    }


def _officers(contact: Any, more: Iterable[str]) -> list[str]:
    found: list[str] = list(contact.officers)
    asked = Application.objects.filter(contact=contact, state__in=_STANDING).order_by("pk")
    for certificates in asked.values_list("officers", flat=True):
        found.extend(certificates)
    return list(dict.fromkeys([*found, *more]))


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time.min, clock.BEIJING)


def _end(last: date, now: datetime) -> datetime:
    """The end of the last day; not later than a token may hold."""
    return min(_midnight(last + timedelta(days=1)), now + LONGEST_LIFE[Purpose.VISIT_CODE])


def _part(token: str, place: int) -> dict[str, Any]:
    """The header (0) or the payload (1) of a token of our own."""
    text = token.split(".")[place]
    found: dict[str, Any] = json.loads(urlsafe_b64decode(text + "=" * (-len(text) % 4)))
    return found


def _says(payload: dict[str, Any]) -> dict[str, Any]:
    """What a code is about, without what tells one issue from another."""
    return {name: value for name, value in payload.items() if name not in ("iat", "jti")}


def _end_live(contact: Model, act: str, now: datetime, because: str) -> list[str]:
    """Replace or revoke what opens the door to a visit; returns the numbers of the codes."""
    ended = []
    for code in VisitCode.objects.select_for_update().filter(contact_id=contact.pk, state=CodeState.LIVE):
        _end_code(code, act, now, because)
        ended.append(str(code.uuid))
    return ended


def _end_code(code: VisitCode, act: str, now: datetime, because: str) -> None:
    code.state = CODE_LIFE.after(CodeState(code.state), act).value
    code.because = because
    code.revoked_at = now if act == "revoke" else None
    code.save(update_fields=["state", "because", "revoked_at"])


@transaction.atomic
def revoke_code(*, actor: str, now: datetime, code: VisitCode, because: str) -> VisitCode:
    """The code opens no door any more, with a reason; the visit itself stays planned until it is withdrawn."""
    if not because.strip():
        raise Refused([Reason("gate.code-reason", "Say why the code is revoked.", at_field="because")])
    locked = VisitCode.objects.select_for_update(of=("self",)).select_related("contact").get(pk=code.pk)
    _end_code(locked, "revoke", now, because.strip())
    record_revoked(actor, now, locked.contact, [str(locked.uuid)], because.strip())
    return locked


def revoke_codes_of(*, actor: str, now: datetime, contact: Any, because: str) -> None:
    """Revoke whatever opens the door to a visit that will not take place. In the caller's transaction."""
    ended = _end_live(contact, "revoke", now, because)
    if ended:
        record_revoked(actor, now, contact, ended, because)


def record_revoked(actor: str, now: datetime, contact: Any, codes: Sequence[str], because: str) -> None:
    """Into the ledger, under the visit."""
    body: dict[str, Any] = {"codes": list(codes), "because": because}
    ledger.append(actor=actor, now=now, act="code.revoked", subject=f"visit:{contact.uuid}", body=body)
