"""Who sees and closes a warning: the region's people, and every agency that it names, wherever it is."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet

from yicha.base.accounts import queries as accounts
from yicha.base.accounts.queries import Person
from yicha.kernel.refusal import NotFound
from yicha.know.credit.queries import warnings as queries


def narrow(rows: QuerySet[Any], person: Person, action: str) -> QuerySet[Any]:
    """The warnings on which a person may do something: in their place, or told to their agency."""
    if not accounts.may(person, action):
        return rows.none()
    placed = accounts.scoped(queries.list_warnings(), person, action).order_by().values("pk")
    mine = accounts.list_agencies_of(person)
    return rows.filter(Q(pk__in=placed) | queries.concerning(mine)) if mine else rows.filter(pk__in=placed)


def get_warning(uuid: UUID, person: Person, action: str) -> Any:
    """A warning that a person may see; missing and foreign are one answer."""
    found = narrow(queries.list_warnings().filter(uuid=uuid), person, action).first()
    if found is None:
        raise NotFound
    return found


def concerns(warning: Any, person: Person) -> bool:
    """Whether a warning is a person's to act on: it names their agency, or they act for none (coordination)."""
    mine = accounts.list_agencies_of(person)
    return not mine or bool(set(mine) & set(warning.agencies))


def may_close(warning: Any, person: Person) -> bool:
    """Whether a person may take note of a warning and close it."""
    return accounts.may(person, "warning.close") and concerns(warning, person)
