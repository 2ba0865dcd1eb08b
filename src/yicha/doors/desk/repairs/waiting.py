"""What waits for an agency: applications to accept, decide and answer, each kind by its nearest day."""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import Count, Min
from django.urls import reverse
from django.utils.translation import gettext as _

from yicha.base.accounts import queries as accounts
from yicha.base.accounts.queries import Person
from yicha.doors.desk.waiting import Waiting, provider
from yicha.know.credit.queries import repairs as queries
from yicha.know.credit.terms.repairs import RepairState as S


@provider
def to_repair(person: Person) -> Iterable[Waiting]:
    """One line per step that the person's agency owes."""
    steps = (
        ("repair.accept", (S.APPLIED,), _("%(count)s applications for repair: accept or return"), _("Look")),
        (
            "repair.decide",
            (S.ACCEPTED,),
            _("%(count)s applications for repair are to be decided"),
            _("Decide"),
        ),
        (
            "repair.accept",
            (S.GRANTED, S.REFUSED),
            _("%(count)s decisions on repair are to be answered"),
            _("Answer"),
        ),
    )
    for action, states, words, do in steps:
        if not accounts.may(person, action):
            continue
        mine = accounts.scoped(queries.list_repairs(), person, action).order_by()
        for state in states:
            counted = mine.filter(state=state.value).aggregate(count=Count("pk"), first=Min("due_on"))
            if counted["count"]:
                yield Waiting(
                    words % {"count": counted["count"]},
                    f"{reverse('desk:repairs:list')}?state={state.value}",
                    counted["first"],
                    _("Credit repair"),
                    do,
                )
