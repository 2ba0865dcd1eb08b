"""What assistance wants from a person: an answer, with its clock."""

from __future__ import annotations

from collections.abc import Iterable

from django.urls import reverse
from django.utils.translation import gettext as _

from yicha.base.accounts import queries as accounts
from yicha.base.accounts.queries import Person
from yicha.doors.desk.assistance.views import list_visible
from yicha.doors.desk.waiting import Waiting, provider
from yicha.kernel import clock
from yicha.know.agreement import queries

MOST = 20
"""Requests on the home of one person; the list has the rest."""


@provider
def assistance(person: Person) -> Iterable[Waiting]:
    """Requests to be answered, and those that the person has made."""
    if not (accounts.may(person, "assistance.answer") or accounts.may(person, "assistance.ask")):
        return
    today = clock.today(clock.now())
    open_ones = list_visible(person).filter(state="asked", until_on__gte=today)
    for one in open_ones.order_by("due_on", "pk")[:MOST]:
        url = reverse("desk:assistance:object", args=[one.code])
        what = _("%(agency)s asks to inspect %(enterprise)s") % {
            "agency": one.agency.name,
            "enterprise": one.enterprise.name,
        }
        if accounts.may(person, "assistance.answer", queries.get_answer_scope(one)):
            yield Waiting(what, url, one.due_on, one.code, _("Answer"))
        elif accounts.may(person, "assistance.ask", one.ask_scope):
            yield Waiting(what, url, one.due_on, one.code, mine=False)
