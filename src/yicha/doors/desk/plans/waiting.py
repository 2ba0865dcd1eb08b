"""What a plan wants from a person: to be finished, approved, published."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from yicha.base.accounts import queries as accounts
from yicha.base.accounts.queries import Person
from yicha.decide.planning import queries
from yicha.doors.desk.waiting import Waiting, provider
from yicha.kernel import clock

MOST = 20
"""Plans on the home of one person; the list has the rest."""


@provider
def plans(person: Person) -> Iterable[Waiting]:
    """Plans on their way, each with the one step that this person may take."""
    if not (accounts.may(person, "plan.edit") or accounts.may(person, "plan.approve")):
        return
    under_way = queries.list_plans().filter(state__in=["draft", "submitted", "approved"])
    rows = list(accounts.scoped(under_way, person, "plan.view").prefetch_related("agencies")[:MOST])
    days = queries.list_publish_days(rows, clock.today(clock.now()))
    unanswered = queries.list_unanswered(rows)
    for plan in rows:
        found = _due(plan, person, days.get(plan.pk), unanswered.get(plan.pk, 0))
        if found is not None:
            yield found
    yield from _to_comment(person)


def _to_comment(person: Person) -> Iterable[Waiting]:
    """Submitted plans of others on which an agency of this person has said nothing yet."""
    if not accounts.may(person, "plan.comment"):
        return
    agencies = sorted({grant.agency for grant in accounts.list_grants(person) if grant.agency})
    for plan in queries.list_to_comment(agencies)[:MOST]:
        url = reverse("desk:plans:tab", args=[plan.uuid, "comments"])
        yield Waiting(
            plan.title, url, None, f"{plan.code} · {plan.get_state_display()}", _("Comment"), mine=False
        )


def _due(plan: Any, person: Person, day: date | None, unanswered: int) -> Waiting | None:
    url = reverse("desk:plans:object", args=[plan.uuid])
    where = f"{plan.code} · {plan.get_state_display()}"
    may_edit = accounts.may(person, "plan.edit", plan.edit_scope)
    may_approve = accounts.may(person, "plan.approve", plan.edit_scope)
    if plan.state == "submitted" and may_approve and plan.submitted_by != _name(person):
        return Waiting(plan.title, url, day, where, _("Approve"))
    if plan.state == "submitted" and may_edit and unanswered:
        comments = reverse("desk:plans:tab", args=[plan.uuid, "comments"])
        return Waiting(plan.title, comments, day, where, _("Answer"))
    if plan.state == "submitted" and may_edit:
        return Waiting(plan.title, url, day, where, mine=False)
    if plan.state == "approved" and may_edit:
        return Waiting(plan.title, url, day, where, _("Publish"))
    if plan.state == "draft" and may_edit:
        return Waiting(plan.title, url, day, where, _("Finish"))
    return None


def _name(person: Person) -> str:
    return person.get_username()
