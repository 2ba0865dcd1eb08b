"""Repair: applications, and the endings of records with a receipt from every use."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from yicha.base.accounts.terms import Scope, ScopeFields
from yicha.know.credit.terms.repairs import EndingCause, RepairState, Use

REPAIR_STATES = {
    RepairState.APPLIED: pgettext_lazy("repair", "applied for"),
    RepairState.RETURNED: pgettext_lazy("repair", "returned"),
    RepairState.ACCEPTED: pgettext_lazy("repair", "accepted"),
    RepairState.GRANTED: pgettext_lazy("repair", "granted"),
    RepairState.REFUSED: pgettext_lazy("repair", "refused"),
    RepairState.ANSWERED: pgettext_lazy("repair", "answered"),
    RepairState.PROPAGATED: pgettext_lazy("repair", "ended everywhere"),
    RepairState.WITHDRAWN: pgettext_lazy("repair", "withdrawn"),
}
CAUSES = {
    EndingCause.REPAIR: _("repaired"),
    EndingCause.MAXIMUM: _("its time is over"),
    EndingCause.AGENCY: _("ended by its agency"),
    EndingCause.CORRECTION: pgettext_lazy("record", "corrected"),
}
USES = {
    Use.CLASS: pgettext_lazy("use of a record", "class"),
    Use.GATE: pgettext_lazy("use of a record", "verdicts of the gate"),
    Use.LISTING: pgettext_lazy("use of a record", "undisturbed list"),
    Use.VISITS: pgettext_lazy("use of a record", "visits of a round"),
    Use.PUBLIC: pgettext_lazy("use of a record", "public pages"),
    Use.PARTNERS: pgettext_lazy("use of a record", "partners' copies"),
}


class Repair(models.Model):
    """信用修复: an application to end a record's effect before its maximum.

    `number` is what the enterprise is told. Clocks are computed when a step is taken and kept, since the numbers they
    rest on may change: `accept_by` and `answer_by` from application, `decide_by` from acceptance (null before).
    `is_granted` null: not decided.
    """

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    number = models.CharField(_("number"), max_length=32, unique=True)
    record = models.ForeignKey("credit.CreditRecord", on_delete=models.PROTECT, related_name="repairs")
    state = models.CharField(
        _("state"), max_length=10, choices=[(k.value, v) for k, v in REPAIR_STATES.items()]
    )
    grounds = models.TextField(_("what was put right"))
    evidence = models.CharField(_("where the evidence is kept"), max_length=200)
    evidence_hash = models.CharField(_("evidence (SHA-256)"), max_length=64)
    pledge = models.TextField(_("pledge"))
    applied_at = models.DateTimeField(_("applied at"))
    applied_by = models.CharField(_("applied by"), max_length=150)
    accept_by = models.DateField(_("to be accepted by"))
    decide_by = models.DateField(_("to be decided by"), null=True)
    answer_by = models.DateField(_("to be answered by"))
    is_granted = models.BooleanField(_("granted"), null=True)
    words = models.TextField(_("decision in words"), blank=True)
    decided_at = models.DateTimeField(_("decided at"), null=True)
    answered_at = models.DateTimeField(_("answered at"), null=True)

    scope_fields = ScopeFields(
        agencies=("record__agency__code",),
        region="record__enterprise__region__code",
        zone="record__enterprise__zone__code",
        enterprise="record__enterprise__uscc",
        agency_decides=True,
    )

    class Meta:
        verbose_name = _("repair")
        verbose_name_plural = _("repairs")
        ordering = ["answer_by", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["record"],
                condition=Q(state__in=["applied", "returned", "accepted", "granted"]),
                name="a_record_has_one_open_repair",
            ),
            models.CheckConstraint(
                name="evidence_of_a_repair_has_a_sha256",
                condition=Q(evidence_hash__regex=r"^[0-9a-f]{64}$"),
            ),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def scope(self) -> Scope:
        enterprise = self.record.enterprise
        return Scope(
            agencies=frozenset({self.record.agency.code}),
            region=enterprise.region.code if enterprise.region else "",
            zone=enterprise.zone.code if enterprise.zone else "",
            enterprise=enterprise.uscc,
            agency_decides=True,
        )


class RepairStep(models.Model):
    """What happened to an application: append-only."""

    repair = models.ForeignKey(Repair, on_delete=models.CASCADE, related_name="steps")
    act = models.CharField(max_length=16)
    state = models.CharField(max_length=10, choices=[(k.value, v) for k, v in REPAIR_STATES.items()])
    words = models.TextField(blank=True)
    at = models.DateTimeField()
    by = models.CharField(max_length=150)

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return f"{self.repair_id} {self.act}"


class Ending(models.Model):
    """The end of a record's effect, for whatever cause. Every use lets go of it and gives a receipt."""

    record = models.OneToOneField("credit.CreditRecord", on_delete=models.PROTECT, related_name="ending")
    cause = models.CharField(_("cause"), max_length=10, choices=[(k.value, v) for k, v in CAUSES.items()])
    repair = models.OneToOneField(Repair, on_delete=models.PROTECT, null=True, related_name="ending")
    at = models.DateTimeField(_("at"))
    by = models.CharField(_("by"), max_length=150)

    class Meta:
        verbose_name = _("ending of a record")
        verbose_name_plural = _("endings of records")
        indexes = [models.Index(fields=["-at", "-id"], name="endings_by_time")]

    def __str__(self) -> str:
        return f"{self.record_id} {self.cause}"


class Receipt(models.Model):
    """A use's word that it leans on a record no more. `detail` says what it let go of."""

    ending = models.ForeignKey(Ending, on_delete=models.CASCADE, related_name="receipts")
    use = models.CharField(_("use"), max_length=10, choices=[(k.value, v) for k, v in USES.items()])
    at = models.DateTimeField(_("at"))
    detail = models.JSONField(default=dict)

    class Meta:
        verbose_name = _("receipt of an ending")
        verbose_name_plural = _("receipts of endings")
        constraints = [
            models.UniqueConstraint(fields=["ending", "use"], name="a_use_gives_one_receipt_for_an_ending")
        ]

    def __str__(self) -> str:
        return f"{self.ending_id} {self.use}"
