"""Revoking a result: it reaches everything that leaned on it, in one transaction."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any

from django.db import OperationalError, connection, transaction

from yicha.base.ledger import services as ledger
from yicha.base.ledger.terms import JSON
from yicha.kernel.refusal import refuse_if
from yicha.know.credit.services import classing
from yicha.know.visits import queries as visits
from yicha.know.visits import services as results
from yicha.know.visits.terms import SharedState
from yicha.share.recognition import queries, rules
from yicha.share.recognition.models import Revocation
from yicha.share.recognition.services.reaching import Reached, counts, keep, reopen_leaning
from yicha.share.recognition.terms import ReachKind, RevocationKind

ATTEMPTS = 5
_AGAIN = {"40001", "40P01"}
"""serialization_failure and deadlock_detected."""


def revoke(*, actor: str, now: datetime, result: Any, because: str, kind: RevocationKind) -> Revocation:
    """Take a result back: nobody may use it any more, and all that leaned on it is reopened. All or nothing.

    Spared checks are planned again, demands go back to their rounds, verdicts are reopened, certificates are no
    longer good; each leaves a receipt. Refused without a reason, and when the result is revoked already.
    """
    refuse_if(rules.because_reasons(because))
    return _again_if_told(lambda: _revoke(actor, now, result, because.strip(), kind))


def _again_if_told(work: Callable[[], Revocation]) -> Revocation:
    """Do it in one transaction, and again when PostgreSQL asks for it: it crosses the ways of rounds and of the gate.

    Inside a caller's transaction the caller begins again.
    """
    for attempt in range(ATTEMPTS):
        try:
            with transaction.atomic():
                return work()
        except OperationalError as error:
            asked = getattr(error.__cause__, "sqlstate", "") in _AGAIN
            if connection.in_atomic_block or not asked or attempt + 1 == ATTEMPTS:
                raise
    raise AssertionError("the last attempt returns or raises")


def _revoke(actor: str, now: datetime, result: Any, because: str, kind: RevocationKind) -> Revocation:
    classing.hold([result.enterprise_id])
    row = results.revoke_result(now=now, result=result, because=because)
    revocation = Revocation.objects.create(
        result=row, kind=kind.value, because=because, revoked_by=actor, revoked_at=now
    )
    reached = [*reopen_leaning(actor, now, row, because), *_certificates(row)]
    keep(now, reached, revocation=revocation)
    classing.reclassify(actor=actor, now=now, enterprises=[row.enterprise_id], because=f"result:{row.uuid}")
    body: dict[str, JSON] = {"kind": kind.value, "because": because, "reached": {**counts(reached)}}
    ledger.append(actor=actor, now=now, act="recognition.revoked", subject=f"result:{row.uuid}", body=body)
    return revocation


def _certificates(result: Any) -> list[Reached]:
    found = queries.list_certificates().filter(results=result).order_by("pk")
    return [Reached(ReachKind.CERTIFICATE, one.number, one.agency_id) for one in found]


@transaction.atomic
def revoke_reopened(
    *, actor: str, now: datetime, contact_items: Iterable[int], because: str
) -> list[Revocation]:
    """A part was opened again for correction: what it had found is revoked until it is closed anew.

    Whoever opens a part again calls this in the same transaction.
    """
    offered = visits.list_results().filter(
        contact_item__in=list(contact_items), state=SharedState.OFFERED.value
    )
    return [
        revoke(actor=actor, now=now, result=row, because=because, kind=RevocationKind.CORRECTED)
        for row in offered.order_by("pk")
    ]
