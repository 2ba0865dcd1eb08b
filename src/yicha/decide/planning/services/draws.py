"""Rounds, and the draws of objects made from the entries of plans."""

from __future__ import annotations

import secrets
from datetime import date, datetime
from typing import Any

from django.db import transaction

from yicha.base.ledger import services as ledger
from yicha.base.ledger.terms import JSON
from yicha.decide.drawing import queries as drawing_queries
from yicha.decide.drawing import services as drawing
from yicha.decide.drawing.terms import BeaconSpec, DrawKind, DrawState, StratumSpec
from yicha.decide.gate import queries as gate
from yicha.decide.planning import queries
from yicha.decide.planning.models import EntryDraw, PlanEntry, Round
from yicha.decide.planning.rules import strata as rules
from yicha.decide.planning.rules.plans import ROUND_LIFE
from yicha.decide.planning.terms import PlanState, Population, RoundState
from yicha.kernel import clock
from yicha.kernel.refusal import Reason, Refused
from yicha.know.catalogue import queries as catalogue
from yicha.know.registry import queries as registry
from yicha.know.visits import queries as visits
from yicha.know.visits.terms import ContactState


@transaction.atomic
def open_round(
    *, actor: str, now: datetime, year: int, quarter: int, organiser: str, simulated: bool = False
) -> Round:
    """The round of a quarter; opened once, asked for again it is the same."""
    if quarter not in (1, 2, 3, 4):
        raise Refused([Reason("round.quarter", "A quarter is 1, 2, 3 or 4.", at_field="quarter")])
    code = f"{year}Q{quarter}"
    round_, created = Round.objects.get_or_create(
        code=code,
        defaults={
            "year": year,
            "quarter": quarter,
            "organiser": organiser,
            "state": RoundState.DRAWING.value,
            "simulated": simulated,
        },
    )
    if created:
        body: dict[str, JSON] = {"organiser": organiser, "simulated": simulated}
        ledger.append(actor=actor, now=now, act="round.opened", subject=f"round:{code}", body=body)
    return round_


@transaction.atomic
def start_draw(
    *, actor: str, now: datetime, entry: PlanEntry, beacon: BeaconSpec, reveal_deadline: datetime
) -> Any:
    """Open the draw of an entry: everybody who takes part may now commit. Returns the draw.

    Refused without a published plan (its approval is the prior approval of all that is drawn), without an open
    round, and while the entry has a draw that is not void.
    """
    round_ = _round_of(entry)
    reasons = []
    if entry.plan.state != PlanState.PUBLISHED:
        reasons.append(
            Reason(
                "entry.plan-unpublished",
                "The plan of this entry is not published; nothing is drawn without an approved, published plan.",
                source="国办发〔2024〕54号",
            )
        )
    if living := _living_draw(entry):
        reasons.append(
            Reason(
                "entry.drawn-already",
                "This entry has the draw %(draw)s; only a void draw is repeated.",
                source="yicha-draw/1",
                facts={"draw": living},
            )
        )
    if reasons:
        raise Refused(reasons)
    draw = drawing.open_draw(
        actor=actor,
        now=now,
        organiser=round_.organiser,
        kind=DrawKind.OBJECTS,
        title=f"{entry.plan.title} · {entry.title}",
        plan_id=str(entry),
        participants=queries.list_participants(entry),
        beacon=beacon,
        reveal_deadline=reveal_deadline,
    )
    round_.state = ROUND_LIFE.after(RoundState(round_.state), "draw").value
    round_.save(update_fields=["state"])
    EntryDraw.objects.create(entry=entry, round=round_, draw_id=draw.draw_id, secret=secrets.token_hex(16))
    return draw


def _round_of(entry: PlanEntry) -> Round:
    found = Round.objects.select_for_update().filter(year=entry.plan.year, quarter=entry.quarter).first()
    if found is None:
        raise Refused(
            [
                Reason(
                    "round.not-open",
                    "The round %(round)s is not open; open it first.",
                    facts={"round": f"{entry.plan.year}Q{entry.quarter}"},
                )
            ]
        )
    return found


def _living_draw(entry: PlanEntry) -> str:
    """The draw that is not void of this entry, or of the same check in another version of the plan; else ""."""
    made = EntryDraw.objects.filter(
        entry__plan__code=entry.plan.code, entry__quarter=entry.quarter, entry__directory=entry.directory
    ).prefetch_related("entry__items")
    items = {item.pk for item in entry.items.all()}
    same = [row.draw_id for row in made if {item.pk for item in row.entry.items.all()} == items]
    living = drawing_queries.list_draws().filter(draw_id__in=same).exclude(state=DrawState.VOID.value)
    return living.values_list("draw_id", flat=True).first() or ""


@transaction.atomic
def freeze_draw(*, actor: str, now: datetime, draw_id: str) -> Any:
    """Build population, exclusions and opaque strata of a draw from the registry as it is now, and freeze them."""
    linked = queries.get_entry_draw(draw_id)
    names = dict(registry.list_regions().values_list("code", "name"))
    population = _population(linked, now)
    rates = _rates(linked, population)
    specs = [
        StratumSpec(
            id=stratum,
            words=rules.stratum_words(names[region], stratum),
            where=rules.stratum_where(linked.secret, region, letter),
            rate=rates[region, letter],
        )
        for stratum, (region, letter) in population.strata.items()
    ]
    return drawing.freeze_objects(
        actor=actor,
        now=now,
        draw=drawing_queries.get_draw(draw_id),
        population=population.members,
        exclusions=population.exclusions,
        strata=specs,
    )


def _population(linked: EntryDraw, now: datetime) -> Population:
    entry, today = linked.entry, clock.today(now)
    cap = int(catalogue.get_number("annual-visit-cap", entry.window_from).value)
    used = visits.list_units_used(entry.plan.year)
    own = visits.list_visits_since(rules.year_before(today), _own_initiative(today))
    copied = entry.strata.values_list("region__code", "risk_class", "visits_a_year")
    often = {(region, letter): visits_a_year for region, letter, visits_a_year in copied}
    rows = (
        queries.list_population(entry.directory, entry.plan)
        .order_by("uscc")
        .values_list("id", "uscc", "region__code", "risk_class", "status")
    )
    members: list[tuple[str, str, str]] = []
    exclusions: list[tuple[str, str]] = []
    for pk, uscc, region, letter, status in rows:
        limit = often.get((region, letter))
        code = rules.exclusion(status, region or "", used.get(pk, 0), cap, own.get(pk, 0), limit)
        if code:
            exclusions.append((uscc, code))
        else:
            members.append((uscc, region, letter))
    ids = rules.stratum_ids(linked.secret, {region for _, region, _ in members})
    occupied = {(region, letter) for _, region, letter in members}
    return Population(
        members=[(uscc, ids[region, letter]) for uscc, region, letter in members],
        exclusions=exclusions,
        strata={ids[key]: key for key in sorted(occupied, key=lambda key: ids[key])},
    )


def _own_initiative(on: date) -> list[str]:
    """The codes of the triggers under which an agency comes of its own accord."""
    return [row.code for row in gate.list_triggers_in_force(on) if row.own_initiative]


def _rates(linked: EntryDraw, population: Population) -> dict[tuple[str, str], str]:
    """The rates that the plan copied, as the manifest writes them."""
    rows = linked.entry.strata.values_list("region__code", "risk_class", "rate")
    copied = {(region, letter): rate for region, letter, rate in rows}
    found, missing = {}, []
    for region, letter in population.strata.values():
        rate = copied.get((region, letter))
        if rate is None:
            missing.append(region)
        else:
            found[region, letter] = f"{rate.normalize():f}"
    if missing:
        raise Refused(
            [
                Reason(
                    "entry.rate-missing",
                    "No rate was planned for a stratum of region %(region)s that has members now; amend the plan.",
                    source="国市监信发〔2022〕6号",
                    facts={"region": region},
                )
                for region in sorted(set(missing))
            ]
        )
    return found


@transaction.atomic
def close_round(*, actor: str, now: datetime, round_: Round) -> Round:
    """End a quarter. Refused while visits are planned that were neither made, spared nor cancelled.

    A round that was set back after its officers were drawn is closed once none of its demands waits any more.
    """
    locked = Round.objects.select_for_update().get(pk=round_.pk)
    state = RoundState(locked.state)
    locked.state = ROUND_LIFE.after(state, "close").value
    waiting = queries.list_waiting_demands(locked).count()
    if state is not RoundState.STAFFED and waiting:
        raise Refused(
            [
                Reason(
                    "round.demands-open",
                    "%(count)s demands of this round still wait; match them, or let them fall.",
                    facts={"count": waiting},
                )
            ]
        )
    open_visits = visits.list_round(locked.code, ContactState.PLANNED).count()
    if open_visits:
        raise Refused(
            [
                Reason(
                    "round.visits-open",
                    "%(count)s visits of this round are still planned; make, spare or cancel them first.",
                    facts={"count": open_visits},
                )
            ]
        )
    locked.save(update_fields=["state"])
    ledger.append(actor=actor, now=now, act="round.closed", subject=f"round:{locked.code}", body={})
    return locked
