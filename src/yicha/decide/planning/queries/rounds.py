"""Reading rounds: steps, demands, and what matching needs to know."""

from __future__ import annotations

from collections import defaultdict
from datetime import date
from typing import Any

from django.db.models import Count, QuerySet

from yicha.base.workdays import queries as workdays
from yicha.decide.drawing import queries as drawing
from yicha.decide.drawing.terms import DrawState
from yicha.decide.planning.models import Demand, EntryDraw, MatchRun, PlanEntry, Round, VisitOfficer
from yicha.decide.planning.queries.plans import list_due_entries
from yicha.decide.planning.rules import matching, steps
from yicha.decide.planning.rules.plans import plan_due, quarter_dates
from yicha.decide.planning.rules.screening import kind_of
from yicha.decide.planning.terms import DemandFacts, DemandState, Origin, PlanState, RunState, Step
from yicha.kernel.refusal import NotFound
from yicha.know.catalogue import queries as catalogue
from yicha.know.visits import queries as visits
from yicha.know.visits.terms import ContactKind, ContactState

_FROZEN = {DrawState.FROZEN, DrawState.PUBLISHED, DrawState.REVEALED, DrawState.DRAWN}
_REVEALED = {DrawState.REVEALED, DrawState.DRAWN}
_LEFT = [DemandState.WAITING.value, DemandState.MATCHED.value]
"""Demands that the gate let through, or that it was not asked about yet."""
_NOT_VISITED = [ContactState.CANCELLED.value, ContactState.SPARED.value]
"""A spared visit is a check that needs none: it is counted at the gate, not among visits."""


def list_rounds() -> QuerySet[Round]:
    """All rounds, the newest first."""
    return Round.objects.order_by("-code")


def find_round(code: str) -> Round | None:
    """A round by code (`2026Q3`)."""
    return Round.objects.filter(code=code).first()


def get_round(code: str) -> Round:
    """A round by code; raises `NotFound`."""
    found = find_round(code)
    if found is None:
        raise NotFound(f"There is no round “{code}”; it looks like 2026Q3.")
    return found


def list_entry_draws(round_: Round) -> QuerySet[EntryDraw]:
    """The draws of a round with their entries."""
    return EntryDraw.objects.filter(round=round_).select_related("entry__plan__owner").order_by("draw_id")


def get_entry_draw(draw_id: str) -> EntryDraw:
    """The entry and round of a draw; raises `NotFound` when the draw was not made for a plan.

    What hangs on the plan is read when it is asked for: PostgreSQL plans a join of ten tables for 50 ms.
    """
    found = EntryDraw.objects.select_related("round", "entry__plan", "entry__directory").filter(
        draw_id=draw_id
    )
    if entry_draw := found.first():
        return entry_draw
    raise NotFound(f"The draw “{draw_id}” was not made for an entry of a plan.")


def list_demands(round_: Round, state: DemandState | None = None) -> QuerySet[Demand]:
    """The demands of a round with enterprise, agency and item."""
    found = (
        Demand.objects.filter(round=round_)
        .select_related(
            "round", "enterprise__region", "enterprise__zone", "agency", "item_version__item", "contact"
        )
        .select_related("screening")
        .defer("screening__verdict")
        .order_by("enterprise__uscc", "agency__code", "id")
    )
    return found.filter(state=state.value) if state else found


def list_all_demands() -> QuerySet[Demand]:
    """The demands of all rounds."""
    return Demand.objects.order_by("id")


def list_waiting_demands(round_: Round) -> QuerySet[Demand]:
    """The demands of a round that have no visit yet, without what hangs on them."""
    return Demand.objects.filter(round=round_, state=DemandState.WAITING.value).order_by()


def list_demands_of(contact_id: int) -> QuerySet[Demand]:
    """Why a visit is made: its demands with what asked for them."""
    return Demand.objects.filter(contact_id=contact_id).select_related(
        "entry__plan", "agency", "item_version__item", "follows__contact", "prescribed"
    )


def list_demand_facts(round_: Round) -> list[DemandFacts]:
    """The demands of a round that wait for a visit, as matching sees them, by id."""
    return read_demand_facts(Demand.objects.filter(round=round_, state=DemandState.WAITING.value))


def read_demand_facts(demands: QuerySet[Demand]) -> list[DemandFacts]:
    """Demands as screening and matching see them, by id."""
    rows = demands.order_by("id").values_list(
        "id",
        "draw_id",
        "enterprise__uscc",
        "agency__code",
        "agency__kind__code",
        "item_version_id",
        "entry__joint_list__code",
        "entry__joint_list__lead_kind__code",
        "entry__kind",
        "window_from",
        "window_to",
        "item_version__item__code",
        "entry__plan__approved_by",
        "screening_id",
        "method",
        "origin",
    )
    return [
        DemandFacts(
            *row[:6],
            row[6] or "",
            row[7] or "",
            ContactKind(row[8]) if row[8] else kind_of(Origin(row[15])),
            *row[9:12],
            row[12] or "",
            *row[13:15],
            Origin(row[15]),
        )
        for row in rows.iterator(chunk_size=5000)
    ]


def list_undrawn(round_: Round) -> list[PlanEntry]:
    """The entries due in a round that have no living draw."""
    linked = dict(EntryDraw.objects.filter(round=round_).values_list("draw_id", "entry_id"))
    living = drawing.list_draws().filter(draw_id__in=list(linked)).exclude(state=DrawState.VOID.value)
    taken = {linked[draw_id] for draw_id in living.values_list("draw_id", flat=True)}
    return [entry for entry in list_due_entries(round_.year, round_.quarter) if entry.pk not in taken]


def list_committed(round_: Round) -> list[str]:
    """The numbers of the round's open draws to which every participant has committed: they can be frozen."""
    linked = EntryDraw.objects.filter(round=round_).values_list("draw_id", flat=True)
    opened = drawing.list_draws().filter(draw_id__in=list(linked), state=DrawState.OPENED.value)
    ready = opened.exclude(participants__commitment="")
    return list(ready.order_by("number").values_list("draw_id", flat=True))


def list_uncollected(round_: Round) -> list[str]:
    """The numbers of the round's draws that have a result which has not become demands yet."""
    waiting = EntryDraw.objects.filter(round=round_, collected=False).values_list("draw_id", flat=True)
    drawn = drawing.list_draws().filter(draw_id__in=list(waiting), state=DrawState.DRAWN.value)
    return list(drawn.order_by("draw_id").values_list("draw_id", flat=True))


def list_visits(round_: Round) -> QuerySet[Any]:
    """The visits of a round, cancelled and spared ones left out, with how many agencies, items and demands each has."""
    return (
        visits.list_round(round_.code)
        .exclude(state__in=_NOT_VISITED)
        .annotate(
            agency_count=Count("items__agency", distinct=True),
            item_count=Count("items", distinct=True),
            draw_count=Count("demands__draw_id", distinct=True),
        )
    )


def narrow_to_often(rows: QuerySet[Any]) -> QuerySet[Any]:
    """Of visits, those at enterprises that get more of them a day, a week or a month than the limits say."""
    days: dict[int, list[date]] = defaultdict(list)
    for enterprise, day in rows.order_by().values_list("enterprise_id", "planned_on").distinct():
        if day:
            days[enterprise].append(day)
    if not days:
        return rows.none()
    limits = get_match_limits(min(day for own in days.values() for day in own))
    return rows.filter(enterprise__in=[pk for pk, own in days.items() if matching.is_flagged(own, limits)])


def get_clocks(round_: Round) -> dict[str, date]:
    """By step, the day by which it is due: plans (31 March), draws (first working days), visits (the quarter's end)."""
    first, last = quarter_dates(round_.year, round_.quarter)
    days = list_working_days(first, last)
    draws = int(catalogue.get_number("draw-days", first).value)
    due = plan_due(round_.year, catalogue.get_number("plan-due", first).value)
    return {"plan": due, "draw": days[min(draws, len(days)) - 1], "visit": last}


def count_open_draws(round_: Round) -> int:
    """Draws of the round that are not void and whose targets have not become demands yet."""
    waiting = EntryDraw.objects.filter(round=round_, collected=False).values_list("draw_id", flat=True)
    return drawing.list_draws().filter(draw_id__in=list(waiting)).exclude(state=DrawState.VOID.value).count()


def list_working_days(first: date, last: date) -> list[date]:
    """The working days from one day to another, both included."""
    return workdays.list_working_days(first, last, workdays.get_calendar())


def get_match_limits(on: date) -> tuple[int, int, int]:
    """Visits a day, a week and a month above which an enterprise is flagged (numbers of the law)."""
    day, week, month = (
        int(catalogue.get_number(code, on).value)
        for code in ("visits-a-day", "visits-a-week", "visits-a-month")
    )
    return day, week, month


def get_funnel(round_: Round) -> dict[str, int]:
    """From what was drawn to what is visited: targets, demands, agencies alone, visits, and their states."""
    demands = Demand.objects.filter(round=round_).exclude(state=DemandState.WITHDRAWN.value)
    counts = demands.aggregate(
        targets=Count("id", distinct=False), enterprises=Count("enterprise_id", distinct=True)
    )
    by_state = dict(
        visits.list_round(round_.code).order_by().values_list("state").annotate(count=Count("id"))
    )
    return {
        "targets": demands.filter(origin=Origin.DRAW.value)
        .order_by()
        .values("draw_id", "enterprise_id")
        .distinct()
        .count(),
        "enterprises": counts["enterprises"],
        "demands": counts["targets"],
        "waiting": demands.filter(state=DemandState.WAITING.value).count(),
        "without": demands.filter(state__in=_LEFT)
        .order_by()
        .values("draw_id", "enterprise_id", "agency_id")
        .distinct()
        .count(),
        "visits": sum(count for state, count in by_state.items() if state not in _NOT_VISITED),
        **{state.value: by_state.get(state.value, 0) for state in ContactState},
    }


def list_steps(round_: Round) -> list[Step]:
    """The rail of a round: each step with how much of it is done."""
    entries = PlanEntry.objects.filter(plan__year=round_.year, quarter=round_.quarter).exclude(
        plan__state=PlanState.SUPERSEDED.value
    )
    published = entries.filter(plan__state=PlanState.PUBLISHED.value).count()
    linked = list(list_entry_draws(round_).values_list("draw_id", "collected"))
    states = dict(
        drawing.list_draws()
        .filter(draw_id__in=[draw_id for draw_id, _ in linked])
        .exclude(state=DrawState.VOID.value)
        .values_list("draw_id", "state")
    )
    drawn = sum(state == DrawState.DRAWN for state in states.values())
    demands = Demand.objects.filter(round=round_).exclude(state=DemandState.WITHDRAWN.value)
    matched = demands.filter(state=DemandState.MATCHED.value)
    parts = matched.values("contact_id", "agency_id").distinct().count()
    contacts = visits.list_round(round_.code).exclude(state__in=_NOT_VISITED)
    items = visits.list_items_of_round(round_.code).exclude(contact__state__in=_NOT_VISITED)
    staffed = (
        VisitOfficer.objects.filter(contact__demands__round=round_)
        .exclude(contact__state__in=_NOT_VISITED)
        .values("contact_id", "agency_id")
        .distinct()
        .count()
    )
    return steps.rail(
        [
            ("plan", published, entries.count()),
            ("freeze", sum(state in _FROZEN for state in states.values()), published),
            ("reveal", sum(state in _REVEALED for state in states.values()), published),
            ("draw", drawn, published),
            ("collect", sum(collected for draw_id, collected in linked if draw_id in states), published),
            ("screen", demands.exclude(outcome="").count(), demands.count()),
            ("match", matched.count(), demands.filter(state__in=_LEFT).count()),
            ("officers", staffed, parts),
            ("visit", contacts.exclude(state=ContactState.PLANNED.value).count(), contacts.count()),
            ("result", items.exclude(result_code="").count(), items.count()),
        ]
    )


def find_present_run(round_: Round) -> MatchRun | None:
    """The matching of a round that is queued or running, or the last one if it was refused."""
    last = MatchRun.objects.filter(round=round_).order_by("-id").first()
    return None if last is None or last.state == RunState.DONE else last


def find_run(uuid: str) -> MatchRun | None:
    """A matching that runs as a job."""
    return MatchRun.objects.select_related("round").filter(uuid=uuid).first()
