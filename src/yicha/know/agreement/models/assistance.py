"""Requests of an agency to inspect in another's region."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from yicha.base.accounts.terms import Scope
from yicha.know.agreement.terms import AssistanceState

STATES = {
    AssistanceState.ASKED: _("asked"),
    AssistanceState.GRANTED: _("consented"),
    AssistanceState.DECLINED: _("declined"),
    AssistanceState.WITHDRAWN: _("withdrawn"),
    AssistanceState.REVOKED: _("consent taken back"),
}


class AssistanceRequest(models.Model):
    """协助检查: an agency asks another region for consent to inspect an enterprise there on some days.

    Asked → granted or declined by that region; the agency may withdraw it, the region take its consent back. Only a
    granted one opens the gate, at once (no stamp: it is read with every verdict). `due_on`: answered until then.
    """

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    code = models.CharField(_("number"), max_length=32, unique=True)
    agency = models.ForeignKey(
        "registry.Agency", on_delete=models.PROTECT, related_name="+", verbose_name=_("agency")
    )
    enterprise = models.ForeignKey(
        "registry.Enterprise", on_delete=models.PROTECT, related_name="+", verbose_name=_("enterprise")
    )
    region = models.ForeignKey(
        "registry.Region", on_delete=models.PROTECT, related_name="+", verbose_name=_("region asked")
    )
    from_on = models.DateField(_("first day"))
    until_on = models.DateField(_("last day"))
    purpose = models.CharField(_("what for"), max_length=500)
    state = models.CharField(_("state"), max_length=9, choices=[(k.value, v) for k, v in STATES.items()])
    filed_at = models.DateTimeField(_("asked at"))
    filed_by = models.CharField(_("asked by"), max_length=150)
    due_on = models.DateField(_("answer due"))
    answered_at = models.DateTimeField(_("answered at"), null=True)
    answered_by = models.CharField(_("answered by"), max_length=150, blank=True)
    answer = models.CharField(_("answer in words"), max_length=500, blank=True)

    class Meta:
        verbose_name = _("request for assistance")
        verbose_name_plural = _("requests for assistance")
        ordering = ["-filed_at"]
        constraints = [
            models.CheckConstraint(
                name="assistance_ends_after_it_begins", condition=Q(from_on__lte=F("until_on"))
            ),
            models.CheckConstraint(
                name="an_answer_says_when_and_by_whom",
                condition=~Q(state__in=["granted", "declined", "revoked"])
                | Q(answered_at__isnull=False) & ~Q(answered_by=""),
            ),
        ]
        indexes = [
            models.Index(
                fields=["enterprise", "agency"], name="consents_of_an_agency", condition=Q(state="granted")
            ),
            models.Index(fields=["region", "due_on"], name="requests_to_answer", condition=Q(state="asked")),
        ]

    def __str__(self) -> str:
        return self.code

    @property
    def ask_scope(self) -> Scope:
        """Of the agency that asks."""
        return Scope(agencies=frozenset({self.agency.code}), region=self.agency.region.code)
