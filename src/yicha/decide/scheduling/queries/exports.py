"""A calendar as rows, and the facts that it must respect as tables: what `verify_calendar.py` reads.

Officers stand there by certificate, never by name. The facts are read from where they are kept, not from what the
solver was given: a mistake in that is to be found.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from datetime import date
from typing import Any

from django.db.models import F, Q
from django.db.models.functions import Coalesce

from yicha.decide.drawing import queries as drawing
from yicha.decide.gate import queries as gate
from yicha.decide.planning import queries as planning
from yicha.decide.planning.terms import DemandState
from yicha.decide.scheduling import verify_calendar
from yicha.decide.scheduling.queries.facts import list_lost_days
from yicha.decide.scheduling.terms import ExportRow
from yicha.know.catalogue import queries as catalogue
from yicha.know.registry import queries as registry
from yicha.know.visits import queries as visits
from yicha.know.visits.terms import ContactKind, ContactState

Table = list[tuple[Any, ...]]
NUMBERS = ("officers-per-agency", "visits-an-officer-a-day", "visits-a-week", "visits-a-month")
_STATES = [ContactState.PLANNED.value, ContactState.MADE.value]
_EVERY_LEVEL = ""


def list_export_rows(round_: Any) -> list[ExportRow]:
    """The calendar of a round: a row per visit, agency, item and officer, by day. `officer` is empty before the draw.

    A visit that was made stands on the day on which it was; its half day is known if it was made as planned.
    """
    contacts = _contacts(round_)
    going = _going(contacts)
    items: dict[int, list[tuple[str, str]]] = defaultdict(list)
    for contact, agency, _kind, item, _needs in visits.list_shares([row["id"] for row in contacts]):
        items[contact].append((agency, item))
    return [
        ExportRow(
            round=round_.code,
            visit=str(row["uuid"]),
            uscc=row["enterprise__uscc"],
            enterprise=row["enterprise__name"],
            region=row["enterprise__region__code"] or "",
            agency=agency,
            item=item,
            officer=officer,
            day=row["day"],
            part=row["planned_part"] if row["day"] == row["planned_on"] else "",
            window_from=row["window_from"],
            window_to=row["window_to"],
            kind=row["kind"],
            counts_toward_cap=row["counts_toward_cap"],
            lead=agency == row["lead_agency__code"],
        )
        for row in contacts
        for agency, item in sorted(items[row["id"]])
        for officer in going.get((row["id"], agency), [""])
    ]


def list_fact_tables(round_: Any, rows: Sequence[ExportRow]) -> dict[str, Table]:
    """The tables of `verify_calendar.TABLES`, for the rows of a calendar."""
    contacts = _contacts(round_)
    ids = {row["id"]: str(row["uuid"]) for row in contacts}
    usccs = {row["enterprise_id"]: row["enterprise__uscc"] for row in contacts}
    agencies = {row.agency for row in rows}
    first = min((row.window_from for row in rows), default=date.max)
    last = max((row.window_to for row in rows), default=date.min)
    days = planning.list_working_days(first, last) if rows else []
    caps, levels = _budgets(rows)
    found: dict[str, Table] = {
        "about": _about(round_, rows, days),
        "days": [(day,) for day in days],
        "lost": _lost(),
        "visits": [(str(row["uuid"]), _announced(row), levels.get(str(row["uuid"]), "")) for row in contacts],
        "asked": sorted(
            {(ids[contact], agency, item) for contact, agency, _, item, _ in visits.list_shares(ids)}
        ),
        "windows": _windows(ids),
        "caps": caps,
        "quiet": _quiet(usccs.values(), days, ids),
        "closed": _closed(usccs, days),
        "agencies": list(
            registry.list_agencies().filter(code__in=agencies).values_list("code", "kind__code")
        ),
        "equipment": list(
            registry.list_equipment()
            .filter(agency__code__in=agencies)
            .values_list("agency__code", "code", "count")
        ),
        "drawn": _drawn(round_),
        "items": _items(ids),
    }
    return found | _people(agencies, usccs, first, last) | _other_visits(ids, rows, first, last)


def _contacts(round_: Any) -> list[dict[str, Any]]:
    rows = (
        visits.list_contacts()
        .filter(round=round_.code, state__in=_STATES)
        .annotate(day=Coalesce("made_on", "planned_on"))
        .filter(day__isnull=False)
        .order_by("day", "planned_part", "uuid")
    )
    return list(
        rows.values(
            *("id", "uuid", "day", "planned_on", "planned_part", "window_from", "window_to", "kind", "state"),
            *("unannounced", "counts_toward_cap", "lead_agency__code"),
            *("enterprise_id", "enterprise__uscc", "enterprise__name", "enterprise__region__code"),
        )
    )


def _going(contacts: Iterable[dict[str, Any]]) -> dict[tuple[int, str], list[str]]:
    """(visit, agency) → certificates of who goes."""
    people = dict(registry.list_officers().values_list("pk", "certificate"))
    agencies = dict(registry.list_agencies().values_list("pk", "code"))
    found: dict[tuple[int, str], list[str]] = defaultdict(list)
    for contact, own in planning.list_officers_of_contacts(row["id"] for row in contacts).items():
        for agency, officer in own:
            found[contact, agencies[agency]].append(people[officer])
    return {key: sorted(own) for key, own in found.items()}


def _about(round_: Any, rows: Sequence[ExportRow], days: Sequence[date]) -> Table:
    on = days[0] if days else date(round_.year, 3 * round_.quarter - 2, 1)
    drawn = any(row.officer for row in rows)
    return [
        ("spec", verify_calendar.SPEC),
        ("round", round_.code),
        ("people", "drawn" if drawn else "not drawn"),
        *((name, int(catalogue.get_number(name, on).value)) for name in NUMBERS),
    ]


def _announced(row: dict[str, Any]) -> int:
    """Closed days hold for visits that are announced and still to be made."""
    return int(not row["unannounced"] and row["state"] == ContactState.PLANNED.value)


def _lost() -> Table:
    return [
        (lost.slot.day, lost.slot.part.value, district)
        for lost in list_lost_days()
        for district in sorted(lost.districts) or [""]
    ]


def _windows(ids: Collection[int]) -> Table:
    rows = planning.list_all_demands().filter(contact__in=list(ids), state=DemandState.MATCHED.value)
    fields = ("enterprise__uscc", "agency__code", "item_version__item__code", "window_from", "window_to")
    return list(rows.order_by(*fields).values_list(*fields).distinct())


def _budgets(rows: Sequence[ExportRow]) -> tuple[Table, dict[str, str]]:
    """What each enterprise may have in a year and has used by other visits than these; the level of each of these."""
    own = {row.visit for row in rows}
    caps: Table = []
    levels: dict[str, str] = {}
    for uscc, year in sorted({(row.uscc, row.day.year) for row in rows}):
        budget = gate.get_budget(uscc, date(year, 1, 1))
        here = [one.contact for one in budget.visits if one.contact.uuid in own]
        levels |= {contact.uuid: contact.level.value for contact in here}
        for line in budget.lines:
            if line.allowed is not None:
                mine = sum(contact.counts and line.level in (None, contact.level) for contact in here)
                level = line.level.value if line.level else _EVERY_LEVEL
                caps.append((uscc, year, level, line.allowed, line.used - mine))
    return caps, levels


def _quiet(usccs: Iterable[str], days: Sequence[date], ids: Collection[int]) -> Table:
    barred = planning.list_barred_days(usccs, days, without=ids)
    return [(uscc, day) for uscc in sorted(barred) for day, why in barred[uscc].items() if why == "quiet"]


def _closed(usccs: dict[int, str], days: Sequence[date]) -> Table:
    """Half days on which enterprises are closed. Of a month so many hold as the number says: months are whole."""
    if not days:
        return []
    after = date(days[-1].year + days[-1].month // 12, days[-1].month % 12 + 1, 1)
    whole = [day for day in planning.list_working_days(days[0].replace(day=1), after) if day < after]
    most = int(catalogue.get_number("closed-days-a-month", days[0]).value)
    return [
        (usccs[enterprise], day, part.value)
        for enterprise, wishes in registry.list_wish_facts(list(usccs)).items()
        for day, part in sorted(registry.list_closed(wishes, whole, most))
    ]


def _items(ids: Collection[int]) -> Table:
    needs: dict[str, set[str]] = defaultdict(set)
    for _contact, _agency, _kind, item, equipment in visits.list_shares(ids):
        needs[item].update(equipment)
    return [(item, " ".join(sorted(codes))) for item, codes in sorted(needs.items())]


def _people(agencies: Collection[str], usccs: dict[int, str], first: date, last: date) -> dict[str, Table]:
    officers = registry.list_officers().filter(agency__code__in=agencies)
    absences = registry.list_absences_between(first, last).filter(officer__agency__code__in=agencies)
    recusals = registry.list_all_recusals().filter(
        Q(until_on=None) | Q(until_on__gte=first), enterprise__in=list(usccs), from_on__lte=last
    )
    return {
        "officers": [
            (*row[:4], int(row[4]), " ".join(sorted(row[5])))
            for row in officers.values_list(
                "certificate", "agency__code", "valid_from", "valid_until", "active", "competences"
            )
        ],
        "absences": list(absences.values_list("officer__certificate", "from_on", "until_on", "part")),
        "recusals": list(
            recusals.values_list("officer__certificate", "enterprise__uscc", "from_on", "until_on")
        ),
    }


def _other_visits(
    ids: Collection[int], rows: Sequence[ExportRow], first: date, last: date
) -> dict[str, Table]:
    """Who is at other visits in these days, and who went to an enterprise the last time before this calendar does."""
    going = (
        visits.list_contacts()
        .filter(visit_officers__isnull=False, state__in=_STATES)
        .exclude(pk__in=list(ids))
        .exclude(kind=ContactKind.COURTESY.value)
        .annotate(day=Coalesce("made_on", "planned_on"), officer=F("visit_officers__officer__certificate"))
    )
    begins: dict[str, date] = {}
    for row in rows:
        begins[row.uscc] = min(row.day, begins.get(row.uscc, row.day))
    latest: dict[tuple[str, str], tuple[int, list[str]]] = {}
    made = going.filter(state=ContactState.MADE.value, enterprise__uscc__in=list(begins), day__lte=last)
    for pk, uscc, agency, officer, day in made.order_by("day", "pk").values_list(
        "pk", "enterprise__uscc", "visit_officers__agency__code", "officer", "day"
    ):
        if day <= begins[uscc]:
            known = latest.get((uscc, agency))
            latest[uscc, agency] = (pk, [*known[1], officer] if known and known[0] == pk else [officer])
    busy = going.filter(day__range=(first, last)).order_by("day", "officer")
    return {
        "busy": list(busy.values_list("officer", "day", "planned_part")),
        "last": [(*key, officer) for key, (_, own) in sorted(latest.items()) for officer in sorted(own)],
    }


def _drawn(round_: Any) -> Table:
    """Whom the round's draws send; where a part was drawn again, the later draw holds."""
    found: dict[tuple[str, str], list[str]] = {}
    for linked in round_.officer_draws.filter(applied=True).order_by("pk"):
        own: dict[tuple[str, str], list[str]] = defaultdict(list)
        for row in drawing.list_assignment(drawing.get_draw(linked.draw_id)):
            own[row.visit, row.agency].append(row.officer)
        found |= own
    _follow_splits(found, round_)
    return [(*key, officer) for key, own in sorted(found.items()) for officer in sorted(own)]


def _follow_splits(drawn: dict[tuple[str, str], list[str]], round_: Any) -> None:
    """A part that became a visit of its own after the draw keeps whom it sends, unless it was drawn again."""
    parts = visits.list_contacts().filter(round=round_.code, split_from__isnull=False).order_by("pk")
    for visit, whole, agency in parts.values_list(
        "uuid", "split_from__uuid", "items__agency__code"
    ).distinct():
        sent = drawn.pop((str(whole), agency), None)
        if sent is not None:
            drawn.setdefault((str(visit), agency), sent)
