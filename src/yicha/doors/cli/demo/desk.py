"""What is left on the desk after the round: single applications in every state, and a result that was taken back."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from random import Random
from typing import Any

from django.db.models import Count

from yicha.decide.gate import services as gate
from yicha.decide.gate.terms import Application, ApplicationState
from yicha.doors.cli.demo.names import REGIONS
from yicha.doors.cli.demo.past import Visited
from yicha.kernel import clock
from yicha.know.registry import queries as registry
from yicha.know.undisturbed import queries as undisturbed
from yicha.know.undisturbed.terms import ListingState
from yicha.know.visits import queries as visits
from yicha.know.visits.terms import ContactKind, ContactState
from yicha.share.recognition import queries as recognition_queries
from yicha.share.recognition import services as recognition
from yicha.share.recognition.terms import RevocationKind

APPLICANTS, APPROVER = "模拟：申请岗", "分管局长（模拟）"
ONSITE, WRITTEN = ("market-23", "market-04"), ("market-27",)
"""Items of market regulation: on site, and in writing."""
COMPLAINTS, UNAPPROVED, ROUTINE, LISTED, CAMPAIGNS, EMERGENCIES, PAPERS = 8, 6, 8, 4, 4, 4, 3
"""How many applications of each sort."""


@dataclass(frozen=True, slots=True)
class Reached:
    """What a revocation reached: of the result of which item by whom, and how many of what leaned on it."""

    item: str
    agency: str
    counts: Counter[str]


class Desk:
    """Applies at the gate as the agencies of the zone would, today."""

    def __init__(self, seed: int, now: datetime) -> None:
        self.rng = Random(f"desk {seed}")  # noqa: S311 - a demonstration, reproducible by intent
        self.now, self.today = now, clock.today(now)
        self.crews = _market_crews(self.today)
        active = registry.list_enterprises().filter(status="active", region__code__in=list(self.crews))
        self.others = list(
            active.exclude(risk_class="A").order_by("uscc").values_list("uscc", "region__code")
        )
        self.rng.shuffle(self.others)

    def apply(self, visited: Visited) -> Counter[str]:
        """All applications; by state, how many stand there."""
        states: Counter[str] = Counter()
        for application in self._single(visited):
            made = gate.apply(APPLICANTS, self.now, application, simulated=True)
            states[made.state] += 1
        for application in self._emergencies():
            made = gate.enter_emergency(
                APPLICANTS, self.now, application, "接报险情，立即进入处置。（模拟）", simulated=True
            )
            states[made.state] += 1
        return states

    def _single(self, visited: Visited) -> Iterator[Application]:
        for uscc, region in self._some(COMPLAINTS):
            yield self._asked(uscc, region, ONSITE, "complaint", evidence="12345-模拟-举报", approved=True)
        for uscc, region in self._some(UNAPPROVED):
            yield self._asked(uscc, region, ONSITE, "complaint", evidence="12345-模拟-投诉")
        for uscc, region in self._some(ROUTINE):
            yield self._asked(uscc, region, ONSITE, "initiative", approved=True)
        for uscc, region in self._some(PAPERS):
            yield self._asked(uscc, region, WRITTEN, "initiative", approved=True)
        for uscc, region in self._some(CAMPAIGNS):
            yield self._asked(
                uscc,
                region,
                ONSITE,
                "campaign",
                evidence="模拟-专项",
                approved=True,
                kind=ContactKind.SPECIAL,
            )
        for uscc, region in _listed(LISTED):
            yield self._asked(uscc, region, ONSITE, "initiative", approved=True)
        for uscc, region in _used_up(self.today.year):
            yield self._asked(uscc, region, ONSITE, "initiative", approved=True)
        for uscc, agency, crew in visited.often:
            if agency.endswith("-market"):
                region = agency.partition("-")[0]
                yield self._asked(uscc, region, ONSITE[:1], "initiative", approved=True, crew=crew)

    def _emergencies(self) -> Iterator[Application]:
        for uscc, region in self._some(EMERGENCIES):
            yield self._asked(
                uscc, region, ONSITE[:1], "emergency", evidence="模拟-险情", entered_on=self.today
            )

    def _some(self, most: int) -> list[tuple[str, str]]:
        """The next of the shuffled enterprises: nobody is asked for twice."""
        some, self.others = self.others[:most], self.others[most:]
        return some

    def _asked(
        self,
        uscc: str,
        region: str,
        items: tuple[str, ...],
        trigger: str,
        *,
        evidence: str = "",
        approved: bool = False,
        kind: ContactKind = ContactKind.DAILY,
        crew: Sequence[str] = (),
        entered_on: date | None = None,
    ) -> Application:
        first = entered_on or self.today + timedelta(days=3)
        return Application(
            agency=f"{region}-market",
            uscc=uscc,
            items=items,
            kind=kind,
            trigger=trigger,
            from_on=first,
            until_on=entered_on or first + timedelta(days=18),
            officers=tuple(crew) or self.crews[region],
            evidence=evidence,
            approved_by=APPROVER if approved else "",
            entered_on=entered_on,
        )


def revoke_one(now: datetime) -> Reached | None:
    """Take back the result on which most spared checks lean, because its evidence was withdrawn; None: none does."""
    leaning = (
        visits.list_contacts()
        .filter(state=ContactState.SPARED.value, spared_by__startswith="result:")
        .order_by()
        .values_list("spared_by")
        .annotate(count=Count("id"))
        .order_by("-count", "spared_by")
        .first()
    )
    if leaning is None:
        return None
    result = visits.list_results().get(uuid=leaning[0].removeprefix("result:"))
    recognition.revoke(
        actor=APPLICANTS,
        now=now,
        result=result,
        because="检测机构撤回报告。（模拟）",
        kind=RevocationKind.EVIDENCE_WITHDRAWN,
    )
    reached = Counter(str(row.kind) for row in recognition_queries.list_reached(result))
    return Reached(result.item_version.item.code, result.agency.code, reached)


def waiting_words(states: Counter[str]) -> str:
    """How many applications stand where, in the order of the life of an application."""
    return ", ".join(
        f"{states[state.value]} {state.value}" for state in ApplicationState if states[state.value]
    )


def find_owned() -> Any | None:
    """The enterprise with most to see in the portal: visits made, planned and spared; ties by code."""
    rows = (
        visits.list_contacts()
        .filter(simulated=True)
        .order_by()
        .values("enterprise_id")
        .annotate(states=Count("state", distinct=True), count=Count("id"))
        .order_by("-states", "-count", "enterprise__uscc")
        .values_list("enterprise__uscc", flat=True)
    )
    return registry.find_enterprise(rows[0]) if rows else None


def _market_crews(today: date) -> dict[str, tuple[str, ...]]:
    """By region two officers of market regulation who are fit today; not the first, who is often recused."""
    found: dict[str, tuple[str, ...]] = {}
    for region in REGIONS:
        own = list(
            registry.list_fit_officers(today)
            .filter(agency__code=f"{region}-market")
            .order_by("certificate")
            .values_list("certificate", flat=True)
        )
        if len(own) > 2:
            found[region] = tuple(own[1:3])
    return found


def _listed(most: int) -> list[tuple[str, str]]:
    rows = undisturbed.list_listings().filter(state=ListingState.LISTED.value).order_by("enterprise__uscc")
    return list(rows.values_list("enterprise__uscc", "enterprise__region__code")[:most])


def _used_up(year: int, most: int = 4) -> list[tuple[str, str]]:
    """Enterprises whose visits of the year are used: two made that count."""
    used = [pk for pk, units in visits.list_units_used(year).items() if units >= 2]
    rows = registry.list_enterprises().filter(pk__in=used, region__code__in=list(REGIONS)).order_by("uscc")
    return list(rows.values_list("uscc", "region__code")[:most])
