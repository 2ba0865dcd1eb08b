"""What the register wants from a person: a ruling."""

from __future__ import annotations

from collections.abc import Iterable

from django.urls import reverse
from django.utils.translation import gettext as _

from yicha.base.accounts import queries as accounts
from yicha.base.accounts.queries import Person
from yicha.doors.desk.conflicts.views import may_rule
from yicha.doors.desk.waiting import Waiting, provider
from yicha.know.agreement import queries

MOST = 20
"""Conflicts on the home of one person; the list has the rest."""


@provider
def conflicts(person: Person) -> Iterable[Waiting]:
    """Conflicts to be ruled on, and those that the person has filed."""
    rules, files = accounts.may(person, "conflict.rule"), accounts.may(person, "conflict.file")
    if not (rules or files):
        return
    name = person.get_username()
    open_ones = queries.list_conflicts().filter(state="filed")
    if not rules:
        open_ones = open_ones.filter(filed_by=name)
    for one in open_ones[:MOST]:
        url = reverse("desk:conflicts:object", args=[one.code])
        where = f"{one.code} · {one.region.name}"
        if one.filed_by == name:
            yield Waiting(one.title, url, None, where, mine=False)
        elif may_rule(person, one):
            yield Waiting(one.title, url, None, where, _("Rule"))
