"""Reading what a calendar is made from: a few statements, however many visits there are."""

from __future__ import annotations

from calendar import monthrange
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from django.db.models import Q, QuerySet
from django.db.models.functions import Coalesce

from yicha.decide.gate import queries as gate
from yicha.decide.planning import queries as planning
from yicha.decide.scheduling.models import Pin, Schedule
from yicha.decide.scheduling.rules import laying
from yicha.decide.scheduling.terms import (
    PARTS,
    CalendarFacts,
    CalendarNumbers,
    ContactFacts,
    LostDay,
    PartFacts,
    PersonFacts,
    Problem,
    ScheduleCause,
    ScheduleState,
    Slot,
)
from yicha.know.catalogue import queries as catalogue
from yicha.know.registry import queries as registry
from yicha.know.registry.terms import DayPart
from yicha.know.visits import queries as visits
from yicha.know.visits.terms import ContactKind, ContactState

_NEAR = timedelta(days=31)
_FIELDS = (
    "id",
    "uuid",
    "enterprise_id",
    "enterprise__uscc",
    "enterprise__region__code",
    "window_from",
    "window_to",
    "planned_on",
    "planned_part",
    "unannounced",
)


def get_problem(
    round_: Any,
    today: date,
    *,
    keep: bool,
    contacts: Collection[int] | None = None,
    lost: Sequence[LostDay] = (),
    hold_announced: bool = False,
    asked_on: date | None = None,
    only: date | None = None,
    leave_out: Collection[int] = (),
) -> Problem:
    """What the solver is given for a round, as things are now; see `get_facts`."""
    facts = get_facts(
        round_,
        today,
        contacts=contacts,
        lost=lost,
        hold_announced=hold_announced,
        asked_on=asked_on,
        only=only,
        leave_out=leave_out,
    )
    return laying.lay(facts, keep=keep)


def get_facts(
    round_: Any,
    today: date,
    *,
    contacts: Collection[int] | None = None,
    lost: Sequence[LostDay] = (),
    hold_announced: bool = False,
    asked_on: date | None = None,
    only: date | None = None,
    leave_out: Collection[int] = (),
) -> CalendarFacts:
    """Everything that a problem is made from.

    The planned visits of the round move, or `contacts` (ids) alone; whatever else is planned on the same days uses up
    capacity. What stands today or earlier does not move, unless its day is lost. `hold_announced`: visits with a live
    visit code do not move at all; otherwise they only make no room for others. `asked_on`: the day from which notices
    are counted; today, if nothing is said. `only`: nothing but what stands on this day uses capacity; enough for a
    question about it. `leave_out`: visits (ids) that count as if they were not there.
    """
    every = [*list_lost_days(), *lost]
    rows = _moving(round_, today, contacts, every)
    windows = planning.list_part_windows(row[0] for row in rows)
    numbers = get_numbers(today)
    first = today + timedelta(days=1)
    last = max((row[6] for row in rows), default=first)
    days = planning.list_working_days(first, last) if rows else []
    moving_ids = {row[0] for row in rows}
    uncounted = moving_ids | set(leave_out)
    enterprises = {row[2]: row[3] for row in rows}
    standing = _standing(days, uncounted, only, enterprises)
    parts = _parts([*moving_ids, *(row[0] for row in standing)], windows)
    pinned = set(Pin.objects.filter(contact__in=moving_ids).values_list("contact_id", flat=True))
    announced = _announced(moving_ids)
    agencies = {part.agency for own in parts.values() for part in own}
    closed, preferred = _wishes(enterprises, days, today)
    return CalendarFacts(
        today=today,
        asked_on=asked_on or today,
        days=tuple(days),
        numbers=numbers,
        moving=tuple(
            _contact(row, parts, pinned=row[0] in pinned, announced=row[0] in announced) for row in rows
        ),
        standing=tuple(_contact(row, parts) for row in standing),
        people=_people(agencies, days),
        equipment=_equipment(agencies),
        barred=_barred(enterprises, days, uncounted),
        closed=closed,
        preferred=preferred,
        taken=_taken(enterprises, days, uncounted),
        recused={key: tuple(spans) for key, spans in planning.list_recused(enterprises).items()},
        last_went=planning.list_last_officers(enterprises),
        lost=tuple(every),
        hold_announced=hold_announced,
    )


def get_numbers(on: date) -> CalendarNumbers:
    """The numbers of the law that a calendar keeps."""
    return CalendarNumbers(
        _number("officers-per-agency", on),
        _number("visits-an-officer-a-day", on),
        _number("notice-days", on),
        *planning.get_match_limits(on),
    )


def _number(code: str, on: date) -> int:
    return int(catalogue.get_number(code, on).value)


def list_lost_days() -> list[LostDay]:
    """Half days on which nobody goes, as calendars say that were kept."""
    rows = Schedule.objects.filter(
        cause=ScheduleCause.DAY_LOST.value,
        state__in=[ScheduleState.KEPT.value, ScheduleState.SUPERSEDED.value],
    )
    return [lost for params in rows.values_list("params", flat=True) for lost in read_lost(params)]


def read_lost(params: Mapping[str, Any]) -> list[LostDay]:
    """The half days that the parameters of a calendar call lost."""
    if "lost" not in params:
        return []
    day, districts = date.fromisoformat(params["lost"]), frozenset(params.get("districts", ()))
    halves = [DayPart(params["part"])] if params.get("part") else list(PARTS)
    return [LostDay(Slot(day, half), districts) for half in halves]


def _moving(
    round_: Any, today: date, contacts: Collection[int] | None, lost: Iterable[LostDay]
) -> list[tuple[Any, ...]]:
    rows = visits.list_round(round_.code, ContactState.PLANNED)
    if contacts is not None:
        rows = visits.list_contacts().filter(pk__in=list(contacts), state=ContactState.PLANNED.value)
    else:
        ahead = Q(planned_part="") | Q(planned_on=None) | Q(planned_on__gt=today)
        rows = rows.filter(ahead | Q(planned_on__in={one.slot.day for one in lost if one.slot.day >= today}))
    found = list(rows.filter(begun_on=None).order_by("uuid").values_list(*_FIELDS))
    return found if contacts is not None else [row for row in found if _may_move(row, today, lost)]


def _may_move(row: tuple[Any, ...], today: date, lost: Iterable[LostDay]) -> bool:
    """What stands today goes on today, but for what the loss of the day hits."""
    district, on, half = row[4], row[7], row[8]
    if not half or on is None or on > today:
        return True
    return any(one.slot == (on, half) and (not one.districts or district in one.districts) for one in lost)


def _standing(
    days: Sequence[date], moving: Collection[int], only: date | None, enterprises: Collection[int]
) -> list[tuple[Any, ...]]:
    """What is planned on these days and does not move; of other days than `only` what the same enterprises have."""
    if not days:
        return []
    rows: QuerySet[Any] = visits.list_contacts().filter(
        state=ContactState.PLANNED.value, planned_on__range=(days[0], days[-1])
    )
    if only:
        rows = rows.filter(Q(planned_on=only) | Q(enterprise__in=list(enterprises)))
    return [row for row in rows.order_by("uuid").values_list(*_FIELDS) if row[0] not in moving]


def _contact(
    row: tuple[Any, ...],
    parts: Mapping[int, tuple[PartFacts, ...]],
    *,
    pinned: bool = False,
    announced: bool = False,
) -> ContactFacts:
    pk, uuid, enterprise, uscc, district, first, last, on, half, unannounced = row
    own = parts.get(pk, ())
    windows = [part.window for part in own if part.window]
    return ContactFacts(
        id=pk,
        key=str(uuid),
        enterprise=enterprise,
        uscc=uscc,
        district=district or "",
        first=max([first, *(window[0] for window in windows)]),
        last=min([last, *(window[1] for window in windows)]),
        on=on,
        now=Slot(on, DayPart(half)) if on and half else None,
        parts=own,
        unannounced=unannounced,
        pinned=pinned and bool(half),
        announced=announced and bool(half),
    )


def _parts(
    contacts: Collection[int], windows: Mapping[int, Mapping[str, tuple[date, date]]]
) -> dict[int, tuple[PartFacts, ...]]:
    """Visit (id) → its agencies' shares, by code of agency."""
    drawn = _drawn(contacts)
    items: dict[tuple[int, str, str], tuple[set[str], set[str]]] = {}
    for contact, agency, kind, item, equipment in visits.list_shares(contacts):
        own = items.setdefault((contact, agency, kind), (set(), set()))
        own[0].add(item)
        own[1].update(equipment)
    found: dict[int, list[PartFacts]] = defaultdict(list)
    for (contact, agency, kind), (codes, things) in items.items():
        officers = drawn.get((contact, agency), frozenset())
        window = windows.get(contact, {}).get(agency)
        part = PartFacts(agency, kind, frozenset(codes), frozenset(things), officers, window)
        found[contact].append(part)
    return {contact: tuple(own) for contact, own in found.items()}


def _drawn(contacts: Collection[int]) -> dict[tuple[int, str], frozenset[str]]:
    """(visit, agency) → certificates of who was drawn."""
    rows = planning.list_officers_of_contacts(contacts)
    if not rows:
        return {}
    agencies = dict(registry.list_agencies().values_list("pk", "code"))
    people = dict(registry.list_officers().values_list("pk", "certificate"))
    found: dict[tuple[int, str], set[str]] = defaultdict(set)
    for contact, own in rows.items():
        for agency, officer in own:
            found[contact, agencies[agency]].add(people[officer])
    return {key: frozenset(own) for key, own in found.items()}


def _announced(contacts: Collection[int]) -> set[int]:
    codes = gate.list_codes().filter(contact__in=contacts, state="live").order_by()
    return set(codes.values_list("contact_id", flat=True))


def _people(agencies: Collection[str], days: Sequence[date]) -> tuple[PersonFacts, ...]:
    if not days:
        return ()
    return tuple(
        PersonFacts(
            officer.id,
            officer.certificate,
            officer.agency,
            officer.competences,
            officer.valid_from,
            officer.valid_until,
            frozenset(
                Slot(day, part)
                for first, last, half in officer.absences
                for day in days
                if first <= day <= last
                for part in PARTS
                if half in ("", part)
            ),
        )
        for officer in planning.list_officer_facts(agencies, days[0], days[-1])
    )


def _equipment(agencies: Collection[str]) -> dict[tuple[str, str], int]:
    rows = registry.list_equipment().filter(agency__code__in=agencies)
    return {
        (agency, code): count for agency, code, count in rows.values_list("agency__code", "code", "count")
    }


def _barred(
    enterprises: Mapping[int, str], days: Sequence[date], moving: Collection[int]
) -> dict[int, dict[date, str]]:
    by_code = planning.list_barred_days(enterprises.values(), days, without=moving)
    return {pk: by_code[uscc] for pk, uscc in enterprises.items() if by_code.get(uscc)}


def _wishes(
    enterprises: Collection[int], days: Sequence[date], today: date
) -> tuple[dict[int, frozenset[Slot]], dict[int, frozenset[Slot]]]:
    """Half days on which enterprises are closed, and those that they prefer. Months are counted whole."""
    if not days:
        return {}, {}
    end = days[-1].replace(day=monthrange(days[-1].year, days[-1].month)[1])
    whole = planning.list_working_days(days[0].replace(day=1), end)
    most = _number("closed-days-a-month", today)
    closed, preferred = {}, {}
    for enterprise, wishes in registry.list_wish_facts(enterprises).items():
        if shut := registry.list_closed(wishes, whole, most):
            closed[enterprise] = frozenset(Slot(*half) for half in shut)
        if liked := registry.list_preferred(wishes, days):
            preferred[enterprise] = frozenset(Slot(*half) for half in liked)
    return closed, preferred


def _taken(
    enterprises: Collection[int], days: Sequence[date], moving: Collection[int]
) -> dict[int, tuple[date, ...]]:
    """Enterprise (id) → the days, near these, of its visits that do not move."""
    if not days:
        return {}
    rows = (
        visits.list_contacts()
        .filter(
            enterprise__in=list(enterprises),
            state__in=[ContactState.PLANNED.value, ContactState.MADE.value],
        )
        .exclude(kind=ContactKind.COURTESY.value)
        .annotate(day=Coalesce("made_on", "planned_on"))
        .filter(day__range=(days[0] - _NEAR, days[-1] + _NEAR))
        .order_by()
        .values_list("enterprise_id", "id", "day")
    )
    taken: dict[int, tuple[date, ...]] = defaultdict(tuple)
    for enterprise, pk, day in rows:
        if pk not in moving:
            taken[enterprise] += (day,)
    return taken
