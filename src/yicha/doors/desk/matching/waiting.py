"""What a round wants from the office that runs it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from yicha.base.accounts import queries as accounts
from yicha.base.accounts.queries import Person
from yicha.decide.planning import queries
from yicha.doors.desk.waiting import Waiting, provider
from yicha.kernel import clock
from yicha.know.visits import queries as visits
from yicha.know.visits.terms import ContactState


@provider
def rounds(person: Person) -> Iterable[Waiting]:
    """Rounds that are not closed, each with the one thing that is due."""
    if not accounts.may(person, "match.run"):
        return
    for round_ in queries.list_rounds().exclude(state="closed")[:4]:
        words = _due(round_) if accounts.may(person, "match.run", round_.run_scope) else ""
        if words:
            url = reverse("desk:matching:object", args=[round_.code])
            what = _("Round %(code)s") % {"code": round_.code}
            yield Waiting(what, url, None, str(round_.get_state_display()), words)


def _due(round_: Any) -> str:
    """The verb of the next act; empty where others have to go on."""
    if round_.state == "staffing":
        return _("Go on with the draw of officers")
    today = clock.today(clock.now())
    if round_.state == "collected" or queries.list_uncollected(round_) or queries.count_due(round_, today)[0]:
        return _("Match")
    if round_.state != "matched":
        return ""
    planned = visits.list_round(round_.code, ContactState.PLANNED)
    return _("Make the calendar") if planned.filter(planned_part="").exists() else _("Draw officers")
