"""Visits of the cast that may be sent out: planned for 20 July, accepted by every agency, with two officers each."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from tests.cast import NOW
from yicha.act.dispatch import services
from yicha.act.dispatch.models import Dispatch
from yicha.act.inspection.tests.factories import CREW, plan
from yicha.base.workdays import services as workdays
from yicha.decide.planning.models import VisitOfficer
from yicha.decide.scheduling.models import Answer
from yicha.know.catalogue.models import ItemVersion
from yicha.know.registry.models import Agency, Enterprise, Officer
from yicha.know.visits.models import Contact

DAY = date(2026, 7, 20)
BOTH = ("110112-market", "110112-fire")
PAPERS = {
    "market-001": ["营业执照", "食品经营许可证"],
    "market-002": ["营业执照"],
    "fire-001": ["消防设施维护保养记录", "营业执照"],
}


def ready(
    enterprise: Enterprise,
    agencies: tuple[str, ...] = BOTH,
    on: date = DAY,
    *,
    part: str = "am",
    trigger: str = "draw",
    answer: str = "accepted",
) -> Contact:
    """A visit that may be prepared."""
    workdays.seed(years=range(2026, 2027))
    contact = plan(enterprise, agencies, on)
    for code, papers in PAPERS.items():
        ItemVersion.objects.filter(item__code=code).update(papers=papers)
    Contact.objects.filter(pk=contact.pk).update(planned_part=part, trigger=trigger)
    for code in agencies:
        agency = Agency.objects.get(code=code)
        Answer.objects.create(
            contact=contact,
            agency=agency,
            state=answer,
            asked_at=NOW,
            due_on=NOW.date(),
            answered_at=None if answer == "asked" else NOW,
        )
        for certificate in CREW[code]:
            officer = Officer.objects.get(certificate=certificate)
            VisitOfficer.objects.create(contact=contact, agency=agency, officer=officer, draw_id="D-1")
    contact.refresh_from_db()
    return contact


def prepared(contact: Contact, now: datetime = NOW, **more: Any) -> Dispatch:
    """It waits for the heads."""
    return services.prepare(actor="planner", now=now, contacts=[contact], **more)[0]


def approved(contact: Contact, now: datetime = NOW, **more: Any) -> Dispatch:
    """Every head has approved."""
    row = prepared(contact, now, **more)
    agencies = dict.fromkeys(item.agency.code for item in contact.items.select_related("agency"))
    for agency in agencies:
        services.approve(actor=f"head-{agency}", now=now, dispatches=[row], agency=agency)
    row.refresh_from_db()
    return row


def notified(contact: Contact, now: datetime = NOW, **more: Any) -> Dispatch:
    """The enterprise has its notice."""
    row = approved(contact, now)
    services.notify(actor="planner", now=now, dispatches=[row], **more)
    row.refresh_from_db()
    return row
