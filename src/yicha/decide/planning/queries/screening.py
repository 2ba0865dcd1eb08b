"""Reading what the gate said of demands, and the days that an enterprise has left."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from django.db import connection
from django.db.models import Q, QuerySet
from django.db.models.functions import Coalesce

from yicha.decide.gate import queries as gate
from yicha.decide.gate.terms import CodeState, QuietFacts, Verdict
from yicha.decide.planning.models import Demand, Round, Screening
from yicha.decide.planning.queries.rounds import get_match_limits
from yicha.decide.planning.rules import matching as rules
from yicha.decide.planning.rules.screening import fate_of
from yicha.decide.planning.terms import DemandState, Fate, ScreenFunnel, TopGround
from yicha.kernel.refusal import Reason
from yicha.know.catalogue import queries as catalogue
from yicha.know.registry import queries as registry
from yicha.know.visits import queries as visits
from yicha.know.visits.terms import ContactKind, ContactState


def find_screening(uuid: str) -> Screening | None:
    """What the gate said of some demands, with enterprise and agency."""
    found = Screening.objects.select_related("round", "enterprise__region", "enterprise__zone", "agency")
    return found.filter(uuid=uuid).first()


def list_demands_asked(screening: Screening) -> QuerySet[Demand]:
    """The demands of which a screening speaks, by item."""
    return screening.demands.select_related(
        "item_version__item", "entry__plan", "contact", "follows__contact", "prescribed"
    ).order_by("item_version__item__code", "draw_id")


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


_GROUNDS = """
    WITH fated AS (
        SELECT d.id, v.code AS item, d.screening_id,
            CASE WHEN d.state = 'matched' THEN 'allowed' WHEN d.state <> 'spared' THEN d.state
                WHEN d.outcome = 'offsite' THEN 'offsite' ELSE 'recognised' END AS fate
        FROM planning_demand d JOIN unnest(%s::bigint[], %s::text[]) AS v(id, code) ON v.id = d.item_version_id
        WHERE d.round_id = %s AND d.state <> 'withdrawn'
            AND NOT (d.state = 'matched' AND d.contact_id = ANY (%s::bigint[]))
    )
    SELECT f.fate, count(*), min(g.ground::text)
    FROM fated f JOIN planning_screening s ON s.id = f.screening_id
    CROSS JOIN LATERAL jsonb_array_elements(s.verdict -> 'grounds') AS g(ground)
    WHERE g.ground ->> 'item' IN ('', f.item) AND CASE f.fate
        WHEN 'recognised' THEN g.ground ->> 'leads_to' = 'recognise'
        WHEN 'offsite' THEN g.ground ->> 'leads_to' = 'offsite'
        WHEN 'allowed' THEN g.ground ->> 'bars' = 'NOTHING' AND g.ground ->> 'leads_to' IS NULL
        ELSE g.ground ->> 'bars' <> 'NOTHING' END
    GROUP BY f.fate, g.ground ->> 'code' ORDER BY 2 DESC, g.ground ->> 'code'
"""
"""Counted by the database: thousands of verdicts with all their grounds are read in a moment there."""


def list_top_grounds(round_: Round, most: int = 3) -> Mapping[Fate, list[TopGround]]:
    """By fate, the most frequent reasons of its demands, the most frequent first.

    A ground counts for a demand if it speaks of its item or of the whole, and decided: it led to the outcome, or it
    stands in the way. Of a demand that was let through, what was looked at and found to be in order; of one whose
    visit several agencies make, how many.
    """
    joint = _joint_visits(round_)
    matched = Demand.objects.filter(round=round_, contact__in=list(joint)).order_by()
    sizes = Counter(joint[contact] for contact in matched.values_list("contact_id", flat=True) if contact)
    found: dict[Fate, list[TopGround]] = defaultdict(list)
    found[Fate.MERGED] = [TopGround(count, _of_agencies(size)) for size, count in sizes.most_common(most)]
    items = dict(catalogue.list_versions().values_list("pk", "item__code"))
    with connection.cursor() as cursor:
        cursor.execute(_GROUNDS, [list(items), list(items.values()), round_.pk, list(joint)])
        for fate, count, text in cursor.fetchall():
            if len(found[Fate(fate)]) < most:
                found[Fate(fate)].append(TopGround(count, _as_reason(json.loads(text))))
    return found


def _as_reason(ground: Mapping[str, Any]) -> Reason:
    return Reason(ground["code"], ground["sentence"], ground["source"], ground["facts"])


def _of_agencies(count: int) -> Reason:
    return Reason(
        "match.joint", "One visit of %(agencies)s agencies.", "深府规〔2025〕6号", {"agencies": count}
    )


def read_verdict(screening: Screening) -> Verdict:
    """What the gate said, with all its reasons."""
    return gate.from_form(screening.verdict)


def list_planned(usccs: Iterable[str], first: date) -> list[tuple[str, date, int, str]]:
    """Visits planned at these enterprises from a day on that may take more along: (code, day, id, uuid).

    A visit of a round has its code as soon as all heads approved it: nothing is added to what they signed.
    """
    approved = gate.list_codes().filter(state=CodeState.LIVE.value).values("contact")
    rows = (
        visits.list_contacts()
        .filter(enterprise__uscc__in=list(usccs), state=ContactState.PLANNED.value, planned_on__gte=first)
        .filter(Q(round="") | ~Q(pk__in=approved), begun_on=None)
        .exclude(kind=ContactKind.COURTESY.value)
        .order_by("planned_on", "id")
        .values_list("enterprise__uscc", "planned_on", "id", "uuid")
    )
    return [(uscc, day, contact, str(uuid)) for uscc, day, contact, uuid in rows if day]


def list_own_days(usccs: Iterable[str], days: Sequence[date]) -> dict[str, list[date]]:
    """Enterprises that have fewer days than all working days → the days they have: quiet days and other visits."""
    barred = list_barred_days(usccs, days)
    return {uscc: [day for day in days if day not in own] for uscc, own in barred.items()}


def list_barred_days(
    usccs: Iterable[str], days: Sequence[date], without: Collection[int] = ()
) -> dict[str, dict[date, str]]:
    """Enterprises → the days among these on which they may have no visit more, and why: `quiet` or `often`.

    Quiet days of their place; days on which, with the visits that were made or are planned, one more would be too many
    on the day, in its week or in its month. `without`: visits (ids) that are not counted, because they may move.
    """
    wanted = list(usccs)
    limits = get_match_limits(days[0]) if days else (0, 0, 0)
    taken = _taken(wanted, without)
    closed = _closed_days(wanted, days)
    barred: dict[str, dict[date, str]] = {}
    for uscc in {*taken, *closed}:
        quiet = closed.get(uscc, frozenset())
        often = set(days) - set(rules.open_days(days, frozenset(), taken.get(uscc, []), limits))
        barred[uscc] = {day: "quiet" if day in quiet else "often" for day in days if day in quiet | often}
    return barred


def _taken(usccs: Sequence[str], without: Collection[int]) -> dict[str, list[date]]:
    """Enterprises → the days of their visits."""
    left_out = set(without)
    contacts = (
        visits.list_contacts()
        .filter(enterprise__uscc__in=usccs, state__in=[ContactState.PLANNED.value, ContactState.MADE.value])
        .exclude(kind=ContactKind.COURTESY.value)
        .annotate(day=Coalesce("made_on", "planned_on"))
        .order_by()
    )
    taken: dict[str, list[date]] = defaultdict(list)
    for uscc, day, contact in contacts.values_list("enterprise__uscc", "day", "id"):
        if day and contact not in left_out:
            taken[uscc].append(day)
    return taken


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
