"""Reading what the gate said of demands, and the days that an enterprise has left."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from django.db.models import QuerySet
from django.db.models.functions import Coalesce

from yicha.decide.gate import queries as gate
from yicha.decide.gate.terms import QuietFacts
from yicha.decide.planning.models import Demand, Round, Screening
from yicha.decide.planning.queries.rounds import get_match_limits
from yicha.decide.planning.rules import matching as rules
from yicha.decide.planning.rules.screening import deciding, fate_of
from yicha.decide.planning.terms import DemandState, Fate, ScreenFunnel, TopGround
from yicha.kernel.refusal import Reason
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
    demands = Demand.objects.filter(round=round_).exclude(state=DemandState.WITHDRAWN.value).order_by()
    joint = _joint_visits(round_)
    fates = Counter(
        fate_of(state, outcome, contact in joint)
        for state, outcome, contact in demands.values_list("state", "outcome", "contact_id")
    )
    unasked = demands.filter(state=DemandState.WAITING.value, outcome="").count()
    return ScreenFunnel(
        demands=fates.total(),
        recognised=fates[Fate.RECOGNISED],
        offsite=fates[Fate.OFFSITE],
        deferred=fates[Fate.DEFERRED],
        refused=fates[Fate.REFUSED],
        unasked=unasked,
        waiting=fates[Fate.WAITING],
        merged=fates[Fate.MERGED],
        matched=fates[Fate.MERGED] + fates[Fate.ALLOWED],
    )


def _joint_visits(round_: Round) -> dict[int, int]:
    """Visits (ids) of matched demands in which more than one agency takes part → how many."""
    matched = Demand.objects.filter(round=round_, state=DemandState.MATCHED.value).order_by()
    agencies: dict[int, set[int]] = defaultdict(set)
    for contact, agency, _code, _item in visits.list_item_keys(
        matched.values_list("contact_id", flat=True).distinct()
    ):
        agencies[contact].add(agency)
    return {contact: len(own) for contact, own in agencies.items() if len(own) > 1}


def list_top_grounds(round_: Round, most: int = 3) -> Mapping[Fate, list[TopGround]]:
    """By fate, the most frequent reasons of its demands, the most frequent first.

    A ground counts for a demand if it speaks of its item or of the whole, and decided: it led to the outcome, or it
    stands in the way. Of a demand that was let through, what was looked at and found to be in order; of one whose
    visit several agencies make, how many.
    """
    demands = (
        Demand.objects.filter(round=round_, screening__isnull=False)
        .exclude(state=DemandState.WITHDRAWN.value)
        .order_by("id")
        .values_list("state", "outcome", "item_version__item__code", "screening_id", "contact_id")
    )
    joint = _joint_visits(round_)
    verdicts = dict(Screening.objects.filter(round=round_).values_list("id", "verdict"))
    found: dict[Fate, dict[str, list[Any]]] = defaultdict(dict)
    for state, outcome, item, screening, contact in demands.iterator(chunk_size=5000):
        fate = fate_of(state, outcome, contact in joint)
        if fate is Fate.MERGED:
            reasons = [_of_agencies(joint[contact])]
        else:
            reasons = deciding(verdicts[screening], fate, item)
        for reason in reasons:
            key = reason.code if fate is not Fate.MERGED else str(reason)
            found[fate].setdefault(key, [0, reason])[0] += 1
    return {
        fate: sorted(
            (TopGround(count, reason) for count, reason in own.values()),
            key=lambda row: (-row.count, str(row.example.code)),
        )[:most]
        for fate, own in found.items()
    }


def _of_agencies(count: int) -> Reason:
    return Reason(
        "match.joint", "One visit of %(agencies)s agencies.", "深府规〔2025〕6号", {"agencies": count}
    )


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
