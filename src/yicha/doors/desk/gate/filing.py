"""The enterprise's file: what is known of it, beside the application (D.Lgs. 103/2024: consult the file first)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from yicha.base.accounts import queries as accounts
from yicha.base.accounts.queries import Person
from yicha.decide.gate import queries as gate
from yicha.decide.gate.terms import Budget
from yicha.know.credit import queries as credit
from yicha.know.undisturbed import queries as undisturbed
from yicha.know.visits import queries as visits

MOST = 6
"""Rows of each part; the enterprise's own page has the rest."""


@dataclass(frozen=True)
class File:
    """What is known of an enterprise on a day."""

    enterprise: Any
    today: date
    budget: Budget
    planned: Sequence[Any]
    made: Sequence[Any]
    results: Sequence[Any]
    listing: Any
    records: Sequence[Any]
    applications: Sequence[Any]


def read_file(enterprise: Any, person: Person, today: date) -> File:
    """The file as far as this person may read it."""
    contacts = list(visits.list_contacts_of(enterprise.uscc).exclude(state__in=["cancelled", "spared"])[:40])
    applications = gate.list_applications_of(enterprise.uscc)
    return File(
        enterprise=enterprise,
        today=today,
        budget=gate.get_budget(enterprise.uscc, today),
        planned=[one for one in reversed(contacts) if one.state == "planned"][:MOST],
        made=[one for one in contacts if one.state == "made"][:MOST],
        results=list(
            visits.list_results_of(enterprise.uscc).filter(valid_until__gte=today, state="offered")[:MOST]
        ),
        listing=undisturbed.find_open(enterprise.uscc),
        records=list(credit.list_in_effect(enterprise.uscc, today)[:MOST])
        if accounts.may(person, "credit.view")
        else [],
        applications=list(accounts.scoped(applications.defer("facts"), person, "gate.view")[:MOST]),
    )
