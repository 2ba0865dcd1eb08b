"""The one place that answers "may this person do this to that object", for one object and for lists."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol, TypeVar
from uuid import UUID

from django.contrib.auth.models import AnonymousUser
from django.db import connection
from django.db.models import Model, Q, QuerySet
from django.utils.functional import Promise

from yicha.base.accounts import rules
from yicha.base.accounts.models import API_SCOPES, ApiClient, Grant, User
from yicha.base.accounts.models import ROLE_LABELS as _LABELS
from yicha.base.accounts.terms import BearerFacts, ClientState, GrantFacts, Role, Scope, ScopeFields
from yicha.kernel import clock
from yicha.kernel.refusal import NotFound

M = TypeVar("M", bound=Model)
ROLE_LABELS = [(role.value, words) for role, words in _LABELS.items()]
"""Roles with their words, for choices."""
Person = User | AnonymousUser


class Scoped(Protocol):
    """An object that says where it belongs."""

    @property
    def scope(self) -> Scope: ...


T = TypeVar("T", bound=Scoped)


def list_grants(person: Person) -> tuple[GrantFacts, ...]:
    """A person's grants, read once per request (kept on the user object). Nobody and the inactive have none."""
    if not isinstance(person, User) or not person.is_active:
        return ()
    kept: tuple[GrantFacts, ...] | None = getattr(person, "_grant_facts", None)
    if kept is None:
        kept = tuple(grant.facts for grant in Grant.objects.filter(user=person).order_by("id"))
        person._grant_facts = kept  # type: ignore[attr-defined]
    return kept


def may(person: Person, action: str, scope: Scope | None = None) -> bool:
    """Whether a person may do `action` to an object of this scope; with None: to any object at all."""
    return rules.may(list_grants(person), action, scope, clock.today(clock.now()))


def require(person: Person, action: str, scope: Scope | None = None) -> None:
    """Raise `NotFound` unless allowed: who may not, learns nothing about what exists."""
    if not may(person, action, scope):
        raise NotFound


def get_allowed(found: T | None, person: Person, action: str) -> T:
    """The object, if it exists and the person may do `action` to it; else `NotFound` for both."""
    if found is None:
        raise NotFound
    require(person, action, found.scope)
    return found


def scoped(queryset: QuerySet[M], person: Person, action: str) -> QuerySet[M]:
    """The rows of a list on which a person may do `action`. The model says where its scope is: `scope_fields`."""
    grants = rules.granting(list_grants(person), action, clock.today(clock.now()))
    fields: ScopeFields = queryset.model.scope_fields  # type: ignore[attr-defined]
    conditions = [_condition(grant, fields) for grant in grants]
    if any(condition is True for condition in conditions):
        return queryset
    allowed = [condition for condition in conditions if isinstance(condition, Q)]
    if not allowed:
        return queryset.none()
    joined = allowed[0]
    for condition in allowed[1:]:
        joined |= condition
    if any(_leads_to_many(queryset.model, path) for path in fields.agencies):
        return queryset.filter(pk__in=queryset.model._default_manager.filter(joined).values("pk"))
    return queryset.filter(joined)


def _leads_to_many(model: type[Model], path: str) -> bool:
    """Whether a path passes a relation to many rows: a plain join would then give a row several times."""
    for name in path.split("__"):
        field = model._meta.get_field(name)
        if field.one_to_many or field.many_to_many:
            return True
        if not isinstance(field.related_model, type):
            return False
        model = field.related_model
    return False


def _condition(grant: GrantFacts, fields: ScopeFields) -> Q | bool:
    """`rules.covers` as SQL: True for all rows, False for none."""
    parts: list[Q] = []
    if grant.enterprise:
        if not fields.enterprise:
            return False
        parts.append(Q(**{fields.enterprise: grant.enterprise}))
    if grant.agency and fields.agencies:
        agency = Q()
        for path in fields.agencies:
            agency |= Q(**{path: grant.agency})
        parts.append(agency)
    decided = grant.agency and fields.agencies and fields.agency_decides
    if grant.region and not decided and (fields.region or fields.zone):
        place = Q()
        if fields.region:
            place |= Q(**{f"{fields.region}__startswith": rules.region_prefix(grant.region)})
        if fields.zone:
            place |= Q(**{fields.zone: grant.region})
        parts.append(place)
    if not parts:
        return True
    joined = parts[0]
    for part in parts[1:]:
        joined &= part
    return joined


def name_role(role: Role) -> str:
    """A role in the reader's language."""
    return str(_LABELS[role])


def find_user(username: str) -> User | None:
    """A user by sign-in name."""
    return User.objects.filter(username=username).first()


def has_active_user(certificate: str) -> bool:
    """Whether somebody who may sign in is this officer."""
    return User.objects.filter(certificate=certificate, is_active=True).exists()


def list_users() -> QuerySet[User]:
    """All users with their grants, by sign-in name."""
    return User.objects.prefetch_related("grants").order_by("username")


def list_agencies_of(person: Person, role: Role | None = None) -> tuple[str, ...]:
    """The agency codes that a person is granted, once each, in the order granted."""
    codes = (grant.agency for grant in list_grants(person) if grant.agency and role in (None, grant.role))
    return tuple(dict.fromkeys(codes))


def list_clients() -> QuerySet[ApiClient]:
    """The clients of the partners' API, by agency."""
    return ApiClient.objects.order_by("agency", "name", "id")


def find_client(uuid: UUID) -> ApiClient | None:
    """A client of the API by its id."""
    return ApiClient.objects.filter(uuid=uuid).first()


def list_scopes() -> list[tuple[str, str | Promise]]:
    """What a client may be let do, with words: what a form offers."""
    return [(scope.value, words) for scope, words in API_SCOPES.items()]


_BEARER = """
SELECT c.id, c.uuid, c.agency, t.scopes, c.per_minute, s.version
FROM accounts_accesstoken t
JOIN accounts_apiclient c ON c.id = t.client_id
CROSS JOIN yicha_stamp s
WHERE t.digest = %s AND t.expires_at > %s AND c.state = %s
"""


def find_bearer(token: str, now: datetime) -> BearerFacts | None:
    """Who holds this access token; None if it is nobody's, too old, or its client was revoked.

    One statement, because it runs with every request of the API; nothing is remembered between requests, so that a
    revocation is seen by the next one. The stamp of the reference tables comes along.
    """
    with connection.cursor() as cursor:
        cursor.execute(_BEARER, [rules.digest(token), now, ClientState.ACTIVE.value])
        row = cursor.fetchone()
    if row is None:
        return None
    client_id, client, agency, scopes, per_minute, stamp = row
    return BearerFacts(client_id, str(client), agency, frozenset(scopes), per_minute, str(stamp))
