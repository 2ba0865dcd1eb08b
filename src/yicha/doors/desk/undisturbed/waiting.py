"""What waits: reviews at home, objection windows of one's region, answers, and what was suspended."""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import Count, Min
from django.urls import reverse
from django.utils.translation import gettext as _

from yicha.base.accounts import queries as accounts
from yicha.base.accounts.queries import Person
from yicha.doors.desk.undisturbed.tables import waiting_for
from yicha.doors.desk.waiting import Waiting, provider
from yicha.know.undisturbed import queries
from yicha.know.undisturbed.terms import ListingState as S

DECISIONS = ("undisturbed.review", "undisturbed.object", "undisturbed.restore", "undisturbed.arbitrate")


@provider
def to_decide(person: Person) -> Iterable[Waiting]:
    """One line per kind of decision, with how many there are."""
    if not any(accounts.may(person, action) for action in DECISIONS):
        return
    mine = queries.list_listings().filter(waiting_for(person)).order_by()
    for states, words, do in (
        ((S.NOMINATED, S.APPLIED), _("%(count)s enterprises wait for your review"), _("Review")),
        ((S.OBJECTED,), _("%(count)s objections wait for an answer"), _("Answer")),
        ((S.SUSPENDED,), _("%(count)s suspended listings are to be restored or removed"), _("Decide")),
        ((S.OBJECTION,), _("%(count)s listings: your region may object"), _("Look")),
    ):
        found = mine.filter(state__in=[state.value for state in states])
        counted = found.aggregate(count=Count("pk"), first=Min("window_until"))
        count, due = counted["count"], counted["first"]
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
