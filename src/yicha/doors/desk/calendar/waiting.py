"""What calendars want from the office that makes them."""

from __future__ import annotations

from collections.abc import Iterable

from django.urls import reverse
from django.utils.translation import gettext as _

from yicha.base.accounts import queries as accounts
from yicha.base.accounts.queries import Person
from yicha.decide.planning import queries as planning
from yicha.decide.scheduling import queries
from yicha.doors.desk.waiting import Waiting, provider


@provider
def proposals(person: Person) -> Iterable[Waiting]:
    """Calendars that were made and that nobody has kept or discarded."""
    if not accounts.may(person, "schedule.keep"):
        return
    for round_ in planning.list_rounds().exclude(state="closed")[:4]:
        found = queries.find_proposed(round_)
        if found is not None and accounts.may(person, "schedule.keep", round_.run_scope):
            yield Waiting(
                _("Calendar %(number)s of %(round)s") % {"number": found.number, "round": round_.code},
                reverse("desk:calendar:run", args=[found.uuid]),
                None,
                str(found.get_cause_display()),
                _("Keep or discard"),
            )
