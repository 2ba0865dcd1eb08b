"""What waits: results to record, visits to close as a whole."""

from __future__ import annotations

from collections.abc import Iterable

from django.urls import reverse
from django.utils.translation import gettext as _

from yicha.act.inspection import queries
from yicha.base.accounts import queries as accounts
from yicha.base.accounts.queries import Person
from yicha.doors.desk.waiting import Waiting, provider
from yicha.kernel import clock

MOST = 20
"""Of each kind; the list of visits has the rest."""


@provider
def to_record(person: Person) -> Iterable[Waiting]:
    """Open parts of the person's agencies whose day has come; for an officer, the visits on which he goes."""
    agencies = accounts.list_agencies_of(person)
    if not agencies or not accounts.may(person, "visit.record"):
        return
    parts = queries.list_waiting_to_record(agencies, clock.today(clock.now()))
    certificate = getattr(person, "certificate", "")
    if certificate:
        parts = parts.filter(officers__certificate=certificate)
    for part in parts[:MOST]:
        contact = part.visit.contact
        yield Waiting(
            _("Carry out the visit to %(enterprise)s") % {"enterprise": contact.enterprise.name}
            if part.visit.state == "opened"
            else _("Record and close your part at %(enterprise)s") % {"enterprise": contact.enterprise.name},
            reverse("desk:visits:object", args=[part.visit.uuid]),
            contact.planned_on,
            part.agency.name,
            _("Open"),
        )


@provider
def to_close(person: Person) -> Iterable[Waiting]:
    """Visits that the person's agencies lead and in which only the lead's closing is missing."""
    agencies = accounts.list_agencies_of(person)
    if not agencies or not accounts.may(person, "visit.close"):
        return
    for visit in queries.list_waiting_to_close(agencies)[:MOST]:
        yield Waiting(
            _("Close the visit to %(enterprise)s as a whole") % {"enterprise": visit.contact.enterprise.name},
            reverse("desk:visits:object", args=[visit.uuid]),
            visit.contact.window_to,
            visit.contact.lead_agency.name,
            _("Close"),
        )
