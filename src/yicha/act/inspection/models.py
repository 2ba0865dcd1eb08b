"""What is carried out. One row per visit, per agency in it, per item, per problem found.

Row history is kept of the visit alone: what becomes of parts and checks are official acts, and in the ledger.
"""

from __future__ import annotations

import pghistory
import pgtrigger
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from yicha.act.inspection import rules
from yicha.act.inspection.terms import PartState, Severity, VisitState
from yicha.base.accounts.terms import Scope, ScopeFields
from yicha.know.visits.terms import ResultCode

VISIT_STATES = {
    VisitState.OPENED: _("to be carried out"),
    VisitState.STARTED: _("under way"),
    VisitState.CLOSED: pgettext_lazy("visit", "closed"),
    VisitState.CALLED_OFF: _("called off"),
}
PART_STATES = {
    PartState.OPEN: pgettext_lazy("part of a visit", "open"),
    PartState.CLOSED: pgettext_lazy("part of a visit", "closed"),
}
SEVERITIES = {
    Severity.MINOR: _("minor"),
    Severity.GENERAL: _("general"),
    Severity.SERIOUS: _("serious"),
}


@pghistory.track(pghistory.UpdateEvent(row="OLD"), pghistory.DeleteEvent())
class Visit(models.Model):
    """综合查一次: one door, several agencies. Its enterprise, lead, day and window are its contact's, and its uuid.

    `visited_on` is set when it starts; `closed_at` and `closed_by` when the lead closes the whole.
    """

    uuid = models.UUIDField(unique=True, editable=False)
    contact = models.OneToOneField("visits.Contact", on_delete=models.PROTECT, related_name="visit")
    state = models.CharField(
        _("state"), max_length=10, choices=[(k.value, v) for k, v in VISIT_STATES.items()]
    )
    visited_on = models.DateField(_("visited on"), null=True)
    opened_at = models.DateTimeField(_("opened at"))
    closed_at = models.DateTimeField(_("closed at"), null=True)
    closed_by = models.CharField(_("closed by"), max_length=150, blank=True)
    called_off_because = models.CharField(_("called off because"), max_length=200, blank=True)

    scope_fields = ScopeFields(
        agencies=("parts__agency__code",),  # the lead has a part too, even without an item
        region="contact__enterprise__region__code",
        zone="contact__enterprise__zone__code",
        enterprise="contact__enterprise__uscc",
        agency_decides=True,
    )

    class Meta:
        verbose_name = _("visit")
        verbose_name_plural = _("visits")
        constraints = [
            models.CheckConstraint(
                name="a_visit_that_began_has_its_day",
                condition=~Q(state__in=["started", "closed"]) | Q(visited_on__isnull=False),
            ),
            models.CheckConstraint(
                name="a_closed_visit_says_when",
                condition=Q(state="closed", closed_at__isnull=False)
                | (~Q(state="closed") & Q(closed_at__isnull=True)),
            ),
        ]
        indexes = [models.Index(fields=["state", "contact"], name="visits_by_state")]

    def __str__(self) -> str:
        return f"{self.uuid} {self.state}"

    @property
    def scope(self) -> Scope:
        """Everybody who takes part, in the enterprise's place: who may see the whole."""
        return self._scope(
            frozenset({self.contact.lead_agency.code, *(p.agency.code for p in self.parts.all())})
        )

    @property
    def lead_scope(self) -> Scope:
        """The lead alone: who may close the whole."""
        return self._scope(frozenset({self.contact.lead_agency.code}))

    def _scope(self, agencies: frozenset[str]) -> Scope:
        enterprise = self.contact.enterprise
        return Scope(
            agencies=agencies,
            region=enterprise.region.code if enterprise.region else "",
            zone=enterprise.zone.code if enterprise.zone else "",
            enterprise=enterprise.uscc,
            agency_decides=True,
        )


class Part(models.Model):
    """What one agency does in a visit; `closed_at` and `closed_by` hold for the last closing."""

    visit = models.ForeignKey(Visit, on_delete=models.CASCADE, related_name="parts")
    agency = models.ForeignKey("registry.Agency", on_delete=models.PROTECT, related_name="+")
    state = models.CharField(_("state"), max_length=6, choices=[(k.value, v) for k, v in PART_STATES.items()])
    officers = models.ManyToManyField(
        "registry.Officer", through="PartOfficer", related_name="parts", verbose_name=_("officers")
    )
    closed_at = models.DateTimeField(_("closed at"), null=True)
    closed_by = models.CharField(_("closed by"), max_length=150, blank=True)

    class Meta:
        verbose_name = _("part of a visit")
        verbose_name_plural = _("parts of a visit")
        constraints = [
            models.UniqueConstraint(fields=["visit", "agency"], name="an_agency_has_one_part_in_a_visit"),
        ]
        indexes = [models.Index(fields=["agency", "state"], name="parts_of_an_agency")]

    def __str__(self) -> str:
        return f"{self.visit_id} {self.agency_id}"

    @property
    def scope(self) -> Scope:
        """This agency alone, in the enterprise's place: who may write here."""
        return self.visit._scope(frozenset({self.agency.code}))


class PartOfficer(models.Model):
    """One officer who goes for an agency."""

    part = models.ForeignKey(Part, on_delete=models.CASCADE, related_name="crew")
    officer = models.ForeignKey("registry.Officer", on_delete=models.PROTECT, related_name="+")

    class Meta:
        verbose_name = _("officer on a visit")
        verbose_name_plural = _("officers on a visit")
        constraints = [
            models.UniqueConstraint(fields=["part", "officer"], name="an_officer_goes_once_for_a_part"),
        ]

    def __str__(self) -> str:
        return f"{self.part_id} {self.officer_id}"


class Check(models.Model):
    """检查任务: one item within a visit. `result_code` is empty until recorded; then who and when are set too.

    An item that planning takes off takes its check with it, but never one that has a result.
    """

    part = models.ForeignKey(Part, on_delete=models.CASCADE, related_name="checks")
    contact_item = models.OneToOneField(
        "visits.ContactItem", on_delete=models.CASCADE, related_name="check_task"
    )
    result_code = models.CharField(_("result"), max_length=2, blank=True)
    recorded_at = models.DateTimeField(_("recorded at"), null=True)
    recorded_by = models.CharField(_("recorded by"), max_length=150, blank=True)

    class Meta:
        verbose_name = _("check")
        verbose_name_plural = _("checks")
        constraints = [
            models.CheckConstraint(
                name="a_result_is_one_of_the_codes",
                condition=Q(result_code="") | Q(result_code__in=[code.value for code in ResultCode]),
            ),
            models.CheckConstraint(
                name="a_result_says_when_it_was_recorded",
                condition=Q(result_code="", recorded_at__isnull=True)
                | (~Q(result_code="") & Q(recorded_at__isnull=False)),
            ),
        ]
        triggers = [
            pgtrigger.Protect(
                name="a_recorded_result_stays",
                operation=pgtrigger.Delete,
                condition=pgtrigger.Q(old__result_code__gt=""),
            )
        ]

    def __str__(self) -> str:
        return f"{self.part_id} {self.contact_item_id} {self.result_code}"

    @property
    def is_problem(self) -> bool:
        """Whether something was found against the enterprise."""
        return rules.is_problem(self.result_code)


class Finding(models.Model):
    """问题: what an officer found. Internal: the public sees the result code, never these words."""

    check_task = models.ForeignKey(Check, on_delete=models.CASCADE, related_name="findings")
    words = models.TextField(_("problem"))
    severity = models.CharField(
        _("severity"), max_length=8, choices=[(k.value, v) for k, v in SEVERITIES.items()]
    )
    correct_by = models.DateField(_("correct by"), null=True)

    class Meta:
        verbose_name = _("finding")
        verbose_name_plural = _("findings")
        ordering = ["pk"]

    def __str__(self) -> str:
        return self.words[:40]
