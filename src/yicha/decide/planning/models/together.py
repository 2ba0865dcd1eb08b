"""What agencies do with each other's plans: comments, resolutions of overlaps, and what was knowingly accepted."""

from __future__ import annotations

import uuid

from django.db import models
from django.utils.translation import gettext_lazy as _

from yicha.decide.planning.models.plans import AnnualPlan
from yicha.decide.planning.terms.merging import OverlapChoice
from yicha.decide.planning.terms.yearly import Breach

CHOICES = {
    OverlapChoice.TOGETHER: _("checked together"),
    OverlapChoice.APART: _("kept apart"),
    OverlapChoice.DROPPED: _("dropped"),
}
BREACHES = {
    Breach.FLOOR: _("the floor of a year"),
    Breach.BUDGET: _("the budgets of enterprises"),
}


class PlanAct(models.Model):
    """What led to a revision of a plan, for whoever read an earlier one. `titles` are the entries it touched."""

    plan = models.ForeignKey(AnnualPlan, on_delete=models.CASCADE, related_name="acts")
    revision = models.PositiveIntegerField()
    act = models.CharField(max_length=40)
    actor = models.CharField(max_length=150)
    at = models.DateTimeField()
    titles = models.JSONField(default=list)

    class Meta:
        verbose_name = _("act on a plan")
        verbose_name_plural = _("acts on plans")
        indexes = [models.Index(fields=["plan", "revision"], name="acts_since_a_revision")]

    def __str__(self) -> str:
        return f"{self.plan_id} {self.revision} {self.act}"


class PlanComment(models.Model):
    """What another agency says of a plan, to an entry by its number or to all of it; `answer` empty: not answered."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    plan = models.ForeignKey(AnnualPlan, on_delete=models.CASCADE, related_name="comments")
    agency = models.ForeignKey("registry.Agency", on_delete=models.PROTECT, related_name="+")
    entry_number = models.PositiveSmallIntegerField(_("entry"), null=True)
    text = models.TextField(_("comment"))
    said_by = models.CharField(max_length=150)
    said_at = models.DateTimeField()
    answer = models.TextField(_("answer"), blank=True)
    answered_by = models.CharField(max_length=150, blank=True)
    answered_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("comment on a plan")
        verbose_name_plural = _("comments on plans")
        ordering = ["plan", "said_at", "id"]

    def __str__(self) -> str:
        return f"{self.plan_id} {self.agency_id}"


class OverlapRuling(models.Model):
    """How an overlap of two entries of different plans was resolved on the merge page.

    Entries are named by plan code and directory with items (`key`), which outlive a version: an entry's number does
    not. `choice` is `together` (one window for both), `apart` (with a reason) or `dropped` (the second falls away).
    """

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    year = models.PositiveSmallIntegerField(_("year"))
    first_key = models.CharField(max_length=64)
    second_key = models.CharField(max_length=64)
    first_plan = models.CharField(max_length=100)
    second_plan = models.CharField(max_length=100)
    choice = models.CharField(
        _("resolution"), max_length=8, choices=[(k.value, v) for k, v in CHOICES.items()]
    )
    because = models.CharField(_("reason"), max_length=300, blank=True)
    ruled_by = models.CharField(max_length=150)
    ruled_at = models.DateTimeField()

    class Meta:
        verbose_name = _("resolution of an overlap")
        verbose_name_plural = _("resolutions of overlaps")
        constraints = [
            models.UniqueConstraint(
                fields=["year", "first_key", "second_key"], name="an_overlap_is_resolved_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.year} {self.first_plan} {self.second_plan} {self.choice}"


class PlanAcknowledgement(models.Model):
    """That a plan is published though the floor or the budgets of enterprises are not kept, up to `count`; and why.

    It is of one version of a plan, and given by who may approve it: the next version is looked at again.
    """

    plan = models.ForeignKey(AnnualPlan, on_delete=models.CASCADE, related_name="acknowledgements")
    breach = models.CharField(
        _("what is not kept"), max_length=8, choices=[(k.value, v) for k, v in BREACHES.items()]
    )
    count = models.PositiveIntegerField(_("enterprises"))
    because = models.CharField(_("reason"), max_length=300)
    accepted_by = models.CharField(max_length=150)
    accepted_at = models.DateTimeField()

    class Meta:
        verbose_name = _("acceptance of a breach")
        verbose_name_plural = _("acceptances of breaches")
        constraints = [
            models.UniqueConstraint(fields=["plan", "breach"], name="a_breach_of_a_plan_is_accepted_once")
        ]

    def __str__(self) -> str:
        return f"{self.plan_id} {self.breach} {self.count}"
