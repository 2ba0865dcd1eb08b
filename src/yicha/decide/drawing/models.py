"""Tables of the draw. What was published is kept as the bytes that were published; the rows are for finding it."""

from __future__ import annotations

import uuid
import zlib

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from yicha.base.accounts.terms import Scope, ScopeFields
from yicha.decide.drawing.terms import (
    BeaconKind,
    BeaconSpec,
    DrawKind,
    DrawState,
    ReplacementState,
)

KINDS = {DrawKind.OBJECTS: _("objects"), DrawKind.OFFICERS: _("officers")}
STATES = {
    DrawState.OPENED: _("opened"),
    DrawState.FROZEN: _("frozen"),
    DrawState.PUBLISHED: _("published"),
    DrawState.REVEALED: _("revealed"),
    DrawState.DRAWN: _("drawn"),
    DrawState.VOID: _("void"),
}
BEACONS = {
    BeaconKind.DRAND: _("drand, the public randomness beacon"),
    BeaconKind.LOTTERY: _("lottery"),
    BeaconKind.DICE: _("twenty dice"),
    BeaconKind.DEMONSTRATION: _("demonstration"),
}
REPLACEMENT_STATES = {
    ReplacementState.PROPOSED: _("proposed"),
    ReplacementState.DONE: _("replaced"),
    ReplacementState.REFUSED: _("refused"),
}


class Beacon(models.Model):
    """The later event that decides, and its text once it is known ("" before)."""

    beacon_kind = models.CharField(
        _("beacon"), max_length=13, choices=[(kind.value, words) for kind, words in BEACONS.items()]
    )
    beacon_source = models.CharField(_("source of the beacon"), max_length=500)
    beacon_encoding = models.CharField(_("encoding of the beacon"), max_length=500, blank=True)
    beacon_fallback = models.CharField(_("if the event does not take place"), max_length=500, blank=True)
    beacon = models.CharField(_("value of the beacon"), max_length=200, blank=True)
    seed = models.CharField(_("seed"), max_length=32, blank=True)

    class Meta:
        abstract = True

    @property
    def beacon_spec(self) -> BeaconSpec:
        """The event as it was fixed."""
        return BeaconSpec(
            BeaconKind(self.beacon_kind), self.beacon_source, self.beacon_encoding, self.beacon_fallback
        )


class Draw(Beacon):
    """One draw, from its number to its result.

    The state says how far it is (`terms.TRANSITIONS`); an instant is null while its step has not been taken.
    `manifest` is the file as published, canonical bytes; null before the freeze. `draw_id` is the number in
    public, gap-free per organiser and year. `load_cap` only in a draw of officers. `snapshot` has a large population
    in the lake; null for small ones and for officers.
    """

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    draw_id = models.CharField(_("number"), max_length=80, unique=True)
    organiser = models.CharField(_("organiser"), max_length=64)
    year = models.PositiveSmallIntegerField(_("year"))
    number = models.PositiveIntegerField()
    kind = models.CharField(
        _("kind"), max_length=8, choices=[(kind.value, words) for kind, words in KINDS.items()]
    )
    state = models.CharField(
        _("state"), max_length=9, choices=[(state.value, words) for state, words in STATES.items()]
    )
    title = models.CharField(_("title"), max_length=500)
    plan_id = models.CharField(_("plan"), max_length=160)
    previous = models.OneToOneField("self", on_delete=models.PROTECT, null=True, related_name="next")
    reveal_deadline = models.DateTimeField(_("deadline for reveals"))
    load_cap = models.PositiveSmallIntegerField(_("most visits per officer"), null=True)
    snapshot = models.ForeignKey("lake.Snapshot", on_delete=models.PROTECT, null=True, related_name="+")
    manifest = models.BinaryField(null=True)
    manifest_hash = models.CharField(_("manifest hash"), max_length=64, blank=True)
    reasons_root = models.CharField(max_length=64, blank=True)
    rules_version = models.CharField(max_length=32)
    opened_at = models.DateTimeField(_("opened at"))
    opened_by = models.CharField(_("opened by"), max_length=150)
    frozen_at = models.DateTimeField(_("frozen at"), null=True)
    published_at = models.DateTimeField(_("published at"), null=True)
    drawn_at = models.DateTimeField(_("drawn at"), null=True)
    voided_at = models.DateTimeField(_("void since"), null=True)

    scope_fields = ScopeFields(
        agencies=("organiser", "participants__agency"), region="organiser", zone="organiser"
    )

    class Meta:
        verbose_name = _("draw")
        verbose_name_plural = _("draws")
        constraints = [
            models.UniqueConstraint(fields=["organiser", "year", "number"], name="a_draw_has_its_own_number"),
            models.CheckConstraint(name="numbers_of_draws_begin_at_one", condition=Q(number__gte=1)),
            models.CheckConstraint(
                name="a_frozen_draw_has_its_manifest",
                condition=Q(state__in=[DrawState.OPENED.value, DrawState.VOID.value])
                | Q(manifest__isnull=False) & ~Q(manifest_hash="") & Q(frozen_at__isnull=False),
            ),
            models.CheckConstraint(
                name="a_drawn_draw_has_its_seed",
                condition=~Q(state=DrawState.DRAWN.value) | ~Q(seed="") & ~Q(beacon=""),
            ),
        ]
        indexes = [models.Index(fields=["-opened_at", "draw_id"], name="draws_newest_first")]

    def __str__(self) -> str:
        return self.draw_id

    @property
    def scope(self) -> Scope:
        """Where the draw belongs: its organiser and everybody who takes part."""
        agencies = {row.agency for row in self.participants.all()}
        return Scope(
            agencies=frozenset(agencies | {self.organiser}), region=self.organiser, zone=self.organiser
        )


class Participant(models.Model):
    """One agency's part in the seed. Commitment and reveal are "" until handed in; a missing reveal stays so."""

    draw = models.ForeignKey(Draw, on_delete=models.PROTECT, related_name="participants")
    agency = models.CharField(_("agency code"), max_length=64)
    commitment = models.CharField(_("commitment"), max_length=64, blank=True)
    committed_at = models.DateTimeField(_("committed at"), null=True)
    reveal = models.CharField(_("reveal"), max_length=64, blank=True)
    revealed_at = models.DateTimeField(_("revealed at"), null=True)
    left_out = models.BooleanField(_("left out: no commitment at the freeze"), default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["draw", "agency"], name="an_agency_takes_part_once"),
            models.CheckConstraint(
                name="a_reveal_follows_a_commitment", condition=Q(reveal="") | ~Q(commitment="")
            ),
        ]

    def __str__(self) -> str:
        return f"{self.draw_id} {self.agency}"


class DrawFile(models.Model):
    """A file of a draw, as its exact bytes. Reasons are kept here too, and are never published."""

    draw = models.ForeignKey(Draw, on_delete=models.PROTECT, related_name="files")
    name = models.CharField(max_length=40)
    sha256 = models.CharField(max_length=64)
    rows = models.PositiveIntegerField()
    packed = models.BinaryField()
    public = models.BooleanField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["draw", "name"], name="a_draw_has_a_file_once")]

    def __str__(self) -> str:
        return f"{self.draw_id} {self.name}"

    @property
    def content(self) -> bytes:
        """The bytes as published."""
        return zlib.decompress(bytes(self.packed))


class Stratum(models.Model):
    """A part of the population with its own quota. `code` is opaque."""

    draw = models.ForeignKey(Draw, on_delete=models.PROTECT, related_name="strata")
    code = models.CharField(max_length=64)
    words = models.CharField(max_length=500)
    where = models.CharField(max_length=500)
    size = models.PositiveIntegerField()
    rate = models.CharField(max_length=14)
    quota = models.PositiveIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["draw", "code"], name="a_stratum_is_described_once"),
            models.CheckConstraint(
                name="no_more_are_drawn_than_there_are", condition=Q(quota__lte=F("size"))
            ),
        ]

    def __str__(self) -> str:
        return f"{self.draw_id} {self.code}"


class Supplement(Beacon):
    """A further draw for places that nobody took, with its own manifest and beacon; drawn when `seed` is set."""

    draw = models.ForeignKey(Draw, on_delete=models.PROTECT, related_name="supplements")
    number = models.PositiveSmallIntegerField()
    manifest = models.BinaryField()
    manifest_hash = models.CharField(max_length=64)
    quotas = models.JSONField()
    announced_at = models.DateTimeField(_("announced at"))
    drawn_at = models.DateTimeField(_("drawn at"), null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["draw", "number"], name="a_supplement_has_its_own_number")
        ]

    def __str__(self) -> str:
        return f"{self.draw_id} s{self.number}"


class Selected(models.Model):
    """One object that a draw, a supplement (`supplement` set) or a replacement (`replaces` set) brought."""

    draw = models.ForeignKey(Draw, on_delete=models.PROTECT, related_name="selected")
    stratum = models.CharField(max_length=64)
    key = models.CharField(max_length=64)
    ticket = models.CharField(max_length=64)
    supplement = models.PositiveSmallIntegerField(default=0)
    replaces = models.CharField(max_length=64, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["draw", "key"], name="an_object_is_drawn_once")]
        indexes = [models.Index(fields=["key"], name="draws_of_an_object")]

    def __str__(self) -> str:
        return f"{self.draw_id} {self.key}"


class Assignment(models.Model):
    """One officer drawn for one visit, in the order in which the rule made it."""

    draw = models.ForeignKey(Draw, on_delete=models.PROTECT, related_name="assignments")
    position = models.PositiveIntegerField()
    visit = models.CharField(max_length=64)
    agency = models.CharField(max_length=64)
    officer = models.CharField(max_length=64)
    ticket = models.CharField(max_length=64)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["draw", "position"], name="a_place_in_the_assignment_is_one"),
            models.UniqueConstraint(
                fields=["draw", "visit", "officer"], name="an_officer_fills_one_place_of_a_visit"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.draw_id} {self.visit} {self.officer}"


class Replacement(models.Model):
    """A drawn object that cannot be checked. `by` is "" when the next place waits for a supplement.

    Proposed → done with the second approval, or refused. `position` is its place in the result, null until done.
    `evidence` names the document; it is not published, its existence and the code are.
    """

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    draw = models.ForeignKey(Draw, on_delete=models.PROTECT, related_name="replacements")
    key = models.CharField(_("object"), max_length=64)
    code = models.CharField(_("reason"), max_length=32)
    evidence = models.CharField(_("evidence"), max_length=500)
    state = models.CharField(
        _("state"),
        max_length=8,
        choices=[(state.value, words) for state, words in REPLACEMENT_STATES.items()],
    )
    proposed_at = models.DateTimeField(_("proposed at"))
    proposed_by = models.CharField(_("proposed by"), max_length=150)
    position = models.PositiveIntegerField(null=True)
    by = models.CharField(_("replaced by"), max_length=64, blank=True)
    ticket = models.CharField(max_length=64, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["draw", "key"],
                condition=~Q(state=ReplacementState.REFUSED.value),
                name="an_object_is_replaced_once",
            ),
            models.UniqueConstraint(fields=["draw", "position"], name="a_replacement_has_its_place"),
            models.CheckConstraint(
                name="a_replacement_that_is_done_has_its_place",
                condition=~Q(state=ReplacementState.DONE.value) | Q(position__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.draw_id} {self.key}"


class Approval(models.Model):
    """One person's consent to a replacement."""

    replacement = models.ForeignKey(Replacement, on_delete=models.PROTECT, related_name="approvals")
    approved_by = models.CharField(_("approved by"), max_length=150)
    approved_at = models.DateTimeField(_("approved at"))

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["replacement", "approved_by"], name="a_person_approves_once")
        ]

    def __str__(self) -> str:
        return f"{self.replacement_id} {self.approved_by}"


class VoidSignature(models.Model):
    """One agency's signature that a draw is to be void. The draw is void when there are enough."""

    draw = models.ForeignKey(Draw, on_delete=models.PROTECT, related_name="void_signatures")
    agency = models.CharField(_("agency code"), max_length=64)
    reason = models.CharField(_("reason"), max_length=500)
    signed_at = models.DateTimeField(_("signed at"))
    signed_by = models.CharField(_("signed by"), max_length=150)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["draw", "agency"], name="an_agency_signs_a_void_once")]

    def __str__(self) -> str:
        return f"{self.draw_id} {self.agency}"
