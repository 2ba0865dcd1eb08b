"""Entries as they were written down, how versions of a plan differ, and what was done since a revision."""

from __future__ import annotations

from typing import Any

from yicha.decide.planning.models import AnnualPlan, PlanAct, PlanEntry
from yicha.decide.planning.queries.plans import find_plan, list_codes_above, list_entries, list_regions_of
from yicha.decide.planning.rules import versions as rules
from yicha.decide.planning.terms import EntryChange, EntryDraft
from yicha.kernel import clock
from yicha.know.catalogue import queries as catalogue
from yicha.know.catalogue.terms import Weight
from yicha.know.registry import queries as registry
from yicha.know.visits.terms import ContactKind


def draft_of(entry: PlanEntry) -> EntryDraft:
    """An entry as it was written down."""
    return EntryDraft(
        quarter=entry.quarter,
        directory=entry.directory.code,
        items=tuple(sorted(item.code for item in entry.items.all())),
        kind=ContactKind(entry.kind),
        window_from=entry.window_from,
        window_to=entry.window_to,
        title=entry.title,
        rate=entry.rate,
        ordered_by=entry.ordered_by,
        order_number=entry.order_number,
        ordered_on=entry.ordered_on,
    )


def list_drafts(plan: AnnualPlan) -> list[EntryDraft]:
    """All entries of a plan as they were written down, in order."""
    return [draft_of(entry) for entry in list_entries(plan)]


def list_version_changes(plan: AnnualPlan) -> list[EntryChange]:
    """How a version differs from the one before; empty for the first."""
    former = find_plan(plan.code, plan.version - 1) if plan.version > 1 else None
    return rules.compare(list_drafts(former), list_drafts(plan)) if former else []


def list_acts_since(plan: AnnualPlan, revision: int) -> list[dict[str, Any]]:
    """What was done with a plan after a revision, the oldest first: who, when, which act, which entries."""
    return [
        {
            "who": one.actor,
            "when": one.at.astimezone(clock.BEIJING).strftime("%Y-%m-%d %H:%M"),
            "act": one.act,
            "titles": one.titles,
        }
        for one in PlanAct.objects.filter(plan=plan, revision__gt=revision).order_by("revision", "pk")
    ]


def list_places_of(plan: AnnualPlan) -> list[str]:
    """The codes that a plan's place lies in, the nearest first: where a number of the law may say otherwise."""
    return list_codes_above()[plan.region_id] if plan.region_id else []


def list_specials_before(plan: AnnualPlan) -> set[rules.Check]:
    """The specials that the version before has already: they are in the plan and need no order."""
    former = find_plan(plan.code, plan.version - 1) if plan.version > 1 else None
    drafts = list_drafts(former) if former else []
    return {rules.check_of(draft) for draft in drafts if draft.kind is ContactKind.SPECIAL}


def list_key_items() -> set[str]:
    """The codes of the items that are key ones, by their published version."""
    weights = catalogue.list_current_versions().values_list("item__code", "weight")
    return {code for code, weight in weights if weight == Weight.KEY}


def list_neighbours(plan: AnnualPlan) -> list[int]:
    """The ids of the other agencies at a plan's place: of its regions, and of those above them."""
    codes = set(list_regions_of(plan))
    above = registry.list_regions().filter(code__in=codes)
    codes |= {
        code for pair in above.values_list("parent__code", "parent__parent__code") for code in pair if code
    }
    found = registry.list_agencies().filter(region__code__in=codes).order_by()
    return list(found.exclude(pk__in=plan.agencies.values("pk")).values_list("pk", flat=True))
