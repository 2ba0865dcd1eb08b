"""Signing the document with which a step of a round ends."""

from __future__ import annotations

import hashlib
from datetime import datetime
from typing import Any

from django.db import transaction

from yicha.base.ledger import services as ledger
from yicha.base.messages import services as messages
from yicha.decide.planning import queries as planning
from yicha.kernel import clock
from yicha.kernel.refusal import refuse_if
from yicha.share.reporting import queries, rules
from yicha.share.reporting.models import STEPS, StepDocument
from yicha.share.reporting.queries.documents import set_pages
from yicha.share.reporting.terms import EightStep


@transaction.atomic
def sign_step(*, actor: str, now: datetime, round_: Any, step: EightStep, words: str = "") -> StepDocument:
    """Sign a step's document as its facts are now; signed again, it is the next version. All agencies are told.

    Raises `Refused` with everything that stands against it (see `rules.check_signing`).
    """
    today = clock.today(now)
    former = StepDocument.objects.select_for_update().filter(round_id=round_.pk, step=step.value)
    version = len(former) + 1
    refuse_if(rules.check_signing(step, queries.list_eight(round_, today), words))
    facts = queries.gather_facts(round_, step, today)
    pages = set_pages(step, facts, words.strip(), version, now)
    made = StepDocument.objects.create(
        round_id=round_.pk,
        step=step.value,
        version=version,
        facts=facts,
        words=words.strip(),
        signed_by=actor,
        signed_at=now,
        sha256=hashlib.sha256(pages).hexdigest(),
    )
    _tell(now, made, pages)
    body: dict[str, Any] = {"step": step.value, "version": version, "sha256": made.sha256}
    ledger.append(actor=actor, now=now, act="round.step-signed", subject=f"round:{round_.code}", body=body)
    return made


def _tell(now: datetime, document: StepDocument, pages: bytes) -> None:
    """Every agency that takes part in the round's entries gets the document."""
    round_ = document.round
    agencies = {
        agency.code
        for entry in planning.list_due_entries(round_.year, round_.quarter)
        for agency in entry.plan.agencies.all()
    }
    title = f"{round_.code} {STEPS[EightStep(document.step)]}"
    for code in sorted(agencies):
        messages.say(
            now=now,
            audience=f"agency:{code}",
            kind="step",
            subject_key=f"round:{round_.code}",
            title=title,
            text=title,
            document=pages,
            document_name=f"{round_.code}-{document.step}-{document.version}.pdf",
        )
