"""Credit records: a row per version, never overwritten."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from yicha.base.accounts.terms import Scope, ScopeFields
from yicha.know.credit.terms import RecordFacts, RecordKind, RecordState, Severity

KINDS = {
    RecordKind.LICENCE: _("licence"),
    RecordKind.PENALTY: _("penalty"),
    RecordKind.ABNORMAL_LISTING: _("listed as abnormal"),
    RecordKind.SERIOUS_VIOLATION: _("listed for serious violations"),
    RecordKind.ANNUAL_REPORT: _("annual report filed"),
    RecordKind.VERIFIED_COMPLAINT: _("verified complaint"),
    RecordKind.ACCIDENT: _("accident"),
    RecordKind.COURT_ORDER: _("court order"),
    RecordKind.TAX_NOTICE: _("tax notice"),
    RecordKind.SOCIAL_INSURANCE_NOTICE: _("social insurance notice"),
    RecordKind.HONOUR: _("honour"),
    RecordKind.PLEDGE: _("credit pledge"),
}
SEVERITIES = {
    Severity.NONE: _("not graded"),
    Severity.MINOR: pgettext_lazy("record", "minor"),
    Severity.GENERAL: pgettext_lazy("record", "general"),
    Severity.SERIOUS: pgettext_lazy("record", "serious"),
}
STATES = {
    RecordState.IN_EFFECT: _("in effect"),
    RecordState.ENDED: _("ended"),
    RecordState.CORRECTED: pgettext_lazy("record", "corrected"),
}


class CreditRecord(models.Model):
    """信用信息: a fact about an enterprise from a source agency. Internal.

    `code` names the record in all its versions (`<agency>/<reference>`); one version at most is not `corrected`.
    `effective_until` null: until it is ended. `year` is set of annual reports, and only of these. `ended_on` is set
    with the state ended, `ended_because` says why. `amount` is in yuan; null: no money is in it. `published_on` is
    the day from which the public may see it (set with `is_published`, and only then), `publish_until` the last such
    day; null: as long as it has effect.
    """

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    code = models.CharField(_("record"), max_length=165)
    version = models.PositiveIntegerField(_("version"), default=1)
    enterprise = models.ForeignKey(
        "registry.Enterprise",
        on_delete=models.PROTECT,
        related_name="credit_records",
        verbose_name=_("enterprise"),
    )
    kind = models.CharField(_("kind"), max_length=24, choices=[(k.value, v) for k, v in KINDS.items()])
    agency = models.ForeignKey(
        "registry.Agency", on_delete=models.PROTECT, related_name="+", verbose_name=_("source agency")
    )
    reference = models.CharField(_("reference"), max_length=100)
    happened_on = models.DateField(_("happened on"))
    effective_from = models.DateField(_("effective from"))
    effective_until = models.DateField(_("effective until"), null=True, blank=True)
    words = models.CharField(_("what happened"), max_length=500, blank=True)
    evidence_hash = models.CharField(_("evidence (SHA-256)"), max_length=64, blank=True)
    evidence = models.CharField(_("where the evidence is kept"), max_length=200, blank=True)
    year = models.PositiveSmallIntegerField(_("year of the report"), null=True, blank=True)
    severity = models.CharField(
        _("severity"),
        max_length=8,
        choices=[(k.value, v) for k, v in SEVERITIES.items()],
        default=Severity.NONE.value,
        db_default=Severity.NONE.value,
    )
    amount = models.DecimalField(_("amount (yuan)"), max_digits=16, decimal_places=2, null=True, blank=True)
    is_published = models.BooleanField(
        pgettext_lazy("publicity", "published"), default=False, db_default=False
    )
    published_on = models.DateField(_("published on"), null=True, blank=True)
    publish_until = models.DateField(_("published until"), null=True, blank=True)
    state = models.CharField(
        _("state"),
        max_length=10,
        choices=[(k.value, v) for k, v in STATES.items()],
        default=RecordState.IN_EFFECT.value,
    )
    recorded_at = models.DateTimeField(_("recorded at"))
    recorded_by = models.CharField(_("recorded by"), max_length=150)
    ended_on = models.DateField(_("ended on"), null=True, blank=True)
    ended_because = models.CharField(_("ended because"), max_length=300, blank=True)

    scope_fields = ScopeFields(
        region="enterprise__region__code", zone="enterprise__zone__code", enterprise="enterprise__uscc"
    )

    class Meta:
        verbose_name = _("credit record")
        verbose_name_plural = _("credit records")
        ordering = ["-happened_on", "-id"]
        constraints = [
            models.UniqueConstraint(fields=["code", "version"], name="a_version_of_a_record_is_written_once"),
            models.UniqueConstraint(
                fields=["code"],
                condition=~Q(state="corrected"),
                name="one_version_of_a_record_holds",
            ),
            models.CheckConstraint(
                name="a_report_and_nothing_else_has_a_year",
                condition=Q(kind="annual-report", year__isnull=False)
                | (~Q(kind="annual-report") & Q(year__isnull=True)),
            ),
            models.CheckConstraint(
                name="an_effect_ends_after_it_begins",
                condition=Q(effective_until=None) | Q(effective_until__gte=F("effective_from")),
            ),
            models.CheckConstraint(
                name="an_ended_record_says_when",
                condition=Q(state="ended", ended_on__isnull=False) | ~Q(state="ended"),
            ),
            models.CheckConstraint(
                name="a_published_record_says_since_when",
                condition=Q(is_published=True, published_on__isnull=False)
                | Q(is_published=False, published_on__isnull=True),
            ),
            models.CheckConstraint(
                name="a_publication_ends_after_it_begins",
                condition=Q(publish_until=None)
                | Q(published_on__isnull=False, publish_until__gte=F("published_on")),
            ),
            models.CheckConstraint(
                name="an_amount_is_not_below_zero", condition=Q(amount=None) | Q(amount__gte=0)
            ),
            models.CheckConstraint(
                name="evidence_of_a_record_has_a_sha256",
                condition=Q(evidence_hash="") | Q(evidence_hash__regex=r"^[0-9a-f]{64}$"),
            ),
        ]
        indexes = [
            models.Index(fields=["enterprise", "kind"], name="records_of_an_enterprise"),
            models.Index(fields=["-happened_on", "-id"], name="records_by_day"),
        ]

    def __str__(self) -> str:
        return self.code

    @property
    def scope(self) -> Scope:
        return self.enterprise.scope

    @property
    def facts(self) -> RecordFacts:
        return RecordFacts(
            uscc=self.enterprise.uscc,
            kind=RecordKind(self.kind),
            agency=self.agency.code,
            reference=self.reference,
            happened_on=self.happened_on,
            effective_from=self.effective_from,
            effective_until=self.effective_until,
            words=self.words,
            evidence_hash=self.evidence_hash,
            evidence=self.evidence,
            year=self.year,
            severity=Severity(self.severity),
            amount=self.amount,
            is_published=self.is_published,
            published_on=self.published_on,
            publish_until=self.publish_until,
        )
