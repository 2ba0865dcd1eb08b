"""How states, causes, phases and objectives of calendars are said and look."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from yicha.base.accounts import queries as accounts
from yicha.base.accounts.queries import Person
from yicha.decide.scheduling import queries
from yicha.decide.scheduling.terms import Change, Measure, Objective, ScheduleCause, ScheduleState, Slot
from yicha.doors.desk.calendar.grid import PARTS
from yicha.doors.desk.pages import Words
from yicha.kernel.refusal import Reason
from yicha.know.registry import queries as registry
from yicha.know.registry.terms import DayPart
from yicha.know.visits import queries as visits

TONES: Mapping[str, tuple[str, str]] = {
    "queued": ("action", "hourglass"),
    "running": ("action", "progress"),
    "stopping": ("due", "progress"),
    "proposed": ("due", "file-diff"),
    "kept": ("done", "circle-check"),
    "superseded": ("spared", "versions"),
    "discarded": ("spared", "ban"),
    "refused": ("refuse", "circle-x"),
}
MAKING = frozenset({ScheduleState.QUEUED, ScheduleState.RUNNING, ScheduleState.STOPPING})
"""A calendar that is not there yet."""
PHASES: Mapping[str, Words] = {
    "": gettext_lazy("Waiting for a worker"),
    "facts": gettext_lazy("Reading who can come when"),
    "solving": gettext_lazy("Finding half days for all visits"),
    "explaining": gettext_lazy("Finding why visits have no place"),
    "done": gettext_lazy("Done"),
}
OBJECTIVES: Mapping[Objective, tuple[Words, Words]] = {
    Objective.UNPLACED: (
        gettext_lazy("visits without a place"),
        gettext_lazy("demands inside their windows; nothing outweighs this"),
    ),
    Objective.MOVES: (
        gettext_lazy("visits that move"),
        gettext_lazy("against where they are planned now"),
    ),
    Objective.LOAD: (
        gettext_lazy("unevenness of the load"),
        gettext_lazy("sum of the squares of the visits of each agency on each day; least when they are even"),
    ),
    Objective.TRAVEL: (
        gettext_lazy("ways to districts"),
        gettext_lazy("how often somebody goes to a district on a day"),
    ),
    Objective.WISHES: (
        gettext_lazy("wishes not met"),
        gettext_lazy("preferred half days of enterprises"),
    ),
}


@dataclass(frozen=True)
class ShownObjective:
    """An objective with what was reached, what is proven, and what that means in words."""

    label: Words
    meaning: Words
    measure: Measure
    verdict: str
    is_best: bool


def show_objectives(schedule: Any) -> list[ShownObjective]:
    """The objectives of a calendar in their order."""
    measures = queries.read_objectives(schedule)
    return [
        ShownObjective(
            *OBJECTIVES[name], measures[name], gap_in_words(measures[name]), measures[name].gap <= 0
        )
        for name in Objective
        if name in measures
    ]


def gap_in_words(measure: Measure) -> str:
    """How far the value may lie from the best there is."""
    if measure.gap <= 0:
        return _("proven: no calendar does better")
    share = (Decimal(str(measure.gap)) * 100).quantize(Decimal("0.01")).normalize()
    return _("at most %(share)s %% could still be saved") % {"share": f"{share:f}"}


def phase_in_words(schedule: Any) -> str:
    """What is being done now."""
    if schedule.state == "stopping":
        return _("Ending, with the best so far")
    return str(PHASES.get(schedule.phase, schedule.phase))


@dataclass(frozen=True)
class ShownChange:
    """A visit that a calendar moves, or that has no place, with names instead of codes."""

    contact: str
    uscc: str
    enterprise: str
    agencies: str
    was: str
    to: str
    why: tuple[Reason, ...]
    parts: tuple[str, ...] = ()
    """Where its parts go when no half day takes the whole visit."""


def show_changes(
    person: Person, changes: Iterable[Change], splits: Mapping[str, Any] | None = None
) -> list[ShownChange]:
    """Changes as pages list them: of the visits that a person may see. `splits` as the calendar's report has them."""
    found = list(changes)
    named = visits.list_contacts().order_by().filter(uuid__in=[change.contact for change in found])
    seen = set(map(str, accounts.scoped(named, person, "schedule.view").values_list("uuid", flat=True)))
    found = [change for change in found if change.contact in seen]
    parts = {key: rows for key, rows in (splits or {}).items() if key in seen}
    codes = {code for change in found for code in change.agencies}
    names = dict(registry.list_agencies().filter(code__in=codes).values_list("code", "name"))
    return [
        ShownChange(
            change.contact,
            change.uscc,
            change.enterprise,
            "、".join(names.get(code, code) for code in change.agencies),
            slot_in_words(change.was),
            slot_in_words(change.to),
            change.why,
            tuple(_part_in_words(row, names) for row in parts.get(change.contact, ())),
        )
        for change in found
    ]


def _part_in_words(row: Mapping[str, Any], names: Mapping[str, str]) -> str:
    agencies = "、".join(names.get(code, code) for code in row["agencies"])
    return f"{agencies} {row['day']} {PARTS[row['part']]}"


def why_in_words(person: Person, schedule: Any) -> str:
    """What made a calendar necessary, as it was said: who asks for what, who is away, which day is lost.

    Empty where the cause says everything, and where it is about a visit or an officer that the person may not see.
    """
    said = schedule.params
    if schedule.cause == ScheduleCause.WISH:
        rows = visits.list_contacts().filter(uuid=said.get("contact"))
        visit = accounts.scoped(rows, person, "schedule.view").first()
        if visit is None:
            return ""
        day, part = said["slot"]
        return _("%(enterprise)s asks for %(slot)s: %(because)s") % {
            "enterprise": visit.enterprise.name,
            "slot": slot_in_words(Slot(date.fromisoformat(day), DayPart(part))),
            "because": said["because"],
        }
    if schedule.cause == ScheduleCause.ABSENCE:
        officers = registry.list_officers().filter(certificate=said.get("officer"))
        return str(accounts.scoped(officers, person, "schedule.view").first() or "")
    if schedule.cause == ScheduleCause.DAY_LOST:
        regions = registry.list_regions().filter(code__in=said["districts"]).values_list("name", flat=True)
        when = f"{said['lost']} {PARTS.get(said['part'], '')}".strip()
        return _("%(when)s %(where)s: %(because)s") % {
            "when": when,
            "where": "、".join(regions) or _("in all regions"),
            "because": said["because"],
        }
    return ""


def slot_in_words(slot: Slot | None) -> str:
    """`2026-07-06 morning`; empty without a slot."""
    return f"{slot.day} {PARTS[slot.part]}" if slot else ""
