"""Makers of what tests of the undisturbed list begin with."""

from __future__ import annotations

import itertools
from datetime import date, datetime, timedelta

from tests.cast import NOW, TODAY
from yicha.kernel import clock
from yicha.know.credit import services as credit
from yicha.know.credit.models import CreditRecord
from yicha.know.credit.terms import RecordFacts, RecordKind
from yicha.know.registry.models import Enterprise

_numbers = itertools.count(1)


def noon(days: int = 0) -> datetime:
    """`NOW`, so many days later."""
    return NOW + timedelta(days=days)


def record(
    enterprise: Enterprise,
    kind: RecordKind,
    *,
    now: datetime = NOW,
    happened_on: date | None = None,
    until: date | None = None,
    year: int | None = None,
) -> CreditRecord:
    """A record of market regulation of 通州."""
    day = happened_on or clock.today(now)
    return credit.record(
        actor="test",
        now=now,
        facts=RecordFacts(
            uscc=enterprise.uscc,
            kind=kind,
            agency="110112-market",
            reference=f"R{next(_numbers)}",
            happened_on=day,
            effective_from=day,
            effective_until=until,
            year=year,
        ),
    )


def make_fit(enterprise: Enterprise, *, today: date = TODAY) -> Enterprise:
    """Class A with last year's report filed: it meets the criteria from July on."""
    enterprise.risk_class = "A"
    enterprise.save()
    record(enterprise, RecordKind.ANNUAL_REPORT, happened_on=date(today.year, 3, 1), year=today.year - 1)
    return enterprise
