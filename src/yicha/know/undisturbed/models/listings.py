"""Listings with their protocol: the step log, what the enterprise was told, objections."""

from __future__ import annotations

import uuid

import pgtrigger
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from yicha.base.accounts.terms import Scope, ScopeFields
from yicha.know.undisturbed.terms import OPEN_STATES, Act, ListingState, Trigger

STATES = {
    ListingState.NOMINATED: _("nominated"),
    ListingState.APPLIED: _("applied for"),
    ListingState.OBJECTION: _("objection window"),
    ListingState.OBJECTED: _("objected to"),
    ListingState.LISTED: _("listed"),
    ListingState.SUSPENDED: _("suspended"),
    ListingState.REMOVED: _("removed"),
    ListingState.DECLINED: _("declined"),
    ListingState.WITHDRAWN: _("withdrawn"),
}
ACTS = {
    Act.NOMINATE: _("nominated"),
    Act.APPLY: _("applied for"),
    Act.REVIEW: _("reviewed at home, objection window opened"),
    Act.LIST_AT_HOME: _("reviewed and listed at home"),
    Act.DECLINE: _("declined"),
    Act.OBJECT: _("objected to"),
    Act.REVIEW_AGAIN: _("reviewed again, objection window opened"),
    Act.WITHDRAW: _("withdrawn"),
    Act.LIST: _("listed"),
    Act.SUSPEND: _("suspended"),
    Act.RESTORE: _("restored"),
    Act.REMOVE: _("removed"),
    Act.LIFT: _("listed again: what suspended it has ended"),
    Act.SUSPEND_ANEW: _("stays suspended because of something else"),
}
TRIGGERS = {
    Trigger.PENALTY: _("penalty"),
    Trigger.VERIFIED_COMPLAINT: _("verified complaint"),
    Trigger.CLASS: _("class below what the list allows"),
    Trigger.ABNORMAL_LISTING: _("listed as abnormal"),
    Trigger.SERIOUS_VIOLATION: _("listed for serious violations"),
    Trigger.ACCIDENT: _("accident"),
    Trigger.CRITERIA: _("no longer meets the criteria"),
}
_OPEN = Q(state__in=[state.value for state in OPEN_STATES])


class Listing(models.Model):
    """One enterprise's way onto the undisturbed list, and what became of it.

    `region` is the home region: that of the address when it was found. `partners` are the regions that may object
    and recognise the listing, under `agreements` (`code/version`), as they were at the review; both empty: listed at
    home only. `window_until` is the last day for objections. `weighed_at`: what was recorded until then was known to
    the person who decided; a trigger recorded later has effect at once. `listed_on` is the day of the last listing or
    restoring; `removed_on` is set with the state removed. `because` is the reason of the present state, if any.
    """

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    enterprise = models.ForeignKey(
        "registry.Enterprise", on_delete=models.PROTECT, related_name="listings", verbose_name=_("enterprise")
    )
    region = models.ForeignKey(
        "registry.Region", on_delete=models.PROTECT, related_name="listings", verbose_name=_("home region")
    )
    state = models.CharField(_("state"), max_length=12, choices=[(k.value, v) for k, v in STATES.items()])
    since = models.DateTimeField(_("in this state since"))
    because = models.CharField(_("because"), max_length=500, blank=True)
    trigger = models.CharField(
        _("trigger"), max_length=20, blank=True, choices=[(k.value, v) for k, v in TRIGGERS.items()]
    )
    partners = ArrayField(
        models.CharField(max_length=6), verbose_name=_("other regions"), default=list, blank=True
    )
    agreements = ArrayField(
        models.CharField(max_length=80), verbose_name=_("agreements"), default=list, blank=True
    )
    window_until = models.DateField(_("objections until"), null=True, blank=True)
    weighed_at = models.DateTimeField(null=True)
    listed_on = models.DateField(_("listed on"), null=True, blank=True)
    removed_on = models.DateField(_("removed on"), null=True, blank=True)

    scope_fields = ScopeFields(
        region="region__code", zone="enterprise__zone__code", enterprise="enterprise__uscc"
    )

    class Meta:
        verbose_name = _("listing")
        verbose_name_plural = _("listings")
        ordering = ["-since", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["enterprise"], condition=_OPEN, name="an_enterprise_has_one_open_listing"
            ),
            models.CheckConstraint(
                name="an_objection_window_ends",
                condition=Q(state="objection", window_until__isnull=False) | ~Q(state="objection"),
            ),
            models.CheckConstraint(
                name="a_listed_enterprise_has_its_day",
                condition=Q(state="listed", listed_on__isnull=False, weighed_at__isnull=False)
                | ~Q(state="listed"),
            ),
            models.CheckConstraint(
                name="a_removed_listing_says_when",
                condition=Q(state="removed", removed_on__isnull=False) | ~Q(state="removed"),
            ),
        ]
        indexes = [
            models.Index(fields=["enterprise"], name="listings_of_an_enterprise"),
            models.Index(fields=["state", "region"], name="listings_by_state"),
            models.Index(fields=["-since", "-id"], name="listings_by_time"),
        ]

    def __str__(self) -> str:
        return str(self.enterprise)

    @property
    def scope(self) -> Scope:
        return Scope(
            region=self.region.code,
            zone=self.enterprise.zone.code if self.enterprise.zone else "",
            enterprise=self.enterprise.uscc,
        )


class Step(models.Model):
    """What happened to a listing: added, never changed. Told to the enterprise by its notice.

    `region` is the region that acted, empty for the enterprise and for time itself. `reason` is internal and may name
    the class; `told` of `rules` says to the enterprise what it may know. `reference` names the act or record behind.
    """

    listing = models.ForeignKey(Listing, on_delete=models.PROTECT, related_name="steps")
    act = models.CharField(_("step"), max_length=12, choices=[(k.value, v) for k, v in ACTS.items()])
    state = models.CharField(_("state"), max_length=12, choices=[(k.value, v) for k, v in STATES.items()])
    at = models.DateTimeField(_("at"))
    by = models.CharField(_("who"), max_length=150)
    region = models.CharField(_("region"), max_length=6, blank=True)
    reason = models.CharField(_("reason"), max_length=500, blank=True)
    trigger = models.CharField(
        _("trigger"), max_length=20, blank=True, choices=[(k.value, v) for k, v in TRIGGERS.items()]
    )
    reference = models.CharField(_("reference"), max_length=200, blank=True)
    until_on = models.DateField(_("until"), null=True)

    class Meta:
        verbose_name = _("step")
        verbose_name_plural = _("steps")
        ordering = ["id"]
        triggers = [
            pgtrigger.Protect(name="steps_are_never_changed", operation=pgtrigger.Update | pgtrigger.Delete)
        ]

    def __str__(self) -> str:
        return f"{self.listing_id} {self.act}"


class Notice(models.Model):
    """A step told to the enterprise. `read_at` null: nobody of the enterprise has read it yet."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    step = models.OneToOneField(Step, on_delete=models.PROTECT, related_name="notice")
    read_at = models.DateTimeField(_("read at"), null=True)
    read_by = models.CharField(_("read by"), max_length=150, blank=True)

    scope_fields = ScopeFields(
        region="step__listing__enterprise__region__code",
        zone="step__listing__enterprise__zone__code",
        enterprise="step__listing__enterprise__uscc",
    )

    class Meta:
        verbose_name = _("notice")
        verbose_name_plural = _("notices")
        ordering = ["-id"]

    def __str__(self) -> str:
        return str(self.uuid)

    @property
    def scope(self) -> Scope:
        return self.step.listing.enterprise.scope


class Objection(models.Model):
    """Another region says no within the window, with a reason."""

    step = models.OneToOneField(Step, on_delete=models.PROTECT, related_name="objection")
    listing = models.ForeignKey(Listing, on_delete=models.PROTECT, related_name="objections")
    region = models.ForeignKey("registry.Region", on_delete=models.PROTECT, related_name="+")
    reason = models.CharField(_("reason"), max_length=500)
    at = models.DateTimeField(_("at"))
    by = models.CharField(_("who"), max_length=150)

    class Meta:
        verbose_name = _("objection")
        verbose_name_plural = _("objections")
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(name="an_objection_has_a_reason", condition=~Q(reason="")),
        ]

    def __str__(self) -> str:
        return f"{self.region_id} {self.reason}"
