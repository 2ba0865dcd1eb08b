"""What waits: reviews at home, objection windows of one's region, answers, and what was suspended."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

from django.db.models import Min, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _

from yicha.base.accounts.queries import Person
from yicha.doors.desk.undisturbed.tables import waiting_for
from yicha.doors.desk.waiting import Waiting, provider
from yicha.know.undisturbed import queries
from yicha.know.undisturbed.terms import ListingState as S


@provider
def to_decide(person: Person) -> Iterable[Waiting]:
    """One line per kind of decision, with how many there are."""
    mine = queries.list_listings().filter(waiting_for(person)).order_by()
    for states, words, do in (
        ((S.NOMINATED, S.APPLIED), _("%(count)s enterprises wait for your review"), _("Review")),
        ((S.OBJECTED,), _("%(count)s objections wait for an answer"), _("Answer")),
        ((S.SUSPENDED,), _("%(count)s suspended listings are to be restored or removed"), _("Decide")),
        ((S.OBJECTION,), _("%(count)s listings: your region may object"), _("Look")),
    ):
        found = mine.filter(state__in=[state.value for state in states])
        count, due = _count(found)
        if count:
            url = f"{reverse('desk:undisturbed:list')}?waiting=me&state={states[0].value}"
            if len(states) > 1:
                url = f"{reverse('desk:undisturbed:list')}?waiting=me"
            yield Waiting(
                words % {"count": count},
                url,
                due if states == (S.OBJECTION,) else None,
                _("Undisturbed list"),
                do,
            )


def _count(rows: QuerySet[Any]) -> tuple[int, date | None]:
    return rows.count(), rows.aggregate(first=Min("window_until"))["first"]
