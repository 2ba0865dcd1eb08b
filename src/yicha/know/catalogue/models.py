"""What may be checked, and the numbers of the law, as dated rows."""

from __future__ import annotations

import uuid

import pghistory
from django.contrib.postgres.fields import ArrayField
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from yicha.base.accounts.terms import ANYWHERE, Scope, ScopeFields
from yicha.base.database.services.stamps import stamps_reference
from yicha.know.catalogue.terms import ItemStatus, Method, NumberFacts, RateFacts, RateScope, Weight

ITEM_STATUSES = {
    ItemStatus.DRAFT: _("draft"),
    ItemStatus.PUBLISHED: _("published"),
    ItemStatus.RETIRED: _("retired"),
}
METHODS = {Method.OFFSITE: _("off site"), Method.WRITTEN: _("in writing"), Method.ONSITE: _("on site")}
WEIGHTS = {Weight.GENERAL: _("general item"), Weight.KEY: _("key item")}
RATE_SCOPES = {RateScope.ALL: _("all items"), RateScope.KEY: _("key items only")}
CLASSES = [(letter, letter) for letter in "ABCD"]


class Item(models.Model):
    """监管事项: one thing one kind of agency checks. What it says is in its versions."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    code = models.CharField(_("code"), max_length=64, unique=True)
    agency_kind = models.ForeignKey(
        "registry.AgencyKind",
        on_delete=models.PROTECT,
        related_name="items",
        verbose_name=_("kind of agency"),
    )

    scope_fields = ScopeFields()

    class Meta:
        verbose_name = _("item")
        verbose_name_plural = _("items")
        triggers = [stamps_reference("item")]
        ordering = ["code"]

    def __str__(self) -> str:
        return self.code

    @property
    def scope(self) -> Scope:
        return ANYWHERE


@pghistory.track(pghistory.UpdateEvent(row="OLD"), pghistory.DeleteEvent())
class ItemVersion(models.Model):
    """The text of an item from a date on. A check names a version, so that it stays readable what was checked.

    `equipment` are the codes of what must be taken along (see `registry.Equipment`). `papers` is what the enterprise is
    asked to prepare, a text each: a visit's notice merges those of all its items into one list.
    `annual_cap` is how often a year the item may be checked at one enterprise; null: no cap of its own.
    `valid_days` is how long a result may be recognised by others; null: as the number `result-valid-days` says.
    """

    item = models.ForeignKey(Item, on_delete=models.PROTECT, related_name="versions", verbose_name=_("item"))
    version = models.PositiveIntegerField(_("version"), validators=[MinValueValidator(1)])
    name = models.CharField(_("name"), max_length=200)
    legal_basis = models.TextField(_("legal basis"))
    competence = models.CharField(_("competence"), max_length=100, blank=True)
    equipment = ArrayField(
        models.CharField(max_length=32), verbose_name=_("special equipment"), default=list, blank=True
    )
    papers = ArrayField(
        models.CharField(max_length=100), verbose_name=_("papers to prepare"), default=list, blank=True
    )
    method = models.CharField(_("method"), max_length=8, choices=[(k.value, v) for k, v in METHODS.items()])
    weight = models.CharField(
        _("weight"),
        max_length=8,
        choices=[(k.value, v) for k, v in WEIGHTS.items()],
        default=Weight.GENERAL.value,
    )
    annual_cap = models.PositiveSmallIntegerField(_("times a year"), null=True, blank=True)
    valid_days = models.PositiveSmallIntegerField(
        _("a result is recognised for (days)"), null=True, blank=True, validators=[MinValueValidator(1)]
    )
    status = models.CharField(
        pgettext_lazy("item", "status"),
        max_length=10,
        choices=[(k.value, v) for k, v in ITEM_STATUSES.items()],
        default=ItemStatus.DRAFT.value,
    )
    in_force_from = models.DateField(_("in force from"))

    class Meta:
        verbose_name = _("item version")
        verbose_name_plural = _("item versions")
        triggers = [stamps_reference("itemversion")]
        ordering = ["item", "-version"]
        constraints = [
            models.UniqueConstraint(fields=["item", "version"], name="a_version_number_is_given_once"),
            models.UniqueConstraint(
                fields=["item"], condition=Q(status="published"), name="an_item_has_one_published_version"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} v{self.version}"


class JointList(models.Model):
    """联合检查事项清单 (一业一查): what several agencies check together in one industry."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    code = models.SlugField(_("code"), max_length=64, unique=True)
    name = models.CharField(_("name"), max_length=100)
    lead_kind = models.ForeignKey(
        "registry.AgencyKind",
        on_delete=models.PROTECT,
        related_name="led_lists",
        verbose_name=_("lead agency"),
    )
    directory = models.ForeignKey(
        "registry.Directory",
        on_delete=models.PROTECT,
        null=True,
        related_name="joint_lists",
        verbose_name=_("directory"),
    )
    items = models.ManyToManyField(Item, related_name="joint_lists", verbose_name=_("items"))

    scope_fields = ScopeFields()

    class Meta:
        verbose_name = _("joint list")
        verbose_name_plural = _("joint lists")
        ordering = ["code"]

    def __str__(self) -> str:
        return self.name

    @property
    def scope(self) -> Scope:
        return ANYWHERE


class DrawRate(models.Model):
    """抽取比例 of a class, from a date on. Without list, item or region it holds for all that say nothing else.

    `visits_a_year`: who had so many visits on own initiative within twelve months is not drawn; null: no limit.
    """

    joint_list = models.ForeignKey(
        JointList, on_delete=models.CASCADE, null=True, blank=True, related_name="rates"
    )
    item = models.ForeignKey(Item, on_delete=models.CASCADE, null=True, blank=True, related_name="rates")
    region = models.ForeignKey(
        "registry.Region", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    risk_class = models.CharField(_("class"), max_length=1, choices=CLASSES)
    rate = models.DecimalField(
        _("rate"), max_digits=5, decimal_places=4, validators=[MinValueValidator(0), MaxValueValidator(1)]
    )
    visits_a_year = models.PositiveSmallIntegerField(
        _("visits on own initiative a year"), null=True, blank=True, validators=[MinValueValidator(1)]
    )
    method = models.CharField(
        _("method"),
        max_length=8,
        choices=[(k.value, v) for k, v in METHODS.items()],
        default=Method.ONSITE.value,
    )
    scope = models.CharField(
        _("scope"),
        max_length=3,
        choices=[(k.value, v) for k, v in RATE_SCOPES.items()],
        default=RateScope.ALL.value,
    )
    in_force_from = models.DateField(_("in force from"))
    source = models.CharField(_("source"), max_length=200)
    is_ours = models.BooleanField(_("our default"), default=False)

    class Meta:
        verbose_name = _("rate")
        verbose_name_plural = _("rates")
        constraints = [
            models.CheckConstraint(name="a_rate_is_a_share", condition=Q(rate__gte=0) & Q(rate__lte=1)),
            models.CheckConstraint(
                name="a_rate_is_of_a_list_or_an_item", condition=Q(joint_list=None) | Q(item=None)
            ),
            models.UniqueConstraint(
                fields=["joint_list", "item", "region", "risk_class", "in_force_from"],
                nulls_distinct=False,
                name="a_rate_is_set_once_a_day",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.risk_class} {self.rate}"

    @property
    def facts(self) -> RateFacts:
        return RateFacts(
            joint_list=self.joint_list.code if self.joint_list else "",
            item=self.item.code if self.item else "",
            risk_class=self.risk_class,
            region=self.region.code if self.region else "",
            rate=self.rate,
            in_force_from=self.in_force_from,
            source=self.source,
            visits_a_year=self.visits_a_year,
            method=Method(self.method),
            scope=RateScope(self.scope),
        )


class LegalNumber(models.Model):
    """A number of the law, or ours where no official one was found (`is_ours`), from a date on.

    `region` is the code of a region or zone that says otherwise than all others; empty: everywhere.
    """

    code = models.CharField(_("code"), max_length=64)
    region = models.CharField(_("region or zone code"), max_length=32, blank=True)
    value = models.DecimalField(_("value"), max_digits=12, decimal_places=4)
    unit = models.CharField(_("unit"), max_length=20)
    words = models.CharField(_("meaning"), max_length=200)
    source = models.CharField(_("source"), max_length=200)
    is_ours = models.BooleanField(_("our default"), default=False)
    in_force_from = models.DateField(_("in force from"))

    class Meta:
        verbose_name = _("number of the law")
        verbose_name_plural = _("numbers of the law")
        triggers = [stamps_reference("legalnumber")]
        ordering = ["code", "region", "-in_force_from"]
        constraints = [
            models.UniqueConstraint(
                fields=["code", "region", "in_force_from"], name="a_number_is_set_once_a_day_in_a_region"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.value} {self.unit}"

    @property
    def facts(self) -> NumberFacts:
        return NumberFacts(
            self.code, self.value, self.unit, self.source, self.is_ours, self.in_force_from, self.region
        )
