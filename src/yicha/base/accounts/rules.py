"""Who may do what, decided from facts alone (DESIGN: roles are granted with a scope, deny by default)."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable
from datetime import date

from yicha.base.accounts.terms import ApiScope, GrantFacts, Role, Scope
from yicha.kernel.refusal import Reason

_SEE = frozenset(
    {
        "home.view",
        "registry.view",
        "catalogue.view",
        "plan.view",
        "draw.view",
        "match.view",
        "visit.view",
        "result.view",
        "gate.view",
        "undisturbed.view",
        "agreement.view",
        "conflict.view",
        "recognition.view",
        "credit.view",
        "class.view",
        "model.view",
        "repair.view",
        "warning.view",
        "schedule.view",
        "dispatch.view",
        "report.view",
    }
)

ACTIONS: dict[Role, frozenset[str]] = {
    Role.COORDINATOR: _SEE
    | {
        "registry.edit",
        "import.view",
        "import.run",
        "catalogue.edit",
        "plan.edit",
        "plan.approve",
        "draw.open",
        "draw.freeze",
        "draw.run",
        "draw.replace",
        "draw.void",
        "draw.export",
        "match.run",
        "visit.plan",
        "visit.cancel",
        "result.publish",
        "ledger.view",
        "gate.rows",
        "undisturbed.rows",
        "undisturbed.arbitrate",
        "undisturbed.discover",
        "agreement.edit",
        "conflict.rule",
        "credit.record",
        "credit.correct",
        "class.run",
        "model.edit",
        "model.sign",
        "warning.close",
        "lake.view",
        "evaluation.run",
        "evaluation.officers",
        "rate.edit",
        "plan.comment",
        "plan.merge",
        "joint-list.propose",
        "schedule.run",
        "schedule.keep",
        "schedule.move",
        "report.sign",
        "absence.edit",
        "equipment.edit",
        "message.view",
    },
    Role.PLANNER: _SEE
    | {
        "import.view",
        "import.run",
        "registry.edit",
        "plan.edit",
        "draw.open",
        "draw.freeze",
        "draw.commit",
        "draw.reveal",
        "draw.run",
        "draw.export",
        "match.run",
        "visit.plan",
        "result.publish",
        "gate.apply",
        "undisturbed.nominate",
        "undisturbed.discover",
        "undisturbed.suspend",
        "assistance.ask",
        "conflict.file",
        "recognition.offer",
        "credit.record",
        "credit.correct",
        "repair.accept",
        "evaluation.run",
        "warning.close",
        "plan.comment",
        "schedule.run",
        "schedule.move",
        "schedule.answer",
        "dispatch.prepare",
        "absence.edit",
        "equipment.edit",
    },
    Role.APPROVER: _SEE
    | {
        "plan.approve",
        "draw.commit",
        "draw.reveal",
        "draw.replace",
        "draw.void",
        "gate.apply",
        "gate.approve",
        "undisturbed.nominate",
        "undisturbed.review",
        "undisturbed.object",
        "undisturbed.suspend",
        "undisturbed.restore",
        "agreement.sign",
        "assistance.ask",
        "assistance.answer",
        "conflict.file",
        "recognition.refuse",
        "recognition.revoke",
        "credit.record",
        "credit.correct",
        "repair.accept",
        "repair.decide",
        "warning.close",
        "model.sign",
        "plan.comment",
        "schedule.answer",
        "dispatch.approve",
    },
    Role.OFFICER: _SEE
    | {"calendar.own", "visit.record", "visit.close", "gate.apply", "gate.enter", "conflict.file"},
    Role.ENTERPRISE: frozenset({"home.view", "enterprise.own"}),
    Role.AUDITOR: _SEE | {"import.view", "ledger.view", "lake.view"},
    Role.SUPERVISOR: _SEE | {"ledger.view"},
    Role.SYSTEM_ADMIN: frozenset({"home.view", "accounts.view", "registry.view", "catalogue.view"}),
    Role.SECURITY_ADMIN: frozenset(
        {"home.view", "accounts.view", "accounts.edit", "ledger.view", "partner.view", "partner.edit"}
    ),
}
"""What each role may do. An action that no role lists is allowed to nobody.

Who coordinates neither commits nor reveals: the seed is safe because every agency keeps its own secret.
"""

EVERY_ACTION = frozenset().union(*ACTIONS.values())


def region_prefix(code: str) -> str:
    """The part of a GB/T 2260 code that its subdivisions share: `110000` → `11`, `110112` → `110112`."""
    while len(code) > 2 and len(code) % 2 == 0 and code.endswith("00"):
        code = code[:-2]
    return code


def in_force(grant: GrantFacts, on: date) -> bool:
    """Whether a grant holds on a date; both ends belong to it."""
    started = grant.valid_from is None or grant.valid_from <= on
    return started and (grant.valid_until is None or on <= grant.valid_until)


def covers(grant: GrantFacts, scope: Scope) -> bool:
    """Whether an object's scope lies in a grant's scope.

    A part that the object does not have (an item has no region) does not narrow, except the enterprise:
    who is granted one enterprise sees that enterprise and nothing else.
    """
    if grant.enterprise and grant.enterprise != scope.enterprise:
        return False
    if grant.agency and scope.agencies is not None:
        if grant.agency not in scope.agencies:
            return False
        if scope.agency_decides:
            return True
    if not grant.region or (scope.region is None and scope.zone is None):
        return True
    return (scope.region or "").startswith(region_prefix(grant.region)) or scope.zone == grant.region


def granting(grants: Iterable[GrantFacts], action: str, on: date) -> tuple[GrantFacts, ...]:
    """The grants in force that allow an action somewhere."""
    return tuple(grant for grant in grants if action in ACTIONS[grant.role] and in_force(grant, on))


def may(grants: Iterable[GrantFacts], action: str, scope: Scope | None, on: date) -> bool:
    """Whether the action is allowed on an object, or with `scope` None on any object at all."""
    allowed = granting(grants, action, on)
    if scope is None:
        return bool(allowed)
    return any(covers(grant, scope) for grant in allowed)


def digest(secret: str) -> str:
    """What is kept of a client's secret or an access token.

    SHA-256 is enough: both are 256 random bits of ours, so there is nothing to guess, and a slow hash would only slow
    every request (OWASP asks for slow hashes of what people choose).
    """
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()


def granted_scopes(wanted: str, allowed: Collection[str]) -> frozenset[str] | None:
    """The scopes of a token (RFC 6749, 3.3): what is asked for, in words; nothing asked: all that the client has.

    None: something is asked for that the client has not.
    """
    asked = frozenset(wanted.split())
    if not asked:
        return frozenset(allowed)
    return asked if asked <= frozenset(allowed) else None


def check_client(name: str, agency: str, scopes: Iterable[str]) -> tuple[Reason, ...]:
    """Why a client of the API may not be made so."""
    reasons = []
    if not name.strip():
        reasons.append(Reason("client.name", "Name the system.", at_field="name"))
    if not agency:
        reasons.append(
            Reason("client.agency", "Name the agency: a system acts for one agency.", at_field="agency")
        )
    known = {scope.value for scope in ApiScope}
    chosen = set(scopes)
    if not chosen or chosen - known:
        reasons.append(Reason("client.scopes", "Choose what the system may do.", at_field="scopes"))
    return tuple(reasons)
