"""Monitoring: warnings to the agencies concerned."""

from __future__ import annotations

import uuid

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from yicha.base.accounts.terms import Scope, ScopeFields
from yicha.know.credit.terms.warnings import WarningKind, WarningState

WARNING_KINDS = {
    WarningKind.CLASS_CHANGE: _("class changed"),
    WarningKind.RED_LINE: _("red line crossed"),
    WarningKind.CLUSTER: _("cluster"),
}
WARNING_STATES = {
    WarningState.RAISED: pgettext_lazy("warning", "raised"),
    WarningState.SEEN: pgettext_lazy("warning", "seen"),
    WarningState.CLOSED: pgettext_lazy("warning", "closed"),
}


class CreditWarning(models.Model):
    """预警: something about an enterprise, or about several that hang together, that agencies should know.

    `key` makes it one: the same thing raises no second warning while the first is open. `facts` fill its sentence;
    `others` are the codes of the other enterprises of a cluster; `agencies` the codes of those concerned.
    """

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    kind = models.CharField(
        _("kind"), max_length=12, choices=[(k.value, v) for k, v in WARNING_KINDS.items()]
    )
    key = models.CharField(max_length=200)
    enterprise = models.ForeignKey(
        "registry.Enterprise", on_delete=models.CASCADE, related_name="credit_warnings"
    )
    others = ArrayField(models.CharField(max_length=18), default=list)
    agencies = ArrayField(models.CharField(max_length=64), default=list)
    facts = models.JSONField(default=dict)
    state = models.CharField(
        _("state"), max_length=6, choices=[(k.value, v) for k, v in WARNING_STATES.items()]
    )
    raised_at = models.DateTimeField(_("raised at"))
    seen_at = models.DateTimeField(_("seen at"), null=True)
    seen_by = models.CharField(_("seen by"), max_length=150, blank=True)
    closed_at = models.DateTimeField(_("closed at"), null=True)
    closed_by = models.CharField(_("closed by"), max_length=150, blank=True)
    words = models.CharField(_("what was done"), max_length=500, blank=True)

    scope_fields = ScopeFields(
        region="enterprise__region__code", zone="enterprise__zone__code", enterprise="enterprise__uscc"
    )

    class Meta:
        verbose_name = _("warning")
        verbose_name_plural = _("warnings")
        ordering = ["-raised_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "key"],
                condition=~models.Q(state="closed"),
                name="an_open_warning_is_raised_once",
            )
        ]
        indexes = [
            models.Index(fields=["-raised_at", "-id"], name="warnings_by_time"),
            GinIndex(fields=["agencies"], name="warnings_by_agency"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.key}"

    @property
    def scope(self) -> Scope:
        return Scope(
            region=self.enterprise.region.code if self.enterprise.region else "",
            zone=self.enterprise.zone.code if self.enterprise.zone else "",
            enterprise=self.enterprise.uscc,
        )
