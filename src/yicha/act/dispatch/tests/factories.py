"""Visits of the cast that may be sent out: planned for 20 July, accepted by every agency, with two officers each."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import pytest

from tests.cast import NOW, Cast
from yicha.act.dispatch import services
from yicha.act.dispatch.models import Dispatch
from yicha.act.inspection.tests.factories import CREW, plan
from yicha.base.messages.models import Message
from yicha.base.workdays import services as workdays
from yicha.decide.planning.models import VisitOfficer
from yicha.decide.scheduling.models import Answer
from yicha.kernel import clock
from yicha.kernel.refusal import Refused
from yicha.know.catalogue.models import ItemVersion
from yicha.know.registry.models import Agency, Enterprise, Officer
from yicha.know.registry.terms import DayPart
from yicha.know.visits import services as contacts
from yicha.know.visits.models import Contact

DAY = date(2026, 7, 20)
LATE = datetime(2026, 7, 13, 9, tzinfo=clock.BEIJING)
EVE = datetime(2026, 7, 17, 8, 5, tzinfo=clock.BEIJING)
"""The working day before 20 July, a Monday."""
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


def refused(act: Any, *args: Any, **kwargs: Any) -> frozenset[str]:
    """The codes of the reasons with which an act is refused."""
    with pytest.raises(Refused) as caught:
        act(actor=kwargs.pop("actor", "planner"), now=kwargs.pop("now", NOW), *args, **kwargs)  # noqa: B026
    return frozenset(caught.value.codes)


def told(cast: Cast, kind: str = "") -> list[Message]:
    """What the noodle shop was told."""
    found = Message.objects.filter(audience=f"enterprise:{cast.noodle_shop.uscc}").order_by("pk")
    return list(found.filter(kind=kind) if kind else found)


def reschedule(contact: Contact, day: date, part: DayPart) -> None:
    """The calendar gives it another half day, and says so to nobody."""
    contacts.reschedule(actor="office", now=NOW, slots={contact.pk: (day, part)}, because="…")
