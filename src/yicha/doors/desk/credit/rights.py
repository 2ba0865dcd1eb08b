"""Whose records a person may write: of an agency for which the person acts, about enterprises in the person's reach."""

from __future__ import annotations

from typing import Any

from yicha.base.accounts import queries as accounts
from yicha.base.accounts.queries import Person
from yicha.kernel.refusal import NotFound
from yicha.know.credit import queries


def may_write(person: Person, action: str, record: Any) -> bool:
    """Whether a person may change a record in the name of its agency."""
    return accounts.may(person, action, record.scope) and accounts.may(person, action, record.agency.scope)


def get_written(person: Person, action: str, uuid: Any) -> Any:
    """A record that the person may change; `NotFound` for any other."""
    record = queries.find_record(uuid)
    if record is None or not may_write(person, action, record):
        raise NotFound
    return record
