"""Models of classes and what they gave: runs over everybody, where each enterprise stands, changes, flows."""

from __future__ import annotations

import uuid

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from yicha.base.accounts.terms import ANYWHERE, Scope, ScopeFields
from yicha.know.credit.terms.classes import ModelState, RunKind, RunState

MODEL_STATES = {
    ModelState.DRAFT: pgettext_lazy("model", "draft"),
    ModelState.SUBMITTED: pgettext_lazy("model", "submitted"),
    ModelState.SIGNED: pgettext_lazy("model", "signed"),
    ModelState.IN_FORCE: pgettext_lazy("model", "in force"),
    ModelState.SUPERSEDED: pgettext_lazy("model", "superseded"),
    ModelState.WITHDRAWN: pgettext_lazy("model", "withdrawn"),
}
RUN_STATES = {
    RunState.QUEUED: _("waiting for a worker"),
    RunState.RUNNING: _("running"),
    RunState.DONE: _("done"),
    RunState.FAILED: _("failed"),
}
RUN_KINDS = {
    RunKind.MONTHLY: _("monthly classification"),
    RunKind.ASKED: _("classification on request"),
    RunKind.TRIAL: _("trial of a model"),
}


class RiskModel(models.Model):
    """A version of the model of classes: the YAML as it was written, and its hash.

    One version is in force at most; it takes force by a run. `version` 0 is what the product ships. A draft may be
    edited; from its submission on, nothing changes. `in_force_from` is set with the state in-force.
    """

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    code = models.SlugField(_("code"), max_length=64)
    version = models.PositiveIntegerField(_("version"))
    title = models.CharField(_("title"), max_length=200)
    text = models.TextField(_("document"))
    sha256 = models.CharField(max_length=64)
    state = models.CharField(
        _("state"), max_length=10, choices=[(k.value, v) for k, v in MODEL_STATES.items()]
    )
    remark = models.CharField(_("what changes, and why"), max_length=500, blank=True)
    drafted_at = models.DateTimeField(_("drafted at"))
    drafted_by = models.CharField(_("drafted by"), max_length=150)
    in_force_from = models.DateField(_("in force from"), null=True, blank=True)

    scope_fields = ScopeFields()

    class Meta:
        verbose_name = _("model of classes")
        verbose_name_plural = _("models of classes")
        ordering = ["code", "-version"]
        constraints = [
            models.UniqueConstraint(fields=["code", "version"], name="a_version_of_a_model_is_given_once"),
            models.UniqueConstraint(
                fields=["state"], condition=Q(state="in-force"), name="one_model_is_in_force"
            ),
            models.CheckConstraint(
                name="a_model_in_force_says_since_when",
                condition=~Q(state="in-force") | Q(in_force_from__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.title} v{self.version}"

    @property
    def scope(self) -> Scope:
        return ANYWHERE


class SignOff(models.Model):
    """A role's consent to a version of a model; two roles, two people."""

    model = models.ForeignKey(RiskModel, on_delete=models.CASCADE, related_name="sign_offs")
    role = models.CharField(_("role"), max_length=16)
    by = models.CharField(_("by"), max_length=150)
    at = models.DateTimeField(_("at"))

    class Meta:
        verbose_name = _("consent to a model")
        verbose_name_plural = _("consents to models")
        constraints = [
            models.UniqueConstraint(fields=["model", "role"], name="a_role_signs_a_model_once"),
            models.UniqueConstraint(fields=["model", "by"], name="a_person_signs_a_model_once"),
        ]

    def __str__(self) -> str:
        return f"{self.model_id} {self.role}"


class ClassRun(models.Model):
    """A classification of everybody on a day, or a trial. Its results lie in the lake; `results_sha256` is their hash.

    `cuts` are the scores where levels begin ({"credit": […], "risk": […]}), by which single enterprises are classified
    until the next run. `counts`: enterprises by class. `report` of a trial: who moves, and what it does to visits.
    `results` is where the lake keeps the table; `failure` why it ended badly. `progress` from 0 to 1.
    """

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    kind = models.CharField(_("kind"), max_length=8, choices=[(k.value, v) for k, v in RUN_KINDS.items()])
    model = models.ForeignKey(RiskModel, on_delete=models.PROTECT, related_name="runs")
    snapshot = models.ForeignKey("lake.Snapshot", on_delete=models.PROTECT, null=True, related_name="+")
    on = models.DateField(_("as of"))
    state = models.CharField(_("state"), max_length=8, choices=[(k.value, v) for k, v in RUN_STATES.items()])
    progress = models.FloatField(default=0)
    engine = models.CharField(_("engine"), max_length=16, blank=True)
    cuts = models.JSONField(default=dict)
    counts = models.JSONField(default=dict)
    changed = models.PositiveIntegerField(_("changed"), default=0)
    report = models.JSONField(default=dict)
    results = models.CharField(max_length=200, blank=True)
    results_sha256 = models.CharField(max_length=64, blank=True)
    failure = models.CharField(max_length=500, blank=True)
    asked_at = models.DateTimeField(_("asked at"))
    asked_by = models.CharField(_("asked by"), max_length=150)
    ended_at = models.DateTimeField(_("ended at"), null=True)

    scope_fields = ScopeFields()

    class Meta:
        verbose_name = _("classification")
        verbose_name_plural = _("classifications")
        ordering = ["-on", "-id"]

    def __str__(self) -> str:
        return f"{self.kind} {self.on}"

    @property
    def scope(self) -> Scope:
        return ANYWHERE


class Standing(models.Model):
    """Where an enterprise stands: its class and everything it rests on. Internal.

    `contributions` are points in the order of the model's indicators; `red_lines` the codes of those crossed. `run`
    is the run whose cuts were used; `computed_at` is later than it when a record, a repair or a revocation touched
    the enterprise since. The class itself is also in the registry, where everybody reads it.
    """

    enterprise = models.OneToOneField(
        "registry.Enterprise", on_delete=models.CASCADE, related_name="standing", primary_key=True
    )
    model = models.ForeignKey(RiskModel, on_delete=models.PROTECT, related_name="+")
    run = models.ForeignKey(ClassRun, on_delete=models.PROTECT, related_name="+")
    on = models.DateField(_("as of"))
    risk_class = models.CharField(_("class"), max_length=1)
    general = models.IntegerField(_("general score"))
    specific = models.IntegerField(_("specific score"))
    credit_level = models.PositiveSmallIntegerField(_("credit level"))
    risk_level = models.PositiveSmallIntegerField(_("risk level"))
    contributions = ArrayField(models.IntegerField())
    red_lines = ArrayField(models.CharField(max_length=64), default=list)
    computed_at = models.DateTimeField(_("computed at"))

    scope_fields = ScopeFields(
        region="enterprise__region__code", zone="enterprise__zone__code", enterprise="enterprise__uscc"
    )

    class Meta:
        verbose_name = _("standing")
        verbose_name_plural = _("standings")

    def __str__(self) -> str:
        return f"{self.enterprise_id} {self.risk_class}"


class ClassChange(models.Model):
    """A class that became another. Append-only. `because` says what did it: `run:<uuid>`, `credit:<code>`, …"""

    enterprise = models.ForeignKey(
        "registry.Enterprise", on_delete=models.CASCADE, related_name="class_changes"
    )
    model = models.ForeignKey(RiskModel, on_delete=models.PROTECT, related_name="+")
    from_class = models.CharField(_("from"), max_length=1)
    to_class = models.CharField(_("to"), max_length=1)
    on = models.DateField(_("on"))
    at = models.DateTimeField(_("at"))
    because = models.CharField(_("because"), max_length=200)

    scope_fields = ScopeFields(
        region="enterprise__region__code", zone="enterprise__zone__code", enterprise="enterprise__uscc"
    )

    class Meta:
        verbose_name = _("change of class")
        verbose_name_plural = _("changes of class")
        ordering = ["-at", "-id"]
        indexes = [
            models.Index(fields=["enterprise", "-at"], name="changes_of_an_enterprise"),
            models.Index(fields=["-at", "-id"], name="changes_by_time"),
        ]

    def __str__(self) -> str:
        return f"{self.enterprise_id} {self.from_class}>{self.to_class}"


class ClassFlow(models.Model):
    """How many enterprises a run moved from a class to a class (or left there), by region and industry division.

    `industry` is the first letter and two figures of GB/T 4754 (`C26`), empty where it is not known; `region` null:
    the address says none. `from_class` empty: not classified before.
    """

    run = models.ForeignKey(ClassRun, on_delete=models.CASCADE, related_name="flows")
    region = models.ForeignKey("registry.Region", on_delete=models.PROTECT, null=True, related_name="+")
    industry = models.CharField(max_length=3, blank=True)
    from_class = models.CharField(max_length=1, blank=True)
    to_class = models.CharField(max_length=1)
    count = models.PositiveIntegerField()

    scope_fields = ScopeFields(region="region__code")

    class Meta:
        verbose_name = _("flow between classes")
        verbose_name_plural = _("flows between classes")
        constraints = [
            models.UniqueConstraint(
                fields=["run", "region", "industry", "from_class", "to_class"],
                nulls_distinct=False,
                name="a_flow_of_a_run_is_counted_once",
            )
        ]

    def __str__(self) -> str:
        return f"{self.from_class}>{self.to_class} {self.count}"


class ClassTouch(models.Model):
    """An enterprise that something touched while a run was computing: the run does not know of it.

    The run classifies it anew before it ends, and deletes the row.
    """

    run = models.ForeignKey(ClassRun, on_delete=models.CASCADE, related_name="touched")
    enterprise = models.ForeignKey("registry.Enterprise", on_delete=models.CASCADE, related_name="+")

    class Meta:
        verbose_name = _("touched during a classification")
        verbose_name_plural = _("touched during a classification")
        constraints = [
            models.UniqueConstraint(fields=["run", "enterprise"], name="an_enterprise_is_touched_once_a_run")
        ]

    def __str__(self) -> str:
        return f"{self.run_id} {self.enterprise_id}"
