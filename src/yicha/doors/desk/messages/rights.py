"""Which deliveries a person may look after: those to whom lies in the person's scope."""

from __future__ import annotations

from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet, Value
from django.db.models.functions import StrIndex, Substr

from yicha.base.accounts import queries as accounts
from yicha.base.accounts.queries import Person
from yicha.base.messages import queries
from yicha.kernel.refusal import NotFound
from yicha.know.registry import queries as registry

ACTION = "message.view"


def list_deliveries(person: Person) -> QuerySet[Any]:
    """Those to enterprises, agencies and officers that lie in the person's scope."""
    if not accounts.may(person, ACTION):
        return queries.list_deliveries().none()
    audience = OuterRef("message__audience")
    code = Substr(audience, StrIndex(audience, Value(":")) + 1)
    known = (
        ("enterprise:", registry.list_enterprises(), "uscc"),
        ("agency:", registry.list_agencies(), "code"),
        ("officer:", registry.list_officers(), "certificate"),
    )
    allowed = Q(pk__in=())
    for prefix, rows, field in known:
        own = accounts.scoped(rows.order_by(), person, ACTION).filter(**{field: code})
        allowed |= Q(message__audience__startswith=prefix) & Q(Exists(own))
    return queries.list_deliveries().filter(allowed)


def get_delivery(uuid: Any, person: Person) -> Any:
    """One of them; one of others is not there."""
    found = list_deliveries(person).filter(uuid=uuid).first()
    if found is None:
        raise NotFound
    return found


def count_failed(person: Person) -> int:
    """Those of them that were given up."""
    return list_deliveries(person).filter(state="failed").count()
