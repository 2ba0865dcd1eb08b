"""What lies before the round fits before it, in every quarter of a year."""

from __future__ import annotations

from dataclasses import astuple
from datetime import date, datetime

import pytest

from yicha.base.workdays import services as workdays
from yicha.doors.cli.demo.eve import eve_of
from yicha.doors.cli.demo.quarter import Quarter, prepared_at


@pytest.mark.parametrize("number", [1, 2, 3, 4])
def test_the_steps_before_a_quarter_come_in_their_order(db: None, number: int) -> None:
    workdays.seed(years=range(2024, 2027))
    quarter = Quarter(2026, number, date(2026, 3 * number, 28))
    eve = eve_of(quarter)
    instants = [moment for moment in astuple(eve) if isinstance(moment, datetime)]
    assert instants == sorted(instants)
    assert prepared_at(quarter) < instants[0] and instants[-1].date() < quarter.first
    assert eve.visits_from < eve.visits_until <= eve.visited_at.date()
    assert eve.reviewed_at < eve.objected_at < eve.closed_at < eve.suspended_at
