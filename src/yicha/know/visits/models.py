"""The contact ledger: one row per visit, one per item within it."""

from __future__ import annotations

import uuid

import pghistory
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from yicha.base.accounts.terms import Scope, ScopeFields
from yicha.know.registry.terms import DayPart
from yicha.know.visits.terms import DEFERRED, ContactKind, ContactState, ResultCode, SharedState

STATES = {
    ContactState.PLANNED: _("planned"),
    ContactState.MADE: _("made"),
    ContactState.SPARED: _("spared"),
    ContactState.CANCELLED: pgettext_lazy("visit", "cancelled"),
}
PARTS = {DayPart.MORNING: _("morning"), DayPart.AFTERNOON: _("afternoon")}
KINDS = {
    ContactKind.DAILY: _("daily inspection"),
    ContactKind.CASE: _("case inspection"),
    ContactKind.SPECIAL: _("special inspection"),
    ContactKind.COURTESY: _("courtesy call"),
}
RESULT_STATES = {SharedState.OFFERED: _("offered"), SharedState.REVOKED: pgettext_lazy("result", "revoked")}
RESULTS = {
    ResultCode.NO_PROBLEM: _("no problem found"),
    ResultCode.NO_SUCH_ACTIVITY: _("no business of the kind checked"),
    ResultCode.UNREACHABLE: _("cannot be reached at the registered address"),
    ResultCode.UNCOOPERATIVE: _("does not cooperate, serious"),
    ResultCode.NOT_PUBLISHED: _("information that must be published is not"),
    ResultCode.FALSE_INFORMATION: _("published information hides the truth or is false"),
    ResultCode.CORRECTION_ORDERED: _("problem found, correction ordered"),
    ResultCode.FOLLOW_UP: _("problem found, to be followed up"),
    ResultCode.VIOLATES_OTHER_RULE: _("violates a rule of a department"),
    ResultCode.CLOSED: _("closed or in liquidation"),
    ResultCode.CANCELLED: _("registration cancelled"),
    ResultCode.LICENCE_REVOKED: _("licence revoked"),
    ResultCode.REGISTRATION_WITHDRAWN: _("registration withdrawn"),
    ResultCode.MOVED_OUT: _("moved away"),
}


@pghistory.track(pghistory.UpdateEvent(row="OLD"), pghistory.DeleteEvent())
class Contact(models.Model):
    """One visit to one enterprise, however many agencies take part; it counts once.

    `planned_part` is the half of the day that it is meant for, empty until a calendar says it; `unannounced`: the
    enterprise gets no notice, by approval.

    `planned_on` is the day it is meant for; `begun_on` is set as soon as the officers are at the door: from then on no
    calendar moves it and nobody takes it off, though it is made only when all its parts are closed; `made_on` is the
    day it took place (set with the state made, and only then). `round` names the quarter (`2026Q3`). `simulated` marks
    rows of a demonstration. `trigger` is the code of the gate's row that says why the visit takes place; `officers` are
    the certificates of who went, written when it was made. Of a spared visit `spared_by` says what spared it
    (`result:<uuid>`, `offsite:<item>`, `deferred:<day>`, `gate:<uuid>`). `split_from` is the visit of which this one
    was a part, until no half day had room for all.
    """

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    enterprise = models.ForeignKey("registry.Enterprise", on_delete=models.PROTECT, related_name="contacts")
    premises = models.ForeignKey(
        "registry.Premises", on_delete=models.PROTECT, null=True, related_name="contacts"
    )
    lead_agency = models.ForeignKey("registry.Agency", on_delete=models.PROTECT, related_name="led_contacts")
    kind = models.CharField(_("kind"), max_length=8, choices=[(k.value, v) for k, v in KINDS.items()])
    state = models.CharField(_("state"), max_length=9, choices=[(k.value, v) for k, v in STATES.items()])
    round = models.CharField(_("round"), max_length=8, blank=True)
    window_from = models.DateField(_("window from"))
    window_to = models.DateField(_("window to"))
    planned_on = models.DateField(_("planned on"), null=True)
    planned_part = models.CharField(
        _("part of the day"), max_length=2, blank=True, choices=[(k.value, v) for k, v in PARTS.items()]
    )
    unannounced = models.BooleanField(_("unannounced"), default=False)
    begun_on = models.DateField(_("begun on"), null=True)
    made_on = models.DateField(_("made on"), null=True)
    counts_toward_cap = models.BooleanField(_("counts toward the cap"))
    spared_by = models.CharField(_("spared by"), max_length=160, blank=True)
    trigger = models.CharField(_("trigger"), max_length=32, default="draw")
    officers = ArrayField(
        models.CharField(max_length=32), verbose_name=_("officers"), default=list, blank=True
    )
    simulated = models.BooleanField(_("simulated"), default=False)
    split_from = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="split_off")

    scope_fields = ScopeFields(
        agencies=("lead_agency__code", "items__agency__code"),
        region="enterprise__region__code",
        zone="enterprise__zone__code",
        enterprise="enterprise__uscc",
        agency_decides=True,
    )

    class Meta:
        verbose_name = _("contact")
        verbose_name_plural = _("contacts")
        constraints = [
            models.CheckConstraint(
                name="a_window_ends_after_it_begins", condition=Q(window_from__lte=F("window_to"))
            ),
            models.CheckConstraint(
                name="a_visit_made_has_its_day",
                condition=Q(state="made", made_on__isnull=False) | ~Q(state="made"),
            ),
        ]
        indexes = [
            models.Index(fields=["enterprise", "-planned_on"], name="contacts_of_an_enterprise"),
            models.Index(fields=["round", "state"], name="contacts_of_a_round"),
            models.Index(fields=["-planned_on"], name="contacts_by_day"),
            models.Index(fields=["spared_by"], name="contacts_spared_by", condition=~Q(spared_by="")),
        ]

    def __str__(self) -> str:
        return f"{self.enterprise_id} {self.planned_on} {self.state}"

    @property
    def is_put_off(self) -> bool:
        """Whether nobody comes because the check was deferred to a day after its window."""
        return self.spared_by.startswith(f"{DEFERRED}:")

    @property
    def scope(self) -> Scope:
        agencies = {self.lead_agency.code, *(item.agency.code for item in self.items.all())}
        return Scope(
            agencies=frozenset(agencies),
            region=self.enterprise.region.code if self.enterprise.region else "",
            zone=self.enterprise.zone.code if self.enterprise.zone else "",
            enterprise=self.enterprise.uscc,
            agency_decides=True,
        )


class ContactItem(models.Model):
    """One item of one agency within a visit. `result_code` is empty until the agency closed its part.

    `correct_by` is the last day of an order to correct; null: none was given. `corrected_on` is the day on which the
    agency saw that it was fulfilled; null: not yet.
    """

    contact = models.ForeignKey(Contact, on_delete=models.CASCADE, related_name="items")
    agency = models.ForeignKey("registry.Agency", on_delete=models.PROTECT, related_name="+")
    item_version = models.ForeignKey("catalogue.ItemVersion", on_delete=models.PROTECT, related_name="+")
    source = models.CharField(_("comes from"), max_length=160)
    result_code = models.CharField(
        _("result"), max_length=2, blank=True, choices=[(k.value, v) for k, v in RESULTS.items()]
    )
    result_on = models.DateField(_("result on"), null=True)
    correct_by = models.DateField(_("to be corrected by"), null=True)
    corrected_on = models.DateField(_("corrected on"), null=True)

    class Meta:
        verbose_name = _("item of a contact")
        verbose_name_plural = _("items of a contact")
        constraints = [
            models.UniqueConstraint(
                fields=["contact", "agency", "item_version"],
                name="an_item_is_checked_once_a_visit_by_an_agency",
            ),
            models.CheckConstraint(
                name="what_was_corrected_had_been_ordered",
                condition=Q(corrected_on=None) | Q(correct_by__isnull=False),
            ),
        ]
        indexes = [
            models.Index(
                fields=["correct_by"],
                name="corrections_not_seen",
                condition=Q(correct_by__isnull=False, corrected_on=None),
            )
        ]

    def __str__(self) -> str:
        return f"{self.contact_id} {self.item_version_id}"


@pghistory.track(pghistory.UpdateEvent(row="OLD"), pghistory.DeleteEvent())
class Result(models.Model):
    """A result that others may use: what one agency found about one item at one enterprise.

    Written by `share/recognition` when a part is closed or a partner's system sends one. `contact_item` is null for a
    result of another system, which `reference` then names; an item that was corrected has a revoked result and a new
    one. `valid_until` is the last day on which it may be recognised. `evidence_hash` is the SHA-256 of its evidence.
    `refused_by` are the codes of agencies that gave a reason not to accept it. `revoked_at` is null while it may be
    used; the state is `state`.
    """

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    enterprise = models.ForeignKey("registry.Enterprise", on_delete=models.PROTECT, related_name="results")
    premises = models.ForeignKey("registry.Premises", on_delete=models.PROTECT, null=True, related_name="+")
    item_version = models.ForeignKey("catalogue.ItemVersion", on_delete=models.PROTECT, related_name="+")
    agency = models.ForeignKey("registry.Agency", on_delete=models.PROTECT, related_name="+")
    contact_item = models.ForeignKey(
        ContactItem, on_delete=models.PROTECT, null=True, related_name="shared_results"
    )
    reference = models.CharField(_("reference"), max_length=100, blank=True)
    result_code = models.CharField(
        _("result"), max_length=2, choices=[(k.value, v) for k, v in RESULTS.items()]
    )
    found_on = models.DateField(_("found on"))
    valid_until = models.DateField(_("valid until"))
    evidence_hash = models.CharField(_("evidence (SHA-256)"), max_length=64)
    state = models.CharField(
        _("state"), max_length=7, choices=[(k.value, v) for k, v in RESULT_STATES.items()]
    )
    refused_by = ArrayField(
        models.CharField(max_length=64), verbose_name=_("refused by"), default=list, blank=True
    )
    offered_at = models.DateTimeField(_("offered at"))
    revoked_at = models.DateTimeField(_("revoked at"), null=True)
    revoked_because = models.CharField(_("revoked because"), max_length=300, blank=True)

    scope_fields = ScopeFields(
        agencies=("agency__code",),
        region="enterprise__region__code",
        zone="enterprise__zone__code",
        enterprise="enterprise__uscc",
    )

    class Meta:
        verbose_name = _("result for others")
        verbose_name_plural = _("results for others")
        constraints = [
            models.CheckConstraint(
                name="a_result_is_valid_from_its_day", condition=Q(found_on__lte=F("valid_until"))
            ),
            models.CheckConstraint(
                name="a_revoked_result_says_when",
                condition=Q(state="revoked", revoked_at__isnull=False) | ~Q(state="revoked"),
            ),
            models.CheckConstraint(
                name="evidence_has_a_sha256", condition=Q(evidence_hash__regex=r"^[0-9a-f]{64}$")
            ),
            models.UniqueConstraint(
                fields=["agency", "reference"],
                condition=~Q(reference=""),
                name="a_reference_of_an_agency_is_one_result",
            ),
            models.UniqueConstraint(
                fields=["contact_item"],
                condition=Q(state="offered"),
                name="an_item_has_one_result_that_others_may_use",
            ),
        ]
        indexes = [models.Index(fields=["enterprise", "-found_on"], name="results_of_an_enterprise")]

    def __str__(self) -> str:
        return f"{self.enterprise_id} {self.item_version_id} {self.found_on}"

    @property
    def scope(self) -> Scope:
        return Scope(
            agencies=frozenset({self.agency.code}),
            region=self.enterprise.region.code if self.enterprise.region else "",
            zone=self.enterprise.zone.code if self.enterprise.zone else "",
            enterprise=self.enterprise.uscc,
        )
