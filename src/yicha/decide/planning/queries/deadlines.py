"""By when plans are published: first versions by 31 March, specials outside the plan soon after their order."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from yicha.decide.planning.models import AnnualPlan
from yicha.decide.planning.queries.drafts import draft_of, list_specials_before
from yicha.decide.planning.queries.plans import list_codes_above, list_entries
from yicha.decide.planning.rules.plans import plan_due
from yicha.decide.planning.rules.versions import check_of
from yicha.kernel.months import months_after
from yicha.know.catalogue import queries as catalogue

DUE, MONTHS = "plan-due", "campaign-publish-months"


def list_publish_days(plans: Iterable[AnnualPlan], on: date) -> dict[int, date]:
    """Plan (id) → the last day on which a version is published in time.

    Of a first version 31 March (津政规〔2025〕1号); of an amendment the earliest day of the specials that it adds; an
    amendment without such a special has none. The numbers are those in force on a day, where the plan is.
    """
    numbers = [row.facts for row in catalogue.list_numbers().filter(code=DUE)]
    above = list_codes_above()
    days = {}
    for plan in plans:
        if plan.version > 1:
            if orders := list_order_days(plan):
                days[plan.pk] = min(orders.values())
        elif found := catalogue.find_in_force(numbers, DUE, on, above.get(plan.region_id or 0, [])):
            days[plan.pk] = plan_due(plan.year, found.value)
    return days


def list_order_days(plan: AnnualPlan) -> dict[int, date]:
    """Number of an entry → the last day on which it is published in time: the specials that this version adds."""
    ordered = list(list_entries(plan).filter(ordered_on__isnull=False))
    before = list_specials_before(plan) if ordered else set()
    return {
        entry.number: publish_by(entry.ordered_on)
        for entry in ordered
        if entry.ordered_on and check_of(draft_of(entry)) not in before
    }


def publish_by(ordered_on: date) -> date:
    """The last day on which a special that was ordered on a day is published in time."""
    return months_after(ordered_on, int(catalogue.get_number(MONTHS, ordered_on).value))
