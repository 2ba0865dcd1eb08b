"""Documents of a round's steps."""

from __future__ import annotations

import uuid

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

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
_EVERYBODY = _("every agency")
_ORGANISER = pgettext_lazy("who", "organiser")
_ORGANISER_AND_ALL = _("organiser, with every agency")
_LEADS = _("lead agencies")
WORDS = {
    EightStep.PLAN: (_EVERYBODY, _("published plans")),
    EightStep.DISPATCH: (_ORGANISER, _("task letter")),
    EightStep.DRAW: (_ORGANISER_AND_ALL, _("sealed files of the draws")),
    EightStep.ASSIGN: (_ORGANISER_AND_ALL, _("files of the draw of officers")),
    EightStep.INSPECT: (_LEADS, _("records of the visits")),
    EightStep.CHECK_UP: (_ORGANISER, _("check-up of the trades")),
    EightStep.PUBLISH: (_LEADS, _("published results")),
    EightStep.REPORT: (_ORGANISER, _("report of the round")),
}
"""By step: who owns it, and the document that it ends with."""


class StepDocument(models.Model):
    """The document with which a step of a round was ended; a later version stands beside the earlier ones.

    `facts` is what it says, as numbers; `pages` is the PDF as it was signed and sent, and `sha256` its hash.
    """

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    round = models.ForeignKey("planning.Round", on_delete=models.PROTECT, related_name="step_documents")
    step = models.CharField(_("step"), max_length=8, choices=[(k.value, v) for k, v in STEPS.items()])
    version = models.PositiveSmallIntegerField(_("version"))
    facts = models.JSONField(default=dict)
    words = models.TextField(_("words"), blank=True)
    pages = models.BinaryField(default=bytes)
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
