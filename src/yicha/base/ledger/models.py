"""Tables of the ledger. Rows are added, never touched again: triggers see to it."""

from __future__ import annotations

import pgtrigger
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class Entry(models.Model):
    """One official act. `leaf` holds the exact bytes that were hashed; the columns are for finding it again."""

    seq = models.BigIntegerField(_("number"), primary_key=True)
    at = models.DateTimeField(_("at"))
    actor = models.CharField(_("who"), max_length=150)
    act = models.CharField(_("act"), max_length=64)
    subject = models.CharField(_("what"), max_length=160)
    body = models.JSONField(_("content"))
    leaf = models.BinaryField()

    class Meta:
        verbose_name = _("ledger entry")
        verbose_name_plural = _("ledger entries")
        constraints = [models.CheckConstraint(name="numbers_begin_at_zero", condition=Q(seq__gte=0))]
        indexes = [
            models.Index(fields=["subject", "-seq"], name="entries_of_a_subject"),
            models.Index(fields=["act", "-seq"], name="entries_of_an_act"),
        ]
        triggers = [
            pgtrigger.Protect(name="never_changed", operation=pgtrigger.Update | pgtrigger.Delete),
            pgtrigger.Trigger(
                name="never_emptied",
                operation=pgtrigger.Truncate,
                level=pgtrigger.Statement,
                when=pgtrigger.Before,
                func="RAISE EXCEPTION 'pgtrigger: the ledger is never emptied';",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.seq} {self.act} {self.subject}"


class Head(models.Model):
    """The one row that says how far the ledger is. Appends queue on it, so that numbers have no gaps."""

    size = models.BigIntegerField()
    frontier = models.JSONField()

    class Meta:
        constraints = [models.CheckConstraint(name="there_is_one_head", condition=Q(id=1))]

    def __str__(self) -> str:
        return str(self.size)


class Checkpoint(models.Model):
    """A signed tree head; never changed. `key` is the public key it was signed with, in hexadecimal."""

    size = models.BigIntegerField(unique=True)
    root = models.CharField(max_length=64)
    key = models.CharField(max_length=64)
    signature = models.CharField(max_length=128)
    signed_at = models.DateTimeField()

    class Meta:
        triggers = [
            pgtrigger.Protect(name="checkpoint_never_changed", operation=pgtrigger.Update | pgtrigger.Delete)
        ]

    def __str__(self) -> str:
        return f"{self.size} {self.root}"
