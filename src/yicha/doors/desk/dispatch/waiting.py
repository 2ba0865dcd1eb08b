"""What waits: approvals for heads, visits to prepare and notices to send for those who prepare."""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import Count, Min
from django.urls import reverse
from django.utils.translation import gettext as _

from yicha.act.dispatch import queries
from yicha.base.accounts import queries as accounts
from yicha.base.accounts.queries import Person
from yicha.doors.desk.dispatch import rights
from yicha.doors.desk.waiting import Waiting, provider
from yicha.kernel import clock


@provider
def to_approve(person: Person) -> Iterable[Waiting]:
    """One line with how many visits wait for this head, and the nearest deadline."""
    found = (
        rights.list_waiting_for(person).order_by().aggregate(count=Count("pk"), due=Min("approval_due_on"))
    )
    if found["count"]:
        yield Waiting(
            _("%(count)s visits wait for your approval") % found,
            f"{reverse('desk:dispatch:list')}?waiting=me",
            found["due"],
            _("Dispatch"),
            _("Approve"),
        )


@provider
def to_send(person: Person) -> Iterable[Waiting]:
    """Visits to prepare, and notices to send, each one line."""
    if not accounts.may(person, "dispatch.prepare"):
        return
    ahead = queries.list_to_prepare(clock.today(clock.now()))
    count = accounts.scoped(ahead, person, "dispatch.prepare").order_by().values("pk").count()
    if count:
        yield Waiting(
            _("%(count)s visits may be prepared") % {"count": count},
            reverse("desk:dispatch:to_prepare"),
            None,
            _("Dispatch"),
            _("Prepare"),
        )
    rows = accounts.scoped(queries.list_to_notify(), person, "dispatch.prepare").order_by()
    found = rows.aggregate(count=Count("pk"), due=Min("notice_due_on"))
    if found["count"]:
        yield Waiting(
            _("%(count)s notices are to be sent") % found,
            f"{reverse('desk:dispatch:list')}?state=approved",
            found["due"],
            _("Dispatch"),
            _("Send"),
        )
