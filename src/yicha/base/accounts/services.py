"""The only writers of users and grants. Every grant and every withdrawal is in the ledger."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from yicha.base.accounts.models import Grant, User
from yicha.base.accounts.terms import GrantFacts
from yicha.base.ledger import services as ledger
from yicha.kernel.refusal import Reason, Refused


@transaction.atomic
def create_user(
    *,
    actor: str,
    now: datetime,
    username: str,
    password: str,
    display_name: str = "",
    email: str = "",
    certificate: str = "",
) -> User:
    """A new user without any grant; refused when the name is taken. `certificate`: of the officer that it is."""
    if User.objects.filter(username=username).exists():
        raise Refused(
            [
                Reason(
                    "accounts.username-taken",
                    "The sign-in name “%(username)s” is taken; choose another.",
                    facts={"username": username},
                    at_field="username",
                )
            ]
        )
    user = User.objects.create_user(
        username, email, password, display_name=display_name, certificate=certificate, date_joined=now
    )
    ledger.append(
        actor=actor, now=now, act="accounts.created", subject=f"user:{user.uuid}", body={"username": username}
    )
    return user


@transaction.atomic
def grant(*, actor: str, now: datetime, user: User, facts: GrantFacts) -> Grant:
    """Give a role with a scope; the same grant twice is one."""
    given, created = Grant.objects.get_or_create(
        user=user,
        role=facts.role.value,
        agency=facts.agency,
        region=facts.region,
        enterprise=facts.enterprise,
        defaults={
            "valid_from": facts.valid_from,
            "valid_until": facts.valid_until,
            "granted_at": now,
            "granted_by": actor,
        },
    )
    if created:
        ledger.append(
            actor=actor, now=now, act="accounts.granted", subject=f"user:{user.uuid}", body=_body(facts)
        )
    return given


@transaction.atomic
def withdraw(*, actor: str, now: datetime, given: Grant) -> None:
    """End a grant at once."""
    ledger.append(
        actor=actor,
        now=now,
        act="accounts.withdrawn",
        subject=f"user:{given.user.uuid}",
        body=_body(given.facts),
    )
    given.delete()


@transaction.atomic
def set_active(*, actor: str, now: datetime, user: User, active: bool) -> None:
    """Switch a person off or on. Who is off cannot sign in, and Django ends their open sessions."""
    user.is_active = active
    user.save(update_fields=["is_active"])
    act = "accounts.switched-on" if active else "accounts.switched-off"
    ledger.append(
        actor=actor, now=now, act=act, subject=f"user:{user.uuid}", body={"username": user.username}
    )


def _body(facts: GrantFacts) -> dict[str, str]:
    return {
        "role": facts.role.value,
        "agency": facts.agency,
        "region": facts.region,
        "enterprise": facts.enterprise,
        "valid_from": facts.valid_from.isoformat() if facts.valid_from else "",
        "valid_until": facts.valid_until.isoformat() if facts.valid_until else "",
    }
