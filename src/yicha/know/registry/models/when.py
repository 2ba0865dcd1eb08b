"""When people, things and enterprises can be there: what a calendar has to know."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from yicha.base.accounts.terms import Scope, ScopeFields
from yicha.know.registry.models.who import Agency, Enterprise, Officer
from yicha.know.registry.terms import AbsenceKind, DayPart, EquipmentKind, WishKind

PARTS = {DayPart.MORNING: _("morning"), DayPart.AFTERNOON: _("afternoon")}
ABSENCES = {
    AbsenceKind.LEAVE: pgettext_lazy("absence", "leave"),
    AbsenceKind.TRAINING: _("training"),
    AbsenceKind.DUTY: _("other duty"),
}
EQUIPMENT = {EquipmentKind.VEHICLE: _("vehicle"), EquipmentKind.INSTRUMENT: _("special equipment")}
WISHES = {WishKind.CLOSED: pgettext_lazy("wish", "closed"), WishKind.PREFERRED: _("preferred")}


class Absence(models.Model):
    """Days on which an officer cannot be sent. `part` empty: whole days. Why is kept as a kind alone."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    officer = models.ForeignKey(
        Officer, on_delete=models.CASCADE, related_name="absences", verbose_name=_("officer")
    )
    kind = models.CharField(_("kind"), max_length=8, choices=[(k.value, v) for k, v in ABSENCES.items()])
    from_on = models.DateField(_("from"))
    until_on = models.DateField(_("until"))
    part = models.CharField(
        _("part of the day"), max_length=2, blank=True, choices=[(k.value, v) for k, v in PARTS.items()]
    )

    scope_fields = ScopeFields(agencies=("officer__agency__code",), region="officer__agency__region__code")

    class Meta:
        verbose_name = _("absence")
        verbose_name_plural = _("absences")
        ordering = ["from_on", "officer__certificate"]
        constraints = [
            models.CheckConstraint(
                name="an_absence_ends_after_it_begins", condition=Q(from_on__lte=F("until_on"))
            )
        ]
        indexes = [models.Index(fields=["officer", "until_on"], name="absences_of_an_officer")]

    def __str__(self) -> str:
        return f"{self.officer_id} {self.from_on}–{self.until_on}"

    @property
    def scope(self) -> Scope:
        return Scope(agencies=frozenset({self.officer.agency.code}), region=self.officer.agency.region.code)


class Equipment(models.Model):
    """What an agency can take along on so many visits at a time: its vehicles, or an instrument that items need.

    `code` is what items name (`gas-detector`); all vehicles of an agency are one row with code `vehicle`. An agency
    without a row for vehicles is not limited by them; without the instrument that an item needs, it cannot check it.
    """

    agency = models.ForeignKey(
        Agency, on_delete=models.CASCADE, related_name="equipment", verbose_name=_("agency")
    )
    kind = models.CharField(_("kind"), max_length=10, choices=[(k.value, v) for k, v in EQUIPMENT.items()])
    code = models.CharField(_("code"), max_length=32)
    name = models.CharField(_("name"), max_length=100)
    count = models.PositiveSmallIntegerField(_("how many"))

    scope_fields = ScopeFields(agencies=("agency__code",), region="agency__region__code")

    class Meta:
        verbose_name = _("equipment")
        verbose_name_plural = _("equipment")
        ordering = ["agency__code", "code"]
        constraints = [
            models.UniqueConstraint(fields=["agency", "code"], name="an_agency_counts_each_equipment_once")
        ]

    def __str__(self) -> str:
        return f"{self.agency_id} {self.code} {self.count}"

    @property
    def scope(self) -> Scope:
        return Scope(agencies=frozenset({self.agency.code}), region=self.agency.region.code)


class VisitWish(models.Model):
    """When an enterprise is closed, or would rather be visited: a weekday (0 is Monday), or days from–until, or both.

    `part` empty: the whole day. Closed days hold for announced visits, as many as the number `closed-days-a-month`
    allows; preferred ones are met where they cost nothing that weighs more.
    """

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    enterprise = models.ForeignKey(
        Enterprise, on_delete=models.CASCADE, related_name="visit_wishes", verbose_name=_("enterprise")
    )
    kind = models.CharField(_("kind"), max_length=9, choices=[(k.value, v) for k, v in WISHES.items()])
    weekday = models.PositiveSmallIntegerField(_("weekday"), null=True, blank=True)
    from_on = models.DateField(_("from"), null=True, blank=True)
    until_on = models.DateField(_("until"), null=True, blank=True)
    part = models.CharField(
        _("part of the day"), max_length=2, blank=True, choices=[(k.value, v) for k, v in PARTS.items()]
    )
    because = models.CharField(_("reason"), max_length=200, blank=True)
    said_by = models.CharField(_("said by"), max_length=150)
    said_at = models.DateTimeField(_("said at"))

    scope_fields = ScopeFields(
        region="enterprise__region__code", zone="enterprise__zone__code", enterprise="enterprise__uscc"
    )

    class Meta:
        verbose_name = _("wish for visits")
        verbose_name_plural = _("wishes for visits")
        ordering = ["enterprise", "weekday", "from_on"]
        constraints = [
            models.CheckConstraint(
                name="a_wish_names_a_weekday_or_days",
                condition=Q(weekday__isnull=False, weekday__lte=6)
                | Q(weekday__isnull=True, from_on__isnull=False, until_on__isnull=False),
            ),
            models.CheckConstraint(
                name="the_days_of_a_wish_end_after_they_begin",
                condition=Q(from_on__isnull=True) | Q(until_on__isnull=True) | Q(from_on__lte=F("until_on")),
            ),
        ]
        indexes = [models.Index(fields=["enterprise"], name="wishes_of_an_enterprise")]

    def __str__(self) -> str:
        return f"{self.enterprise_id} {self.kind}"

    @property
    def scope(self) -> Scope:
        return Scope(
            region=self.enterprise.region.code if self.enterprise.region else "",
            zone=self.enterprise.zone.code if self.enterprise.zone else "",
            enterprise=self.enterprise.uscc,
        )
