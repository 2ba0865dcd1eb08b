"""Agreements, their signatures, and the standards that count as the same under them."""

from __future__ import annotations

import uuid

from django.contrib.postgres.fields import ArrayField
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from yicha.base.accounts.terms import ANYWHERE, Scope, ScopeFields
from yicha.base.database.services.stamps import stamps_reference
from yicha.kernel import clock
from yicha.know.agreement.terms import (
    AgreementDraft,
    AgreementState,
    EquivalenceFacts,
    EquivalenceState,
    Share,
    Standard,
    VersionFacts,
)

STATES = {
    AgreementState.DRAFT: _("draft"),
    AgreementState.OFFERED: _("offered for signature"),
    AgreementState.SIGNED: _("signed, not begun"),
    AgreementState.IN_FORCE: _("in force"),
    AgreementState.ENDED: _("ended"),
    AgreementState.SUPERSEDED: _("superseded"),
    AgreementState.WITHDRAWN: _("withdrawn"),
}
SHARES = {
    Share.RESULTS: _("results of checks"),
    Share.UNDISTURBED: _("the undisturbed list"),
    Share.ASSISTANCE: _("inspections in each other's region"),
}
EQUIVALENCE_STATES = {EquivalenceState.HOLDS: _("counts"), EquivalenceState.ENDED: _("ended")}


class Agreement(models.Model):
    """合作协议: a version of what regions share. Without one, nothing crosses their border.

    Draft → offered → signed (by everybody) → in force from its first day → ended or superseded by its next version;
    a draft or an offer may be withdrawn. `kinds` and `items` empty: all. `begins_on` is set when all have signed: its
    first day, or the day of the last signature if that is later. `notice_until` is set by notice, which ends the
    agreement for all. `valid_until` null: open. Services save this row last: its trigger covers its other tables.
    """

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    code = models.CharField(_("number"), max_length=32)
    version = models.PositiveSmallIntegerField(_("version"), validators=[MinValueValidator(1)])
    name = models.CharField(_("name"), max_length=200)
    text = models.TextField(_("text of the agreement"))
    regions = models.ManyToManyField("registry.Region", related_name="+", verbose_name=_("member regions"))
    kinds = models.ManyToManyField(
        "registry.AgencyKind", related_name="+", blank=True, verbose_name=_("kinds of agency")
    )
    items = models.ManyToManyField("catalogue.Item", related_name="+", blank=True, verbose_name=_("items"))
    shares = ArrayField(
        models.CharField(max_length=12, choices=[(k.value, v) for k, v in SHARES.items()]),
        verbose_name=_("what is shared"),
    )
    valid_from = models.DateField(_("valid from"))
    valid_until = models.DateField(_("valid until"), null=True, blank=True)
    notice_days = models.PositiveSmallIntegerField(_("days of notice"))
    state = models.CharField(_("state"), max_length=10, choices=[(k.value, v) for k, v in STATES.items()])
    drafted_by = models.CharField(_("drafted by"), max_length=150)
    drafted_at = models.DateTimeField(_("drafted at"))
    begins_on = models.DateField(_("in force from"), null=True)
    notice_until = models.DateField(_("last day after notice"), null=True)
    notice_by = models.ForeignKey("registry.Region", on_delete=models.PROTECT, null=True, related_name="+")
    ended_because = models.CharField(_("reason for the end"), max_length=500, blank=True)

    scope_fields = ScopeFields()

    class Meta:
        verbose_name = _("agreement")
        verbose_name_plural = _("agreements")
        ordering = ["-code", "-version"]
        triggers = [stamps_reference("agreement")]
        constraints = [
            models.UniqueConstraint(fields=["code", "version"], name="an_agreement_version_exists_once"),
            models.UniqueConstraint(
                fields=["code"], condition=Q(state="in-force"), name="one_version_of_an_agreement_is_in_force"
            ),
            models.UniqueConstraint(
                fields=["code"],
                condition=Q(state__in=["draft", "offered", "signed"]),
                name="one_version_of_an_agreement_is_on_its_way",
            ),
            models.CheckConstraint(
                name="an_agreement_ends_after_it_begins",
                condition=Q(valid_until=None) | Q(valid_from__lte=F("valid_until")),
            ),
            models.CheckConstraint(
                name="an_agreement_in_force_has_its_first_day",
                condition=Q(begins_on__isnull=False) | ~Q(state__in=["signed", "in-force", "superseded"]),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def scope(self) -> Scope:
        """Agreements are known to every official."""
        return ANYWHERE

    @property
    def facts(self) -> VersionFacts:
        """As the rules see it. Prefetch `regions`, `kinds`, `items` and `signatures__region`."""
        slots = list(self.signatures.all())
        return VersionFacts(
            code=self.code,
            version=self.version,
            state=AgreementState(self.state),
            draft=AgreementDraft(
                name=self.name,
                text=self.text,
                regions=frozenset(region.code for region in self.regions.all()),
                shares=frozenset(self.shares),
                valid_from=self.valid_from,
                valid_until=self.valid_until,
                kinds=frozenset(kind.code for kind in self.kinds.all()),
                items=frozenset(item.code for item in self.items.all()),
                notice_days=self.notice_days,
            ),
            must_sign=frozenset(slot.region.code for slot in slots),
            signed={slot.region.code: clock.today(slot.signed_at) for slot in slots if slot.signed_at},
            begins_on=self.begins_on,
            notice_until=self.notice_until,
        )


class Signature(models.Model):
    """The place where a region signs a version; made when it is offered. `signed_at` is null until the region has.

    `text_hash` is the SHA-256 of what was signed, as canonical JSON.
    """

    agreement = models.ForeignKey(Agreement, on_delete=models.CASCADE, related_name="signatures")
    region = models.ForeignKey("registry.Region", on_delete=models.PROTECT, related_name="+")
    signed_at = models.DateTimeField(_("signed at"), null=True)
    signed_by = models.CharField(_("signed by"), max_length=150, blank=True)
    text_hash = models.CharField(_("hash of what was signed"), max_length=64, blank=True)

    class Meta:
        verbose_name = _("signature")
        verbose_name_plural = _("signatures")
        ordering = ["region__code"]
        triggers = [stamps_reference("signature")]
        constraints = [
            models.UniqueConstraint(fields=["agreement", "region"], name="a_region_signs_a_version_once"),
            models.CheckConstraint(
                name="a_signature_says_who_signed_what",
                condition=Q(signed_at=None) | ~Q(signed_by="") & ~Q(text_hash=""),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.agreement_id} {self.region_id}"


class Equivalence(models.Model):
    """标准互认: a result on `other_item` in `other_region` counts as one on `own_item` in `own_region`.

    `both_ways`: and the reverse. It holds under the agreement of this code, through its versions, until it is ended.
    """

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    agreement = models.ForeignKey(Agreement, on_delete=models.PROTECT, related_name="equivalences")
    own_item = models.ForeignKey("catalogue.Item", on_delete=models.PROTECT, related_name="+")
    own_region = models.ForeignKey("registry.Region", on_delete=models.PROTECT, related_name="+")
    other_item = models.ForeignKey("catalogue.Item", on_delete=models.PROTECT, related_name="+")
    other_region = models.ForeignKey("registry.Region", on_delete=models.PROTECT, related_name="+")
    both_ways = models.BooleanField(_("in both directions"), default=True)
    source = models.CharField(_("source"), max_length=200)
    state = models.CharField(
        _("state"), max_length=5, choices=[(k.value, v) for k, v in EQUIVALENCE_STATES.items()]
    )
    declared_by = models.CharField(_("declared by"), max_length=150)
    declared_at = models.DateTimeField(_("declared at"))
    ended_because = models.CharField(_("reason for the end"), max_length=300, blank=True)

    class Meta:
        verbose_name = _("equivalence of items")
        verbose_name_plural = _("equivalences of items")
        ordering = ["agreement", "pk"]
        triggers = [stamps_reference("equivalence")]
        constraints = [
            models.CheckConstraint(
                name="an_equivalence_is_of_two_items", condition=~Q(own_item=F("other_item"))
            ),
            models.UniqueConstraint(
                fields=["agreement", "own_item", "own_region", "other_item", "other_region"],
                condition=Q(state="holds"),
                name="an_equivalence_is_declared_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.own_item_id} = {self.other_item_id}"

    @property
    def facts(self) -> EquivalenceFacts:
        return EquivalenceFacts(
            agreement=self.agreement.code,
            own=Standard(self.own_item.code, self.own_region.code),
            other=Standard(self.other_item.code, self.other_region.code),
            both_ways=self.both_ways,
        )
