"""Runs over the registry, and whom the last one found."""

from __future__ import annotations

import uuid

from django.db import models
from django.utils.translation import gettext_lazy as _

from yicha.base.accounts.terms import ANYWHERE, Scope, ScopeFields


class Discovery(models.Model):
    """One run over the registry. `region` null: everywhere. `by_region` counts what was found, by region code."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    region = models.ForeignKey(
        "registry.Region", on_delete=models.PROTECT, null=True, related_name="+", verbose_name=_("region")
    )
    state = models.CharField(
        _("state"),
        max_length=8,
        choices=[("running", _("running")), ("done", _("done")), ("failed", _("failed"))],
        default="running",
    )
    begun_at = models.DateTimeField(_("begun at"))
    ended_at = models.DateTimeField(_("ended at"), null=True)
    by = models.CharField(_("who"), max_length=150)
    examined = models.PositiveBigIntegerField(_("enterprises examined"), default=0)
    found = models.PositiveBigIntegerField(_("candidates found"), default=0)
    by_region = models.JSONField(default=dict)
    hash = models.CharField(_("hash of the codes"), max_length=64, blank=True)

    scope_fields = ScopeFields()

    class Meta:
        verbose_name = _("discovery")
        verbose_name_plural = _("discoveries")
        ordering = ["-id"]

    def __str__(self) -> str:
        return str(self.uuid)

    @property
    def scope(self) -> Scope:
        return ANYWHERE


class Candidate(models.Model):
    """An enterprise that the last discovery found to meet the criteria. Nobody was told; a person nominates.

    A run replaces the candidates of its regions; who is nominated is no candidate any more.
    """

    enterprise = models.OneToOneField(
        "registry.Enterprise",
        on_delete=models.CASCADE,
        related_name="undisturbed_candidate",
        verbose_name=_("enterprise"),
    )
    region = models.ForeignKey(
        "registry.Region", on_delete=models.PROTECT, related_name="+", verbose_name=_("home region")
    )
    discovery = models.ForeignKey(Discovery, on_delete=models.PROTECT, related_name="candidates")

    scope_fields = ScopeFields(
        region="region__code", zone="enterprise__zone__code", enterprise="enterprise__uscc"
    )

    class Meta:
        verbose_name = _("candidate")
        verbose_name_plural = _("candidates")
        ordering = ["pk"]

    def __str__(self) -> str:
        return str(self.enterprise)

    @property
    def scope(self) -> Scope:
        return Scope(
            region=self.region.code,
            zone=self.enterprise.zone.code if self.enterprise.zone else "",
            enterprise=self.enterprise.uscc,
        )
