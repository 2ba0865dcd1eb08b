"""A quarter whose visits have their half days, without a solver: for stories of the calendar."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from tests.cast import NOW
from yicha.decide.planning import services as planning
from yicha.decide.planning.models import Round
from yicha.decide.planning.tests import factories
from yicha.know.registry.terms import DayPart
from yicha.know.visits import queries as visits
from yicha.know.visits import services as visit_services
from yicha.know.visits.models import Contact

MONDAY = date(2026, 7, 20)
"""Far enough ahead of the first of July for every notice."""


def planned() -> tuple[Round, list[Contact]]:
    """The third quarter of 2026: its visits stand on mornings from Monday 20 July on, one a day."""
    factories.ground()
    round_ = factories.opened()
    factories.collected(factories.published())
    planning.collect_and_match(actor="office", now=NOW, round_=round_)
    found = list(visits.list_round(round_.code).order_by("enterprise__uscc"))
    days = [day for day in _days() if day.weekday() < 5]
    slots: dict[int, tuple[date, Any]] = {
        row.pk: (days[number], DayPart.MORNING) for number, row in enumerate(found)
    }
    visit_services.reschedule(actor="office", now=NOW, slots=slots, because="first")
    round_.refresh_from_db()
    return round_, list(visits.list_round(round_.code).order_by("planned_on"))


def _days() -> list[date]:
    return [MONDAY + timedelta(days=number) for number in range(70)]
