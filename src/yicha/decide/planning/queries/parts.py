"""Reading agencies' shares of planned visits: their own windows, and whether one may be a visit of its own."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import replace
from datetime import date, datetime

from django.db.models import Max, Min

from yicha.decide.gate import queries as gate
from yicha.decide.gate.terms import Bars
from yicha.decide.planning.models import Demand
from yicha.decide.planning.queries.rounds import read_demand_facts
from yicha.decide.planning.rules import screening as rules
from yicha.decide.planning.terms import DemandState


def list_part_windows(contact_ids: Iterable[int]) -> dict[int, dict[str, tuple[date, date]]]:
    """Visit (id) → agency (code) → the days that all of its demands in the visit share."""
    rows = (
        Demand.objects.filter(contact__in=list(contact_ids), state=DemandState.MATCHED.value)
        .order_by()
        .values_list("contact_id", "agency__code")
        .annotate(first=Max("window_from"), last=Min("window_to"))
    )
    found: dict[int, dict[str, tuple[date, date]]] = defaultdict(dict)
    for contact, agency, first, last in rows:
        if contact:
            found[contact][agency] = (first, last)
    return dict(found)


def list_days_of_own_visit(
    contact_id: int, agencies: Collection[str], days: Iterable[date], now: datetime
) -> set[date]:
    """The days, of these, on which the gate would let the checks of these agencies be a visit more.

    Asked with the visit planned that they are in now: its budget, its rest and its days are used already. What the
    gate says of single items was said when they were matched.
    """
    demands = read_demand_facts(
        Demand.objects.filter(
            contact=contact_id, agency__code__in=list(agencies), state=DemandState.MATCHED.value
        )
    )
    wanted = list(days)
    asked = [
        (day, rules.application(one))
        for day in wanted
        for one in rules.group([replace(row, window_from=day, window_to=day) for row in demands], day)
    ]
    verdicts = gate.preview_many([application for _, application in asked], now)
    refused = {
        day
        for (day, _), verdict in zip(asked, verdicts, strict=True)
        if any(ground.bars is not Bars.NOTHING and not ground.item for ground in verdict.grounds)
    }
    return set(wanted) - refused
