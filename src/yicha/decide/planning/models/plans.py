"""Annual plans and their entries."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from yicha.base.accounts.terms import Scope, ScopeFields
from yicha.decide.planning.terms import PlanOwner, PlanState
from yicha.know.catalogue.terms import Method, RateScope
from yicha.know.visits.terms import ContactKind

PLAN_STATES = {
    PlanState.DRAFT: _("draft"),
    PlanState.SUBMITTED: _("submitted"),
    PlanState.APPROVED: _("approved"),
    PlanState.PUBLISHED: _("published"),
    PlanState.SUPERSEDED: _("superseded"),
}
KINDS = {
    ContactKind.DAILY: _("daily inspection"),
    ContactKind.SPECIAL: _("special inspection"),
    ContactKind.CASE: _("case inspection"),
}
METHODS = {Method.OFFSITE: _("off site"), Method.WRITTEN: _("in writing"), Method.ONSITE: _("on site")}
SCOPES = {RateScope.ALL: _("all items"), RateScope.KEY: _("key items only")}
CLASSES = [(letter, letter) for letter in "ABCD"]


class AnnualPlan(models.Model):
    """What an agency, or the agencies of a joint list in a region or zone, mean to check in a year.

    Draft → submitted → approved → published; a published plan is amended by the next `version`, which supersedes it
    when it is published. `agencies` are all that take part: they, and who may see every agency, see the plan. Once
    it is submitted `commenters` see it too, the other agencies of its places, and may say what they think of it.
    `revision` rises with every change: who saves says which one was read, and is told when it is another one by now.
    A grant's region narrows who may *edit* (`edit_scope`), not who may see: a zone's plan is of several regions.
    """

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    code = models.CharField(_("code"), max_length=100)
    version = models.PositiveSmallIntegerField(_("version"), default=1)
    year = models.PositiveSmallIntegerField(_("year"))
    title = models.CharField(_("title"), max_length=200)
    owner = models.ForeignKey(
        "registry.Agency", on_delete=models.PROTECT, null=True, related_name="plans", verbose_name=_("agency")
    )
    joint_list = models.ForeignKey(
        "catalogue.JointList",
        on_delete=models.PROTECT,
        null=True,
        related_name="plans",
        verbose_name=_("joint list"),
    )
    region = models.ForeignKey(
        "registry.Region", on_delete=models.PROTECT, null=True, related_name="+", verbose_name=_("region")
    )
    zone = models.ForeignKey(
        "registry.Zone", on_delete=models.PROTECT, null=True, related_name="+", verbose_name=_("zone")
    )
    agencies = models.ManyToManyField(
        "registry.Agency", related_name="shared_plans", verbose_name=_("agencies")
    )
    commenters = models.ManyToManyField(
        "registry.Agency", related_name="plans_to_comment", verbose_name=_("who may comment")
    )
    state = models.CharField(
        _("state"), max_length=10, choices=[(k.value, v) for k, v in PLAN_STATES.items()]
    )
    submitted_by = models.CharField(_("submitted by"), max_length=150, blank=True)
    approved_by = models.CharField(_("approved by"), max_length=150, blank=True)
    published_on = models.DateField(pgettext_lazy("plan", "published on"), null=True)
    revision = models.PositiveIntegerField(default=0)

    scope_fields = ScopeFields(agencies=("agencies__code", "commenters__code"))

    class Meta:
        verbose_name = _("annual plan")
        verbose_name_plural = _("annual plans")
        ordering = ["-year", "code", "-version"]
        constraints = [
            models.UniqueConstraint(fields=["code", "version"], name="a_plan_version_exists_once"),
            models.UniqueConstraint(
                fields=["code"], condition=Q(state="published"), name="a_plan_has_one_published_version"
            ),
            models.CheckConstraint(
                name="a_plan_is_of_an_agency_or_of_a_joint_list",
                condition=Q(owner__isnull=False, joint_list__isnull=True, zone__isnull=True)
                | Q(owner__isnull=True, joint_list__isnull=False),
            ),
            models.CheckConstraint(
                name="a_plan_is_in_a_region_or_in_a_zone",
                condition=Q(region__isnull=False, zone__isnull=True)
                | Q(region__isnull=True, zone__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.title} v{self.version}"

    @property
    def subject(self) -> str:
        """This version as the ledger names it."""
        return f"plan:{self.code}.v{self.version}"

    @property
    def owned_by(self) -> PlanOwner:
        """Its owner by codes."""
        if self.owner:
            return PlanOwner(agency=self.owner.code)
        return PlanOwner(
            joint_list=self.joint_list.code if self.joint_list else "",
            region=self.region.code if self.region else "",
            zone=self.zone.code if self.zone else "",
        )

    @property
    def owner_words(self) -> str:
        """Its agency's name, or its joint list's."""
        return str(self.owner or self.joint_list or "")

    @property
    def place_name(self) -> str:
        """The name of its region or zone."""
        place = self.zone or self.region
        return place.name if place else ""

    @property
    def place_code(self) -> str:
        """The code of its region or zone."""
        place = self.zone or self.region
        return place.code if place else ""

    @property
    def scope(self) -> Scope:
        """Who sees it: all agencies that take part, and those that may comment."""
        seen_by = {*self.agencies.all(), *self.commenters.all()}
        return Scope(agencies=frozenset(agency.code for agency in seen_by))

    @property
    def edit_scope(self) -> Scope:
        """Who changes it: its agency, or the agencies that lead its joint list; narrowed by region or zone."""
        if self.owner:
            agencies = {self.owner.code}
        else:
            lead = self.joint_list.lead_kind_id if self.joint_list else None
            agencies = {agency.code for agency in self.agencies.all() if agency.kind_id == lead}
        return Scope(
            agencies=frozenset(agencies),
            region=self.region.code if self.region else "",
            zone=self.zone.code if self.zone else "",
        )


class PlanEntry(models.Model):
    """One line of a plan: whom (directory, place), what (joint list, or items), when (quarter and window).

    `rate` is the plan's own for all classes; null: the rates in force. `ordered_by`, `order_number`, `ordered_on` are
    the approval record of a special inspection outside the plan. `population` and `expected` are counted when the
    entry is written: how many it is about, and how many the rates mean. The draw counts again; these are for planning.
    """

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    plan = models.ForeignKey(AnnualPlan, on_delete=models.CASCADE, related_name="entries")
    number = models.PositiveSmallIntegerField(_("number"))
    title = models.CharField(_("title"), max_length=200)
    quarter = models.PositiveSmallIntegerField(_("quarter"))
    directory = models.ForeignKey(
        "registry.Directory", on_delete=models.PROTECT, related_name="+", verbose_name=_("directory")
    )
    joint_list = models.ForeignKey(
        "catalogue.JointList",
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("joint list"),
    )
    items = models.ManyToManyField("catalogue.Item", related_name="+", verbose_name=_("items"))
    kind = models.CharField(_("kind"), max_length=8, choices=[(k.value, v) for k, v in KINDS.items()])
    window_from = models.DateField(_("window from"))
    window_to = models.DateField(_("window to"))
    rate = models.DecimalField(_("rate"), max_digits=5, decimal_places=4, null=True)
    ordered_by = models.CharField(_("special ordered by"), max_length=200, blank=True)
    order_number = models.CharField(_("number of the order"), max_length=100, blank=True)
    ordered_on = models.DateField(_("ordered on"), null=True)
    population = models.PositiveIntegerField(_("population"), default=0)
    expected = models.PositiveIntegerField(_("to be drawn"), default=0)

    class Meta:
        verbose_name = _("plan entry")
        verbose_name_plural = _("plan entries")
        ordering = ["plan", "number"]
        constraints = [
            models.UniqueConstraint(fields=["plan", "number"], name="an_entry_number_is_given_once"),
            models.CheckConstraint(
                name="a_quarter_is_one_to_four", condition=Q(quarter__gte=1) & Q(quarter__lte=4)
            ),
            models.CheckConstraint(
                name="an_entry_window_ends_after_it_begins", condition=Q(window_from__lte=F("window_to"))
            ),
        ]

    def __str__(self) -> str:
        return f"{self.plan.code}.v{self.plan.version}.{self.number}"


class EntryStratum(models.Model):
    """The rate of a class in a region as it was copied from the catalogue, with its source; and what it means.

    Classes are internal: nothing public reads this table. `rate` null: no row was in force. `visits_a_year`, `method`
    and `scope` as `catalogue.DrawRate` has them.
    """

    entry = models.ForeignKey(PlanEntry, on_delete=models.CASCADE, related_name="strata")
    region = models.ForeignKey("registry.Region", on_delete=models.PROTECT, related_name="+")
    risk_class = models.CharField(_("class"), max_length=1, choices=CLASSES)
    rate = models.DecimalField(_("rate"), max_digits=5, decimal_places=4, null=True)
    visits_a_year = models.PositiveSmallIntegerField(_("visits on own initiative a year"), null=True)
    method = models.CharField(
        _("method"),
        max_length=8,
        choices=[(k.value, v) for k, v in METHODS.items()],
        default=Method.ONSITE.value,
    )
    scope = models.CharField(
        _("scope"),
        max_length=3,
        choices=[(k.value, v) for k, v in SCOPES.items()],
        default=RateScope.ALL.value,
    )
    source = models.CharField(_("source"), max_length=200, blank=True)
    in_force_from = models.DateField(_("in force from"), null=True)
    size = models.PositiveIntegerField(_("enterprises"))
    expected = models.PositiveIntegerField(_("to be drawn"))

    class Meta:
        verbose_name = _("stratum of an entry")
        verbose_name_plural = _("strata of an entry")
        ordering = ["region__code", "risk_class"]
        constraints = [
            models.UniqueConstraint(
                fields=["entry", "region", "risk_class"], name="a_stratum_of_an_entry_is_kept_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.region_id} {self.risk_class} {self.rate}"
