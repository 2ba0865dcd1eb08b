"""Reading what the gate said of demands, and the days that an enterprise has left."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from django.db.models import Count, QuerySet
from django.db.models.functions import Coalesce

from yicha.decide.gate import queries as gate
from yicha.decide.gate.terms import Bars, Outcome, QuietFacts
from yicha.decide.planning.models import Demand, Round, Screening
from yicha.decide.planning.queries.rounds import get_match_limits
from yicha.decide.planning.rules import matching as rules
from yicha.decide.planning.terms import DemandState, ScreenFunnel
from yicha.know.registry import queries as registry
from yicha.know.visits import queries as visits
from yicha.know.visits.terms import ContactKind, ContactState


def find_screening(uuid: str) -> Screening | None:
    """What the gate said of some demands, with enterprise and agency."""
    found = Screening.objects.select_related("round", "enterprise__region", "enterprise__zone", "agency")
    return found.filter(uuid=uuid).first()


def list_demands_asked(screening: Screening) -> QuerySet[Demand]:
    """The demands of which a screening speaks, by item."""
    return screening.demands.select_related("item_version__item", "entry__plan", "contact").order_by(
        "item_version__item__code", "draw_id"
    )


def get_screen_funnel(round_: Round) -> ScreenFunnel:
    """What became of the demands of a round: every one of them has exactly one place."""
    rows = (
        Demand.objects.filter(round=round_)
        .exclude(state=DemandState.WITHDRAWN.value)
        .order_by()
        .values_list("state", "outcome")
        .annotate(count=Count("id"))
    )
    counts: dict[tuple[str, str], int] = {(state, outcome): count for state, outcome, count in rows}
    states: dict[str, int] = defaultdict(int)
    for (state, _), count in counts.items():
        states[state] += count
    return ScreenFunnel(
        demands=sum(counts.values()),
        recognised=counts.get((DemandState.SPARED.value, Outcome.RECOGNISE.value), 0),
        offsite=counts.get((DemandState.SPARED.value, Outcome.OFFSITE.value), 0),
        deferred=states[DemandState.DEFERRED.value],
        refused=states[DemandState.REFUSED.value],
        unasked=counts.get((DemandState.WAITING.value, ""), 0),
        waiting=states[DemandState.WAITING.value],
        merged=_count_merged(round_),
        matched=states[DemandState.MATCHED.value],
    )


def _count_merged(round_: Round) -> int:
    """Demands in a visit that another agency takes part in too."""
    matched = Demand.objects.filter(round=round_, state=DemandState.MATCHED.value).order_by()
    agencies: dict[int, set[int]] = defaultdict(set)
    count: dict[int, int] = defaultdict(int)
    for contact in matched.values_list("contact_id", flat=True):
        count[contact] += 1
    items = visits.list_item_keys(count)
    for contact, agency, _code, _item in items:
        agencies[contact].add(agency)
    return sum(count[contact] for contact, own in agencies.items() if len(own) > 1)


def list_top_grounds(round_: Round, most: int = 3) -> Mapping[Outcome, list[tuple[str, str, int]]]:
    """By outcome, the most frequent grounds that stand behind it: (code, sentence, demands), the most frequent first.

    A ground counts for a demand if it speaks of its item or of the whole, and decided: it led to the outcome, or it
    stands in the way. What was let through without a word against it has no ground.
    """
    demands = (
        Demand.objects.filter(round=round_, screening__isnull=False)
        .exclude(state=DemandState.WITHDRAWN.value)
        .values_list("outcome", "item_version__item__code", "screening_id")
    )
    verdicts = dict(Screening.objects.filter(round=round_).values_list("id", "verdict"))
    found: dict[Outcome, dict[str, tuple[str, int]]] = defaultdict(dict)
    for outcome, item, screening in demands.iterator(chunk_size=5000):
        for code, sentence in _deciding(verdicts[screening], Outcome(outcome), item).items():
            _, count = found[Outcome(outcome)].get(code, (sentence, 0))
            found[Outcome(outcome)][code] = (sentence, count + 1)
    return {
        outcome: sorted(
            ((code, sentence, count) for code, (sentence, count) in own.items()),
            key=lambda row: (-row[2], row[0]),
        )[:most]
        for outcome, own in found.items()
    }


def _deciding(verdict: Mapping[str, Any], outcome: Outcome, item: str) -> dict[str, str]:
    """The grounds of a verdict that decided for an item: code → sentence."""
    return {
        ground["code"]: ground["sentence"]
        for ground in verdict["grounds"]
        if ground["item"] in ("", item)
        and (
            (ground["leads_to"] or "") == outcome
            if outcome not in (Outcome.DEFER, Outcome.REFUSE)
            else ground["bars"] != Bars.NOTHING.name
        )
    }


def list_planned(usccs: Iterable[str], first: date) -> list[tuple[str, date, int, str]]:
    """Visits planned at these enterprises from a day on: (code, day, id, uuid)."""
    rows = (
        visits.list_contacts()
        .filter(enterprise__uscc__in=list(usccs), state=ContactState.PLANNED.value, planned_on__gte=first)
        .exclude(kind=ContactKind.COURTESY.value)
        .order_by("planned_on", "id")
        .values_list("enterprise__uscc", "planned_on", "id", "uuid")
    )
    return [(uscc, day, contact, str(uuid)) for uscc, day, contact, uuid in rows if day]


def list_own_days(usccs: Iterable[str], days: Sequence[date]) -> dict[str, list[date]]:
    """Enterprises that have fewer days than all working days → the days they have: quiet days and other visits."""
    wanted = list(usccs)
    limits = get_match_limits(days[0]) if days else (0, 0, 0)
    taken: dict[str, list[date]] = defaultdict(list)
    contacts = (
        visits.list_contacts()
        .filter(enterprise__uscc__in=wanted, state__in=[ContactState.PLANNED.value, ContactState.MADE.value])
        .exclude(kind=ContactKind.COURTESY.value)
        .annotate(day=Coalesce("made_on", "planned_on"))
        .order_by()
    )
    for uscc, day in contacts.values_list("enterprise__uscc", "day"):
        if day:
            taken[uscc].append(day)
    closed = _closed_days(wanted, days)
    return {
        uscc: rules.open_days(days, closed.get(uscc, frozenset()), taken.get(uscc, []), limits)
        for uscc in {*taken, *closed}
    }


def _closed_days(usccs: Sequence[str], days: Sequence[date]) -> dict[str, frozenset[date]]:
    """Enterprises whose region, zone or city has quiet days among these → those days."""
    quiet = [
        QuietFacts(row.region, row.from_day, row.until_day, row.source, row.is_ours, row.in_force_from)
        for row in gate.list_quiet_days()
    ]
    if not quiet:
        return {}
    places = (
        registry.list_enterprises()
        .filter(uscc__in=usccs)
        .values_list("uscc", "region__code", "zone__code", "region__parent__code")
    )
    known: dict[frozenset[str], frozenset[date]] = {}
    closed: dict[str, frozenset[date]] = {}
    for uscc, *codes in places:
        place = frozenset(code for code in codes if code)
        if place not in known:
            known[place] = rules.closed_days(quiet, place, days)
        if known[place]:
            closed[uscc] = known[place]
    return closed
