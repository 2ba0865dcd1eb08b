"""Who may approve what: the head of an agency that takes part, for that agency alone."""

from __future__ import annotations

from typing import Any

from yicha.act.dispatch import queries
from yicha.base.accounts import queries as accounts
from yicha.base.accounts.queries import Person
from yicha.base.accounts.terms import Role, Scope
from yicha.kernel.refusal import NotFound

APPROVE = "dispatch.approve"


def agencies_of_head(person: Person) -> tuple[str, ...]:
    """The agencies whose head a person is."""
    return accounts.list_agencies_of(person, Role.APPROVER)


def list_waiting_for(person: Person) -> Any:
    """What the person has yet to approve."""
    if not accounts.may(person, APPROVE):
        return queries.list_dispatches().none()
    return queries.list_waiting_for(agencies_of_head(person))


def list_may_approve(person: Person, dispatch: Any, parts: dict[str, str]) -> list[str]:
    """For which of the agencies that take part the person may approve now."""
    if "approve" not in queries.list_acts(dispatch):
        return []
    given = {row.agency.code for row in queries.list_approvals(dispatch)}
    return [
        code
        for code in parts
        if code not in given and accounts.may(person, APPROVE, _scope_of(dispatch, code))
    ]


def _scope_of(dispatch: Any, agency: str) -> Scope:
    whole: Scope = dispatch.scope
    return Scope(frozenset({agency}), whole.region, whole.zone, whole.enterprise, agency_decides=True)


def get_dispatch(uuid: Any, person: Person, action: str) -> Any:
    """The dispatch of an address, if the person may do the action to it."""
    return accounts.get_allowed(queries.find_dispatch(uuid), person, action)


def get_to_prepare(uuid: Any, person: Person, today: Any) -> Any:
    """A visit that may be prepared, if it is there and the person may."""
    found = queries.list_to_prepare(today).filter(uuid=uuid).first()
    if found is None:
        raise NotFound
    return accounts.get_allowed(found, person, "dispatch.prepare")
