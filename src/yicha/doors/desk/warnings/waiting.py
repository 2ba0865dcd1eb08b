"""What monitoring wants from a person: that somebody looks."""

from __future__ import annotations

from collections.abc import Iterable

from django.urls import reverse
from django.utils.translation import gettext as _

from yicha.base.accounts import queries as accounts
from yicha.base.accounts.queries import Person
from yicha.doors.desk.waiting import Waiting, provider
from yicha.doors.desk.warnings import rights
from yicha.know.credit.queries import warnings as queries


@provider
def raised(person: Person) -> Iterable[Waiting]:
    """One line with how many warnings to one's agency nobody has seen; to coordination, those that name no agency."""
    if not accounts.may(person, "warning.close"):
        return
    mine = accounts.list_agencies_of(person)
    rows = rights.narrow(queries.list_open().filter(state="raised"), person, "warning.close")
    rows = rows.filter(queries.concerning(mine)) if mine else rows.filter(agencies=[])
    count = rows.order_by().count()
    if count:
        url = f"{reverse('desk:warnings:list')}?whose=me&state=raised"
        yield Waiting(
            _("%(count)s warnings nobody has seen") % {"count": count}, url, None, _("Warnings"), _("Look")
        )
