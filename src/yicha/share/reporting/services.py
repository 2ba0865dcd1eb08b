"""Signing the document with which a step of a round ends."""

from __future__ import annotations

import hashlib
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from yicha.base.ledger import services as ledger
from yicha.base.messages import services as messages
from yicha.decide.planning import queries as planning
from yicha.kernel import clock
from yicha.kernel.refusal import refuse_if
from yicha.know.registry import queries as registry
from yicha.share.reporting import queries, rules
from yicha.share.reporting.models import StepDocument
from yicha.share.reporting.queries.documents import set_pages
from yicha.share.reporting.terms import EightStep


@transaction.atomic
def sign_step(*, actor: str, now: datetime, round_: Any, step: EightStep, words: str = "") -> StepDocument:
    """Sign a step's document as its facts are now; signed again, it is the next version. All agencies are told.

    Raises `Refused` with everything that stands against it (see `rules.check_signing`).
    """
    today = clock.today(now)
    planning.list_rounds().select_for_update().get(pk=round_.pk)  # two who sign at once take turns
    version = StepDocument.objects.filter(round_id=round_.pk, step=step.value).count() + 1
    refuse_if(rules.check_signing(step, queries.list_eight(round_, today), words))
    facts = queries.gather_facts(round_, step, today)
    pages = set_pages(step, facts, words.strip(), version, now)
    made = StepDocument.objects.create(
        round_id=round_.pk,
        step=step.value,
        version=version,
        facts=facts,
        words=words.strip(),
        pages=pages,
        signed_by=actor,
        signed_at=now,
        sha256=hashlib.sha256(pages).hexdigest(),
    )
    _tell(now, made)
    body: dict[str, Any] = {"step": step.value, "version": version, "sha256": made.sha256}
    ledger.append(actor=actor, now=now, act="round.step-signed", subject=f"round:{round_.code}", body=body)
    return made


def _tell(now: datetime, document: StepDocument) -> None:
    """Every agency that takes part in the round's entries gets the document."""
    round_ = document.round
    agencies = {
        agency.code
        for entry in planning.list_due_entries(round_.year, round_.quarter)
        for agency in entry.plan.agencies.all()
    }
    words = queries.describe(EightStep(document.step))
    title = f"{round_.code} {words.name}"
    text = _("%(paper)s of the round %(round)s, version %(version)s, signed by %(organiser)s.") % {
        "paper": words.paper,
        "round": round_.code,
        "version": document.version,
        "organiser": registry.get_place_name(round_.organiser),
    }
    for code in sorted(agencies):
        messages.say(
            now=now,
            audience=f"agency:{code}",
            kind="step",
            subject_key=f"round:{round_.code}",
            title=title,
            text=text,
            document=bytes(document.pages),
            document_name=f"{round_.code}-{document.step}-{document.version}.pdf",
        )
