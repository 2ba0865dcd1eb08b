"""Reaching what leaned on a result: checks planned again, demands brought back, verdicts reopened."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from yicha.decide.gate import services as gate
from yicha.decide.planning import services as planning
from yicha.know.visits import queries as visits
from yicha.know.visits import services as contacts
from yicha.know.visits.terms import ContactState
from yicha.share.recognition.models import Reach
from yicha.share.recognition.terms import ReachKind


@dataclass(frozen=True, slots=True)
class Reached:
    """One thing that leaned on a result. `agency_id` is whose it is."""

    kind: ReachKind
    subject: str
    agency_id: int | None


def reopen_leaning(
    actor: str, now: datetime, result: Any, because: str, *, agency: str = ""
) -> list[Reached]:
    """Reopen the checks that a result spared, and the verdicts that leaned on it; of one agency, or of all.

    A check that a round demanded goes back to its round, which passes the gate again; any other is planned again.
    """
    spared = contacts.reopen_spared(
        actor=actor, now=now, spared_by=f"result:{result.uuid}", because=because, agency=agency
    )
    planning.reopen_spared(actor=actor, now=now, contact_ids=[row.pk for row in spared])
    applications = gate.reopen_leaning_on(actor, now, result.uuid, agency)
    return [*_checks(spared), *_applications(applications)]


def _checks(spared: Iterable[Any]) -> list[Reached]:
    """Planning cancels the spared visits whose demands it takes back: the rest is planned again."""
    planned = set(
        visits.list_contacts()
        .filter(pk__in=[row.pk for row in spared], state=ContactState.PLANNED.value)
        .values_list("pk", flat=True)
    )
    return [
        Reached(
            ReachKind.CONTACT if row.pk in planned else ReachKind.DEMAND,
            str(row.uuid),
            row.lead_agency_id,
        )
        for row in spared
    ]


def _applications(rows: Iterable[Any]) -> list[Reached]:
    return [Reached(ReachKind.APPLICATION, str(row.uuid), row.agency_id) for row in rows]


def keep(now: datetime, reached: Iterable[Reached], **by: Any) -> list[Reach]:
    """Write the receipts; `revocation=` or `refusal=` says of which act."""
    return Reach.objects.bulk_create(
        [
            Reach(kind=one.kind.value, subject=one.subject, agency_id=one.agency_id, reached_at=now, **by)
            for one in reached
        ],
        batch_size=1000,
    )


def counts(reached: Iterable[Reached]) -> dict[str, int]:
    """How much of each kind, as the ledger keeps it."""
    found = dict.fromkeys((kind.value for kind in ReachKind), 0)
    for one in reached:
        found[one.kind.value] += 1
    return found
