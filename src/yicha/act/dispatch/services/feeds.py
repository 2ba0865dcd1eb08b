"""Officers' secret addresses of their calendars."""

from __future__ import annotations

import secrets
from datetime import datetime
from typing import Any

from django.db import transaction

from yicha.act.dispatch.models import Feed
from yicha.act.dispatch.queries.days import digest_of
from yicha.base.ledger import services as ledger


@transaction.atomic
def make_feed(*, actor: str, now: datetime, officer: Any) -> str:
    """A new secret of an officer's calendar, told this once; the one before opens nothing any more."""
    secret = secrets.token_urlsafe(32)
    Feed.objects.update_or_create(
        officer_id=officer.pk, defaults={"digest": digest_of(secret), "made_at": now}
    )
    ledger.append(actor=actor, now=now, act="feed.made", subject=f"officer:{officer.certificate}", body={})
    return secret


@transaction.atomic
def revoke_feed(*, actor: str, now: datetime, officer: Any) -> bool:
    """Nobody can read the calendar by its secret any more. Returns whether there was one."""
    ended, _rows = Feed.objects.filter(officer_id=officer.pk).delete()
    if ended:
        subject = f"officer:{officer.certificate}"
        ledger.append(actor=actor, now=now, act="feed.revoked", subject=subject, body={})
    return bool(ended)
