"""Why a visit has no place, in words; and as it is kept in a row."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from typing import Any

from yicha.decide.scheduling.rules.explaining import NO_WINDOW, SAME_ENTERPRISE, TAKEN
from yicha.decide.scheduling.rules.pools import JOINED, VEHICLE
from yicha.decide.scheduling.terms import Missing, Resource, ResourceKind, Slot
from yicha.kernel.refusal import Reason
from yicha.know.registry.terms import DayPart

MOST_RUNS = 6
"""So many stretches of days are written out; more end with “…”."""

_BARRED: Mapping[str, tuple[str, str]] = {
    "lost": ("Nobody goes on %(days)s: the day is lost.", ""),
    "quiet": ("Quiet days at this place: %(days)s.", "宁静日"),
    "often": (
        "With its other visits, the enterprise would be visited too often on %(days)s.",
        "成都 一码检查",
    ),
    "closed": ("The enterprise is closed on %(days)s.", ""),
    "notice": ("A notice would come too late for %(days)s.", ""),
    "recused": (
        "Officers who must not go there, or went there the last time, leave too few people on %(days)s.",
        "回避",
    ),
    "not-asked": ("Not one of the half days that were asked for: %(days)s.", ""),
    SAME_ENTERPRISE: ("The enterprise has another visit too near to %(days)s.", "成都 一码检查"),
    NO_WINDOW: ("Outside the days that all of its checks share: %(days)s.", ""),
}
_NO_DAYS = Reason("calendar.no-window", "No working day is left in the window that all of its checks share.")
_LACKING: Mapping[ResourceKind, tuple[str, str]] = {
    ResourceKind.POOL: (
        "%(agency)s has too few officers on %(days)s.",
        "The officers of %(agency)s are on other visits on %(days)s.",
    ),
    ResourceKind.OFFICER: (
        "%(officer)s of %(agency)s is not there on %(days)s.",
        "%(officer)s of %(agency)s is on other visits on %(days)s.",
    ),
    ResourceKind.EQUIPMENT: (
        "%(agency)s has no %(thing)s on %(days)s.",
        "What %(agency)s has of %(thing)s is on other visits on %(days)s.",
    ),
}
_NO_COMPETENCE = (
    "%(agency)s has too few officers who are competent for %(items)s on %(days)s.",
    "The officers of %(agency)s who are competent for %(items)s are on other visits on %(days)s.",
)
_NO_VEHICLE = (
    "%(agency)s has no vehicle on %(days)s.",
    "The vehicles of %(agency)s are on other visits on %(days)s.",
)


def to_reason(missing: Missing, names: Mapping[str, str]) -> Reason:
    """A cause in words. `names`: of agencies by code, of officers by certificate; what has none keeps its code."""
    days = write_days(slot.day for slot in missing.slots)
    if missing.resource is None:
        if not missing.slots:
            return _NO_DAYS
        sentence, source = _BARRED[missing.barred]
        return Reason(f"calendar.{missing.barred}", sentence, source, {"days": days})
    return _lacking(missing.resource, days, names, taken=missing.barred == TAKEN)


def _lacking(resource: Resource, days: str, names: Mapping[str, str], *, taken: bool) -> Reason:
    sentences = _LACKING[resource.kind]
    facts: dict[str, object] = {"agency": names.get(resource.agency, resource.agency), "days": days}
    code = resource.kind.value
    if resource.kind is ResourceKind.POOL and resource.code:
        sentences, code = _NO_COMPETENCE, "competence"
        facts["items"] = ", ".join(names.get(item, item) for item in resource.code.split(JOINED))
    elif resource.kind is ResourceKind.OFFICER:
        facts["officer"] = names.get(resource.code, resource.code)
    elif resource.code == VEHICLE:
        sentences, code = _NO_VEHICLE, VEHICLE
    elif resource.kind is ResourceKind.EQUIPMENT:
        facts["thing"] = names.get(resource.code, resource.code)
    return Reason(f"calendar.no-{code}", sentences[taken], facts=facts)


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


def list_names_needed(missing: Iterable[Missing]) -> tuple[set[str], set[str]]:
    """Codes of agencies and certificates of officers that the words want names of."""
    resources = [row.resource for row in missing if row.resource is not None]
    agencies = {resource.agency for resource in resources}
    return agencies, {resource.code for resource in resources if resource.kind is ResourceKind.OFFICER}


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
