"""What waits: parts to answer, and declined ones for the coordination office."""

from __future__ import annotations

from collections.abc import Iterable

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from yicha.base.accounts import queries as accounts
from yicha.base.accounts.queries import Person
from yicha.decide.scheduling.queries import answers as queries
from yicha.doors.desk.waiting import Waiting, provider


@provider
def to_answer(person: Person) -> Iterable[Waiting]:
    """One line for all parts that are due, with the nearest day."""
    if not accounts.may(person, "schedule.answer"):
        return
    count, due = queries.count_due(accounts.scoped(queries.list_open(), person, "schedule.answer"))
    if count:
        words = ngettext("%(count)s part of a visit to answer", "%(count)s parts of visits to answer", count)
        url = f"{reverse('desk:answers:list')}?clock=open"
        yield Waiting(words % {"count": count}, url, due, _("Our parts of visits"), _("Answer"))


@provider
def to_arbitrate(person: Person) -> Iterable[Waiting]:
    """One line for all declined parts whose checks wait."""
    if not accounts.may(person, "schedule.keep"):
        return
    count, _due = queries.count_due(accounts.scoped(queries.list_to_arbitrate(), person, "schedule.keep"))
    if count:
        words = ngettext(
            "%(count)s declined part to decide on", "%(count)s declined parts to decide on", count
        )
        url = f"{reverse('desk:answers:list')}?clock=arbitrate"
        yield Waiting(
            words % {"count": count}, url, None, _("Our parts of visits"), pgettext("answer", "Decide")
        )
