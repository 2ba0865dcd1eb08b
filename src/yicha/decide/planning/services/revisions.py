"""Holding a plan while it is written, telling who changed it meanwhile, and recording what was done."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from yicha.base.ledger import services as ledger
from yicha.base.ledger.terms import JSON
from yicha.decide.planning import queries
from yicha.decide.planning.models import AnnualPlan, PlanAct
from yicha.decide.planning.rules import versions as rules
from yicha.decide.planning.terms import EntryChange, EntryDraft
from yicha.kernel.refusal import refuse_if


def lock_plan(plan: AnnualPlan, revision: int | None = None) -> AnnualPlan:
    """The plan as it is now, held for writing. `revision` is the one that the writer read; None: that of `plan`.

    Refused (`plan.changed-meanwhile`) with who changed it since, when and what, if it is another one by now.
    """
    locked = AnnualPlan.objects.select_for_update().get(pk=plan.pk)
    read = plan.revision if revision is None else revision
    refuse_if(rules.check_revision(read, locked.revision, queries.list_acts_since(locked, read)))
    return locked


def keep(plan: AnnualPlan, *fields: str) -> None:
    """Save some fields of a plan that is held, and raise its revision."""
    plan.revision += 1
    plan.save(update_fields=["revision", *fields])


def record(actor: str, now: datetime, plan: AnnualPlan, act: str, body: dict[str, JSON]) -> None:
    """Write an act into the ledger, with the revision that it led to; who read an earlier one is told of it."""
    changes: Any = body.get("changes", [])
    titles = [change["title"] for change in changes]
    PlanAct.objects.create(plan=plan, revision=plan.revision, act=act, actor=actor, at=now, titles=titles)
    ledger.append(
        actor=actor, now=now, act=act, subject=plan.subject, body={**body, "revision": plan.revision}
    )


def said(changes: Sequence[EntryChange]) -> list[Any]:
    """Changes as the ledger keeps them: what became of which entry, and which of its fields are others."""
    return [
        {"change": change.change.value, "title": change.shown.title, "fields": list(change.fields)}
        for change in changes
    ]


def compared(before: Sequence[EntryDraft], after: Sequence[EntryDraft]) -> dict[str, JSON]:
    """What differs between two states of a plan, for the ledger."""
    return {"entries": len(after), "changes": said(rules.compare(before, after))}
