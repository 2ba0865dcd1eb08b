"""Dated rows that an administrator may change: items spared, criteria, key-safety trades."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from yicha.base.accounts.terms import Scope, ScopeFields
from yicha.base.database.services.stamps import stamps_reference
from yicha.know.undisturbed.terms import Criterion, CriterionRow, Phase

PHASES = {Phase.ENTRY: _("to get on the list"), Phase.STAY: _("to stay on the list")}
CRITERIA = {
    Criterion.CLASS: _("class at least"),
    Criterion.PENALTY: _("no penalty"),
    Criterion.ANNUAL_REPORT: _("annual reports filed"),
    Criterion.ABNORMAL_LISTING: _("not listed as abnormal"),
    Criterion.SERIOUS_VIOLATION: _("not listed for serious violations"),
    Criterion.KEY_TRADE: _("not in a key-safety trade"),
    Criterion.VERIFIED_COMPLAINT: _("no verified complaint"),
    Criterion.ACCIDENT: _("no accident"),
}


class SparedItem(models.Model):
    """An item that enterprises on the list are spared in a region, from a day until another (null: without end)."""

    item = models.ForeignKey(
        "catalogue.Item", on_delete=models.PROTECT, related_name="+", verbose_name=_("item")
    )
    region = models.ForeignKey(
        "registry.Region", on_delete=models.PROTECT, related_name="+", verbose_name=_("region")
    )
    in_force_from = models.DateField(_("in force from"))
    in_force_until = models.DateField(_("in force until"), null=True, blank=True)
    source = models.CharField(_("source"), max_length=200)
    is_ours = models.BooleanField(_("our default"), default=False)

    scope_fields = ScopeFields(region="region__code")

    class Meta:
        verbose_name = _("item spared")
        verbose_name_plural = _("items spared")
        ordering = ["region__code", "item__code", "-in_force_from"]
        constraints = [
            models.UniqueConstraint(
                fields=["item", "region", "in_force_from"], name="an_item_is_spared_once_a_day_in_a_region"
            ),
            models.CheckConstraint(
                name="an_item_is_spared_before_it_is_not",
                condition=Q(in_force_until=None) | Q(in_force_until__gte=F("in_force_from")),
            ),
        ]
        triggers = [stamps_reference("spareditem")]

    def __str__(self) -> str:
        return f"{self.item_id} {self.region_id}"

    @property
    def scope(self) -> Scope:
        return Scope(region=self.region.code)


class CriterionRule(models.Model):
    """A criterion of the list as a dated row; the newest in force counts. See `terms.CriterionRow`."""

    phase = models.CharField(_("when"), max_length=5, choices=[(k.value, v) for k, v in PHASES.items()])
    criterion = models.CharField(
        _("criterion"), max_length=20, choices=[(k.value, v) for k, v in CRITERIA.items()]
    )
    region = models.CharField(_("region code"), max_length=6, blank=True)
    value = models.CharField(_("value"), max_length=20, blank=True)
    is_on = models.BooleanField(_("demanded"), default=True)
    in_force_from = models.DateField(_("in force from"))
    source = models.CharField(_("source"), max_length=200)
    is_ours = models.BooleanField(_("our default"), default=False)

    class Meta:
        verbose_name = _("criterion")
        verbose_name_plural = _("criteria")
        ordering = ["phase", "criterion", "region", "-in_force_from"]
        constraints = [
            models.UniqueConstraint(
                fields=["phase", "criterion", "region", "in_force_from"],
                name="a_criterion_is_set_once_a_day_in_a_region",
            ),
            models.CheckConstraint(
                name="a_class_is_a_letter",
                condition=~Q(criterion="class") | Q(value__in=["A", "B", "C", "D"]),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.phase} {self.criterion} {self.value}"

    @property
    def facts(self) -> CriterionRow:
        return CriterionRow(
            Phase(self.phase),
            Criterion(self.criterion),
            self.region,
            self.value,
            self.is_on,
            self.in_force_from,
            self.source,
            self.is_ours,
        )


class KeyTrade(models.Model):
    """A trade in which safety comes first: its enterprises are not left alone. `prefix` of GB/T 4754 (`C26`)."""

    prefix = models.CharField(_("industry code"), max_length=8)
    region = models.CharField(_("region code"), max_length=6, blank=True)
    words = models.CharField(_("trade"), max_length=100)
    in_force_from = models.DateField(_("in force from"))
    in_force_until = models.DateField(_("in force until"), null=True, blank=True)
    source = models.CharField(_("source"), max_length=200)
    is_ours = models.BooleanField(_("our default"), default=False)

    class Meta:
        verbose_name = _("key-safety trade")
        verbose_name_plural = _("key-safety trades")
        ordering = ["prefix", "region", "-in_force_from"]
        constraints = [
            models.UniqueConstraint(
                fields=["prefix", "region", "in_force_from"], name="a_trade_is_set_once_a_day_in_a_region"
            ),
            models.CheckConstraint(
                name="a_trade_is_a_code_of_gb_t_4754", condition=Q(prefix__regex=r"^[A-T][0-9]{0,4}$")
            ),
            models.CheckConstraint(
                name="a_trade_begins_before_it_ends",
                condition=Q(in_force_until=None) | Q(in_force_until__gte=F("in_force_from")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.prefix} {self.words}"
