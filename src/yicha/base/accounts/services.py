"""The only writers of users, grants and clients of the API. Every grant and every withdrawal is in the ledger."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta
from hmac import compare_digest
from uuid import UUID

from django.db import IntegrityError, transaction

from yicha.base.accounts import rules
from yicha.base.accounts.models import AccessToken, ApiClient, Grant, User
from yicha.base.accounts.terms import CLIENT_ACTS, TOKEN_SECONDS, ClientState, GrantFacts
from yicha.base.ledger import services as ledger
from yicha.base.ledger.terms import JSON
from yicha.kernel.refusal import Reason, Refused, refuse_if


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


@transaction.atomic
def create_client(
    *, actor: str, now: datetime, name: str, agency: str, scopes: Sequence[str], per_minute: int
) -> tuple[ApiClient, str]:
    """A new client of the API, and its secret: this is the only time that anybody sees it."""
    refuse_if(rules.check_client(name, agency, scopes))
    secret = secrets.token_urlsafe(32)
    try:
        with transaction.atomic():
            client = ApiClient.objects.create(
                name=name.strip(),
                agency=agency,
                scopes=sorted(set(scopes)),
                per_minute=per_minute,
                state=ClientState.ACTIVE.value,
                secret_hash=rules.digest(secret),
                made_at=now,
                made_by=actor,
                secret_at=now,
            )
    except IntegrityError:
        raise Refused(
            [
                Reason(
                    "client.name-taken",
                    "The agency has a system named “%(name)s” already; choose another name.",
                    facts={"name": name},
                    at_field="name",
                )
            ]
        ) from None
    _record(client, actor, now, "client.made")
    return client, secret


@transaction.atomic
def change_client(
    *, actor: str, now: datetime, client: ApiClient, scopes: Sequence[str], per_minute: int
) -> ApiClient:
    """Change what a client may do. Tokens with more than is left end at once."""
    kept = _lock(client, "change")
    refuse_if(rules.check_client(kept.name, kept.agency, scopes))
    kept.scopes, kept.per_minute = sorted(set(scopes)), per_minute
    kept.save(update_fields=["scopes", "per_minute"])
    kept.tokens.exclude(scopes__contained_by=kept.scopes).delete()
    _record(kept, actor, now, "client.changed")
    return kept


@transaction.atomic
def rotate_secret(*, actor: str, now: datetime, client: ApiClient) -> str:
    """A new secret, told once. The old one and every token end at once."""
    kept = _lock(client, "rotate")
    secret = secrets.token_urlsafe(32)
    kept.secret_hash, kept.secret_at = rules.digest(secret), now
    kept.save(update_fields=["secret_hash", "secret_at"])
    kept.tokens.all().delete()
    _record(kept, actor, now, "client.rotated")
    return secret


@transaction.atomic
def revoke_client(*, actor: str, now: datetime, client: ApiClient) -> None:
    """Shut a client out for good; the next request with one of its tokens is refused."""
    kept = _lock(client, "revoke")
    kept.state = ClientState.REVOKED.value
    kept.save(update_fields=["state"])
    kept.tokens.all().delete()
    _record(kept, actor, now, "client.revoked")


@transaction.atomic
def issue_token(*, now: datetime, client_id: str, secret: str, scope: str) -> tuple[str, frozenset[str]]:
    """An access token for a client's secret, and its scopes (RFC 6749, 4.4). Tokens of it that ended are cleared away.

    Refused with `client.unknown` (wrong id, wrong secret or revoked: never told apart) or `client.scope`. Handing out
    a token is no official act: the ledger does not hear of it.
    """
    client = _find_locked(client_id)
    known = client.secret_hash if client and client.state == ClientState.ACTIVE.value else rules.digest("")
    if client is None or not compare_digest(known, rules.digest(secret)) or not secret:
        raise Refused([Reason("client.unknown", "There is no such client, or the secret is another.")])
    scopes = rules.granted_scopes(scope, client.scopes)
    if scopes is None:
        raise Refused([Reason("client.scope", "The client may not do all of what is asked for.")])
    client.tokens.filter(expires_at__lte=now).delete()
    token = secrets.token_urlsafe(32)
    AccessToken.objects.create(
        digest=rules.digest(token),
        client=client,
        scopes=sorted(scopes),
        expires_at=now + timedelta(seconds=TOKEN_SECONDS),
    )
    return token, scopes


def _find_locked(client_id: str) -> ApiClient | None:
    """Locked against a revocation at the same moment: no token is handed out after it."""
    try:
        uuid = UUID(client_id)
    except ValueError:
        return None
    return ApiClient.objects.select_for_update().filter(uuid=uuid).first()


def _lock(client: ApiClient, act: str) -> ApiClient:
    kept = ApiClient.objects.select_for_update().get(pk=client.pk)
    CLIENT_ACTS.after(ClientState(kept.state), act)
    return kept


def _record(client: ApiClient, actor: str, now: datetime, act: str) -> None:
    body: dict[str, JSON] = {
        "name": client.name,
        "agency": client.agency,
        "scopes": list(client.scopes),
        "per_minute": client.per_minute,
    }
    ledger.append(actor=actor, now=now, act=act, subject=f"client:{client.uuid}", body=body)
