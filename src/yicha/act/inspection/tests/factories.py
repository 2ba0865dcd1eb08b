"""Visits of the cast: items of two agencies, a planned contact, an opened visit."""

from __future__ import annotations

from datetime import date

from tests.cast import NOW, TODAY, Cast
from yicha.act.inspection import queries, services
from yicha.act.inspection.models import Part, Visit
from yicha.know.catalogue.models import Item, ItemVersion
from yicha.know.registry.models import AgencyKind, Enterprise
from yicha.know.visits import services as contacts
from yicha.know.visits.models import Contact
from yicha.know.visits.terms import ContactKind, PlannedContact, PlannedItem

ITEMS = (
    ("market-001", "market", "食品经营许可"),
    ("market-002", "market", "明码标价"),
    ("fire-001", "fire", "消防安全责任制"),
)
CREW = {
    "110112-market": ("T-0001", "T-0002"),
    "110112-fire": ("T-0003", "T-0004"),
    "110115-fire": ("D-0001", "D-0002"),
}


def item_versions() -> dict[str, ItemVersion]:
    """Two items of market regulation and one of fire rescue, published; by code."""
    for code, kind, name in ITEMS:
        item, _ = Item.objects.get_or_create(code=code, agency_kind=AgencyKind.objects.get(code=kind))
        ItemVersion.objects.get_or_create(
            item=item,
            version=1,
            defaults={
                "name": name,
                "legal_basis": "…",
                "method": "onsite",
                "status": "published",
                "in_force_from": date(2026, 1, 1),
            },
        )
    return {version.item.code: version for version in ItemVersion.objects.select_related("item")}


def plan(
    enterprise: Enterprise,
    agencies: tuple[str, ...] = ("110112-market", "110112-fire"),
    on: date = TODAY,
    *,
    simulated: bool = False,
    round_code: str = "2026Q3",
) -> Contact:
    """A planned contact, led by the first agency; each checks all items of its kind."""
    versions = item_versions()
    planned = PlannedContact(
        uscc=enterprise.uscc,
        lead_agency=agencies[0],
        kind=ContactKind.DAILY,
        round=round_code,
        window_from=date(2026, 7, 1),
        window_to=date(2026, 9, 30),
        planned_on=on,
        items=[
            PlannedItem(agency, versions[code].pk, "draw:110302-2026-0007")
            for agency in agencies
            for code, kind, _ in ITEMS
            if agency.endswith(kind)
        ],
        simulated=simulated,
    )
    return contacts.plan_contacts(actor="planner", now=NOW, planned=[planned])[0]


def assignment(contact: Contact, *agencies: str) -> list[tuple[str, str, str]]:
    """Two officers for each agency."""
    return [(str(contact.uuid), agency, officer) for agency in agencies for officer in CREW[agency]]


def opened(
    enterprise: Enterprise,
    agencies: tuple[str, ...] = ("110112-market", "110112-fire"),
    on: date = TODAY,
    *,
    simulated: bool = False,
    round_code: str = "",
) -> Visit:
    """A visit that is open, its officers known; it belongs to no round, so that it may begin at once."""
    contact = plan(enterprise, agencies, on, simulated=simulated, round_code=round_code)
    crews = assignment(contact, *agencies)
    return services.open_visits(actor="planner", now=NOW, contacts=[contact.uuid], assignment=crews)[0]


def part(visit: Visit, agency: str) -> Part:
    """What an agency does in a visit."""
    found = queries.find_part(visit, agency)
    assert found is not None
    return found


def started(cast: Cast) -> Visit:
    """A visit to the noodle shop by market regulation (lead) and fire rescue of 通州, under way."""
    return services.start_visit(actor="officer-a", now=NOW, visit=opened(cast.noodle_shop), on=TODAY)
