"""What other agencies say of a submitted plan, and what its planner answers."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from yicha.base.ledger.terms import JSON
from yicha.decide.planning.models import AnnualPlan, PlanComment
from yicha.decide.planning.rules import plans as rules
from yicha.decide.planning.services.entries import unknown
from yicha.decide.planning.services.revisions import record
from yicha.decide.planning.terms import PlanState
from yicha.kernel.refusal import Reason, Refused, refuse_if
from yicha.know.registry import queries as registry


@transaction.atomic
def comment(
    *,
    actor: str,
    now: datetime,
    plan: AnnualPlan,
    agency: str,
    text: str,
    entry_number: int | None = None,
) -> PlanComment:
    """Say what an agency thinks of a submitted plan, or of one entry of it. It changes nothing of the plan.

    Refused of a draft (nobody sees it yet), of what is approved, and by an agency that the plan does not concern.
    """
    locked = AnnualPlan.objects.select_for_update().get(pk=plan.pk)
    rules.PLAN_LIFE.after(PlanState(locked.state), "comment")
    found = registry.find_agency(agency)
    if found is None:
        raise Refused([unknown("agency", agency, "agency")])
    concerned = locked.owner_id != found.pk and (
        locked.agencies.filter(pk=found.pk).exists() or locked.commenters.filter(pk=found.pk).exists()
    )
    there = entry_number is None or locked.entries.filter(number=entry_number).exists()
    refuse_if(rules.check_comment(text, concerned=concerned, there=there))
    row = PlanComment.objects.create(
        plan=locked, agency=found, entry_number=entry_number, text=text.strip(), said_by=actor, said_at=now
    )
    record(actor, now, locked, "plan.commented", {"agency": agency, "entry": entry_number, "text": row.text})
    return row


@transaction.atomic
def answer_comment(*, actor: str, now: datetime, comment: PlanComment, text: str) -> PlanComment:
    """Answer a comment, once."""
    row = PlanComment.objects.select_for_update().select_related("plan", "agency").get(pk=comment.pk)
    reasons = []
    if row.answer:
        reasons.append(
            Reason(
                "comment.answered",
                "%(who)s answered this already: “%(answer)s”.",
                facts={"who": row.answered_by, "answer": row.answer},
            )
        )
    if not text.strip():
        reasons.append(Reason("comment.empty", "Write something.", at_field="text"))
    refuse_if(reasons)
    row.answer, row.answered_by, row.answered_at = text.strip(), actor, now
    row.save(update_fields=["answer", "answered_by", "answered_at"])
    body: dict[str, JSON] = {"agency": row.agency.code, "entry": row.entry_number, "text": row.answer}
    record(actor, now, row.plan, "plan.comment-answered", body)
    return row
