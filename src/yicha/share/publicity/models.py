"""What was published, and what is due. Rows of results are frozen when they become public."""

from __future__ import annotations

import uuid

import pgtrigger
from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from yicha.base.accounts.terms import Scope, ScopeFields
from yicha.share.publicity.terms import PublicationState

PUBLICATION_STATES = {
    PublicationState.DUE: _("to be published"),
    PublicationState.PUBLISHED: pgettext_lazy("publicity", "published"),
}


class Publication(models.Model):
    """The results of one visit. Until published, only the clock is set; from then on the row never changes.

    `due_certain` is False while a year on the way has no published holidays yet. `name` is empty where the public
    gets the code only. `problems` counts the items in which something was found.
    """

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    visit = models.OneToOneField("inspection.Visit", on_delete=models.PROTECT, related_name="publication")
    state = models.CharField(
        _("state"), max_length=9, choices=[(k.value, v) for k, v in PUBLICATION_STATES.items()]
    )
    closed_on = models.DateField(_("closed on"))
    due_on = models.DateField(_("public by"))
    due_certain = models.BooleanField(default=True)
    published_at = models.DateTimeField(_("published at"), null=True)
    published_on = models.DateField(_("published on"), null=True)
    published_by = models.CharField(_("published by"), max_length=150, blank=True)
    uscc = models.CharField(_("unified social credit code"), max_length=18, blank=True)
    name = models.CharField(_("name"), max_length=200, blank=True)
    region = models.CharField(_("region"), max_length=60, blank=True)
    lead = models.CharField(_("lead agency"), max_length=100, blank=True)
    visited_on = models.DateField(_("visited on"), null=True)
    problems = models.PositiveSmallIntegerField(_("problems"), default=0)
    simulated = models.BooleanField(_("simulated"), default=False)
    content = models.JSONField(_("content"), default=dict)
    content_hash = models.CharField(max_length=64, blank=True)

    scope_fields = ScopeFields(
        agencies=("visit__contact__lead_agency__code",),
        region="visit__contact__enterprise__region__code",
        zone="visit__contact__enterprise__zone__code",
        enterprise="visit__contact__enterprise__uscc",
    )

    class Meta:
        verbose_name = _("publication")
        verbose_name_plural = _("publications")
        constraints = [
            models.CheckConstraint(
                name="what_is_published_says_when_and_what",
                condition=Q(state="due", published_at__isnull=True, published_on__isnull=True, uscc="")
                | (
                    Q(state="published", published_at__isnull=False, published_on__isnull=False)
                    & ~Q(content_hash="")
                ),
            ),
        ]
        indexes = [
            models.Index(fields=["state", "due_on"], name="publications_by_clock"),
            models.Index(fields=["uscc", "-visited_on"], name="publications_of_an_enterprise"),
            models.Index(fields=["-published_at"], name="publications_by_time"),
            GinIndex(OpClass(F("name"), "gin_trgm_ops"), name="publications_by_name"),
            GinIndex(OpClass(F("uscc"), "gin_trgm_ops"), name="publications_by_code"),
        ]
        triggers = [
            pgtrigger.Protect(
                name="what_is_public_is_not_rewritten",
                operation=pgtrigger.Update | pgtrigger.Delete,
                condition=pgtrigger.Q(old__state="published"),
            )
        ]

    def __str__(self) -> str:
        return f"{self.visit_id} {self.state}"

    @property
    def scope(self) -> Scope:
        return self.visit.lead_scope
