"""Calendars that were made, what they propose, what must not move, and what agencies say."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from yicha.base.accounts.terms import ANYWHERE, Scope, ScopeFields
from yicha.decide.scheduling.terms import AnswerState, ScheduleCause, ScheduleState
from yicha.kernel.refusal import Reason
from yicha.know.registry.terms import DayPart

PARTS = {DayPart.MORNING: _("morning"), DayPart.AFTERNOON: _("afternoon")}
STATES = {
    ScheduleState.QUEUED: _("queued"),
    ScheduleState.RUNNING: _("running"),
    ScheduleState.STOPPING: _("stopping"),
    ScheduleState.PROPOSED: _("proposed"),
    ScheduleState.KEPT: pgettext_lazy("calendar", "kept"),
    ScheduleState.SUPERSEDED: _("superseded"),
    ScheduleState.DISCARDED: _("discarded"),
    ScheduleState.REFUSED: _("refused"),
}
CAUSES = {
    ScheduleCause.FIRST: _("first calendar"),
    ScheduleCause.OFFICERS: _("officers drawn"),
    ScheduleCause.ABSENCE: _("an officer cannot come"),
    ScheduleCause.WISH: _("the enterprise asks for another day"),
    ScheduleCause.DAY_LOST: _("a day is lost"),
    ScheduleCause.MOVE: _("moved by hand"),
}
ANSWER_STATES = {
    AnswerState.ASKED: _("asked"),
    AnswerState.ACCEPTED: _("accepted"),
    AnswerState.DECLINED: pgettext_lazy("answer", "declined"),
    AnswerState.OFFSITE: _("moved off site"),
}


class Schedule(models.Model):
    """One making of a calendar for a round, as a job; `report` has objectives, bounds and what has no place.

    `params` is what was asked (the day that is lost, the visit that moves, and where to); `done` of `total` is for the
    progress bar, `phase` says what is being done. Asked to stop (state stopping), it keeps the best so far.
    """

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    round = models.ForeignKey("planning.Round", on_delete=models.PROTECT, related_name="schedules")
    number = models.PositiveSmallIntegerField(_("number"))
    cause = models.CharField(_("cause"), max_length=8, choices=[(k.value, v) for k, v in CAUSES.items()])
    state = models.CharField(_("state"), max_length=10, choices=[(k.value, v) for k, v in STATES.items()])
    actor = models.CharField(max_length=150)
    asked_at = models.DateTimeField(_("asked at"))
    ended_at = models.DateTimeField(_("ended at"), null=True)
    kept_by = models.CharField(_("kept by"), max_length=150, blank=True)
    phase = models.CharField(max_length=16, blank=True)
    done = models.PositiveIntegerField(default=0)
    total = models.PositiveIntegerField(default=0)
    seed = models.PositiveIntegerField(default=0)
    params = models.JSONField(default=dict)
    report = models.JSONField(default=dict)
    reasons = models.JSONField(default=list)

    scope_fields = ScopeFields()

    class Meta:
        verbose_name = _("calendar")
        verbose_name_plural = _("calendars")
        ordering = ["-round__code", "-number"]
        constraints = [
            models.UniqueConstraint(fields=["round", "number"], name="a_calendar_has_its_number"),
            models.UniqueConstraint(
                fields=["round"],
                condition=Q(state__in=["queued", "running", "stopping"]),
                name="one_calendar_of_a_round_is_made_at_a_time",
            ),
            models.UniqueConstraint(
                fields=["round"], condition=Q(state="kept"), name="a_round_has_one_calendar_that_holds"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.round_id} {self.number} {self.state}"

    @property
    def scope(self) -> Scope:
        """A quarter is of everybody: who may see calendars sees it."""
        return ANYWHERE

    @property
    def run_scope(self) -> Scope:
        """Who makes it: the office of the round's organiser."""
        return self.round.run_scope

    @property
    def reason_list(self) -> list[Reason]:
        """Why it was refused, as the reasons that they were."""
        return [Reason(**reason) for reason in self.reasons]


class Placement(models.Model):
    """Where a calendar puts a visit. `day` null: it has no place, and `why` says why not (rows of `Missing`).

    `was_day` and `was_part` are where it was planned before; a row moves when they differ.
    """

    schedule = models.ForeignKey(Schedule, on_delete=models.CASCADE, related_name="placements")
    contact = models.ForeignKey("visits.Contact", on_delete=models.CASCADE, related_name="placements")
    day = models.DateField(_("day"), null=True)
    part = models.CharField(max_length=2, blank=True, choices=[(k.value, v) for k, v in PARTS.items()])
    was_day = models.DateField(null=True)
    was_part = models.CharField(max_length=2, blank=True)
    why = models.JSONField(default=list)

    class Meta:
        verbose_name = _("placement")
        verbose_name_plural = _("placements")
        ordering = ["schedule", "day", "part", "contact"]
        constraints = [
            models.UniqueConstraint(
                fields=["schedule", "contact"], name="a_visit_has_one_place_in_a_calendar"
            )
        ]

    def __str__(self) -> str:
        return f"{self.schedule_id} {self.contact_id} {self.day} {self.part}"


class Pin(models.Model):
    """A visit that stays where it is planned, whatever else moves."""

    contact = models.OneToOneField("visits.Contact", on_delete=models.CASCADE, related_name="pin")
    because = models.CharField(_("reason"), max_length=200)
    pinned_by = models.CharField(max_length=150)
    pinned_at = models.DateTimeField()

    class Meta:
        verbose_name = _("pin")
        verbose_name_plural = _("pins")

    def __str__(self) -> str:
        return f"{self.contact_id}"


class Answer(models.Model):
    """An agency's share of a planned visit, and what the agency says to it until `due_on`.

    `day` and `part` are the half day that it was asked about: when the visit has another one, it is asked anew.
    `by_silence`: nobody answered in time, and silence is acceptance (the number `silence-accepts`). Where it is not,
    the clock begins anew and `times_asked` grows: above 1, the part is overdue.
    """

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    contact = models.ForeignKey("visits.Contact", on_delete=models.CASCADE, related_name="answers")
    agency = models.ForeignKey("registry.Agency", on_delete=models.PROTECT, related_name="+")
    state = models.CharField(
        _("state"), max_length=8, choices=[(k.value, v) for k, v in ANSWER_STATES.items()]
    )
    day = models.DateField(_("asked for the day"), null=True)
    part = models.CharField(
        _("asked for the half day"),
        max_length=2,
        blank=True,
        choices=[(k.value, v) for k, v in PARTS.items()],
    )
    asked_at = models.DateTimeField(_("asked at"))
    due_on = models.DateField(_("answer by"))
    times_asked = models.PositiveSmallIntegerField(_("times asked"), default=1)
    answered_at = models.DateTimeField(_("answered at"), null=True)
    answered_by = models.CharField(_("answered by"), max_length=150, blank=True)
    by_silence = models.BooleanField(_("by silence"), default=False)
    because = models.CharField(_("reason"), max_length=300, blank=True)

    scope_fields = ScopeFields(
        agencies=("agency__code",),
        region="contact__enterprise__region__code",
        zone="contact__enterprise__zone__code",
        agency_decides=True,
    )

    class Meta:
        verbose_name = _("answer of an agency")
        verbose_name_plural = _("answers of agencies")
        ordering = ["due_on", "contact", "agency__code"]
        constraints = [
            models.UniqueConstraint(fields=["contact", "agency"], name="an_agency_answers_once_for_a_visit"),
            models.CheckConstraint(
                name="an_answer_says_when",
                condition=Q(state="asked", answered_at__isnull=True)
                | (~Q(state="asked") & Q(answered_at__isnull=False)),
            ),
        ]
        indexes = [models.Index(fields=["due_on"], name="answers_not_given", condition=Q(state="asked"))]

    def __str__(self) -> str:
        return f"{self.contact_id} {self.agency_id} {self.state}"

    @property
    def scope(self) -> Scope:
        enterprise = self.contact.enterprise
        return Scope(
            agencies=frozenset({self.agency.code}),
            region=enterprise.region.code if enterprise.region else "",
            zone=enterprise.zone.code if enterprise.zone else "",
            agency_decides=True,
        )
