"""The last months before the round: visits made with results that others may use."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

from yicha.act.inspection import queries as inspection_queries
from yicha.act.inspection import services as inspection
from yicha.doors.cli.demo import tables
from yicha.doors.cli.demo.eve import Eve
from yicha.doors.cli.demo.names import REGIONS
from yicha.doors.cli.demo.zone import KEY_LISTS
from yicha.know.catalogue import queries as catalogue
from yicha.know.registry import queries as registry
from yicha.know.visits import services as visits
from yicha.know.visits.terms import ContactKind, PlannedContact, PlannedItem, ResultCode
from yicha.share.publicity import services as publicity
from yicha.share.recognition import services as recognition

INSPECTORS = "模拟：执法岗"
OFFERERS = "模拟：互认岗"
SHARED, TWICE, OFTEN = 10, 3, 0.6
"""Enterprises in a thousand visited by an agency of another region; twice by their own; three times by the same two."""
LEFT_OPEN, LEAST_LEFT = 0.5, 2
"""Of each of the two, orders nobody fulfilled and problems to be followed up: so many in a thousand enterprises, and so
many at least: what visits leave by chance is too little for a small zone to show."""
ITEMS_A_VISIT = 4


@dataclass(frozen=True, slots=True)
class Visited:
    """What the last months brought."""

    visits: int
    results: int
    often: tuple[tuple[str, str, tuple[str, ...]], ...]
    """Where the same officers came three times: (code of the enterprise, agency, certificates)."""


@dataclass(frozen=True, slots=True)
class _Trip:
    """One visit of the last months."""

    uscc: str
    agency: str
    kind: str
    on: date
    trigger: str
    items: tuple[str, ...]
    counts: bool
    leaves: ResultCode | None = None
    """What it finds, if the seed does not say."""


class Past:
    """Makes the visits of the last months from the seed."""

    def __init__(self, eve: Eve, seed: int, enterprises: int) -> None:
        self.eve, self.seed, self.enterprises = eve, seed, enterprises
        self.rng = Random(f"past {seed}")  # noqa: S311 - a demonstration, reproducible by intent
        self.days = _working_days(eve)
        self.versions = dict(catalogue.list_current_versions().values_list("item__code", "pk"))
        officers = _officers(eve.visits_from)
        self.crews = {agency: _crew(own) for agency, own in officers.items()}
        self.second_crews = {agency: tuple(own[-2:]) for agency, own in officers.items() if len(own) > 3}

    def visit(self) -> Visited:
        """Plan, open and carry out the visits; offer what they found; publish it."""
        trips = [*self._shared(), *self._twice(), *self._often()]
        trips += self._left_open({trip.uscc for trip in trips})
        trips = [trip for trip in trips if len(self.crews.get(trip.agency, ())) == 2]
        planned = visits.plan_contacts(
            actor=INSPECTORS,
            now=self.eve.visited_at,
            planned=[self._planned(trip) for trip in trips],
        )
        opened = inspection.open_visits(
            actor=INSPECTORS,
            now=self.eve.visited_at,
            contacts=[contact.uuid for contact in planned],
            assignment=[
                (str(contact.uuid), trip.agency, certificate)
                for contact, trip in zip(planned, trips, strict=True)
                for certificate in (self.second_crews if trip.leaves else self.crews)[trip.agency]
            ],
        )
        made = inspection.record_and_close_simulated(
            actor=INSPECTORS,
            now=self.eve.visited_at,
            visits=opened,
            seed=str(self.seed),
            told={visit.pk: trip.leaves for visit, trip in zip(opened, trips, strict=True) if trip.leaves},
        )
        results = recognition.offer_closed(actor=OFFERERS, now=self.eve.visited_at)
        publicity.publish_due(actor=INSPECTORS, now=self.eve.visited_at)
        often = {
            (trip.uscc, trip.agency, self.crews[trip.agency]) for trip in trips if trip.trigger == "support"
        }
        return Visited(made, results, tuple(sorted(often)))

    def _shared(self) -> Iterator[_Trip]:
        """An agency of another region looked at what its colleagues are competent for: assigned by the zone."""
        most = self._share(SHARED)
        for uscc, region, directory in self._chosen(KEY_LISTS, "CD", most) or self._chosen(
            KEY_LISTS, "B", most
        ):
            there = self.rng.choice([code for code in REGIONS if code != region])
            yield self._trip(uscc, there, directory, "assigned", counts=False)

    def _twice(self) -> Iterator[_Trip]:
        """Their own agencies came twice: the year's visits of district agencies are used up."""
        lists = [one.code for one in tables.joint_directories() if one.code not in KEY_LISTS]
        for uscc, region, directory in self._chosen(lists, "CD", self._share(TWICE)):
            for _ in range(2):
                yield self._trip(uscc, region, directory, "initiative", counts=True)

    def _often(self) -> Iterator[_Trip]:
        """The same two officers came three times."""
        lists = [one.code for one in tables.joint_directories() if one.code not in KEY_LISTS]
        for uscc, region, directory in self._chosen(lists, "B", self._share(OFTEN)):
            for _ in range(3):
                yield self._trip(uscc, region, directory, "support", counts=False, most=1)

    def _left_open(self, elsewhere: Iterable[str]) -> Iterator[_Trip]:
        """Their own agency came once and left something to come again for; `elsewhere`: who had other visits.

        Only agencies of whom two others can come next time, and items that may be checked once more in the year.
        """
        most = max(LEAST_LEFT, self._share(LEFT_OPEN))
        wanted = {ResultCode.FOLLOW_UP: most, ResultCode.CORRECTION_ORDERED: most}
        visited = set(elsewhere)
        lists = [one.code for one in tables.joint_directories()]
        for uscc, region, directory in self._chosen(lists, "BCD", self.enterprises):
            for item in tables.items():
                agency = f"{region}-{item.kind}"
                repeated = directory in item.lists and item.method == "onsite" and item.cap > 1
                if uscc in visited or agency not in self.second_crews or not repeated:
                    continue
                never = inspection_queries.is_never_corrected(str(self.seed), uscc, item.code)
                code = ResultCode.CORRECTION_ORDERED if never else ResultCode.FOLLOW_UP
                if wanted[code]:
                    wanted[code] -= 1
                    visited.add(uscc)
                    on = self.rng.choice(self.days)
                    yield _Trip(uscc, agency, item.kind, on, "initiative", (item.code,), True, leaves=code)

    def _share(self, in_a_thousand: float) -> int:
        """So many of all enterprises, one at least."""
        return max(1, round(self.enterprises * in_a_thousand / 1000))

    def _trip(
        self, uscc: str, region: str, directory: str, trigger: str, *, counts: bool, most: int = ITEMS_A_VISIT
    ) -> _Trip:
        own = _items(directory)
        lead, codes = own[0].kind, tuple(item.code for item in own[:most])
        return _Trip(uscc, f"{region}-{lead}", lead, self.rng.choice(self.days), trigger, codes, counts)

    def _chosen(self, lists: Sequence[str], classes: str, most: int) -> list[tuple[str, str, str]]:
        """Active enterprises of these directories and classes, with region and directory; by the seed."""
        found: dict[str, tuple[str, str, str]] = {}
        for code in sorted(lists):
            directory = registry.find_directory(code)
            if directory is None:
                continue
            rows = (
                registry.list_members(directory)
                .filter(status="active", risk_class__in=list(classes), region__code__in=list(REGIONS))
                .order_by("uscc")
                .values_list("uscc", "region__code")
            )
            for uscc, region in rows:
                found.setdefault(uscc, (uscc, region, code))
        return self.rng.sample(sorted(found.values()), min(most, len(found)))

    def _planned(self, trip: _Trip) -> PlannedContact:
        return PlannedContact(
            uscc=trip.uscc,
            lead_agency=trip.agency,
            kind=ContactKind.DAILY,
            round="",
            window_from=trip.on,
            window_to=trip.on,
            planned_on=trip.on,
            items=[
                PlannedItem(trip.agency, self.versions[code], f"{trip.trigger}:（模拟）")
                for code in trip.items
            ],
            simulated=True,
            trigger=trip.trigger,
            counts_toward_cap=trip.counts,
        )


def _items(directory: str) -> list[tables.Item]:
    """What the lead of a joint directory checks there."""
    lead = next(one.kind for one in tables.joint_directories() if one.code == directory)
    return [item for item in tables.items() if item.kind == lead and directory in item.lists]


def _working_days(eve: Eve) -> list[date]:
    stretch = range((eve.visits_until - eve.visits_from).days)
    days = [eve.visits_from + timedelta(days=number) for number in stretch]
    return [day for day in days if day.weekday() < 5]


def _officers(since: date) -> dict[str, list[str]]:
    """By agency the officers whose certificates held."""
    own: dict[str, list[str]] = {}
    rows = registry.list_officers().filter(active=True, valid_from__lte=since).order_by("certificate")
    for agency, certificate in rows.values_list("agency__code", "certificate"):
        own.setdefault(agency, []).append(certificate)
    return own


def _crew(own: Sequence[str]) -> tuple[str, ...]:
    """Two officers of an agency; where there are more, not the first, who is often recused."""
    return tuple(own[1:3] if len(own) > 2 else own[:2])
