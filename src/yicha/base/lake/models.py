"""Snapshots: what was frozen, when, and what proves it."""

from __future__ import annotations

import uuid

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from yicha.base.accounts.terms import ANYWHERE, Scope, ScopeFields
from yicha.base.lake.terms import SnapshotState

STATES = {
    SnapshotState.TAKING: pgettext_lazy("snapshot", "being taken"),
    SnapshotState.READY: pgettext_lazy("snapshot", "ready"),
    SnapshotState.FAILED: pgettext_lazy("snapshot", "failed"),
    SnapshotState.DROPPED: pgettext_lazy("snapshot", "dropped"),
}


class Snapshot(models.Model):
    """A population with its facts, as one transaction saw it. `manifest` lists every file with rows and SHA-256.

    `manifest_sha256` is of its canonical JSON; both are empty until the state is ready. `place` is the folder below
    the lake's root.
    """

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    name = models.CharField(_("name"), max_length=64)
    state = models.CharField(_("state"), max_length=8, choices=[(k.value, v) for k, v in STATES.items()])
    place = models.CharField(max_length=200)
    taken_at = models.DateTimeField(_("taken at"))
    taken_by = models.CharField(_("taken by"), max_length=150)
    rows = models.JSONField(default=dict)
    manifest = models.JSONField(default=dict)
    manifest_sha256 = models.CharField(max_length=64, blank=True)
    failure = models.CharField(max_length=500, blank=True)

    scope_fields = ScopeFields()

    class Meta:
        verbose_name = _("snapshot")
        verbose_name_plural = _("snapshots")
        ordering = ["-taken_at", "-id"]

    def __str__(self) -> str:
        return f"{self.name} {self.taken_at:%Y-%m-%d}"

    @property
    def scope(self) -> Scope:
        return ANYWHERE
