"""Writing a draft: all entries at once, or one of them. Who saves names the revision that was read."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from yicha.decide.planning import queries
from yicha.decide.planning.models import AnnualPlan, PlanEntry
from yicha.decide.planning.rules import plans as rules
from yicha.decide.planning.services.entries import (
    Ground,
    check_drafts,
    count_entry,
    write_entries,
    write_entry,
)
from yicha.decide.planning.services.revisions import compared, keep, lock_plan, record
from yicha.decide.planning.terms import EntryDraft, PlanState
from yicha.kernel.refusal import NotFound, Reason, Refused, refuse_if


@transaction.atomic
def save_entries(
    *,
    actor: str,
    now: datetime,
    plan: AnnualPlan,
    entries: Sequence[EntryDraft],
    title: str = "",
    revision: int | None = None,
) -> AnnualPlan:
    """Replace the entries of a draft, and its title if one is given."""
    locked = _open(plan, revision)
    refuse_if(rules.check_length(title))
    before = queries.list_drafts(locked)
    locked.title = title or locked.title
    write_entries(locked, entries)
    keep(locked, "title")
    _say(actor, now, locked, before)
    return locked


@transaction.atomic
def add_entry(
    *, actor: str, now: datetime, plan: AnnualPlan, draft: EntryDraft, revision: int | None = None
) -> AnnualPlan:
    """One entry more, at the end of a draft."""
    locked = _open(plan, revision)
    before = queries.list_drafts(locked)
    ground = Ground.of(locked)
    check_drafts(ground, [*before, draft])
    write_entry(ground, PlanEntry(plan=locked, number=len(before) + 1), draft)
    keep(locked)
    _say(actor, now, locked, before)
    return locked


@transaction.atomic
def change_entry(
    *,
    actor: str,
    now: datetime,
    plan: AnnualPlan,
    entry: UUID,
    draft: EntryDraft,
    revision: int | None = None,
) -> AnnualPlan:
    """Write one entry anew; it keeps its number. Refused when somebody has removed it."""
    locked = _open(plan, revision)
    before = queries.list_drafts(locked)
    found = locked.entries.filter(uuid=entry).first()
    if found is None:
        raise Refused([Reason("plan.entry-gone", "This entry is no longer in the plan; add it anew.")])
    ground = Ground.of(locked)
    after = [*before[: found.number - 1], draft, *before[found.number :]]
    check_drafts(ground, after)
    write_entry(ground, found, draft)
    keep(locked)
    _say(actor, now, locked, before)
    return locked


@transaction.atomic
def remove_entry(
    *, actor: str, now: datetime, plan: AnnualPlan, number: int, revision: int | None = None
) -> AnnualPlan:
    """Take an entry out of a draft; those after it move up."""
    locked = _open(plan, revision)
    before = queries.list_drafts(locked)
    if not locked.entries.filter(number=number).exists():
        raise NotFound
    take_out(locked, number)
    keep(locked)
    _say(actor, now, locked, before)
    return locked


def take_out(plan: AnnualPlan, number: int) -> None:
    """Remove an entry by its number and close the gap."""
    plan.entries.filter(number=number).delete()
    renumber(plan)


def renumber(plan: AnnualPlan) -> None:
    """Number the entries from 1, in their order."""
    for place, entry in enumerate(plan.entries.order_by("number"), start=1):
        if entry.number != place:
            entry.number = place
            entry.save(update_fields=["number"])


@transaction.atomic
def take_in(*, actor: str, now: datetime, plans: Sequence[int], act: str, subject: str) -> None:
    """Check and count drafts (ids) whose entries an import wrote, or took back, by statements over sets.

    `act`: apply or undo; `subject`: the import. Refused when a plan is no draft, or its entries are not possible.
    """
    for plan in AnnualPlan.objects.select_for_update().filter(pk__in=plans).order_by("pk"):
        rules.PLAN_LIFE.after(PlanState(plan.state), "edit")
        if not plan.agencies.exists():
            plan.agencies.set(queries.list_agencies_of(plan))
            record(actor, now, plan, "plan.created", {"title": plan.title, "entries": 0})
        renumber(plan)
        ground = Ground.of(plan)
        drafts = queries.list_drafts(plan)
        check_drafts(ground, drafts)
        for entry in queries.list_entries(plan):
            count_entry(ground, entry, [item.code for item in entry.items.all()])
        keep(plan)
        record(actor, now, plan, "plan.imported", {"import": subject, "act": act, "entries": len(drafts)})


def _open(plan: AnnualPlan, revision: int | None) -> AnnualPlan:
    locked = lock_plan(plan, revision)
    locked.state = rules.PLAN_LIFE.after(PlanState(locked.state), "edit").value
    return locked


def _say(actor: str, now: datetime, plan: AnnualPlan, before: Sequence[EntryDraft]) -> None:
    body: dict[str, Any] = {"title": plan.title, **compared(before, queries.list_drafts(plan))}
    record(actor, now, plan, "plan.edited", body)
