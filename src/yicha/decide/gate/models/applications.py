"""Who asked for what, what was answered from which facts, and the codes that open doors."""

from __future__ import annotations

import uuid

import pghistory
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from yicha.base.accounts.terms import Scope, ScopeFields
from yicha.decide.gate.terms import ApplicationState, CodeState, Outcome
from yicha.know.visits.terms import ContactKind

APPLICATION_STATES = {
    ApplicationState.WAITING: _("a reason is required"),
    ApplicationState.GRANTED: pgettext_lazy("application", "granted"),
    ApplicationState.SPARED: _("spared"),
    ApplicationState.DEFERRED: _("deferred"),
    ApplicationState.REFUSED: _("refused"),
    ApplicationState.PAPERS_DUE: _("papers are due"),
    ApplicationState.WITHDRAWN: _("withdrawn"),
    ApplicationState.REOPENED: _("reopened"),
}
OUTCOMES = {
    Outcome.RECOGNISE: _("recognise"),
    Outcome.MERGE: _("merge"),
    Outcome.OFFSITE: _("off site"),
    Outcome.ALLOW: _("allow"),
    Outcome.DEFER: _("defer"),
    Outcome.REFUSE: _("refuse"),
}
CODE_STATES = {
    CodeState.LIVE: _("valid"),
    CodeState.REPLACED: _("replaced by a newer one"),
    CodeState.REVOKED: pgettext_lazy("visit code", "revoked"),
}
KINDS = {
    ContactKind.DAILY: _("daily inspection"),
    ContactKind.CASE: _("case inspection"),
    ContactKind.SPECIAL: _("special inspection"),
    ContactKind.COURTESY: _("courtesy call"),
}


@pghistory.track(pghistory.UpdateEvent(row="OLD"), pghistory.DeleteEvent())
class Application(models.Model):
    """A wish to enter, kept with its verdict and a copy of all facts that the verdict was found from.

    `verdict` and `facts` are the stored forms of `terms.Verdict` and `terms.Facts`; `queries.read_verdict` and
    `queries.read_facts` give them back. `items` and `officers` are codes and certificates as they were asked for.
    `until_on`: a deferred application may be asked again from this day. `contact` is the visit that it led to, new or
    joined (null: none). `leans_on` are the results that it recognised, so that a revocation finds it.
    `papers_due_on` and `entered_on` belong to an emergency or an outage: the visit has taken place already.
    """

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    agency = models.ForeignKey(
        "registry.Agency", on_delete=models.PROTECT, related_name="applications", verbose_name=_("agency")
    )
    enterprise = models.ForeignKey(
        "registry.Enterprise",
        on_delete=models.PROTECT,
        related_name="applications",
        verbose_name=_("enterprise"),
    )
    premises = models.ForeignKey(
        "registry.Premises", on_delete=models.PROTECT, null=True, related_name="+", verbose_name=_("premises")
    )
    items = ArrayField(models.CharField(max_length=64), verbose_name=_("items"))
    kind = models.CharField(_("kind"), max_length=8, choices=[(k.value, v) for k, v in KINDS.items()])
    trigger = models.CharField(_("trigger"), max_length=32)
    evidence = models.CharField(_("evidence"), max_length=200, blank=True)
    officers = ArrayField(
        models.CharField(max_length=32), verbose_name=_("officers"), default=list, blank=True
    )
    window_from = models.DateField(_("from"))
    window_until = models.DateField(_("until"))
    campaign = models.CharField(_("campaign"), max_length=64, blank=True)
    approved_by = models.CharField(_("approved by"), max_length=100, blank=True)
    reasons = models.JSONField(_("reasons given"), default=dict, blank=True)
    note = models.CharField(_("note"), max_length=300, blank=True)
    """Why it was withdrawn, entered late or as an emergency."""
    state = models.CharField(
        _("state"), max_length=10, choices=[(k.value, v) for k, v in APPLICATION_STATES.items()]
    )
    outcome = models.CharField(
        _("verdict"), max_length=9, choices=[(k.value, v) for k, v in OUTCOMES.items()]
    )
    verdict = models.JSONField(_("verdict in full"))
    facts = models.JSONField(_("facts"))
    leans_on = ArrayField(models.UUIDField(), verbose_name=_("leans on results"), default=list, blank=True)
    asked_at = models.DateTimeField(_("asked at"))
    asked_by = models.CharField(_("asked by"), max_length=150)
    judged_at = models.DateTimeField(_("judged at"))
    until_on = models.DateField(_("again from"), null=True)
    contact = models.ForeignKey(
        "visits.Contact",
        on_delete=models.PROTECT,
        null=True,
        related_name="applications",
        verbose_name=_("visit"),
    )
    papers_due_on = models.DateField(_("papers due on"), null=True)
    entered_on = models.DateField(_("entered on"), null=True)
    simulated = models.BooleanField(_("simulated"), default=False)

    scope_fields = ScopeFields(
        agencies=("agency__code",),
        region="agency__region__code",
        zone="enterprise__zone__code",
        enterprise="enterprise__uscc",
    )

    class Meta:
        verbose_name = _("application")
        verbose_name_plural = _("applications")
        constraints = [
            models.CheckConstraint(
                name="an_application_ends_after_it_begins", condition=Q(window_from__lte=F("window_until"))
            ),
            models.CheckConstraint(
                name="a_granted_application_has_its_visit",
                condition=~Q(state__in=["granted", "papers-due"]) | Q(contact__isnull=False),
            ),
            models.CheckConstraint(
                name="papers_that_are_due_have_a_day",
                condition=~Q(state="papers-due") | Q(papers_due_on__isnull=False),
            ),
        ]
        indexes = [
            models.Index(fields=["enterprise", "-asked_at"], name="applications_of_an_enterprise"),
            models.Index(fields=["agency", "state", "-asked_at"], name="applications_of_an_agency"),
            models.Index(fields=["state", "-asked_at"], name="applications_by_state"),
            models.Index(fields=["-asked_at"], name="applications_by_time"),
            GinIndex(fields=["leans_on"], name="applications_lean_on"),
        ]

    def __str__(self) -> str:
        return f"{self.uuid} {self.state}"

    @property
    def scope(self) -> Scope:
        zone = self.enterprise.zone
        return Scope(
            agencies=frozenset({self.agency.code}),
            region=self.agency.region.code,
            zone=zone.code if zone else "",
            enterprise=self.enterprise.uscc,
        )


class VisitCode(models.Model):
    """检查码: the signed token over a visit, its items, officers and agencies, for the days of its window.

    A visit has one live code; when somebody joins it, a new code replaces the old one. `digest` is the SHA-256 of the
    token, by which it is found again. `revoked_at` goes with the state revoked.
    """

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    contact = models.ForeignKey(
        "visits.Contact", on_delete=models.PROTECT, related_name="codes", verbose_name=_("visit")
    )
    token = models.TextField(_("token"))
    digest = models.CharField(max_length=64, unique=True, editable=False)
    kid = models.CharField(_("key"), max_length=64)
    state = models.CharField(_("state"), max_length=8, choices=[(k.value, v) for k, v in CODE_STATES.items()])
    issued_at = models.DateTimeField(_("issued at"))
    valid_from = models.DateField(_("valid from"))
    valid_until = models.DateField(_("valid until"))
    revoked_at = models.DateTimeField(_("revoked at"), null=True)
    because = models.CharField(_("because"), max_length=300, blank=True)

    scope_fields = ScopeFields(
        agencies=("contact__lead_agency__code", "contact__items__agency__code"),
        region="contact__enterprise__region__code",
        zone="contact__enterprise__zone__code",
        enterprise="contact__enterprise__uscc",
        agency_decides=True,
    )

    class Meta:
        verbose_name = _("visit code")
        verbose_name_plural = _("visit codes")
        constraints = [
            models.UniqueConstraint(
                fields=["contact"], condition=Q(state="live"), name="a_visit_has_one_live_code"
            ),
            models.CheckConstraint(
                name="a_code_ends_after_it_begins", condition=Q(valid_from__lte=F("valid_until"))
            ),
            models.CheckConstraint(
                name="a_revoked_code_says_when",
                condition=~Q(state="revoked") | Q(revoked_at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.uuid} {self.state}"

    @property
    def scope(self) -> Scope:
        scope: Scope = self.contact.scope
        return scope


class Turn(models.Model):
    """Applications for one enterprise are judged one after another: whoever changes its row has the turn."""

    enterprise = models.OneToOneField(
        "registry.Enterprise", on_delete=models.CASCADE, primary_key=True, related_name="+"
    )
    number = models.BigIntegerField()

    class Meta:
        verbose_name = _("turn")
        verbose_name_plural = _("turns")

    def __str__(self) -> str:
        return f"{self.enterprise_id} {self.number}"
