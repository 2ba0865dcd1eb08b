"""A round whose demands are matched into visits, with people enough to place them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any

from tests.cast import NOW, officer
from yicha.decide.planning import queries as planning_queries
from yicha.decide.planning import services as planning
from yicha.decide.planning.models import Round, VisitOfficer
from yicha.decide.planning.tests import factories
from yicha.decide.scheduling import queries, services
from yicha.decide.scheduling.models import Schedule
from yicha.decide.scheduling.terms import Kept, Slot
from yicha.kernel import clock
from yicha.know.registry.models import Absence, Agency, Enterprise, Officer
from yicha.know.registry.terms import DayPart
from yicha.know.visits import services as visits
from yicha.know.visits.models import Contact
from yicha.know.visits.terms import ContactKind, PlannedContact, PlannedItem

AM, PM = DayPart.MORNING, DayPart.AFTERNOON
TODAY = clock.today(NOW)
MARKET, FIRE = "110112-market", "110112-fire"
MONDAY = date(2026, 8, 3)
"""A week in the middle of the quarter; no holiday near."""
WEEK = [MONDAY + timedelta(days=number) for number in range(5)]


def matched_round(people: int = 4) -> Round:
    """Demands of the third quarter, drawn for the catering list, as provisional joint visits."""
    factories.ground(people)
    officer("D-0003", "乙三", Agency.objects.get(code="110115-market"))
    officer("D-0004", "乙四", Agency.objects.get(code="110115-market"))
    round_ = factories.opened()
    factories.collected(factories.published())
    planning.match(actor="office", now=NOW, round_=round_)
    return planning_queries.get_round(round_.code)


def empty_round() -> Round:
    """The third quarter, with items and working days, and no visit yet."""
    factories.ground(people=0)
    return factories.opened()


def visit(
    enterprise: Enterprise,
    *agencies: str,
    first: date = MONDAY,
    last: date = WEEK[-1],
    items: Sequence[str] = (),
    unannounced: bool = False,
) -> Contact:
    """A provisional visit of the quarter: each agency checks its first item, or `items`."""
    from yicha.know.catalogue.models import ItemVersion

    versions = {
        version.item.code: version for version in ItemVersion.objects.select_related("item__agency_kind")
    }
    planned = []
    for agency in agencies or (MARKET,):
        kind = agency.split("-")[1]
        wanted = [code for code in items if versions[code].item.agency_kind.code == kind] or [f"{kind}-01"]
        planned += [PlannedItem(agency, versions[code].pk, "draw:test") for code in wanted]
    (contact,) = visits.plan_contacts(
        actor="office",
        now=NOW,
        planned=[
            PlannedContact(
                uscc=enterprise.uscc,
                lead_agency=planned[0].agency,
                kind=ContactKind.DAILY,
                round="2026Q3",
                window_from=first,
                window_to=last,
                planned_on=first,
                items=planned,
            )
        ],
    )
    if unannounced:
        Contact.objects.filter(pk=contact.pk).update(unannounced=True)
    return contact


def draw_people(contact: Contact, agency: str, *certificates: str) -> None:
    """Officers go to a visit, as a draw would say."""
    for certificate in certificates:
        VisitOfficer.objects.create(
            contact=contact,
            agency=Agency.objects.get(code=agency),
            officer=Officer.objects.get(certificate=certificate),
            draw_id="z-2026-0001",
        )


def stand(contact: Contact, day: date, part: DayPart = AM) -> Contact:
    """A visit has its half day."""
    visits.reschedule(actor="office", now=NOW, slots={contact.pk: (day, part)}, because="test")
    return again(contact)


def away(certificate: str, first: date, last: date | None = None, part: str = "") -> None:
    """An officer is on leave."""
    Absence.objects.create(
        officer=Officer.objects.get(certificate=certificate),
        kind="leave",
        from_on=first,
        until_on=last or first,
        part=part,
    )


def made(schedule: Schedule, now: datetime = NOW) -> Schedule:
    """A calendar, made by the worker."""
    services.run_schedule(schedule=schedule, now=now)
    return queries.get_schedule(str(schedule.uuid))


def proposed(round_: Round, **more: Any) -> Schedule:
    """A first calendar, made."""
    return made(services.ask_schedule(actor="office", now=NOW, round_=round_, **more))


def kept(round_: Round) -> Kept:
    """A first calendar, made and kept."""
    return services.keep(actor="office", now=NOW, schedule=proposed(round_))


def again(contact: Contact) -> Contact:
    """A visit, read anew."""
    return Contact.objects.select_related("enterprise", "lead_agency").get(pk=contact.pk)


def slot_of(contact: Contact) -> Slot | None:
    """Where a visit stands."""
    row = again(contact)
    return Slot(row.planned_on, DayPart(row.planned_part)) if row.planned_on and row.planned_part else None
