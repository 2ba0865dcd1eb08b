"""Writing the entries of plans: what was written down, checked, with the rates in force copied beside it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext_noop as _

from yicha.decide.planning import queries
from yicha.decide.planning.models import AnnualPlan, EntryStratum, PlanEntry
from yicha.decide.planning.rules import ceilings, versions
from yicha.decide.planning.rules import plans as rules
from yicha.decide.planning.rules.strata import CLASSES
from yicha.decide.planning.terms import EntryDraft, StratumCount
from yicha.kernel import cells
from yicha.kernel.refusal import Reason, refuse_if
from yicha.know.catalogue import queries as catalogue
from yicha.know.catalogue.terms import Method, RateFacts, RateScope
from yicha.know.registry import queries as registry

OWN_RATE = _("the plan's own rate")
"""The source of a rate that the plan says itself."""


@dataclass(slots=True)
class Ground:
    """What the entries of one plan are checked by and made of, read once."""

    plan: AnnualPlan
    items: dict[str, Any]
    directories: dict[str, Any]
    regions: dict[str, int]
    """Code → id of the plan's regions."""
    rates: list[RateFacts] = field(default_factory=catalogue.list_rate_facts)
    counts: dict[str, list[StratumCount]] = field(default_factory=dict)

    @classmethod
    def of(cls, plan: AnnualPlan) -> Ground:
        """The ground of a plan."""
        items = {item.code: item for item in catalogue.list_items()}
        directories = {directory.code: directory for directory in registry.list_directories()}
        return cls(plan, items, directories, _regions(plan))

    def count(self, code: str) -> list[StratumCount]:
        """How many active enterprises each region and class has in a directory at the plan's place."""
        if code not in self.counts:
            self.counts[code] = queries.count_strata(self.directories[code], self.plan)
        return self.counts[code]


def write_entries(plan: AnnualPlan, drafts: Sequence[EntryDraft]) -> None:
    """Replace all entries of a plan. Refused with everything that is wrong with them."""
    ground = Ground.of(plan)
    check_drafts(ground, drafts)
    plan.entries.all().delete()
    for number, draft in enumerate(drafts, start=1):
        write_entry(ground, PlanEntry(plan=plan, number=number), draft)


def write_entry(ground: Ground, entry: PlanEntry, draft: EntryDraft) -> PlanEntry:
    """Write one entry, new or as it shall be now; its drafts were checked."""
    plan, directory = ground.plan, ground.directories[draft.directory]
    first, last = rules.quarter_dates(plan.year, draft.quarter)
    entry.title = cells.tidy(draft.title) or directory.name
    entry.quarter, entry.directory, entry.joint_list = draft.quarter, directory, plan.joint_list
    entry.kind, entry.rate = draft.kind.value, draft.rate
    entry.window_from, entry.window_to = draft.window_from or first, draft.window_to or last
    entry.ordered_by, entry.order_number = cells.tidy(draft.ordered_by), cells.tidy(draft.order_number)
    entry.ordered_on = draft.ordered_on
    entry.save()
    entry.items.set([ground.items[code] for code in draft.items])
    count_entry(ground, entry, draft.items)
    return entry


def check_drafts(ground: Ground, drafts: Sequence[EntryDraft]) -> None:
    """Refuse what is wrong with the entries of a plan, each by its number."""
    plan = ground.plan
    owner = plan.owned_by
    reasons: list[Reason] = []
    specials = queries.list_specials_before(plan)
    for number, draft in enumerate(drafts, start=1):
        reasons += rules.check_entry(number, draft, owner, plan.year)
        is_outside = plan.version > 1 and versions.check_of(draft) not in specials
        reasons += ceilings.check_order(number, draft, is_outside=is_outside)
    kinds = [plan.owner.kind.code] if plan.owner else []
    for number, draft in enumerate(drafts, start=1):
        if draft.directory not in ground.directories:
            reasons.append(unknown("directory", draft.directory, f"entry-{number}"))
        reasons += [
            unknown("item", code, f"entry-{number}") for code in draft.items if code not in ground.items
        ]
        known = [(code, ground.items[code].agency_kind.code) for code in draft.items if code in ground.items]
        reasons += rules.check_items(number, known, kinds)
    refuse_if(reasons or versions.check_repeats(drafts) + check_own_rates(plan, drafts))


def check_own_rates(plan: AnnualPlan, drafts: Sequence[EntryDraft]) -> list[Reason]:
    """What is wrong with the rates that a plan says itself."""
    if all(draft.rate is None for draft in drafts):
        return []
    first = date(plan.year, 1, 1)
    ceiling = catalogue.get_number("general-rate-ceiling", first, queries.list_places_of(plan))
    listed = list(plan.joint_list.items.values_list("code", flat=True)) if plan.joint_list else []
    keys = queries.list_key_items()
    rows = [
        ceilings.OwnRate(
            number, draft.rate, draft.directory, [(code, code in keys) for code in draft.items or listed]
        )
        for number, draft in enumerate(drafts, start=1)
        if draft.rate is not None
    ]
    return ceilings.check_rates(rows, ceiling.value, ceiling.source)


def count_entry(ground: Ground, entry: PlanEntry, items: Sequence[str]) -> None:
    """Copy what the rates in force on the first day of the window say, or the entry's own; count what they mean."""
    sizes = {(row.region, row.risk_class): row.size for row in ground.count(entry.directory.code)}
    regions = ground.regions
    found: dict[tuple[str, str], RateFacts | None] = {
        (region, letter): queries.find_entry_rate(ground.rates, entry, items, region, letter)
        for region in regions
        for letter in CLASSES
    }
    shares = {key: _share(entry, rate) for key, rate in found.items()}
    expected = rules.expected_quotas(
        [(StratumCount(*key, sizes.get(key, 0)), share or Decimal(0)) for key, share in shares.items()]
    )
    own = entry.rate is not None
    EntryStratum.objects.filter(entry=entry).delete()
    EntryStratum.objects.bulk_create(
        EntryStratum(
            entry=entry,
            region_id=regions[key[0]],
            risk_class=key[1],
            rate=shares[key],
            visits_a_year=rate.visits_a_year if rate else None,
            method=(rate.method if rate else Method.ONSITE).value,
            scope=(rate.scope if rate and not own else RateScope.ALL).value,
            source=OWN_RATE if own else rate.source if rate else "",
            in_force_from=rate.in_force_from if rate and not own else None,
            size=sizes.get(key, 0),
            expected=expected[key],
        )
        for key, rate in found.items()
    )
    entry.population, entry.expected = sum(sizes.values()), sum(expected.values())
    entry.save(update_fields=["population", "expected"])


def _share(entry: PlanEntry, rate: RateFacts | None) -> Decimal | None:
    if entry.rate is not None:
        return entry.rate
    return rate.rate if rate else None


def _regions(plan: AnnualPlan) -> dict[str, int]:
    codes = queries.list_regions_of(plan)
    return dict(registry.list_regions().filter(code__in=codes).values_list("code", "id"))


def unknown(kind: str, code: str, at_field: str) -> Reason:
    """That nobody knows a code."""
    return Reason(
        f"plan.unknown-{kind}",
        "“%(code)s” is unknown; correct the code or add it first.",
        facts={"code": code},
        at_field=at_field,
    )
