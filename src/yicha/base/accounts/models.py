"""People and what they were granted."""

from __future__ import annotations

import uuid

from django.contrib.auth.models import AbstractUser
from django.contrib.postgres.fields import ArrayField
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from yicha.base.accounts.terms import (
    DEFAULT_PER_MINUTE,
    ApiScope,
    ClientState,
    GrantFacts,
    Role,
    Scope,
    ScopeFields,
)

ROLE_LABELS = {
    Role.COORDINATOR: _("coordinator"),
    Role.PLANNER: _("planner"),
    Role.APPROVER: _("approver"),
    Role.OFFICER: _("officer"),
    Role.ENTERPRISE: _("enterprise"),
    Role.AUDITOR: _("auditor"),
    Role.SUPERVISOR: _("supervisor of conduct"),
    Role.SYSTEM_ADMIN: _("system administrator"),
    Role.SECURITY_ADMIN: _("security administrator"),
}
CLIENT_STATES = {ClientState.ACTIVE: _("may come in"), ClientState.REVOKED: _("no longer let in")}
API_SCOPES = {
    ApiScope.GATE_PREVIEW: _("ask the gate without applying"),
    ApiScope.GATE_APPLY: _("apply for visits"),
    ApiScope.ENTERPRISE_READ: _("read enterprises and their budgets"),
    ApiScope.RESULTS_READ: _("read results"),
    ApiScope.RESULTS_WRITE: _("send results"),
    ApiScope.LISTINGS_READ: _("read the undisturbed list"),
    ApiScope.CERTIFICATES_READ: _("read recognition certificates"),
    ApiScope.CERTIFICATES_WRITE: _("issue recognition certificates"),
    ApiScope.RECORDS_READ: _("read published credit records"),
    ApiScope.RECORDS_WRITE: _("send credit records"),
    ApiScope.EVENTS_READ: _("follow the feed of events"),
}


class User(AbstractUser):
    """A person who signs in. What they may do is in their grants, never in Django's flags.

    `certificate` says which officer of the registry this is (执法证), so that "my visits" can be asked; else empty.
    """

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    display_name = models.CharField(_("name"), max_length=100, blank=True)
    certificate = models.CharField(_("certificate"), max_length=32, blank=True)

    def __str__(self) -> str:
        return self.display_name or self.username


class Grant(models.Model):
    """A role with a scope. An empty agency, region or enterprise means any; dates null mean without limit."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="grants")
    role = models.CharField(
        _("role"), max_length=20, choices=[(role.value, ROLE_LABELS[role]) for role in Role]
    )
    agency = models.CharField(_("agency code"), max_length=64, blank=True)
    region = models.CharField(_("region or zone code"), max_length=32, blank=True)
    enterprise = models.CharField(_("enterprise code"), max_length=18, blank=True)
    valid_from = models.DateField(_("valid from"), null=True, blank=True)
    valid_until = models.DateField(_("valid until"), null=True, blank=True)
    granted_at = models.DateTimeField(_("granted at"))
    granted_by = models.CharField(_("granted by"), max_length=150)

    class Meta:
        verbose_name = _("grant")
        verbose_name_plural = _("grants")
        constraints = [
            models.UniqueConstraint(
                fields=["user", "role", "agency", "region", "enterprise"], name="a_grant_is_given_once"
            ),
            models.CheckConstraint(
                name="an_enterprise_role_names_its_enterprise",
                condition=~Q(role=Role.ENTERPRISE.value) | ~Q(enterprise=""),
            ),
            models.CheckConstraint(
                name="a_grant_ends_after_it_begins",
                condition=Q(valid_from=None) | Q(valid_until=None) | Q(valid_from__lte=F("valid_until")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.role} {self.agency or '*'} {self.region or '*'}"

    @property
    def facts(self) -> GrantFacts:
        return GrantFacts(
            role=Role(self.role),
            agency=self.agency,
            region=self.region,
            enterprise=self.enterprise,
            valid_from=self.valid_from,
            valid_until=self.valid_until,
        )


class ApiClient(models.Model):
    """A system of one agency that uses the partners' API; it acts for that agency and for no other.

    `uuid` is its client id. `secret_hash` is the SHA-256 of its secret, which nobody can read again: 256 random bits
    cannot be guessed, so the hash need not be slow (that is for what people choose). `per_minute` is how many requests
    one worker of the server answers in a minute.
    """

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    name = models.CharField(_("name"), max_length=100)
    agency = models.CharField(_("agency code"), max_length=64)
    scopes = ArrayField(
        models.CharField(max_length=32, choices=[(k.value, v) for k, v in API_SCOPES.items()]),
        verbose_name=_("may"),
        default=list,
    )
    per_minute = models.PositiveIntegerField(
        _("requests a minute"),
        default=DEFAULT_PER_MINUTE,
        validators=[MinValueValidator(1), MaxValueValidator(10_000_000)],
    )
    state = models.CharField(
        _("state"), max_length=7, choices=[(k.value, v) for k, v in CLIENT_STATES.items()]
    )
    secret_hash = models.CharField(max_length=64)
    made_at = models.DateTimeField(pgettext_lazy("client", "made"))
    made_by = models.CharField(_("made by"), max_length=150)
    secret_at = models.DateTimeField(_("secret of"))

    scope_fields = ScopeFields(agencies=("agency",))

    class Meta:
        verbose_name = _("client of the API")
        verbose_name_plural = _("clients of the API")
        constraints = [
            models.UniqueConstraint(fields=["agency", "name"], name="a_client_of_an_agency_has_its_own_name"),
            models.CheckConstraint(
                name="a_secret_has_a_sha256",
                condition=Q(secret_hash__regex=r"^[0-9a-f]{64}$"),  # noqa: S106 - a pattern
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def scope(self) -> Scope:
        return Scope(agencies=frozenset({self.agency}))


class AccessToken(models.Model):
    """An access token that was handed out: its SHA-256, whose it is, what it may, and until when.

    Deleted when its client is revoked or gets a new secret: from then on it is nobody's.
    """

    digest = models.CharField(max_length=64, primary_key=True)
    client = models.ForeignKey(ApiClient, on_delete=models.CASCADE, related_name="tokens")
    scopes = ArrayField(models.CharField(max_length=32))
    expires_at = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return f"{self.client_id} {self.expires_at}"
