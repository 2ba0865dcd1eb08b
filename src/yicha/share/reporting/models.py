"""Documents of a round's steps."""

from __future__ import annotations

import uuid

from django.db import models
from django.utils.translation import gettext_lazy as _

from yicha.base.accounts.terms import ANYWHERE, Scope, ScopeFields
from yicha.share.reporting.terms import EightStep

STEPS = {
    EightStep.PLAN: _("plan once"),
    EightStep.DISPATCH: _("dispatch once"),
    EightStep.DRAW: _("draw objects once"),
    EightStep.ASSIGN: _("assign people once"),
    EightStep.INSPECT: _("inspect once"),
    EightStep.CHECK_UP: _("check up the trade once"),
    EightStep.PUBLISH: _("publish once"),
    EightStep.REPORT: _("report once"),
}


class StepDocument(models.Model):
    """The document with which a step of a round was ended; a later version stands beside the earlier ones.

    `facts` is what it says, as numbers; `sha256` is of the PDF that is made from them.
    """

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    round = models.ForeignKey("planning.Round", on_delete=models.PROTECT, related_name="step_documents")
    step = models.CharField(_("step"), max_length=8, choices=[(k.value, v) for k, v in STEPS.items()])
    version = models.PositiveSmallIntegerField(_("version"))
    facts = models.JSONField(default=dict)
    words = models.TextField(_("words"), blank=True)
    signed_by = models.CharField(_("signed by"), max_length=150)
    signed_at = models.DateTimeField(_("signed at"))
    sha256 = models.CharField(max_length=64)

    scope_fields = ScopeFields()

    class Meta:
        verbose_name = _("document of a step")
        verbose_name_plural = _("documents of steps")
        ordering = ["round", "step", "-version"]
        constraints = [
            models.UniqueConstraint(
                fields=["round", "step", "version"], name="a_version_of_a_step_is_signed_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.round_id} {self.step} {self.version}"

    @property
    def scope(self) -> Scope:
        return ANYWHERE
