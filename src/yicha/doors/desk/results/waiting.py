"""What waits: results whose last day comes near."""

from __future__ import annotations

from collections.abc import Iterable

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext_lazy

from yicha.base.accounts import queries as accounts
from yicha.base.accounts.queries import Person
from yicha.doors.desk.waiting import Waiting, provider
from yicha.share.publicity import queries


@provider
def to_publish(person: Person) -> Iterable[Waiting]:
    """One line for all results that the person must publish, with the nearest last day."""
    if not accounts.may(person, "result.publish"):
        return
    due = accounts.scoped(queries.list_due(), person, "result.publish")
    first = due.first()
    if first is not None:
        yield Waiting(
            _("%(count)s results are to be published") % {"count": due.count()},
            f"{reverse('desk:results:list')}?clock=due",
            first.due_on,
            _("the nearest last day is shown"),
            pgettext_lazy("publicity", "Publish"),
        )
