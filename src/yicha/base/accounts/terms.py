"""Words of access: roles, actions, and the scope that objects and grants have."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum


class Role(StrEnum):
    """What a person is here to do."""

    COORDINATOR = "coordinator"
    PLANNER = "planner"
    APPROVER = "approver"
    OFFICER = "officer"
    ENTERPRISE = "enterprise"
    AUDITOR = "auditor"
    SUPERVISOR = "supervisor"
    SYSTEM_ADMIN = "system-admin"
    SECURITY_ADMIN = "security-admin"


@dataclass(frozen=True, slots=True)
class Scope:
    """Where an object belongs.

    None means that objects of its kind have no such part (an item has no region). An empty part means that
    it should have one and has not (an enterprise whose district is unknown): then only grants for any match.
    """

    agencies: frozenset[str] | None = None
    region: str | None = None
    zone: str | None = None
    enterprise: str | None = None


ANYWHERE = Scope()
"""Of objects that belong to nobody in particular, such as the catalogue of items."""


@dataclass(frozen=True, slots=True)
class GrantFacts:
    """A role with its scope, as `rules.may` sees it. Empty means any."""

    role: Role
    agency: str = ""
    region: str = ""
    enterprise: str = ""
    valid_from: date | None = None
    valid_until: date | None = None


@dataclass(frozen=True, slots=True)
class ScopeFields:
    """Under which field paths a model keeps its scope: the same facts as `Scope`, for `queries.scoped`."""

    agencies: tuple[str, ...] = ()
    region: str = ""
    zone: str = ""
    enterprise: str = ""
