"""Reading keys: the public list, and whether a token holds."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db.models import QuerySet

from yicha.base.keys import rules
from yicha.base.keys.models import Key
from yicha.base.keys.rules import verify_with
from yicha.base.keys.terms import JWKS, Purpose
from yicha.kernel import clock

__all__ = ["list_keys", "list_public_keys", "verify", "verify_with"]


def list_keys(purpose: Purpose | None = None) -> QuerySet[Key]:
    """All keys there ever were, of one purpose or of all; the newest of each purpose first."""
    found = Key.objects.order_by("purpose", "-valid_from", "-pk")
    return found.filter(purpose=purpose.value) if purpose else found


def list_public_keys(at: datetime | None = None) -> JWKS:
    """The public keys that are believed at an instant (now), as a JWKS: what `verify_with` and browsers need."""
    return rules.list_jwks(
        [(key.kid, Purpose(key.purpose), key.public, key.retired_at) for key in list_keys()],
        at or clock.now(),
    )


def verify(purpose: Purpose | str, token: str, now: datetime) -> dict[str, Any]:
    """What a token says, by the keys of this database. Refusals as in `verify_with`."""
    return verify_with(list_public_keys(now), token, purpose, now)
