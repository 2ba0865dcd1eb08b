"""Refusing a result: silence accepts, a refusal needs a reason."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction

from yicha.base.ledger import services as ledger
from yicha.base.ledger.terms import JSON
from yicha.kernel import clock
from yicha.kernel.refusal import refuse_if
from yicha.know.agreement import queries as agreements
from yicha.know.visits import queries as visits
from yicha.know.visits import services as results
from yicha.share.recognition import queries, rules
from yicha.share.recognition.models import Refusal
from yicha.share.recognition.services.reaching import counts, keep, reopen_leaning


@transaction.atomic
def refuse(*, actor: str, now: datetime, result: Any, agency: Any, because: str) -> Refusal:
    """An agency to which a result is offered does not accept it, with a reason.

    Its own checks that the result has spared meanwhile come back; to everybody else the result stays offered.
    """
    locked = visits.list_results().select_for_update(of=("self",)).get(pk=result.pk)
    on = clock.today(now)
    refuse_if(
        rules.refusal_reasons(
            queries.facts_of(locked),
            queries.asker_of(agency),
            agreements.list_agreements_in_force(on),
            on,
            because,
        )
    )
    results.refuse_result(result=locked, agency=agency.code)
    row = Refusal.objects.create(
        result=locked, agency=agency, because=because.strip(), refused_by=actor, refused_at=now
    )
    reached = reopen_leaning(actor, now, locked, because.strip(), agency=agency.code)
    keep(now, reached, refusal=row)
    body: dict[str, JSON] = {
        "agency": agency.code,
        "because": because.strip(),
        "reached": {**counts(reached)},
    }
    ledger.append(actor=actor, now=now, act="recognition.refused", subject=f"result:{locked.uuid}", body=body)
    return row
