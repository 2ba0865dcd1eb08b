"""Who refused, what was revoked, whom it reached, and what was certified. Rows that are written once and stay."""

from __future__ import annotations

import uuid

import pgtrigger
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from yicha.base.accounts.terms import Scope, ScopeFields
from yicha.share.recognition.terms import ReachKind, RevocationKind

REVOCATION_KINDS = {
    RevocationKind.CORRECTED: _("corrected"),
    RevocationKind.APPEALED: _("set aside on appeal"),
    RevocationKind.EVIDENCE_WITHDRAWN: _("evidence withdrawn"),
}
REACH_KINDS = {
    ReachKind.CONTACT: _("check planned again"),
    ReachKind.DEMAND: _("demand brought back"),
    ReachKind.APPLICATION: _("verdict reopened"),
    ReachKind.CERTIFICATE: _("certificate no longer good"),
}


def written_once(name: str) -> pgtrigger.Protect:
    """The trigger that refuses to change or delete what happened."""
    return pgtrigger.Protect(name=name, operation=pgtrigger.Update | pgtrigger.Delete)


class Refusal(models.Model):
    """An agency does not accept a result, with its reason. Who says nothing, accepts: there is no row of that."""

    result = models.ForeignKey("visits.Result", on_delete=models.PROTECT, related_name="refusals")
    agency = models.ForeignKey("registry.Agency", on_delete=models.PROTECT, related_name="+")
    because = models.CharField(_("reason"), max_length=500)
    refused_by = models.CharField(_("refused by"), max_length=150)
    refused_at = models.DateTimeField(_("refused at"))

    class Meta:
        verbose_name = _("refusal")
        verbose_name_plural = _("refusals")
        ordering = ["-refused_at", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["result", "agency"], name="an_agency_refuses_a_result_once")
        ]
        triggers = [written_once("a_refusal_stays")]

    def __str__(self) -> str:
        return f"{self.result_id} {self.agency_id}"


class Revocation(models.Model):
    """A result is taken back, for everybody. What it reached is in `Reach`, written in the same transaction."""

    result = models.OneToOneField("visits.Result", on_delete=models.PROTECT, related_name="revocation")
    kind = models.CharField(
        _("kind"), max_length=18, choices=[(k.value, v) for k, v in REVOCATION_KINDS.items()]
    )
    because = models.CharField(_("reason"), max_length=300)
    revoked_by = models.CharField(_("revoked by"), max_length=150)
    revoked_at = models.DateTimeField(_("revoked at"))

    class Meta:
        verbose_name = _("revocation")
        verbose_name_plural = _("revocations")
        triggers = [written_once("a_revocation_stays")]

    def __str__(self) -> str:
        return f"{self.result_id} {self.kind}"


class Reach(models.Model):
    """The receipt of one thing that a revocation or a refusal reached: what, whose, when.

    `subject` is the uuid of a contact, a demand or an application, or the number of a certificate.
    """

    revocation = models.ForeignKey(Revocation, on_delete=models.PROTECT, null=True, related_name="reached")
    refusal = models.ForeignKey(Refusal, on_delete=models.PROTECT, null=True, related_name="reached")
    kind = models.CharField(_("what"), max_length=11, choices=[(k.value, v) for k, v in REACH_KINDS.items()])
    subject = models.CharField(_("number"), max_length=120)
    agency = models.ForeignKey("registry.Agency", on_delete=models.PROTECT, null=True, related_name="+")
    reached_at = models.DateTimeField(_("reached at"))

    class Meta:
        verbose_name = _("reach of a revocation")
        verbose_name_plural = _("reach of revocations")
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(
                name="what_was_reached_was_reached_by_one_act",
                condition=Q(revocation__isnull=False, refusal=None)
                | Q(revocation=None, refusal__isnull=False),
            ),
            models.UniqueConstraint(
                fields=["revocation", "kind", "subject"], name="a_revocation_reaches_a_thing_once"
            ),
        ]
        triggers = [written_once("a_receipt_stays")]

    def __str__(self) -> str:
        return f"{self.kind} {self.subject}"


class Certificate(models.Model):
    """结果互认证明: what an agency found at an enterprise, signed, to be shown to any agency of the member regions.

    Its state is that of its results; `token` is all that is needed to check it without this database, `digest` its
    SHA-256, by which it is found again without being sent. `number` counts by agency and year. `valid_until` is the
    last day on which a result on it is valid.
    """

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    number = models.CharField(_("number"), max_length=100, unique=True)
    enterprise = models.ForeignKey(
        "registry.Enterprise", on_delete=models.PROTECT, related_name="certificates"
    )
    agency = models.ForeignKey("registry.Agency", on_delete=models.PROTECT, related_name="+")
    results = models.ManyToManyField("visits.Result", related_name="certificates", verbose_name=_("results"))
    token = models.TextField(_("signed text"))
    digest = models.CharField(max_length=64, unique=True, editable=False)
    kid = models.CharField(_("key"), max_length=64)
    issued_at = models.DateTimeField(_("issued at"))
    issued_by = models.CharField(_("issued by"), max_length=150)
    valid_until = models.DateField(_("valid until"))

    scope_fields = ScopeFields(
        agencies=("agency__code",),
        region="enterprise__region__code",
        zone="enterprise__zone__code",
        enterprise="enterprise__uscc",
    )

    class Meta:
        verbose_name = _("recognition certificate")
        verbose_name_plural = _("recognition certificates")
        ordering = ["-issued_at", "-pk"]
        indexes = [models.Index(fields=["agency", "-issued_at"], name="certificates_of_an_agency")]
        triggers = [written_once("a_certificate_stays")]

    def __str__(self) -> str:
        return self.number

    @property
    def scope(self) -> Scope:
        region, zone = self.enterprise.region, self.enterprise.zone
        return Scope(
            agencies=frozenset({self.agency.code}),
            region=region.code if region else "",
            zone=zone.code if zone else "",
            enterprise=self.enterprise.uscc,
        )
