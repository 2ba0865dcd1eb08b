"""Resolving overlaps of plans, and accepting that a plan breaks the floor or the budgets."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime

from django.db import transaction

from yicha.base.ledger import services as ledger
from yicha.base.ledger.terms import JSON
from yicha.decide.planning import queries
from yicha.decide.planning.models import AnnualPlan, OverlapRuling, PlanAcknowledgement, PlanEntry
from yicha.decide.planning.rules import overlaps as rules
from yicha.decide.planning.rules import plans as plan_rules
from yicha.decide.planning.rules import yearly as year_rules
from yicha.decide.planning.services.drafting import take_out
from yicha.decide.planning.services.entries import Ground, check_drafts, write_entry
from yicha.decide.planning.services.revisions import compared, keep, lock_plan, record
from yicha.decide.planning.terms import Breach, EntryDraft, OverlapChoice, PlanState, Side
from yicha.kernel import clock
from yicha.kernel.refusal import refuse_if

CHANGEABLE = (PlanState.DRAFT, PlanState.SUBMITTED)


@transaction.atomic
def rule_overlap(
    *,
    actor: str,
    now: datetime,
    first: PlanEntry,
    second: PlanEntry,
    choice: OverlapChoice,
    because: str = "",
    window: tuple[date, date] | None = None,
    read_at: datetime | None = None,
) -> OverlapRuling:
    """Resolve an overlap: both within one window, both as they are with a reason, or without the second.

    The entries are as they were read with their plans: refused when one of the plans has changed since. `read_at` says
    when the resolution was made that stood there (None: none did): refused when there is another one by now. A plan
    that is approved or published is not changed here; the other one may take its window.
    """
    plans = {plan.pk: lock_plan(plan) for plan in sorted((first.plan, second.plan), key=lambda plan: plan.pk)}
    entries = [plans[entry.plan_id].entries.get(pk=entry.pk) for entry in (first, second)]
    sides = [queries.side_of(entry) for entry in entries]
    fixed = [side for entry, side in zip(entries, sides, strict=True) if entry.plan.state not in CHANGEABLE]
    standing = queries.find_rulings(entries[0].plan.year).get(frozenset(side.key for side in sides))
    refuse_if(
        rules.check_read(standing, read_at) or rules.check_ruling(choice, because, window, fixed, sides)
    )
    if choice is OverlapChoice.TOGETHER and window is not None:
        sides = [_move(actor, now, entry, window) for entry in entries]
    elif choice is OverlapChoice.DROPPED:
        _drop(actor, now, entries[1])
    return _keep(actor, now, sides, entries, choice, because)


def _move(actor: str, now: datetime, entry: PlanEntry, window: tuple[date, date]) -> Side:
    """Give an entry another window, and the quarter that goes with it."""
    if (entry.window_from, entry.window_to) == window:
        return queries.side_of(entry)
    plan = entry.plan
    before = queries.list_drafts(plan)
    draft = _with_window(before[entry.number - 1], window)
    after = [*before[: entry.number - 1], draft, *before[entry.number :]]
    ground = Ground.of(plan)
    check_drafts(ground, after)
    write_entry(ground, entry, draft)
    keep(plan)
    record(actor, now, plan, "plan.merged", compared(before, after))
    return queries.side_of(entry)


def _with_window(draft: EntryDraft, window: tuple[date, date]) -> EntryDraft:
    quarter = (window[0].month + 2) // 3
    return replace(draft, quarter=quarter, window_from=window[0], window_to=window[1])


def _drop(actor: str, now: datetime, entry: PlanEntry) -> None:
    plan = entry.plan
    before = queries.list_drafts(plan)
    take_out(plan, entry.number)
    keep(plan)
    record(actor, now, plan, "plan.merged", compared(before, queries.list_drafts(plan)))


def _keep(
    actor: str,
    now: datetime,
    sides: Sequence[Side],
    entries: Sequence[PlanEntry],
    choice: OverlapChoice,
    because: str,
) -> OverlapRuling:
    year = entries[0].plan.year
    one, other = (side.key for side in sides)
    OverlapRuling.objects.filter(year=year, first_key=other, second_key=one).delete()
    row, _created = OverlapRuling.objects.update_or_create(
        year=year,
        first_key=one,
        second_key=other,
        defaults={
            "first_plan": sides[0].plan,
            "second_plan": sides[1].plan,
            "choice": choice.value,
            "because": because.strip(),
            "ruled_by": actor,
            "ruled_at": now,
        },
    )
    ledger.append(
        actor=actor,
        now=now,
        act="plan.overlap-ruled",
        subject=f"overlap:{row.uuid}",
        body={
            "choice": choice.value,
            "because": row.because,
            "first": f"{sides[0].plan}: {entries[0].title}",
            "second": f"{sides[1].plan}: {entries[1].title}",
        },
    )
    return row


@transaction.atomic
def accept_breach(
    *, actor: str, now: datetime, plan: AnnualPlan, breach: Breach, because: str, revision: int | None = None
) -> PlanAcknowledgement:
    """Accept, with a reason, that a plan is published though it breaks the floor or the budgets: so far as it does now.

    It is for who may approve the plan; who plans it may not accept what he planned.
    """
    locked = lock_plan(plan, revision)
    ((_plan, check),) = queries.check_year([locked], clock.today(now))
    refuse_if(
        year_rules.check_acceptance(check.breaches, breach, because)
        + plan_rules.check_approval(locked.submitted_by, actor)
    )
    row, _created = PlanAcknowledgement.objects.update_or_create(
        plan=locked,
        breach=breach.value,
        defaults={
            "count": check.breaches[breach],
            "because": because.strip(),
            "accepted_by": actor,
            "accepted_at": now,
        },
    )
    body: dict[str, JSON] = {"breach": breach.value, "count": row.count, "because": row.because}
    record(actor, now, locked, "plan.breach-accepted", body)
    return row
