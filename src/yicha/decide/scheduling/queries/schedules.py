"""Reading calendars that were made: which one holds, what it moves, what has no place and why."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Any

from django.db.models import Count, F, Max, Q, QuerySet

from yicha.decide.planning import queries as planning
from yicha.decide.scheduling.models import Pin, Placement, Schedule
from yicha.decide.scheduling.rules import words
from yicha.decide.scheduling.rules.life import SCHEDULE_LIFE, UNFINISHED
from yicha.decide.scheduling.terms import (
    Change,
    Measure,
    Missing,
    Objective,
    ResourceKind,
    ScheduleState,
    Slot,
)
from yicha.kernel.refusal import NotFound, Reason
from yicha.know.catalogue import queries as catalogue
from yicha.know.registry import queries as registry
from yicha.know.registry.terms import DayPart
from yicha.know.visits import queries as visits
from yicha.know.visits.terms import ContactState

_MOVED = ~Q(day=F("was_day"), part=F("was_part"))


def list_schedules(round_: Any) -> QuerySet[Schedule]:
    """The calendars of a round, the newest first, with how many visits each moves and leaves without a place."""
    placed = Q(placements__day__isnull=False)
    stayed = Q(placements__day=F("placements__was_day"), placements__part=F("placements__was_part"))
    return (
        Schedule.objects.filter(round=round_)
        .select_related("round")
        .annotate(
            placed=Count("placements", filter=placed),
            unplaced=Count("placements", filter=~placed & Q(placements__isnull=False)),
            stayed=Count("placements", filter=stayed),
        )
        .order_by("-number")
    )


def next_number(round_: Any) -> int:
    """The number of a round's next calendar."""
    last = Schedule.objects.filter(round=round_).aggregate(last=Max("number"))["last"]
    return int(last or 0) + 1


def count_visits_ahead(round_: Any) -> int:
    """Visits of a round that are planned: what a calendar is made of."""
    return visits.list_round(round_.code, ContactState.PLANNED).count()


def list_contact_ids(keys: Iterable[str]) -> dict[str, int]:
    """uuid → id of visits."""
    rows = visits.list_contacts().filter(uuid__in=list(keys)).order_by()
    return {str(uuid): pk for uuid, pk in rows.values_list("uuid", "pk")}


def find_schedule(uuid: str) -> Schedule | None:
    """A calendar."""
    return Schedule.objects.select_related("round").filter(uuid=uuid).first()


def get_schedule(uuid: str) -> Schedule:
    """A calendar; raises `NotFound`."""
    found = find_schedule(uuid)
    if found is None:
        raise NotFound
    return found


def find_kept(round_: Any) -> Schedule | None:
    """The calendar that holds."""
    return Schedule.objects.filter(round=round_, state=ScheduleState.KEPT.value).first()


def find_solved(round_: Any) -> Schedule | None:
    """The last kept calendar that the solver made: its report says how good it is."""
    held = Schedule.objects.filter(
        round=round_, state__in=[ScheduleState.KEPT.value, ScheduleState.SUPERSEDED.value]
    )
    return held.exclude(report={}).order_by("-number").first()


def find_unfinished(round_: Any) -> Schedule | None:
    """The calendar that is being made."""
    return Schedule.objects.filter(round=round_, state__in=[state.value for state in UNFINISHED]).first()


def list_waiting(before: datetime) -> QuerySet[Schedule]:
    """Those that were asked for before an instant, and that no worker has taken up."""
    return Schedule.objects.filter(state=ScheduleState.QUEUED.value, asked_at__lt=before).order_by("pk")


def find_proposed(round_: Any) -> Schedule | None:
    """The newest calendar that waits for somebody to keep or discard it."""
    return (
        Schedule.objects.filter(round=round_, state=ScheduleState.PROPOSED.value).order_by("-number").first()
    )


def list_acts(schedule: Schedule) -> tuple[str, ...]:
    """What may be done with a calendar now."""
    return SCHEDULE_LIFE.acts_from(ScheduleState(schedule.state))


def read_objectives(schedule: Schedule) -> dict[Objective, Measure]:
    """What was reached and what no calendar can undercut, in the order of weight; empty before it was made."""
    rows = schedule.report.get("objectives", {})
    return {name: Measure(*rows[name.value]) for name in Objective if name.value in rows}


def list_placements(schedule: Schedule) -> QuerySet[Placement]:
    """Where a calendar puts each visit."""
    return Placement.objects.filter(schedule=schedule).select_related(
        "contact__enterprise__region", "contact__lead_agency"
    )


def list_changes(schedule: Schedule) -> list[Change]:
    """The visits that a calendar moves or leaves without a place, by their new day; those without one come first.

    Of a visit that is made in parts, the first reason says so, with the days of its parts.
    """
    rows = list_placements(schedule).filter(_MOVED | Q(day__isnull=True) | Q(was_day__isnull=True))
    changes = _changes(list(rows.order_by(F("day").asc(nulls_first=True), "part", "contact__uuid")))
    splits = schedule.report.get("splits", {})
    if not splits:
        return changes
    names = dict(registry.list_agencies().values_list("code", "name"))
    return [
        replace(change, why=(words.in_parts(splits[change.contact], names), *change.why))
        if change.contact in splits
        else change
        for change in changes
    ]


def list_unplaced(round_: Any) -> list[Change]:
    """Visits that kept calendars of a round left without a place and whose checks still wait; why, in words.

    Each once, as the last calendar said it.
    """
    rows = (
        Placement.objects.filter(schedule__round=round_, day__isnull=True)
        .filter(
            schedule__state__in=[ScheduleState.KEPT.value, ScheduleState.SUPERSEDED.value],
            contact__state=ContactState.CANCELLED.value,
        )
        .exclude(schedule__kept_by="")
        .select_related("contact__enterprise__region", "contact__lead_agency")
        .order_by("contact", "-schedule__number")
        .distinct("contact")
    )
    found = list(rows)
    waiting = set(
        planning.list_waiting_demands(round_).values_list(
            "enterprise_id", "agency__code", "item_version__item__code"
        )
    )
    owner = {row.contact_id: row.contact.enterprise_id for row in found}
    still = {
        contact
        for contact, agency, _kind, item, _things in visits.list_shares(owner)
        if (owner[contact], agency, item) in waiting
    }
    return _changes([row for row in found if row.contact_id in still])


def _changes(rows: Sequence[Placement]) -> list[Change]:
    missing = {row.pk: [words.from_row(str(row.contact.uuid), one) for one in row.why] for row in rows}
    names = get_names(one for own in missing.values() for one in own)
    agencies: dict[int, list[str]] = {}
    for contact, agency, *_ in visits.list_shares([row.contact_id for row in rows]):
        if agency not in agencies.setdefault(contact, []):
            agencies[contact].append(agency)
    return [
        Change(
            contact=str(row.contact.uuid),
            uscc=row.contact.enterprise.uscc,
            enterprise=row.contact.enterprise.name,
            agencies=tuple(agencies.get(row.contact_id, ())),
            was=_slot(row.was_day, row.was_part),
            to=_slot(row.day, row.part),
            why=tuple(words.to_reason(one, names) for one in missing[row.pk]),
        )
        for row in rows
    ]


def _slot(day: date | None, part: str) -> Slot | None:
    return Slot(day, DayPart(part)) if day and part else None


def get_names(missing: Iterable[Missing]) -> Mapping[str, str]:
    """The names that causes are written with, by code: of agencies, items, officers (certificates) and equipment."""
    needed = words.list_names_needed(list(missing))
    names: dict[str, str] = {}
    if needed[None]:
        names |= dict(registry.list_agencies().filter(code__in=needed[None]).values_list("code", "name"))
    if people := needed[ResourceKind.OFFICER]:
        officers = registry.list_officers().filter(certificate__in=people)
        names |= dict(officers.values_list("certificate", "name"))
    if things := needed[ResourceKind.EQUIPMENT]:
        names |= dict(registry.list_equipment().filter(code__in=things).values_list("code", "name"))
    if items := needed[ResourceKind.POOL] - {""}:
        versions = catalogue.list_current_versions().filter(item__code__in=items)
        names |= {code: f"{code} {name}" for code, name in versions.values_list("item__code", "name")}
    return names


def to_reasons(missing: Sequence[Missing]) -> list[Reason]:
    """Causes in words, with names."""
    names = get_names(missing)
    return [words.to_reason(one, names) for one in missing]


def find_pin(contact: Any) -> Pin | None:
    """Whether a visit stays where it is, and why."""
    return Pin.objects.filter(contact=contact).first()


def list_pins(round_: Any) -> QuerySet[Pin]:
    """The visits of a round that stay where they are."""
    return Pin.objects.filter(contact__round=round_.code).select_related("contact__enterprise")
