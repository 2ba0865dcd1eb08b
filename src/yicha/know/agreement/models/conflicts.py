"""The register of conflicting standards, and the rulings that bind."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from yicha.base.accounts.terms import ANYWHERE, Scope, ScopeFields
from yicha.base.database.services.stamps import stamps_reference
from yicha.know.agreement.terms import ConflictState, RulingOutcome, RulingState

STATES = {
    ConflictState.FILED: _("to be ruled on"),
    ConflictState.RULED: _("ruled"),
    ConflictState.WITHDRAWN: _("withdrawn"),
}
OUTCOMES = {
    RulingOutcome.A_HOLDS: _("the first text holds"),
    RulingOutcome.B_HOLDS: _("the second text holds"),
    RulingOutcome.BOTH_HOLD: _("both hold, read as the ruling says"),
    RulingOutcome.NEITHER_HOLDS: _("neither holds"),
}
RULING_STATES = {RulingState.BINDS: _("binds"), RulingState.SET_ASIDE: _("set aside")}


class StandardConflict(models.Model):
    """An enterprise or an officer met two standards that contradict: "A says X, B says Y" (北京: 32 rulings).

    Filed → ruled, or withdrawn by who filed it. `enterprise` is null when an official filed it; an agency is null when
    it is not known. The item versions are those that were published when it was filed.
    """

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    code = models.CharField(_("number"), max_length=32, unique=True)
    title = models.CharField(_("title"), max_length=200)
    region = models.ForeignKey(
        "registry.Region", on_delete=models.PROTECT, related_name="+", verbose_name=_("region")
    )
    enterprise = models.ForeignKey(
        "registry.Enterprise", on_delete=models.PROTECT, null=True, related_name="+"
    )
    a_version = models.ForeignKey("catalogue.ItemVersion", on_delete=models.PROTECT, related_name="+")
    a_agency = models.ForeignKey("registry.Agency", on_delete=models.PROTECT, null=True, related_name="+")
    a_words = models.TextField(_("what the first says"))
    b_version = models.ForeignKey("catalogue.ItemVersion", on_delete=models.PROTECT, related_name="+")
    b_agency = models.ForeignKey("registry.Agency", on_delete=models.PROTECT, null=True, related_name="+")
    b_words = models.TextField(_("what the second says"))
    evidence = models.TextField(_("evidence"))
    state = models.CharField(_("state"), max_length=9, choices=[(k.value, v) for k, v in STATES.items()])
    filed_at = models.DateTimeField(_("filed at"))
    filed_by = models.CharField(_("filed by"), max_length=150)

    scope_fields = ScopeFields()

    class Meta:
        verbose_name = _("conflict of standards")
        verbose_name_plural = _("conflicts of standards")
        ordering = ["-filed_at"]

    def __str__(self) -> str:
        return self.title

    @property
    def scope(self) -> Scope:
        """What was ruled binds all, so every official may read it."""
        return ANYWHERE


class Ruling(models.Model):
    """What the coordinator ruled. `yields` are the item versions that must not be checked while it binds.

    `set_aside_by` is the later ruling on the same conflict; null while this one binds.
    """

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    code = models.CharField(_("number"), max_length=32, unique=True)
    conflict = models.ForeignKey(StandardConflict, on_delete=models.PROTECT, related_name="rulings")
    outcome = models.CharField(
        _("outcome"), max_length=13, choices=[(k.value, v) for k, v in OUTCOMES.items()]
    )
    words = models.TextField(_("words of the ruling"))
    yields = models.ManyToManyField("catalogue.ItemVersion", related_name="+", blank=True)
    state = models.CharField(
        _("state"), max_length=9, choices=[(k.value, v) for k, v in RULING_STATES.items()]
    )
    ruled_at = models.DateTimeField(_("ruled at"))
    ruled_by = models.CharField(_("ruled by"), max_length=150)
    set_aside_by = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="sets_aside")

    class Meta:
        verbose_name = _("ruling")
        verbose_name_plural = _("rulings")
        ordering = ["-ruled_at"]
        triggers = [stamps_reference("ruling")]
        constraints = [
            models.UniqueConstraint(
                fields=["conflict"], condition=Q(state="binds"), name="one_ruling_of_a_conflict_binds"
            ),
        ]

    def __str__(self) -> str:
        return self.code
