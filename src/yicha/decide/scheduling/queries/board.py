"""The board of a round: from its demands over the gate to visits that have their half day, and what is saved."""

from __future__ import annotations

from enum import StrEnum
from typing import Any

from django.db.models import QuerySet

from yicha.decide.planning import queries as planning
from yicha.decide.planning.terms import DemandState
from yicha.decide.scheduling.queries import calendar, schedules
from yicha.decide.scheduling.terms import Board, Saving
from yicha.know.visits import queries as visits
from yicha.know.visits.terms import ContactState


class Column(StrEnum):
    """A number of the board that opens to a list; named as the fields of `Board`."""

    DEMANDS = "demands"
    RECOGNISED = "recognised"
    OFFSITE = "offsite"
    DEFERRED = "deferred"
    REFUSED = "refused"
    WAITING = "waiting"
    MATCHED = "matched"
    VISITS = "visits"
    PLACED = "placed"
    UNPLACED = "unplaced"
    PINNED = "pinned"
    MADE = "made"


def get_board(round_: Any) -> Board:
    """What stands in each column. `unplaced`: visits without a half day, and those that gave their demands back."""
    funnel = planning.get_screen_funnel(round_)
    return Board(
        demands=funnel.demands,
        recognised=funnel.recognised,
        offsite=funnel.offsite,
        deferred=funnel.deferred,
        refused=funnel.refused,
        waiting=funnel.waiting,
        matched=funnel.matched,
        visits=planning.list_visits(round_).count(),
        placed=calendar.list_placed(round_).count(),
        unplaced=calendar.list_to_place(round_).count() + len(schedules.list_unplaced(round_)),
        pinned=schedules.list_pins(round_).count(),
        made=visits.list_round(round_.code, ContactState.MADE).count(),
    )


def list_demands_of_column(round_: Any, column: Column) -> QuerySet[Any]:
    """The demands behind a number of the board."""
    demands = planning.list_demands(round_)
    spared = demands.filter(state=DemandState.SPARED.value)
    by_column = {
        Column.DEMANDS: demands.exclude(state=DemandState.WITHDRAWN.value),
        Column.RECOGNISED: spared.exclude(outcome="offsite"),
        Column.OFFSITE: spared.filter(outcome="offsite"),
        Column.DEFERRED: demands.filter(state=DemandState.DEFERRED.value),
        Column.REFUSED: demands.filter(state=DemandState.REFUSED.value),
        Column.WAITING: demands.filter(state=DemandState.WAITING.value),
        Column.MATCHED: demands.filter(state=DemandState.MATCHED.value),
    }
    return by_column[column]


def list_visits_of_column(round_: Any, column: Column) -> QuerySet[Any]:
    """The visits behind a number of the board; of what gave its demands back, see `list_unplaced`."""
    by_column = {
        Column.VISITS: planning.list_visits(round_),
        Column.PLACED: calendar.list_placed(round_),
        Column.UNPLACED: calendar.list_to_place(round_),
        Column.PINNED: visits.list_round(round_.code).filter(
            pk__in=schedules.list_pins(round_).values("contact")
        ),
        Column.MADE: visits.list_round(round_.code, ContactState.MADE),
    }
    return by_column[column]


def get_saving(round_: Any) -> Saving:
    """Visits if every agency went alone, visits planned; demands that results or data spared.

    Both count the same demands, those that are in a visit: what has no place is not saved, it waits.
    """
    funnel = planning.get_screen_funnel(round_)
    return Saving(
        alone=round_.visits_without,
        planned=round_.visits_with,
        recognised=funnel.recognised,
        offsite=funnel.offsite,
    )
