"""Visits on their way to the door."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from yicha.act.dispatch.terms import DispatchState
from yicha.base.accounts.terms import Scope, ScopeFields
from yicha.know.registry.terms import DayPart

STATES = {
    DispatchState.PREPARED: _("waits for approval"),
    DispatchState.APPROVED: _("approved"),
    DispatchState.NOTIFIED: _("notice sent"),
    DispatchState.READY: _("ready, unannounced"),
    DispatchState.WITHDRAWN: _("withdrawn"),
}
PARTS = {DayPart.MORNING: _("morning"), DayPart.AFTERNOON: _("afternoon")}


class Dispatch(models.Model):
    """A visit that is being sent out; one living row per visit.

    `number` is the running number of the notice (`2026Q3-0042`). `notice_due_on` is the last day on which the notice is
    in time. `running` is the number of visits that the enterprise has this year, this one included, as the notice
    says it. `papers` is the one list of what to prepare. `sha256` is the notice's, of the PDF that was sent last.
    """

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    contact = models.ForeignKey("visits.Contact", on_delete=models.PROTECT, related_name="dispatches")
    number = models.CharField(_("number"), max_length=40, unique=True)
    state = models.CharField(_("state"), max_length=9, choices=[(k.value, v) for k, v in STATES.items()])
    prepared_by = models.CharField(max_length=150)
    prepared_at = models.DateTimeField(_("prepared at"))
    approval_due_on = models.DateField(_("approval by"))
    notice_due_on = models.DateField(_("notice by"))
    approved_at = models.DateTimeField(_("approved at"), null=True)
    notified_at = models.DateTimeField(_("notice sent at"), null=True)
    unannounced_because = models.CharField(_("why unannounced"), max_length=300, blank=True)
    late_because = models.CharField(_("why the notice is late"), max_length=300, blank=True)
    running = models.PositiveSmallIntegerField(_("visits this year"), null=True)
    papers = models.JSONField(default=list)
    sha256 = models.CharField(max_length=64, blank=True)
    withdrawn_because = models.CharField(_("why withdrawn"), max_length=300, blank=True)

    scope_fields = ScopeFields(
        agencies=("contact__lead_agency__code", "contact__items__agency__code"),
        region="contact__enterprise__region__code",
        zone="contact__enterprise__zone__code",
        enterprise="contact__enterprise__uscc",
        agency_decides=True,
    )

    class Meta:
        verbose_name = _("dispatch")
        verbose_name_plural = _("dispatches")
        ordering = ["contact__planned_on", "number"]
        constraints = [
            models.UniqueConstraint(
                fields=["contact"], condition=~Q(state="withdrawn"), name="a_visit_is_dispatched_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.state}"

    @property
    def scope(self) -> Scope:
        return self.contact.scope


class HeadApproval(models.Model):
    """Prior approval of an agency's part by its head."""

    dispatch = models.ForeignKey(Dispatch, on_delete=models.CASCADE, related_name="approvals")
    agency = models.ForeignKey("registry.Agency", on_delete=models.PROTECT, related_name="+")
    approved_by = models.CharField(_("approved by"), max_length=150)
    approved_at = models.DateTimeField(_("approved at"))

    class Meta:
        verbose_name = _("approval of an agency's head")
        verbose_name_plural = _("approvals of agencies' heads")
        constraints = [
            models.UniqueConstraint(fields=["dispatch", "agency"], name="an_agency_approves_a_dispatch_once")
        ]

    def __str__(self) -> str:
        return f"{self.dispatch_id} {self.agency_id}"


class Notice(models.Model):
    """A notice as it was sent. Version 1 is the first; a later one says in `changed` what is otherwise than before.

    `said` is everything that the page shows, by which the next version is compared; `message` has the PDF itself, and
    `sha256` is its hash.
    """

    dispatch = models.ForeignKey(Dispatch, on_delete=models.PROTECT, related_name="notices")
    version = models.PositiveSmallIntegerField(_("version"))
    sent_at = models.DateTimeField(_("sent at"))
    sent_by = models.CharField(_("sent by"), max_length=150)
    day = models.DateField(_("day"))
    part = models.CharField(
        _("part of the day"), max_length=2, blank=True, choices=[(k.value, v) for k, v in PARTS.items()]
    )
    said = models.JSONField()
    changed = models.JSONField(default=list)
    message = models.ForeignKey("outgoing.Message", on_delete=models.PROTECT, related_name="+")
    sha256 = models.CharField(max_length=64)

    class Meta:
        verbose_name = _("notice")
        verbose_name_plural = _("notices")
        ordering = ["dispatch", "version"]
        constraints = [
            models.UniqueConstraint(fields=["dispatch", "version"], name="a_version_of_a_notice_is_sent_once")
        ]

    def __str__(self) -> str:
        return f"{self.dispatch_id} {self.version}"


class Reminder(models.Model):
    """Somebody was reminded of something with a day: of a visit, an approval or a notice. Once, and never again."""

    dispatch = models.ForeignKey(Dispatch, on_delete=models.CASCADE, related_name="reminders")
    of = models.CharField(max_length=8)
    audience = models.CharField(max_length=80)
    day = models.DateField()
    sent_at = models.DateTimeField()

    class Meta:
        verbose_name = _("reminder")
        verbose_name_plural = _("reminders")
        constraints = [
            models.UniqueConstraint(
                fields=["dispatch", "of", "audience", "day"], name="nobody_is_reminded_twice"
            )
        ]

    def __str__(self) -> str:
        return f"{self.dispatch_id} {self.of} {self.audience}"


class Feed(models.Model):
    """An officer's secret address of his calendar (.ics); of the secret only a digest is kept."""

    officer = models.OneToOneField("registry.Officer", on_delete=models.CASCADE, related_name="feed")
    digest = models.CharField(max_length=64, unique=True)
    made_at = models.DateTimeField(_("made at"))

    class Meta:
        verbose_name = _("calendar feed")
        verbose_name_plural = _("calendar feeds")

    def __str__(self) -> str:
        return f"{self.officer_id}"
