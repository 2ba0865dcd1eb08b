"""Rounds: the draws made from entries, the demands that come out, their matching, and who goes."""

from __future__ import annotations

import uuid
from decimal import Decimal

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from yicha.base.accounts.terms import ANYWHERE, Scope, ScopeFields
from yicha.decide.gate.terms import Outcome
from yicha.decide.planning.models.plans import PlanEntry
from yicha.decide.planning.models.statutory import StatutoryCheck
from yicha.decide.planning.terms import DemandState, Origin, RoundState, RunKind, RunState
from yicha.kernel.refusal import Reason

ROUND_STATES = {
    RoundState.DRAWING: _("drawing"),
    RoundState.COLLECTED: _("demands collected"),
    RoundState.MATCHED: _("matched"),
    RoundState.STAFFING: _("officers being drawn"),
    RoundState.STAFFED: _("officers assigned"),
    RoundState.CLOSED: _("closed"),
}
DEMAND_STATES = {
    DemandState.WAITING: _("waiting for a visit"),
    DemandState.MATCHED: _("has a visit"),
    DemandState.SPARED: _("spared"),
    DemandState.DEFERRED: _("deferred"),
    DemandState.REFUSED: _("refused by the gate"),
    DemandState.WITHDRAWN: _("withdrawn"),
}
ORIGINS = {
    Origin.DRAW: pgettext_lazy("asked for by", "drawn"),
    Origin.STATUTORY: _("prescribed by law"),
    Origin.FOLLOW_UP: _("to be followed up"),
    Origin.RECHECK: _("order to correct"),
}
OUTCOMES = {
    Outcome.RECOGNISE: _("result recognised"),
    Outcome.MERGE: _("join a planned visit"),
    Outcome.OFFSITE: _("off site"),
    Outcome.ALLOW: _("let through"),
    Outcome.DEFER: _("deferred"),
    Outcome.REFUSE: _("refused"),
}
RUN_STATES = {
    RunState.QUEUED: _("queued"),
    RunState.RUNNING: _("running"),
    RunState.DONE: _("done"),
    RunState.REFUSED: _("refused"),
}


class Round(models.Model):
    """A quarter of supervision. `code` is `2026Q3`; `organiser` the code of the region or zone that draws.

    The counts are those of all its matchings together. `simulated` marks a demonstration.
    """

    code = models.CharField(_("round"), max_length=8, unique=True)
    year = models.PositiveSmallIntegerField(_("year"))
    quarter = models.PositiveSmallIntegerField(_("quarter"))
    organiser = models.CharField(_("organiser"), max_length=64)
    state = models.CharField(
        _("state"), max_length=9, choices=[(k.value, v) for k, v in ROUND_STATES.items()]
    )
    simulated = models.BooleanField(_("simulated"), default=False)
    visits_without = models.PositiveIntegerField(_("visits without matching"), default=0)
    visits_with = models.PositiveIntegerField(_("visits"), default=0)
    units = models.PositiveIntegerField(_("agencies' shares"), default=0)
    joint_visits = models.PositiveIntegerField(_("joint visits"), default=0)
    flagged = models.PositiveIntegerField(_("enterprises visited often"), default=0)

    scope_fields = ScopeFields()

    class Meta:
        verbose_name = _("round")
        verbose_name_plural = _("rounds")
        ordering = ["-code"]
        constraints = [
            models.CheckConstraint(
                name="a_round_is_a_quarter", condition=Q(quarter__gte=1) & Q(quarter__lte=4)
            ),
            models.CheckConstraint(
                name="matching_never_adds_visits", condition=Q(visits_with__lte=F("visits_without"))
            ),
        ]

    def __str__(self) -> str:
        return self.code

    @property
    def saved(self) -> int:
        """Visits that need not be made."""
        return self.visits_without - self.visits_with

    @property
    def saved_share(self) -> Decimal:
        """What is saved as a share of the visits without matching, with three decimals."""
        share = Decimal(self.saved) / self.visits_without if self.visits_without else Decimal(0)
        return share.quantize(Decimal("0.001"))

    @property
    def share_width(self) -> int:
        """The visits in thousandths of what they would have been."""
        return 1000 * self.visits_with // self.visits_without if self.visits_without else 0

    @property
    def scope(self) -> Scope:
        """A quarter is of everybody: who may see matchings sees it."""
        return ANYWHERE

    @property
    def run_scope(self) -> Scope:
        """Who runs it: the office of its organiser, no single agency."""
        return Scope(agencies=frozenset(), region=self.organiser, zone=self.organiser)


class EntryDraw(models.Model):
    """A draw made for an entry. A void draw keeps its row; the next one is another row.

    `secret` orders the strata and is never published: see `rules/strata.py`. `collected` says whether its targets
    have become demands.
    """

    entry = models.ForeignKey(PlanEntry, on_delete=models.PROTECT, related_name="draws")
    round = models.ForeignKey(Round, on_delete=models.PROTECT, related_name="entry_draws")
    draw_id = models.CharField(_("draw"), max_length=80, unique=True)
    secret = models.CharField(max_length=64)
    collected = models.BooleanField(_("collected"), default=False)

    class Meta:
        verbose_name = _("draw of an entry")
        verbose_name_plural = _("draws of an entry")
        ordering = ["draw_id"]

    def __str__(self) -> str:
        return self.draw_id


class RoundDraw(models.Model):
    """A draw of officers made for a round; `applied` once its assignment has become `VisitOfficer` rows."""

    round = models.ForeignKey(Round, on_delete=models.PROTECT, related_name="officer_draws")
    draw_id = models.CharField(_("draw"), max_length=80, unique=True)
    applied = models.BooleanField(_("applied"), default=False)

    class Meta:
        verbose_name = _("draw of officers")
        verbose_name_plural = _("draws of officers")
        ordering = ["draw_id"]

    def __str__(self) -> str:
        return self.draw_id


class Screening(models.Model):
    """What the gate said of demands of one enterprise, agency, kind and window, with all its reasons.

    Kept when it decided something: a demand that is let through again keeps the verdict that let it through first.
    `verdict` is as the gate writes verdicts. Classes are internal: nothing public reads this table.
    """

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    round = models.ForeignKey(Round, on_delete=models.PROTECT, related_name="screenings")
    enterprise = models.ForeignKey(
        "registry.Enterprise", on_delete=models.PROTECT, related_name="+", verbose_name=_("enterprise")
    )
    agency = models.ForeignKey(
        "registry.Agency", on_delete=models.PROTECT, related_name="+", verbose_name=_("agency")
    )
    asked_at = models.DateTimeField(_("asked at"))
    outcome = models.CharField(
        _("verdict"), max_length=9, choices=[(k.value, v) for k, v in OUTCOMES.items()]
    )
    verdict = models.JSONField(_("verdict and reasons"))

    scope_fields = ScopeFields(
        agencies=("agency__code",),
        region="enterprise__region__code",
        zone="enterprise__zone__code",
        enterprise="enterprise__uscc",
    )

    class Meta:
        verbose_name = _("screening")
        verbose_name_plural = _("screenings")
        ordering = ["-asked_at", "id"]

    def __str__(self) -> str:
        return f"{self.round_id} {self.enterprise_id} {self.agency_id} {self.outcome}"

    @property
    def scope(self) -> Scope:
        return Scope(
            agencies=frozenset({self.agency.code}),
            region=self.enterprise.region.code if self.enterprise.region else "",
            zone=self.enterprise.zone.code if self.enterprise.zone else "",
            enterprise=self.enterprise.uscc,
        )


class Demand(models.Model):
    """One item that one agency must check at one enterprise within a window.

    `origin` says what asks for it: a draw (`entry`, and its number in `draw_id`), an earlier check (`follows`), or the
    law (`prescribed`); the others are null. Without a draw `draw_id` is a reference of its own (`rules.due.reference`).

    `contact` is its visit (state matched), or the spared visit (states spared and deferred); null in every other
    state. `outcome` is what the gate said of it, empty before it was asked; `screening` has the reasons. `open_from` is
    the day from which a deferred demand may be visited; null unless it is deferred. `method` is `offsite` or `written`
    when the rate that it was drawn under asks for that; empty: as its item says.
    """

    round = models.ForeignKey(Round, on_delete=models.PROTECT, related_name="demands")
    origin = models.CharField(
        _("asked for by"),
        max_length=9,
        choices=[(k.value, v) for k, v in ORIGINS.items()],
        default=Origin.DRAW.value,
    )
    entry = models.ForeignKey(PlanEntry, on_delete=models.PROTECT, null=True, related_name="demands")
    follows = models.ForeignKey(
        "visits.ContactItem", on_delete=models.PROTECT, null=True, related_name="demands_after"
    )
    prescribed = models.ForeignKey(
        StatutoryCheck, on_delete=models.PROTECT, null=True, related_name="demands"
    )
    draw_id = models.CharField(_("draw"), max_length=80)
    enterprise = models.ForeignKey(
        "registry.Enterprise", on_delete=models.PROTECT, related_name="+", verbose_name=_("enterprise")
    )
    agency = models.ForeignKey(
        "registry.Agency", on_delete=models.PROTECT, related_name="+", verbose_name=_("agency")
    )
    item_version = models.ForeignKey(
        "catalogue.ItemVersion", on_delete=models.PROTECT, related_name="+", verbose_name=_("item")
    )
    window_from = models.DateField(_("window from"))
    window_to = models.DateField(_("window to"))
    state = models.CharField(
        _("state"), max_length=9, choices=[(k.value, v) for k, v in DEMAND_STATES.items()]
    )
    outcome = models.CharField(
        _("verdict"), max_length=9, blank=True, choices=[(k.value, v) for k, v in OUTCOMES.items()]
    )
    open_from = models.DateField(_("open from"), null=True)
    method = models.CharField(_("method"), max_length=8, blank=True)
    screening = models.ForeignKey(
        Screening, on_delete=models.SET_NULL, null=True, related_name="demands", verbose_name=_("verdict")
    )
    contact = models.ForeignKey(
        "visits.Contact", on_delete=models.PROTECT, null=True, related_name="demands", verbose_name=_("visit")
    )

    scope_fields = ScopeFields(
        agencies=("agency__code",),
        region="enterprise__region__code",
        zone="enterprise__zone__code",
        enterprise="enterprise__uscc",
    )

    class Meta:
        verbose_name = _("demand")
        verbose_name_plural = _("demands")
        constraints = [
            models.UniqueConstraint(
                fields=["draw_id", "enterprise", "agency", "item_version"], name="a_demand_is_made_once"
            ),
            models.CheckConstraint(
                name="a_demand_says_what_asks_for_it",
                condition=Q(origin="draw", entry__isnull=False, follows__isnull=True, prescribed__isnull=True)
                | Q(
                    origin__in=["follow-up", "recheck"],
                    entry__isnull=True,
                    follows__isnull=False,
                    prescribed__isnull=True,
                )
                | Q(
                    origin="statutory",
                    entry__isnull=True,
                    follows__isnull=True,
                    prescribed__isnull=False,
                ),
            ),
            models.CheckConstraint(
                name="a_demand_window_ends_after_it_begins", condition=Q(window_from__lte=F("window_to"))
            ),
            models.CheckConstraint(
                name="a_matched_or_spared_demand_has_its_visit",
                condition=Q(state__in=["matched", "spared", "deferred"], contact__isnull=False)
                | (~Q(state__in=["matched", "spared", "deferred"]) & Q(contact__isnull=True)),
            ),
            models.CheckConstraint(
                name="a_deferred_demand_says_from_when",
                condition=Q(state="deferred", open_from__isnull=False)
                | (~Q(state="deferred") & Q(open_from__isnull=True)),
            ),
        ]
        indexes = [
            models.Index(fields=["round", "state"], name="demands_of_a_round"),
            models.Index(fields=["round", "outcome"], name="demands_by_verdict"),
        ]

    def __str__(self) -> str:
        return f"{self.draw_id} {self.enterprise_id} {self.agency_id} {self.item_version_id}"


class VisitOfficer(models.Model):
    """An officer who goes to a visit for an agency, and the draw that says so."""

    contact = models.ForeignKey("visits.Contact", on_delete=models.CASCADE, related_name="visit_officers")
    agency = models.ForeignKey("registry.Agency", on_delete=models.PROTECT, related_name="+")
    officer = models.ForeignKey("registry.Officer", on_delete=models.PROTECT, related_name="visit_officers")
    draw_id = models.CharField(_("draw"), max_length=80)

    class Meta:
        verbose_name = _("officer of a visit")
        verbose_name_plural = _("officers of a visit")
        constraints = [
            models.UniqueConstraint(fields=["contact", "officer"], name="an_officer_goes_once_to_a_visit")
        ]

    def __str__(self) -> str:
        return f"{self.contact_id} {self.officer_id}"


class MatchRun(models.Model):
    """A job of a round (opening draws, freezing them, matching), for its progress bar; `reasons` say why not.

    `done` of `total` counts the draws dealt with, and after them the phases of matching. `params` are what an opening
    was given: the beacon and the deadline.
    """

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    round = models.ForeignKey(Round, on_delete=models.PROTECT, related_name="runs")
    kind = models.CharField(max_length=6, default=RunKind.MATCH.value)
    params = models.JSONField(default=dict)
    state = models.CharField(_("state"), max_length=8, choices=[(k.value, v) for k, v in RUN_STATES.items()])
    actor = models.CharField(max_length=150)
    asked_at = models.DateTimeField(_("asked at"))
    done = models.PositiveIntegerField(default=0)
    total = models.PositiveIntegerField(default=0)
    reasons = models.JSONField(default=list)

    class Meta:
        verbose_name = _("matching run")
        verbose_name_plural = _("matching runs")
        constraints = [
            models.UniqueConstraint(
                fields=["round"],
                condition=Q(state__in=["queued", "running"]),
                name="a_round_is_matched_by_one_job_at_a_time",
            )
        ]

    def __str__(self) -> str:
        return f"{self.round_id} {self.state}"

    @property
    def reason_list(self) -> list[Reason]:
        """Why it was refused, as the reasons that they were."""
        return [Reason(**reason) for reason in self.reasons]
