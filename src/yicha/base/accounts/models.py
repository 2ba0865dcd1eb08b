"""People and what they were granted."""

from __future__ import annotations

import uuid

from django.contrib.auth.models import AbstractUser
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from yicha.base.accounts.terms import GrantFacts, Role

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
