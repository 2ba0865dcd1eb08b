"""Why a visit has no place, in words; and as it is kept in a row."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from yicha.decide.scheduling.rules.explaining import (
    NO_WINDOW,
    OFTEN,
    OUT_OF_TURN,
    SAME_ENTERPRISE,
    TAKEN,
    WINDOW_OVER,
)
from yicha.decide.scheduling.rules.pools import EITHER, JOINED, VEHICLE
from yicha.decide.scheduling.terms import Missing, Resource, ResourceKind, Slot
from yicha.kernel.refusal import Reason
from yicha.know.registry.terms import DayPart

MOST_RUNS = 6
"""So many stretches of days are written out; more end with “…”."""

_BARRED: Mapping[str, Reason] = {
    "lost": Reason("calendar.lost", "Nobody goes on %(days)s: the day is lost."),
    "quiet": Reason("calendar.quiet", "Quiet days at this place: %(days)s.", "宁静日"),
    OFTEN: Reason(
        "calendar.often",
        "With its other visits, the enterprise would be visited too often on %(days)s.",
        "成都 一码检查",
    ),
    "closed": Reason("calendar.closed", "The enterprise is closed on %(days)s."),
    "notice": Reason("calendar.notice", "A notice would come too late for %(days)s."),
    "recused": Reason(
        "calendar.recused",
        "Officers who must not go there, or went there the last time, leave too few people on %(days)s.",
        "回避",
    ),
    SAME_ENTERPRISE: Reason(
        "calendar.same-enterprise",
        "With another visit on the day, or too many in the week or month, the enterprise has no room on %(days)s.",
        "成都 一码检查",
    ),
    OUT_OF_TURN: Reason(
        "calendar.out-of-turn",
        "On %(days)s the same officers would go there twice in a row: they were drawn for its visits in turn.",
        "回避",
    ),
    NO_WINDOW: Reason("calendar.no-window", "Outside the days that all of its checks share: %(days)s."),
    WINDOW_OVER: Reason("calendar.window-over", "The window that all of its checks share ended on %(days)s."),
}
_NO_DAYS = Reason("calendar.no-window", "No working day is left in the window that all of its checks share.")

_POOL = (
    Reason("calendar.no-pool", "%(agency)s has too few officers on %(days)s."),
    Reason("calendar.no-pool", "The officers of %(agency)s are on other visits on %(days)s."),
)
"""Of each pair the first: there is not enough even for this visit alone; the second: others stand there."""
_COMPETENCE = (
    Reason(
        "calendar.no-competence",
        "%(agency)s has too few officers who are competent for %(items)s on %(days)s.",
    ),
    Reason(
        "calendar.no-competence",
        "The officers of %(agency)s who are competent for %(items)s are on other visits on %(days)s.",
    ),
)
_OFFICER = (
    Reason("calendar.no-officer", "%(officer)s of %(agency)s is not there on %(days)s."),
    Reason("calendar.no-officer", "%(officer)s of %(agency)s is on other visits on %(days)s."),
)
_VEHICLE = (
    Reason("calendar.no-vehicle", "%(agency)s has no vehicle on %(days)s."),
    Reason("calendar.no-vehicle", "The vehicles of %(agency)s are on other visits on %(days)s."),
)
_EQUIPMENT = (
    Reason("calendar.no-equipment", "%(agency)s has no %(thing)s on %(days)s."),
    Reason("calendar.no-equipment", "What %(agency)s has of %(thing)s is on other visits on %(days)s."),
)


def to_reason(missing: Missing, names: Mapping[str, str]) -> Reason:
    """A cause in words. `names`: of agencies by code, of officers by certificate; what has none keeps its code."""
    days = write_days(slot.day for slot in missing.slots)
    if missing.resource is not None:
        return _lacking(missing.resource, days, names, taken=missing.barred == TAKEN)
    return replace(_BARRED[missing.barred], facts={"days": days}) if missing.slots else _NO_DAYS


def _lacking(resource: Resource, days: str, names: Mapping[str, str], *, taken: bool) -> Reason:
    facts: dict[str, object] = {"agency": names.get(resource.agency, resource.agency), "days": days}
    if resource.kind is ResourceKind.OFFICER:
        return replace(_OFFICER[taken], facts={**facts, "officer": names.get(resource.code, resource.code)})
    if resource.kind is ResourceKind.EQUIPMENT:
        if resource.code == VEHICLE:
            return replace(_VEHICLE[taken], facts=facts)
        return replace(_EQUIPMENT[taken], facts={**facts, "thing": names.get(resource.code, resource.code)})
    if not resource.code:
        return replace(_POOL[taken], facts=facts)
    ways = [way.split(JOINED) for way in resource.code.split(EITHER)]
    items = " / ".join(", ".join(names.get(item, item) for item in way) for way in ways)
    return replace(_COMPETENCE[taken], facts={**facts, "items": items})


def in_parts(parts: Iterable[Mapping[str, Any]], names: Mapping[str, str]) -> Reason:
    """That a visit which no half day takes whole is made in parts, as a calendar's report keeps them."""
    rows = list(parts)
    written = "; ".join(
        f"{part['day']} " + ", ".join(names.get(code, code) for code in part["agencies"]) for part in rows
    )
    return Reason(
        "calendar.in-parts",
        "No half day takes it whole; it is made in %(count)s parts: %(parts)s.",
        facts={"count": len(rows), "parts": written},
    )


def write_days(days: Iterable[date]) -> str:
    """Days in a line: stretches of working days from–to; Friday and Monday follow each other."""
    runs: list[tuple[date, date]] = []
    for day in sorted(set(days)):
        if runs and day - runs[-1][1] <= timedelta(days=3 if day.weekday() == 0 else 1):
            runs[-1] = (runs[-1][0], day)
        else:
            runs.append((day, day))
    words = [
        first.isoformat() if first == last else f"{first.isoformat()}–{last.isoformat()}"
        for first, last in runs
    ]
    return ", ".join(words[:MOST_RUNS]) + ("…" if len(words) > MOST_RUNS else "")


def list_names_needed(missing: Iterable[Missing]) -> dict[ResourceKind | None, set[str]]:
    """Codes that the words want names of: of agencies (None), items, officers (certificates), equipment."""
    needed: dict[ResourceKind | None, set[str]] = {None: set(), **{kind: set() for kind in ResourceKind}}
    for row in missing:
        if row.resource is not None:
            needed[None].add(row.resource.agency)
            needed[row.resource.kind] |= set(row.resource.code.replace(EITHER, JOINED).split(JOINED))
    return needed


def to_row(missing: Missing) -> dict[str, Any]:
    """A cause as a placement keeps it."""
    return {
        "resource": [*missing.resource] if missing.resource else None,
        "barred": missing.barred,
        "slots": [[slot.day.isoformat(), slot.part.value] for slot in missing.slots],
    }


def from_row(visit: str, row: Mapping[str, Any]) -> Missing:
    """A cause, read from a placement."""
    resource = row["resource"]
    return Missing(
        visit,
        Resource(ResourceKind(resource[0]), resource[1], resource[2]) if resource else None,
        row["barred"],
        tuple(Slot(date.fromisoformat(day), DayPart(part)) for day, part in row["slots"]),
    )
