"""What waits at the gate for a person: reasons, approvals, papers, days that have come, revocations."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from yicha.base.accounts import queries as accounts
from yicha.base.accounts.queries import Person
from yicha.decide.gate import queries
from yicha.decide.gate.terms import ApplicationState
from yicha.doors.desk.gate.views import wants_approval_only
from yicha.doors.desk.waiting import Waiting, provider
from yicha.kernel import clock

MOST = 20
"""Of each kind; the page of queues has the rest."""


def _waiting(application: Any, what: str, do: str = "", due: Any = None, *, mine: bool = True) -> Waiting:
    words = what % {"enterprise": application.enterprise.name}
    url = reverse("desk:gate:object", args=[application.uuid])
    return Waiting(words, url, due, application.agency.name, do, mine)


@provider
def to_answer(person: Person) -> Iterable[Waiting]:
    """Applications that want an approval that this person may give, or a reason that they may write."""
    if not (accounts.may(person, "gate.apply") or accounts.may(person, "gate.approve")):
        return
    waiting = queries.list_waiting().defer("facts")
    rows = list(accounts.scoped(waiting, person, "gate.apply")[: 2 * MOST])
    for row in rows:
        yield from _answer(row, person)


def _answer(row: Any, person: Person) -> Iterator[Waiting]:
    if wants_approval_only(row):
        if accounts.may(person, "gate.approve", row.scope):
            yield _waiting(row, _("Approve the visit to %(enterprise)s"), _("Approve"), row.window_until)
        elif row.asked_by == person.get_username():
            yield _waiting(row, _("The visit to %(enterprise)s waits for approval"), mine=False)
    elif row.asked_by == person.get_username():
        what = _("The visit to %(enterprise)s wants a reason")
        yield _waiting(row, what, _("Give the reason"), row.window_until)


@provider
def to_finish(person: Person) -> Iterable[Waiting]:
    """Papers of emergencies, deferred applications whose day has come, and what a revocation reopened."""
    if not accounts.may(person, "gate.apply"):
        return
    today = clock.today(clock.now())

    def own(rows: Any) -> Iterable[Any]:
        found: Iterable[Any] = accounts.scoped(rows.defer("facts"), person, "gate.apply")[:MOST]
        return found

    for row in own(queries.list_papers_due()):
        what = _("Complete the papers of the emergency at %(enterprise)s")
        yield _waiting(row, what, _("Complete"), row.papers_due_on)
    for row in own(queries.list_deferred(today)):
        yield _waiting(
            row, _("The day has come: ask again for %(enterprise)s"), _("Ask again"), row.window_until
        )
    for row in own(queries.list_applications().filter(state=ApplicationState.REOPENED.value)):
        what = _("What the verdict leaned on is gone: look again at %(enterprise)s")
        yield _waiting(row, what, _("Look"), row.window_until)
