"""Who is supervised, by whom, where. Changes are kept row by row (pghistory)."""

from __future__ import annotations

import uuid
from typing import Any

import pghistory
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from yicha.base.accounts.terms import Scope, ScopeFields
from yicha.base.database.services.stamps import stamps_reference
from yicha.know.registry.terms import (
    LATITUDES,
    LONGITUDES,
    DirectoryMode,
    EnterpriseKind,
    EnterpriseStatus,
    LinkKind,
    RegionKind,
    RiskClass,
)

REGION_KINDS = {
    RegionKind.PROVINCE: _("province"),
    RegionKind.CITY: _("city"),
    RegionKind.DISTRICT: _("district"),
    RegionKind.FUNCTIONAL: _("functional area"),
}
ENTERPRISE_KINDS = {
    EnterpriseKind.COMPANY: _("company"),
    EnterpriseKind.SOLE_PROPRIETOR: _("sole proprietor"),
    EnterpriseKind.COOPERATIVE: _("cooperative"),
    EnterpriseKind.BRANCH: _("branch"),
    EnterpriseKind.INSTITUTION: _("institution"),
}
ENTERPRISE_STATUSES = {
    EnterpriseStatus.ACTIVE: _("active"),
    EnterpriseStatus.CANCELLED: _("cancelled"),
    EnterpriseStatus.REVOKED: _("revoked"),
    EnterpriseStatus.MOVED_OUT: _("moved out"),
}
LINK_KINDS = {
    LinkKind.PREMISES: _("same premises"),
    LinkKind.LEGAL_REPRESENTATIVE: _("same legal representative"),
    LinkKind.SUPPLIER: _("same supplier"),
}
DIRECTORY_MODES = {DirectoryMode.RULE: _("by rule"), DirectoryMode.HAND: _("by hand")}


def _degrees(words: Any) -> models.DecimalField:  # type: ignore[type-arg]
    """Degrees of WGS 84 to the millionth, which is a tenth of a metre; null: not known."""
    return models.DecimalField(words, max_digits=9, decimal_places=6, null=True, blank=True)


def _on_the_map(name: str) -> models.CheckConstraint:
    """Both coordinates or none, and within China: a swapped pair lies outside."""
    inside = Q(lat__isnull=False, lon__isnull=False, lat__range=LATITUDES, lon__range=LONGITUDES)
    return models.CheckConstraint(name=name, condition=Q(lat=None, lon=None) | inside)


class Region(models.Model):
    """A division of GB/T 2260, or a functional area with agencies of its own. The tree is `parent`.

    `lat` and `lon` are its middle, where a map puts what has no place of its own.
    """

    code = models.CharField(_("code"), max_length=6, unique=True)
    name = models.CharField(_("name"), max_length=60)
    kind = models.CharField(_("kind"), max_length=12, choices=[(k.value, v) for k, v in REGION_KINDS.items()])
    parent = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="children"
    )
    address_patterns = ArrayField(models.CharField(max_length=60), default=list, blank=True)
    lat = _degrees(_("latitude"))
    lon = _degrees(_("longitude"))

    class Meta:
        verbose_name = _("region")
        verbose_name_plural = _("regions")
        triggers = [stamps_reference("region")]
        ordering = ["code"]
        constraints = [
            models.CheckConstraint(
                name="a_region_code_has_six_digits", condition=Q(code__regex=r"^[0-9]{6}$")
            ),
            models.CheckConstraint(name="a_region_is_not_its_own_parent", condition=~Q(parent=F("id"))),
            _on_the_map("a_region_has_its_middle_in_china"),
        ]

    def __str__(self) -> str:
        return self.name


class Zone(models.Model):
    """An area that crosses regions. An address is in it when its region is crossed and a pattern matches.

    A pattern that is a region's code takes the whole region.
    """

    code = models.CharField(_("code"), max_length=32, unique=True)
    name = models.CharField(_("name"), max_length=60)
    regions = models.ManyToManyField(Region, related_name="zones")
    address_patterns = ArrayField(models.CharField(max_length=60), default=list, blank=True)

    class Meta:
        verbose_name = _("zone")
        verbose_name_plural = _("zones")
        triggers = [stamps_reference("zone")]
        ordering = ["code"]

    def __str__(self) -> str:
        return self.name


class AgencyKind(models.Model):
    """What a department is in every region: market regulation, fire rescue, …"""

    code = models.SlugField(_("code"), max_length=32, unique=True)
    name = models.CharField(_("name"), max_length=60)

    class Meta:
        verbose_name = _("kind of agency")
        verbose_name_plural = _("kinds of agency")
        triggers = [stamps_reference("agencykind")]
        ordering = ["code"]

    def __str__(self) -> str:
        return self.name


class Agency(models.Model):
    """One department of one region."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    code = models.CharField(_("code"), max_length=64, unique=True)
    name = models.CharField(_("name"), max_length=100)
    kind = models.ForeignKey(
        AgencyKind, on_delete=models.PROTECT, related_name="agencies", verbose_name=_("kind")
    )
    region = models.ForeignKey(
        Region, on_delete=models.PROTECT, related_name="agencies", verbose_name=_("region")
    )

    scope_fields = ScopeFields(agencies=("code",), region="region__code")

    class Meta:
        verbose_name = _("agency")
        verbose_name_plural = _("agencies")
        triggers = [stamps_reference("agency")]
        ordering = ["code"]
        constraints = [
            models.UniqueConstraint(fields=["kind", "region"], name="a_region_has_one_agency_of_a_kind"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def scope(self) -> Scope:
        return Scope(agencies=frozenset({self.code}), region=self.region.code)


@pghistory.track(pghistory.UpdateEvent(row="OLD"), pghistory.DeleteEvent())
class Officer(models.Model):
    """Holds a certificate (执法证) and belongs to one agency. `competences`: item codes, or the agency kind for all."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    certificate = models.CharField(_("certificate"), max_length=32, unique=True)
    name = models.CharField(_("name"), max_length=60)
    agency = models.ForeignKey(
        Agency, on_delete=models.PROTECT, related_name="officers", verbose_name=_("agency")
    )
    valid_from = models.DateField(_("valid from"))
    valid_until = models.DateField(_("valid until"))
    competences = ArrayField(
        models.CharField(max_length=64), verbose_name=_("competences"), default=list, blank=True
    )
    active = models.BooleanField(_("in service"), default=True)

    scope_fields = ScopeFields(agencies=("agency__code",), region="agency__region__code")

    class Meta:
        verbose_name = _("officer")
        verbose_name_plural = _("officers")
        ordering = ["certificate"]
        constraints = [
            models.CheckConstraint(
                name="a_certificate_ends_after_it_begins", condition=Q(valid_from__lte=F("valid_until"))
            )
        ]

    def __str__(self) -> str:
        return f"{self.name} {self.certificate}"

    @property
    def scope(self) -> Scope:
        return Scope(agencies=frozenset({self.agency.code}), region=self.agency.region.code)


@pghistory.track(pghistory.UpdateEvent(row="OLD"), pghistory.DeleteEvent())
class Enterprise(models.Model):
    """A company, sole proprietor or cooperative that is supervised.

    `region` is the district of the address (null: the address says none, see the import's notes); `zone` the area
    across regions that it lies in, if any; the code's authority decides neither. `initials` are the pinyin initials
    of the name, for searching. `risk_class` is internal.
    """

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    uscc = models.CharField(_("unified social credit code"), max_length=18, unique=True)
    name = models.CharField(_("name"), max_length=200)
    initials = models.CharField(max_length=200, blank=True, editable=False)
    kind = models.CharField(
        _("kind"), max_length=16, choices=[(k.value, v) for k, v in ENTERPRISE_KINDS.items()]
    )
    industry = models.CharField(_("industry code"), max_length=8, blank=True)
    industry_name = models.CharField(_("industry"), max_length=100, blank=True)
    region = models.ForeignKey(
        Region, on_delete=models.PROTECT, null=True, related_name="enterprises", verbose_name=_("region")
    )
    zone = models.ForeignKey(
        Zone, on_delete=models.PROTECT, null=True, related_name="enterprises", verbose_name=_("zone")
    )
    address = models.CharField(_("address"), max_length=300, blank=True)
    status = models.CharField(
        _("status"),
        max_length=12,
        choices=[(k.value, v) for k, v in ENTERPRISE_STATUSES.items()],
        default=EnterpriseStatus.ACTIVE.value,
    )
    risk_class = models.CharField(
        _("class"), max_length=1, choices=[(k.value, k.value) for k in RiskClass], default=RiskClass.B.value
    )
    registered_on = models.DateField(_("registered on"), null=True, blank=True)
    capital = models.CharField(_("registered capital"), max_length=60, blank=True)
    scope_text = models.TextField(_("business scope"), blank=True)
    lat = _degrees(_("latitude"))
    lon = _degrees(_("longitude"))

    scope_fields = ScopeFields(region="region__code", zone="zone__code", enterprise="uscc")

    class Meta:
        verbose_name = _("enterprise")
        verbose_name_plural = _("enterprises")
        ordering = ["uscc"]
        constraints = [
            models.CheckConstraint(
                name="a_code_has_18_or_15_characters", condition=Q(uscc__regex=r"^([0-9A-Z]{18}|[0-9]{15})$")
            ),
            _on_the_map("an_enterprise_has_its_place_in_china"),
        ]
        indexes = [
            GinIndex(OpClass(F("name"), "gin_trgm_ops"), name="enterprises_by_name"),
            GinIndex(OpClass(F("initials"), "gin_trgm_ops"), name="enterprises_by_initials"),
            GinIndex(OpClass(F("uscc"), "gin_trgm_ops"), name="enterprises_by_code"),
            models.Index(fields=["region", "risk_class"], name="enterprises_by_stratum"),
            models.Index(fields=["zone", "uscc"], name="enterprises_by_zone"),
            models.Index(fields=["industry", "uscc"], name="enterprises_by_industry"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def scope(self) -> Scope:
        return Scope(
            region=self.region.code if self.region else "",
            zone=self.zone.code if self.zone else "",
            enterprise=self.uscc,
        )


class Premises(models.Model):
    """A site of an enterprise; a site can be inspected on its own. The registered address is the enterprise's."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    enterprise = models.ForeignKey(Enterprise, on_delete=models.CASCADE, related_name="premises")
    name = models.CharField(_("name"), max_length=200)
    address = models.CharField(_("address"), max_length=300)
    region = models.ForeignKey(Region, on_delete=models.PROTECT, null=True, related_name="+")
    zone = models.ForeignKey(Zone, on_delete=models.PROTECT, null=True, related_name="+")
    lat = _degrees(_("latitude"))
    lon = _degrees(_("longitude"))

    class Meta:
        verbose_name = _("premises")
        verbose_name_plural = _("premises")
        constraints = [
            models.UniqueConstraint(
                fields=["enterprise", "address"], name="an_address_is_one_site_of_an_enterprise"
            ),
            _on_the_map("a_site_has_its_place_in_china"),
        ]

    def __str__(self) -> str:
        return self.name


class Alias(models.Model):
    """Another name an enterprise goes by: a former name, a shop sign, a spelling of another system."""

    enterprise = models.ForeignKey(Enterprise, on_delete=models.CASCADE, related_name="aliases")
    name = models.CharField(_("name"), max_length=200)
    source = models.CharField(_("source"), max_length=100, blank=True)

    class Meta:
        verbose_name = _("alias")
        verbose_name_plural = _("aliases")
        constraints = [models.UniqueConstraint(fields=["enterprise", "name"], name="an_alias_is_kept_once")]
        indexes = [GinIndex(OpClass(F("name"), "gin_trgm_ops"), name="aliases_by_name")]

    def __str__(self) -> str:
        return self.name


class Recusal(models.Model):
    """回避: an officer must not inspect this enterprise, from one day until another (null: without end)."""

    officer = models.ForeignKey(Officer, on_delete=models.CASCADE, related_name="recusals")
    enterprise = models.ForeignKey(Enterprise, on_delete=models.CASCADE, related_name="recusals")
    reason = models.CharField(_("reason"), max_length=200)
    from_on = models.DateField(_("from"))
    until_on = models.DateField(_("until"), null=True, blank=True)

    class Meta:
        verbose_name = _("recusal")
        verbose_name_plural = _("recusals")
        constraints = [
            models.UniqueConstraint(
                fields=["officer", "enterprise", "from_on"], name="a_recusal_is_recorded_once_a_day"
            )
        ]

    def __str__(self) -> str:
        return f"{self.officer_id} {self.enterprise_id}"


class Directory(models.Model):
    """检查对象名录库: a maintained set of enterprises. `rule` is the stored form of `terms.DirectoryRule`."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    code = models.SlugField(_("code"), max_length=64, unique=True)
    name = models.CharField(_("name"), max_length=100)
    mode = models.CharField(
        _("mode"), max_length=4, choices=[(k.value, v) for k, v in DIRECTORY_MODES.items()]
    )
    rule = models.JSONField(_("rule"), default=dict, blank=True)
    members = models.ManyToManyField(Enterprise, related_name="directories", blank=True)

    class Meta:
        verbose_name = _("directory")
        verbose_name_plural = _("directories")
        ordering = ["code"]

    def __str__(self) -> str:
        return self.name


class EnterpriseLink(models.Model):
    """What an enterprise shares with others: an address, a legal representative, a supplier.

    Enterprises with the same kind and `key` hang together. The key of a person is a keyed hash of the number of an
    identity document, never the number itself: it can be compared and not read. `words` say what the key is, as far
    as it may be said (an address, a supplier's name); empty for a person. `is_derived`: found from addresses of the
    registry, and gone when they no longer are the same.
    """

    enterprise = models.ForeignKey(Enterprise, on_delete=models.CASCADE, related_name="links")
    kind = models.CharField(_("kind"), max_length=20, choices=[(k.value, v) for k, v in LINK_KINDS.items()])
    key = models.CharField(max_length=64)
    words = models.CharField(_("what is shared"), max_length=300, blank=True)
    is_derived = models.BooleanField(_("found by address"), default=False, db_default=False)

    class Meta:
        verbose_name = _("link between enterprises")
        verbose_name_plural = _("links between enterprises")
        constraints = [
            models.UniqueConstraint(
                fields=["enterprise", "kind", "key"], name="a_link_of_an_enterprise_is_kept_once"
            )
        ]
        indexes = [models.Index(fields=["kind", "key"], name="enterprises_that_hang_together")]

    def __str__(self) -> str:
        return f"{self.enterprise_id} {self.kind}"
