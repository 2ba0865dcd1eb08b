"""What partners' systems are told of records: what the public may see of them, and that it has ended or changed."""

from __future__ import annotations

from datetime import datetime

from yicha.ingest.exchange import services as exchange
from yicha.know.credit.models import CreditRecord
from yicha.know.credit.rules.telling import SUBJECT
from yicha.know.credit.terms.records import Told


def tell_partners(*, now: datetime, before: CreditRecord | None, after: CreditRecord | None) -> None:
    """Tell what became of a record, from the version before to the one after (None: it has no effect).

    What was never public is never told; what was and is no more has ended for whoever keeps a copy. Both must come
    with their enterprise and agency, in the caller's transaction.
    """
    was = before if before is not None and before.is_published else None
    now_public = after if after is not None and after.is_published else None
    if now_public is not None:
        kind = Told.PUBLISHED if was is None else Told.CORRECTED
        _emit(now, kind, now_public, _said_by(now_public))
    elif was is not None:
        _emit(now, Told.ENDED, was, {"ended_on": was.ended_on.isoformat() if was.ended_on else None})


def _emit(now: datetime, kind: Told, row: CreditRecord, more: dict[str, object]) -> None:
    named: dict[str, object] = {
        "agency": row.agency.code,
        "reference": row.reference,
        "version": row.version,
        "uscc": row.enterprise.uscc,
    }
    exchange.emit(now=now, type=kind.value, subject=f"{SUBJECT}{row.code}", data={**named, **more})


def _said_by(row: CreditRecord) -> dict[str, object]:
    """What a published record says; the public page says no more. `rules/telling.py` says the same over sets."""
    return {
        "kind": row.kind,
        "severity": row.severity,
        "happened_on": row.happened_on.isoformat(),
        "effective_from": row.effective_from.isoformat(),
        "effective_until": row.effective_until.isoformat() if row.effective_until else None,
        "published_on": row.published_on.isoformat() if row.published_on else None,
        "publish_until": row.publish_until.isoformat() if row.publish_until else None,
        "year": row.year,
        "amount": None if row.amount is None else f"{row.amount:.2f}",
        "words": row.words,
    }
