"""The calendar as pages show it: by day, by officer, by enterprise, always the same rows."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import date, timedelta
from typing import Any

from django.db.models import Q, QuerySet

from yicha.decide.planning import queries as planning
from yicha.decide.scheduling.models import Pin
from yicha.decide.scheduling.terms import CalendarRow
from yicha.know.registry import queries as registry
from yicha.know.registry.terms import DayPart
from yicha.know.visits import queries as visits
from yicha.know.visits.terms import ContactState

_SHOWN = [ContactState.PLANNED.value, ContactState.MADE.value]
_EVER = (date(1900, 1, 1), date(2999, 12, 31))


def calendar(
    round_: Any = None,
    first: date | None = None,
    last: date | None = None,
    *,
    agency: str = "",
    officer: str = "",
    enterprise: str = "",
    contacts: QuerySet[Any] | None = None,
) -> list[CalendarRow]:
    """Visits planned or made between two days, both included, by day, half and enterprise.

    Without a round, of all rounds and of none. `agency` (code) takes part; `officer` (certificate) was drawn;
    `enterprise` by its code. `contacts`: the visits that somebody may see (`accounts.queries.scoped`).
    """
    found = visits.list_contacts() if contacts is None else contacts
    found = found.filter(state__in=_SHOWN, planned_on__range=(first or _EVER[0], last or _EVER[1]))
    if round_ is not None:
        found = found.filter(round=round_.code)
    if enterprise:
        found = found.filter(enterprise__uscc=enterprise)
    if agency:
        found = found.filter(pk__in=list(visits.list_contacts_of_agency(agency, first, last)))
    if officer:
        found = found.filter(pk__in=list(planning.list_contacts_of_officer(officer)))
    return _rows(found)


def _rows(found: QuerySet[Any]) -> list[CalendarRow]:
    fields = (
        "pk",
        "uuid",
        "planned_on",
        "planned_part",
        "enterprise__uscc",
        "enterprise__name",
        "enterprise__region__code",
        "lead_agency__code",
        "state",
        "unannounced",
        "window_from",
        "window_to",
    )
    rows = list(found.order_by("planned_on", "planned_part", "enterprise__uscc", "pk").values_list(*fields))
    ids = [row[0] for row in rows]
    agencies, items = _shares(ids)
    people = _people(ids)
    pinned = set(Pin.objects.filter(contact__in=ids).values_list("contact_id", flat=True))
    return [
        CalendarRow(
            contact=str(uuid),
            day=day,
            part=part,
            uscc=uscc,
            enterprise=name,
            region=region or "",
            lead=lead,
            agencies=tuple(agencies.get(pk, ())),
            officers=tuple(people.get(pk, ())),
            items=items.get(pk, 0),
            state=state,
            pinned=pk in pinned,
            unannounced=unannounced,
            window_from=window_from,
            window_to=window_to,
        )
        for pk, uuid, day, part, uscc, name, region, lead, state, unannounced, window_from, window_to in rows
    ]


def _shares(contacts: Collection[int]) -> tuple[dict[int, list[str]], dict[int, int]]:
    agencies: dict[int, list[str]] = defaultdict(list)
    items: dict[int, int] = defaultdict(int)
    for contact, agency, *_ in visits.list_shares(contacts):
        items[contact] += 1
        if agency not in agencies[contact]:
            agencies[contact].append(agency)
    return agencies, items


def _people(contacts: Collection[int]) -> dict[int, list[tuple[str, str]]]:
    drawn = planning.list_officers_of_contacts(contacts)
    ids = {officer for own in drawn.values() for _, officer in own}
    people = registry.list_officers().filter(pk__in=ids).values_list("pk", "certificate", "name")
    known = {pk: (certificate, name) for pk, certificate, name in people}
    return {contact: sorted(known[officer] for _, officer in own) for contact, own in drawn.items()}


def list_week(day: date) -> list[date]:
    """The working days of the week of a day."""
    monday = day - timedelta(days=day.weekday())
    return planning.list_working_days(monday, monday + timedelta(days=6))


def list_placed(round_: Any) -> QuerySet[Any]:
    """The visits of a round that have their half day."""
    return visits.list_round(round_.code).filter(state__in=_SHOWN).exclude(planned_part="")


def list_to_place(round_: Any) -> QuerySet[Any]:
    """The planned visits of a round that no calendar has given a half day yet."""
    return visits.list_round(round_.code, ContactState.PLANNED).filter(planned_part="")


def count_on_day(round_: Any, day: date, part: DayPart | None = None, districts: Sequence[str] = ()) -> int:
    """Planned visits of a round on a day (or half of it), in some districts or all."""
    found = visits.list_round(round_.code, ContactState.PLANNED).filter(planned_on=day)
    if part:
        found = found.filter(planned_part__in=["", part.value])
    if districts:
        found = found.filter(enterprise__region__code__in=list(districts))
    return found.count()


def count_hit_by_absence(round_: Any, officer: Any, today: date) -> int:
    """Visits ahead for which an officer was drawn and on whose half day he cannot come."""
    away = Q(pk__in=[])
    for first, last, part in (
        registry.list_absences_between(today, _EVER[1])
        .filter(officer=officer)
        .values_list("from_on", "until_on", "part")
    ):
        days = Q(planned_on__range=(max(first, today), last))
        away |= days & Q(planned_part=part) if part else days
    own = planning.list_contacts_of_officer(officer.certificate)
    return visits.list_round(round_.code, ContactState.PLANNED).filter(away, pk__in=list(own)).count()
