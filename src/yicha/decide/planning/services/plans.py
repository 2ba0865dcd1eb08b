"""A plan's way: begun, submitted, given back, approved, published, amended by versions."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import transaction

from yicha.base.ledger.terms import JSON
from yicha.decide.planning import queries
from yicha.decide.planning.models import AnnualPlan, EntryStratum
from yicha.decide.planning.rules import overlaps as overlap_rules
from yicha.decide.planning.rules import plans as rules
from yicha.decide.planning.rules import yearly as year_rules
from yicha.decide.planning.services.entries import check_own_rates, unknown, write_entries
from yicha.decide.planning.services.revisions import keep, lock_plan, record
from yicha.decide.planning.terms import EntryDraft, PlanOwner, PlanState
from yicha.kernel import clock
from yicha.kernel.refusal import Reason, Refused, refuse_if
from yicha.know.catalogue import queries as catalogue
from yicha.know.registry import queries as registry


@transaction.atomic
def create_plan(
    *, actor: str, now: datetime, year: int, title: str, owner: PlanOwner, entries: Sequence[EntryDraft] = ()
) -> AnnualPlan:
    """A draft of an owner's plan for a year. Refused when there is one: it is amended by versions, not repeated."""
    refuse_if(rules.check_owner(owner) + rules.check_length(title))
    plan = _owned(owner, year, title)
    held = queries.find_owned(year, owner)
    refuse_if([_exists(held)] if held else [])
    row, created = AnnualPlan.objects.get_or_create(code=plan.code, version=1, defaults=_values(plan))
    refuse_if([] if created else [_exists(row)])  # begun by somebody else at the same time
    row.agencies.set(queries.list_agencies_of(row))
    write_entries(row, entries)
    record(actor, now, row, "plan.created", {"title": title, "entries": len(entries)})
    return row


def _exists(plan: AnnualPlan) -> Reason:
    return Reason(
        "plan.exists",
        "There is a plan %(code)s already; amend it.",
        facts={"code": plan.code},
        at_field="owner",
    )


def _values(plan: AnnualPlan) -> dict[str, Any]:
    names = ("year", "title", "state", "owner", "joint_list", "region", "zone")
    return {name: getattr(plan, name) for name in names}


def _owned(owner: PlanOwner, year: int, title: str) -> AnnualPlan:
    if owner.agency:
        agency = _found(registry.find_agency(owner.agency), "agency", owner.agency)
        plan = AnnualPlan(owner=agency, region=agency.region)
    else:
        joint = _found(catalogue.find_joint_list(owner.joint_list), "joint-list", owner.joint_list)
        plan = AnnualPlan(joint_list=joint)
        if owner.zone:
            zone = registry.list_zones().filter(code=owner.zone).first()
            plan.zone = _found(zone, "zone", owner.zone)
        else:
            plan.region = _found(registry.find_region(owner.region), "region", owner.region)
    plan.code, plan.year, plan.title = rules.plan_code(year, owner), year, title
    plan.state = PlanState.DRAFT.value
    return plan


@transaction.atomic
def submit_plan(*, actor: str, now: datetime, plan: AnnualPlan, revision: int | None = None) -> AnnualPlan:
    """Hand a draft in for approval; the other agencies of its places may now comment. Refused with all that lacks."""
    locked = lock_plan(plan, revision)
    locked.state = rules.PLAN_LIFE.after(PlanState(locked.state), "submit").value
    without_rate: dict[int, list[str]] = {}
    unrated = EntryStratum.objects.filter(entry__plan=locked, rate=None, size__gt=0)
    for entry_id, letter in unrated.values_list("entry_id", "risk_class"):
        without_rate.setdefault(entry_id, []).append(letter)
    facts = [
        (
            entry.number,
            entry.population,
            without_rate.get(entry.pk, []),
            queries.list_unpublished_items(entry, entry.window_from),
        )
        for entry in locked.entries.select_related("joint_list").order_by("number")
    ]
    refuse_if(rules.check_submission(facts) or check_own_rates(locked, queries.list_drafts(locked)))
    locked.submitted_by, locked.approved_by = actor, ""
    keep(locked, "state", "submitted_by", "approved_by")
    locked.commenters.set(queries.list_neighbours(locked))
    record(actor, now, locked, "plan.submitted", {"entries": len(facts)})
    return locked


@transaction.atomic
def return_plan(
    *, actor: str, now: datetime, plan: AnnualPlan, reason: str, revision: int | None = None
) -> AnnualPlan:
    """Give a submitted plan back to its planner, with a reason."""
    if not reason.strip():
        raise Refused([Reason("plan.return-reason", "Say what has to be changed.", at_field="reason")])
    locked = lock_plan(plan, revision)
    locked.state = rules.PLAN_LIFE.after(PlanState(locked.state), "return").value
    keep(locked, "state")
    record(actor, now, locked, "plan.returned", {"reason": reason.strip()})
    return locked


@transaction.atomic
def approve_plan(*, actor: str, now: datetime, plan: AnnualPlan, revision: int | None = None) -> AnnualPlan:
    """Approve a submitted plan: prior approval of everything that will be drawn from it."""
    locked = lock_plan(plan, revision)
    locked.state = rules.PLAN_LIFE.after(PlanState(locked.state), "approve").value
    refuse_if(rules.check_approval(locked.submitted_by, actor) + rules.check_filled(locked.entries.count()))
    locked.approved_by = actor
    keep(locked, "state", "approved_by")
    record(actor, now, locked, "plan.approved", {"unanswered": queries.count_unanswered(locked)})
    return locked


def publish_plan(*, actor: str, now: datetime, plan: AnnualPlan, revision: int | None = None) -> AnnualPlan:
    """Publish an approved plan; the version that was published before is superseded in the same step.

    A plan published after the day of the law is published all the same, and the ledger says `late`. Refused while an
    overlap waits for a decision, and while the floor or the budgets of enterprises are broken beyond what was accepted.
    """
    return publish_plans(actor=actor, now=now, plans=[plan], revisions=[revision])[0]


@transaction.atomic
def publish_plans(
    *,
    actor: str,
    now: datetime,
    plans: Sequence[AnnualPlan],
    revisions: Sequence[int | None] | None = None,
) -> list[AnnualPlan]:
    """Publish several approved plans of a year at once: they are checked together, and all are published or none."""
    read = dict(zip((plan.pk for plan in plans), revisions or [None] * len(plans), strict=True))
    _hold_years({plan.year for plan in plans})
    ordered = sorted(plans, key=lambda plan: plan.pk)  # everybody locks in one order
    locked = [lock_plan(plan, read[plan.pk]) for plan in ordered]
    for plan in locked:
        plan.state = rules.PLAN_LIFE.after(PlanState(plan.state), "publish").value
    refuse_if(_find_faults(locked, now))
    by_key = {plan.pk: _publish(actor, now, plan) for plan in locked}
    return [by_key[plan.pk] for plan in plans]


def _hold_years(years: set[int]) -> None:
    """Hold what a publication is checked against: of two at once the second sees the first, and is checked with it."""
    states = [PlanState.APPROVED.value, PlanState.PUBLISHED.value]
    held = AnnualPlan.objects.select_for_update().filter(year__in=years, state__in=states)
    list(held.order_by("pk").values_list("pk", flat=True))


def _find_faults(plans: Sequence[AnnualPlan], now: datetime) -> list[Reason]:
    """What stands against publishing these plans together."""
    today = clock.today(now)
    reasons: list[Reason] = []
    for year in sorted({plan.year for plan in plans}):
        mine = [plan for plan in plans if plan.year == year]
        firms = queries.read_firms_of_year(year)
        rows = queries.list_overlaps(year, [plan.pk for plan in mine], firms)
        final = {plan.pk for plan in mine}
        pairs = [
            (row.meeting, row.state, all(_is_final(one.plan, final) for one in (row.first, row.second)))
            for row in rows
        ]
        reasons += overlap_rules.check_open(pairs, {plan.code for plan in mine})
        for plan, check in queries.check_year(mine, today, firms):
            reasons += year_rules.check_breaches(plan.title, check.beyond(queries.list_accepted(plan)))
    return reasons


def _is_final(plan: AnnualPlan, publishing: set[int]) -> bool:
    return plan.pk in publishing or plan.state == PlanState.PUBLISHED


def _publish(actor: str, now: datetime, plan: AnnualPlan) -> AnnualPlan:
    for former in AnnualPlan.objects.select_for_update().filter(
        code=plan.code, state=PlanState.PUBLISHED.value
    ):
        former.state = rules.PLAN_LIFE.after(PlanState(former.state), "supersede").value
        keep(former, "state")
        record(actor, now, former, "plan.superseded", {"by": plan.version})
    today = plan.published_on = clock.today(now)
    last_day = queries.list_publish_days([plan], today).get(plan.pk, today)
    body: dict[str, JSON] = {"late": plan.version == 1 and last_day < today}
    keep(plan, "state", "published_on")
    late = [number for number, day in queries.list_order_days(plan).items() if day < today]
    if late:
        body["late_orders"] = list(late)
    record(actor, now, plan, "plan.published", body)
    return plan


@transaction.atomic
def amend_plan(*, actor: str, now: datetime, plan: AnnualPlan, revision: int | None = None) -> AnnualPlan:
    """The next version of a published plan, as a draft with the same entries."""
    locked = lock_plan(plan, revision)
    rules.PLAN_LIFE.after(PlanState(locked.state), "amend")
    if AnnualPlan.objects.filter(code=locked.code, version__gt=locked.version).exists():
        raise Refused(
            [Reason("plan.amendment-open", "Its next version is being written already; open that one.")]
        )
    entries = queries.list_drafts(locked)
    following = AnnualPlan.objects.create(
        code=locked.code, version=locked.version + 1, **{**_values(locked), "state": PlanState.DRAFT.value}
    )
    following.agencies.set(queries.list_agencies_of(following))
    write_entries(following, entries)
    record(actor, now, following, "plan.amended", {"version": following.version})
    return following


def _found(row: Any, kind: str, code: str) -> Any:
    if row is None:
        raise Refused([unknown(kind, code, "owner")])
    return row
