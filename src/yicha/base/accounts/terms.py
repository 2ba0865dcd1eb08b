"""Words of access: roles, actions, and the scope that objects and grants have."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from yicha.kernel.transitions import Transitions


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
    `agency_decides`: what an agency takes part in is its own wherever it lies (a visit in another region, by consent).
    """

    agencies: frozenset[str] | None = None
    region: str | None = None
    zone: str | None = None
    enterprise: str | None = None
    agency_decides: bool = False


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
    agency_decides: bool = False


class ApiScope(StrEnum):
    """What an agency's own system may be let do over the partners' API. Nothing is included in anything else."""

    GATE_PREVIEW = "gate.preview"
    GATE_APPLY = "gate.apply"
    ENTERPRISE_READ = "enterprise.read"
    RESULTS_READ = "results.read"
    RESULTS_WRITE = "results.write"
    LISTINGS_READ = "listings.read"
    CERTIFICATES_READ = "certificates.read"
    CERTIFICATES_WRITE = "certificates.write"
    RECORDS_READ = "records.read"
    RECORDS_WRITE = "records.write"
    EVENTS_READ = "events.read"


class ClientState(StrEnum):
    """Whether a client of the API may come in."""

    ACTIVE = "active"
    REVOKED = "revoked"


CLIENT_ACTS = Transitions[ClientState](
    "client",
    {
        "change": (frozenset({ClientState.ACTIVE}), ClientState.ACTIVE),
        "rotate": (frozenset({ClientState.ACTIVE}), ClientState.ACTIVE),
        "revoke": (frozenset({ClientState.ACTIVE}), ClientState.REVOKED),
    },
)
"""What may be done to a client: a revoked one stays revoked, its agency asks for a new one."""

TOKEN_SECONDS = 3600
"""How long an access token is good: ours. Short, because whoever holds it is believed."""
DEFAULT_PER_MINUTE = 600
"""Requests a minute that a new client may make of one worker of the server: ours."""


@dataclass(frozen=True, slots=True)
class BearerFacts:
    """Who stands behind a valid access token: the client, its agency and what it may do.

    `stamp` is the version of the reference tables at this moment (decision 0015): processes that keep these tables in
    memory compare it with theirs.
    """

    client_id: int
    client: str
    agency: str
    scopes: frozenset[str]
    per_minute: int
    stamp: str
