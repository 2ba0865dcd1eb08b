"""Writing plans: from a draft to publication, and the next version."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import transaction

from yicha.base.ledger import services as ledger
from yicha.base.ledger.terms import JSON
from yicha.decide.planning import queries
from yicha.decide.planning.models import AnnualPlan, EntryStratum, PlanEntry
from yicha.decide.planning.rules import plans as rules
from yicha.decide.planning.rules.strata import CLASSES
from yicha.decide.planning.terms import EntryDraft, PlanOwner, PlanState, StratumCount
from yicha.kernel import clock
from yicha.kernel.refusal import NotFound, Reason, Refused, refuse_if
from yicha.know.catalogue import queries as catalogue
from yicha.know.catalogue.terms import Method, RateFacts, RateScope
from yicha.know.registry import queries as registry
from yicha.know.visits.terms import ContactKind


@transaction.atomic
def create_plan(
    *, actor: str, now: datetime, year: int, title: str, owner: PlanOwner, entries: Sequence[EntryDraft] = ()
) -> AnnualPlan:
    """A draft of an owner's plan for a year. Refused when there is one: it is amended by versions, not repeated."""
    refuse_if(rules.check_owner(owner))
    plan = _owned(owner, year, title)
    if AnnualPlan.objects.filter(code=plan.code).exists():
        raise Refused(
            [
                Reason(
                    "plan.exists",
                    "There is a plan %(code)s already; amend it.",
                    facts={"code": plan.code},
                    at_field="owner",
                )
            ]
        )
    plan.save()
    plan.agencies.set(queries.list_agencies_of(plan))
    _write_entries(plan, entries)
    _record(actor, now, plan, "plan.created", {"title": title, "entries": len(entries)})
    return plan


def _owned(owner: PlanOwner, year: int, title: str) -> AnnualPlan:
    if owner.agency:
        agency = _found(registry.find_agency(owner.agency), "agency", owner.agency)
        plan = AnnualPlan(code=f"{year}-{agency.code}", owner=agency, region=agency.region)
    else:
        joint = _found(catalogue.find_joint_list(owner.joint_list), "joint-list", owner.joint_list)
        plan = AnnualPlan(code=f"{year}-{joint.code}-{owner.zone or owner.region}", joint_list=joint)
        if owner.zone:
            zone = registry.list_zones().filter(code=owner.zone).first()
            plan.zone = _found(zone, "zone", owner.zone)
        else:
            plan.region = _found(registry.find_region(owner.region), "region", owner.region)
    plan.year, plan.title, plan.state = year, title, PlanState.DRAFT.value
    return plan


@transaction.atomic
def save_entries(
    *, actor: str, now: datetime, plan: AnnualPlan, entries: Sequence[EntryDraft], title: str = ""
) -> AnnualPlan:
    """Replace the entries of a draft, and its title if one is given."""
    locked = _lock(plan)
    locked.state = rules.PLAN_LIFE.after(PlanState(locked.state), "edit").value
    if title:
        locked.title = title
        locked.save(update_fields=["title"])
    locked.entries.all().delete()
    _write_entries(locked, entries)
    _record(actor, now, locked, "plan.edited", {"title": locked.title, "entries": len(entries)})
    return locked


@transaction.atomic
def add_entry(*, actor: str, now: datetime, plan: AnnualPlan, draft: EntryDraft) -> AnnualPlan:
    """One entry more, at the end of a draft."""
    locked = _lock(plan)
    return save_entries(actor=actor, now=now, plan=locked, entries=[*_drafts_of(locked), draft])


@transaction.atomic
def remove_entry(*, actor: str, now: datetime, plan: AnnualPlan, number: int) -> AnnualPlan:
    """Take an entry out of a draft; those after it move up."""
    locked = _lock(plan)
    drafts = _drafts_of(locked)
    if not 1 <= number <= len(drafts):
        raise NotFound
    return save_entries(actor=actor, now=now, plan=locked, entries=[*drafts[: number - 1], *drafts[number:]])


def _drafts_of(plan: AnnualPlan) -> list[EntryDraft]:
    """The entries as they were written down."""
    return [
        EntryDraft(
            quarter=entry.quarter,
            directory=entry.directory.code,
            items=tuple(item.code for item in entry.items.all()),
            kind=ContactKind(entry.kind),
            window_from=entry.window_from,
            window_to=entry.window_to,
            title=entry.title,
        )
        for entry in queries.list_entries(plan)
    ]


@transaction.atomic
def submit_plan(*, actor: str, now: datetime, plan: AnnualPlan) -> AnnualPlan:
    """Hand a draft in for approval. Refused with everything that is missing."""
    locked = _lock(plan)
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
    refuse_if(rules.check_submission(facts))
    locked.submitted_by, locked.approved_by = actor, ""
    locked.save(update_fields=["state", "submitted_by", "approved_by"])
    _record(actor, now, locked, "plan.submitted", {"entries": len(facts)})
    return locked


@transaction.atomic
def return_plan(*, actor: str, now: datetime, plan: AnnualPlan, reason: str) -> AnnualPlan:
    """Give a submitted plan back to its planner, with a reason."""
    if not reason.strip():
        raise Refused([Reason("plan.return-reason", "Say what has to be changed.", at_field="reason")])
    locked = _lock(plan)
    locked.state = rules.PLAN_LIFE.after(PlanState(locked.state), "return").value
    locked.save(update_fields=["state"])
    _record(actor, now, locked, "plan.returned", {"reason": reason.strip()})
    return locked


@transaction.atomic
def approve_plan(*, actor: str, now: datetime, plan: AnnualPlan) -> AnnualPlan:
    """Approve a submitted plan: prior approval of everything that will be drawn from it."""
    locked = _lock(plan)
    locked.state = rules.PLAN_LIFE.after(PlanState(locked.state), "approve").value
    refuse_if(rules.check_approval(locked.submitted_by, actor))
    locked.approved_by = actor
    locked.save(update_fields=["state", "approved_by"])
    _record(actor, now, locked, "plan.approved", {})
    return locked


@transaction.atomic
def publish_plan(*, actor: str, now: datetime, plan: AnnualPlan) -> AnnualPlan:
    """Publish an approved plan; the version that was published before is superseded in the same step.

    A plan published after the day of the law is published all the same, and the ledger says `late`.
    """
    locked = _lock(plan)
    locked.state = rules.PLAN_LIFE.after(PlanState(locked.state), "publish").value
    for former in AnnualPlan.objects.select_for_update().filter(
        code=locked.code, state=PlanState.PUBLISHED.value
    ):
        former.state = rules.PLAN_LIFE.after(PlanState(former.state), "supersede").value
        former.save(update_fields=["state"])
    locked.published_on = clock.today(now)
    locked.save(update_fields=["state", "published_on"])
    due = rules.plan_due(locked.year, catalogue.get_number("plan-due", locked.published_on).value)
    late = locked.version == 1 and locked.published_on > due
    _record(actor, now, locked, "plan.published", {"late": late})
    return locked


@transaction.atomic
def amend_plan(*, actor: str, now: datetime, plan: AnnualPlan) -> AnnualPlan:
    """The next version of a published plan, as a draft with the same entries."""
    locked = _lock(plan)
    rules.PLAN_LIFE.after(PlanState(locked.state), "amend")
    if AnnualPlan.objects.filter(code=locked.code, version__gt=locked.version).exists():
        raise Refused(
            [Reason("plan.amendment-open", "Its next version is being written already; open that one.")]
        )
    entries = _drafts_of(locked)
    following = AnnualPlan.objects.create(
        code=locked.code,
        version=locked.version + 1,
        year=locked.year,
        title=locked.title,
        owner=locked.owner,
        joint_list=locked.joint_list,
        region=locked.region,
        zone=locked.zone,
        state=PlanState.DRAFT.value,
    )
    following.agencies.set(queries.list_agencies_of(following))
    _write_entries(following, entries)
    _record(actor, now, following, "plan.amended", {"version": following.version})
    return following


def _write_entries(plan: AnnualPlan, drafts: Sequence[EntryDraft]) -> None:
    owner = PlanOwner(
        agency=plan.owner.code if plan.owner else "",
        joint_list=plan.joint_list.code if plan.joint_list else "",
    )
    reasons: list[Reason] = []
    for number, draft in enumerate(drafts, start=1):
        reasons += rules.check_entry(number, draft, owner, plan.year)
    items = {item.code: item for item in catalogue.list_items()} if any(d.items for d in drafts) else {}
    directories = {directory.code: directory for directory in registry.list_directories()}
    kinds = [plan.owner.kind.code] if plan.owner else []
    for number, draft in enumerate(drafts, start=1):
        if draft.directory not in directories:
            reasons.append(_unknown("directory", draft.directory, f"entry-{number}"))
        reasons += [_unknown("item", code, f"entry-{number}") for code in draft.items if code not in items]
        known = [(code, items[code].agency_kind.code) for code in draft.items if code in items]
        reasons += rules.check_items(number, known, kinds)
    refuse_if(reasons)
    rates, regions = catalogue.list_rate_facts(), _regions(plan)
    counts: dict[str, list[StratumCount]] = {}
    for number, draft in enumerate(drafts, start=1):
        directory = directories[draft.directory]
        entry = _write_entry(plan, number, draft, directory)
        entry.items.set([items[code] for code in draft.items])
        if draft.directory not in counts:
            counts[draft.directory] = queries.count_strata(directory, plan)
        _write_strata(entry, draft.items, counts[draft.directory], rates, regions)


def _write_entry(plan: AnnualPlan, number: int, draft: EntryDraft, directory: Any) -> PlanEntry:
    first, last = rules.quarter_dates(plan.year, draft.quarter)
    return PlanEntry.objects.create(
        plan=plan,
        number=number,
        title=draft.title or directory.name,
        quarter=draft.quarter,
        directory=directory,
        joint_list=plan.joint_list,
        kind=draft.kind.value,
        window_from=draft.window_from or first,
        window_to=draft.window_to or last,
    )


def _regions(plan: AnnualPlan) -> dict[str, int]:
    codes = queries.list_regions_of(plan)
    return dict(registry.list_regions().filter(code__in=codes).values_list("code", "id"))


def _write_strata(
    entry: PlanEntry,
    items: Sequence[str],
    counts: Sequence[StratumCount],
    rates: list[RateFacts],
    regions: dict[str, int],
) -> None:
    """Copy what the rates in force on the first day of the window say, and count what they mean."""
    sizes = {(row.region, row.risk_class): row.size for row in counts}
    found: dict[tuple[str, str], RateFacts | None] = {
        (region, letter): queries.find_entry_rate(rates, entry, items, region, letter)
        for region in regions
        for letter in CLASSES
    }
    expected = rules.expected_quotas(
        [
            (StratumCount(*key, sizes.get(key, 0)), rate.rate if rate else Decimal(0))
            for key, rate in found.items()
        ]
    )
    EntryStratum.objects.bulk_create(
        EntryStratum(
            entry=entry,
            region_id=regions[key[0]],
            risk_class=key[1],
            rate=rate.rate if rate else None,
            visits_a_year=rate.visits_a_year if rate else None,
            method=(rate.method if rate else Method.ONSITE).value,
            scope=(rate.scope if rate else RateScope.ALL).value,
            source=rate.source if rate else "",
            in_force_from=rate.in_force_from if rate else None,
            size=sizes.get(key, 0),
            expected=expected[key],
        )
        for key, rate in found.items()
    )
    entry.population = sum(sizes.values())
    entry.expected = sum(expected.values())
    entry.save(update_fields=["population", "expected"])


def _lock(plan: AnnualPlan) -> AnnualPlan:
    return AnnualPlan.objects.select_for_update().get(pk=plan.pk)


def _record(actor: str, now: datetime, plan: AnnualPlan, act: str, body: dict[str, JSON]) -> None:
    subject = f"plan:{plan.code}.v{plan.version}"
    ledger.append(actor=actor, now=now, act=act, subject=subject, body=body)


def _found(row: Any, kind: str, code: str) -> Any:
    if row is None:
        raise Refused([_unknown(kind, code, "owner")])
    return row


def _unknown(kind: str, code: str, at_field: str) -> Reason:
    return Reason(
        f"plan.unknown-{kind}",
        "“%(code)s” is unknown; correct the code or add it first.",
        facts={"code": code},
        at_field=at_field,
    )
