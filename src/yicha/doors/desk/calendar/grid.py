"""The calendar as pages draw it: visits on half days, and officers on days. Built from rows that were read once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from yicha.doors.desk.pages import Words
from yicha.know.registry.terms import DayPart

PARTS: dict[str, Words] = {
    DayPart.MORNING.value: _("morning"),
    DayPart.AFTERNOON.value: _("afternoon"),
}
NO_PART = pgettext_lazy("half of a day", "not set yet")
CARDS = 12
"""So many visits of a half day are drawn in a week; the rest is on the page of the day."""


@dataclass(frozen=True)
class ShownVisit:
    """A visit as a card of the calendar draws it."""

    row: Any
    agencies: tuple[str, ...]
    officers: tuple[str, ...]
    may_move: bool

    @property
    def is_pinned(self) -> bool:
        """Whether somebody pinned it to its place."""
        return getattr(self.row, "pin", None) is not None


@dataclass(frozen=True)
class Half:
    """Half of a day with its visits; `part` empty: visits that have a day and no half yet."""

    part: str
    label: Words
    visits: tuple[ShownVisit, ...]
    count: int

    @property
    def hidden(self) -> int:
        """Visits that the week has no room for."""
        return self.count - len(self.visits)


@dataclass(frozen=True)
class Day:
    """A day of the calendar. `load` is its visits in thousandths of the busiest day that is shown."""

    on: date
    is_working: bool
    is_today: bool
    in_period: bool
    halves: tuple[Half, ...]
    count: int
    load: int


@dataclass
class OfficerRow:
    """An officer's days: visits by day, absences by day, and how many visits these are."""

    officer: Any
    days: list[tuple[date, list[ShownVisit], str]] = field(default_factory=list)
    count: int = 0
    load: int = 0

    @property
    def is_idle(self) -> bool:
        """Whether there is neither a visit nor an absence on these days."""
        return not self.count and not any(away for _day, _going, away in self.days)


def show_visit(row: Any, *, may_move: bool) -> ShownVisit:
    """A visit with who takes part; the lead comes first."""
    agencies = {item.agency.code: item.agency.name for item in row.items.all()}
    lead = agencies.pop(row.lead_agency.code, row.lead_agency.name)
    return ShownVisit(
        row,
        (lead, *(agencies[code] for code in sorted(agencies))),
        tuple(one.officer.name for one in row.visit_officers.all()),
        may_move and row.state == "planned",
    )


def show_days(
    days: Iterable[date],
    visits: Sequence[ShownVisit],
    *,
    working: Collection[date],
    today: date,
    month: int = 0,
) -> list[Day]:
    """Days with their visits; a day off without a visit is left out of a week. `month`: the one that is shown."""
    by_half: Mapping[tuple[date, str], list[ShownVisit]] = defaultdict(list)
    by_day: Mapping[date, list[ShownVisit]] = defaultdict(list)
    for visit in visits:
        by_half[visit.row.planned_on, visit.row.planned_part].append(visit)
        by_day[visit.row.planned_on].append(visit)
    busiest = max((len(found) for found in by_day.values()), default=1)
    return [
        Day(
            day,
            day in working,
            day == today,
            not month or day.month == month,
            tuple(_halves(day, by_half)),
            len(by_day[day]),
            1000 * len(by_day[day]) // busiest,
        )
        for day in days
        if month or day in working or by_day[day] or day.weekday() < 5
    ]


def _halves(day: date, by_half: Mapping[tuple[date, str], list[ShownVisit]]) -> Iterable[Half]:
    for part, label in (*PARTS.items(), ("", NO_PART)):
        found = by_half[day, part]
        if part or found:
            yield Half(part, label, tuple(found[:CARDS]), len(found))


def show_officers(
    officers: Sequence[Any],
    days: Sequence[date],
    visits: Iterable[ShownVisit],
    absences: Iterable[Any],
) -> list[OfficerRow]:
    """Officers × days. `load` is an officer's visits in thousandths of the most that one of them has."""
    going: dict[tuple[int, date], list[ShownVisit]] = defaultdict(list)
    for visit in visits:
        for one in visit.row.visit_officers.all():
            going[one.officer_id, visit.row.planned_on].append(visit)
    away: dict[tuple[int, date], str] = {}
    for absence in absences:
        for day in days:
            if absence.from_on <= day <= absence.until_on:
                away[absence.officer_id, day] = absence.get_kind_display()
    rows = [
        OfficerRow(officer, [(day, going[officer.pk, day], away.get((officer.pk, day), "")) for day in days])
        for officer in officers
    ]
    for row in rows:
        row.count = sum(len(found) for _day, found, _away in row.days)
    most = max((row.count for row in rows), default=0) or 1
    for row in rows:
        row.load = 1000 * row.count // most
    return rows
