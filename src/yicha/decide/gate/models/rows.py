"""What the gate judges by, as dated rows: triggers, quiet days, approvals of campaigns. Kept in memory by processes."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from yicha.base.accounts.terms import ANYWHERE, Scope, ScopeFields
from yicha.base.database.services.stamps import stamps_reference


class TriggerRule(models.Model):
    """启动缘由: why a visit may take place, and what such a visit is free from; from a date on.

    The newest row of a code that is in force counts. The meaning of each flag is in `terms.TriggerFacts`.
    """

    code = models.SlugField(_("code"), max_length=32)
    words = models.CharField(_("meaning"), max_length=100)
    own_initiative = models.BooleanField(_("own initiative"))
    counts_toward_cap = models.BooleanField(_("counts toward the cap"))
    exempt_from_cap = models.BooleanField(_("free of the cap"))
    exempt_from_quiet = models.BooleanField(_("free of quiet days"))
    exempt_from_undisturbed = models.BooleanField(_("free of the undisturbed list"))
    spareable = models.BooleanField(_("a result or data may stand in"))
    needs_evidence = models.BooleanField(_("evidence is named"))
    may_be_unannounced = models.BooleanField(_("may be unannounced"), default=False)
    in_force_from = models.DateField(_("in force from"))
    source = models.CharField(_("source"), max_length=200)
    is_ours = models.BooleanField(_("our default"), default=False)

    class Meta:
        verbose_name = _("trigger of a visit")
        verbose_name_plural = _("triggers of visits")
        ordering = ["code", "-in_force_from"]
        triggers = [stamps_reference("triggerrule")]
        constraints = [
            models.UniqueConstraint(fields=["code", "in_force_from"], name="a_trigger_is_set_once_a_day")
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.in_force_from}"


class QuietDays(models.Model):
    """宁静日: days of every month, both included, on which a region or zone wants no visits; from a date on.

    The newest row of a region that is in force counts; `from_day` after `until_day` is not possible, and a region that
    gives its quiet days up says so with a row whose days are both 0.
    """

    region = models.CharField(_("region or zone code"), max_length=32)
    from_day = models.PositiveSmallIntegerField(
        _("from day"), validators=[MinValueValidator(0), MaxValueValidator(31)]
    )
    until_day = models.PositiveSmallIntegerField(
        _("until day"), validators=[MinValueValidator(0), MaxValueValidator(31)]
    )
    in_force_from = models.DateField(_("in force from"))
    source = models.CharField(_("source"), max_length=200)
    is_ours = models.BooleanField(_("our default"), default=False)

    class Meta:
        verbose_name = _("quiet days")
        verbose_name_plural = _("quiet days")
        ordering = ["region", "-in_force_from"]
        triggers = [stamps_reference("quietdays")]
        constraints = [
            models.CheckConstraint(
                name="quiet_days_end_after_they_begin",
                condition=Q(from_day__gte=1, until_day__lte=31, from_day__lte=F("until_day"))
                | Q(from_day=0, until_day=0),
            ),
            models.UniqueConstraint(
                fields=["region", "in_force_from"], name="quiet_days_are_set_once_a_day_in_a_region"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.region} {self.from_day}–{self.until_day}"


class CampaignApproval(models.Model):
    """Who approved which special campaign, for whom and until when. Empty agencies or items: all.

    `document` is the number of the approval; `from_above`: a superior ordered it, so that its visits do not count.
    """

    code = models.SlugField(_("code"), max_length=64, unique=True)
    document = models.CharField(_("document"), max_length=200)
    approved_by = models.CharField(_("approved by"), max_length=100)
    from_above = models.BooleanField(_("ordered from above"), default=False)
    agencies = ArrayField(
        models.CharField(max_length=64), verbose_name=_("agencies"), default=list, blank=True
    )
    items = ArrayField(models.CharField(max_length=64), verbose_name=_("items"), default=list, blank=True)
    valid_from = models.DateField(_("valid from"))
    valid_until = models.DateField(_("valid until"))

    scope_fields = ScopeFields()

    class Meta:
        verbose_name = _("approval of a campaign")
        verbose_name_plural = _("approvals of campaigns")
        ordering = ["-valid_from", "code"]
        triggers = [stamps_reference("campaignapproval")]
        constraints = [
            models.CheckConstraint(
                name="a_campaign_ends_after_it_begins", condition=Q(valid_from__lte=F("valid_until"))
            )
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.document}"

    @property
    def scope(self) -> Scope:
        return ANYWHERE
