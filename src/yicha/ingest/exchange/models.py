"""Tables of imports. A file's rows wait in a table of their own (`Import.staging`), made and dropped by services."""

from __future__ import annotations

import uuid

from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from yicha.base.accounts.terms import ANYWHERE, Scope, ScopeFields
from yicha.ingest.exchange.terms import FileFormat, ImportState, Tally


class CurrentTransaction(models.Func):
    """PostgreSQL's number of the transaction that writes a row."""

    template = "(pg_current_xact_id()::text::bigint)"
    output_field = models.BigIntegerField()


STATES = {
    ImportState.RECEIVED: _("received"),
    ImportState.CHECKING: _("being checked"),
    ImportState.CHECKED: _("check done"),
    ImportState.REFUSED: _("refused"),
    ImportState.APPLIED: pgettext_lazy("import", "applied"),
    ImportState.UNDONE: _("undone"),
    ImportState.DISCARDED: _("discarded"),
}
FORMATS = {FileFormat.CSV: "CSV", FileFormat.XLSX: "XLSX"}


class Import(models.Model):
    """One file on its way into the registers.

    States: received → checking → checked or refused → applied → undone; discarded from any that is not applied.
    A file is checked again as often as wanted before it is applied. `remarks` say why it was refused, or what was
    left out; `columns` names what the file gives, `notes` counts what was put right; `path` is where an uploaded
    file lies (empty for the command line's).
    The five counts obey conservation; they are null until checked.
    """

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    kind = models.CharField(_("kind"), max_length=32)
    file_name = models.CharField(_("file"), max_length=255)
    file_size = models.BigIntegerField(_("size"))
    file_hash = models.CharField(max_length=64)
    path = models.CharField(max_length=255, blank=True)
    encoding_forced = models.CharField(_("encoding"), max_length=16, blank=True)
    format = models.CharField(
        _("format"), max_length=4, blank=True, choices=[(k.value, v) for k, v in FORMATS.items()]
    )
    encoding = models.CharField(_("encoding"), max_length=16, blank=True)
    delimiter = models.CharField(max_length=1, blank=True)
    headers = models.JSONField(default=list)
    columns = models.JSONField(default=list)
    mapping = models.JSONField(default=dict)
    state = models.CharField(_("state"), max_length=10, choices=[(k.value, v) for k, v in STATES.items()])
    remarks = models.JSONField(default=list)
    notes = models.JSONField(default=list)
    staging = models.CharField(max_length=63, blank=True)
    rows = models.IntegerField(_("rows"), null=True)
    rows_new = models.IntegerField(_("new"), null=True)
    rows_changed = models.IntegerField(_("changed"), null=True)
    rows_unchanged = models.IntegerField(_("unchanged"), null=True)
    rows_rejected = models.IntegerField(_("rejected"), null=True)
    rows_blank = models.IntegerField(default=0)
    cells_bad = models.IntegerField(_("bad cells"), default=0)
    received_at = models.DateTimeField(_("received"))
    received_by = models.CharField(_("by"), max_length=150)
    checked_at = models.DateTimeField(_("check done"), null=True)
    applied_at = models.DateTimeField(pgettext_lazy("import", "applied"), null=True)
    applied_by = models.CharField(max_length=150, blank=True)
    undone_at = models.DateTimeField(_("undone"), null=True)
    undone_by = models.CharField(max_length=150, blank=True)

    scope_fields = ScopeFields()

    class Meta:
        verbose_name = _("import")
        verbose_name_plural = _("imports")
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                name="rows_in_are_new_changed_unchanged_or_rejected",
                condition=Q(rows=None)
                | Q(rows=F("rows_new") + F("rows_changed") + F("rows_unchanged") + F("rows_rejected")),
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.file_name}"

    @property
    def scope(self) -> Scope:
        return ANYWHERE

    @property
    def tally(self) -> Tally | None:
        """The counts; None before the file was checked."""
        if self.rows is None:
            return None
        return Tally(
            self.rows,
            self.rows_new or 0,
            self.rows_changed or 0,
            self.rows_unchanged or 0,
            self.rows_rejected or 0,
        )


class ImportProgress(models.Model):
    """What a job does with an import (`act`: check, apply, undo; empty: nothing), and how far it is, from 0 to 1.

    Written beside the job's transaction, which nobody can look into. `failure` are the reasons why it ended badly.
    """

    source = models.OneToOneField(
        Import, on_delete=models.CASCADE, related_name="progress", primary_key=True, db_constraint=False
    )
    act = models.CharField(max_length=8, blank=True)
    share = models.FloatField(default=0)
    updated_at = models.DateTimeField(null=True)
    failure = models.JSONField(default=list)

    def __str__(self) -> str:
        return f"{self.source_id} {self.share:.0%}"


class RejectedRow(models.Model):
    """A row of a file that cannot be taken, with every reason: a list of {column, value, code, sentence, facts}."""

    source = models.ForeignKey(Import, on_delete=models.CASCADE, related_name="rejected", db_constraint=False)
    row_no = models.IntegerField()
    problems = models.JSONField()

    class Meta:
        indexes = [models.Index(fields=["source", "row_no"], name="rejected_rows_in_order")]

    def __str__(self) -> str:
        return f"{self.source_id} row {self.row_no}"


class ImportedRow(models.Model):
    """What an applied import did to one row: the memory that undoing needs.

    `before` is null for a row that was new. `version` is the row's version right after: if it is another now,
    something else has touched the row. There are millions of these, written once and read once: a block-range
    index is enough, and the reference to the import is kept by the service, not by a trigger per row.
    """

    source = models.ForeignKey(
        Import, on_delete=models.CASCADE, related_name="imported", db_index=False, db_constraint=False
    )
    key = models.TextField()
    target = models.BigIntegerField()
    before = models.JSONField(null=True)
    version = models.TextField()

    class Meta:
        indexes = [BrinIndex(fields=["source"], name="imported_rows_by_import")]

    def __str__(self) -> str:
        return f"{self.source_id} {self.key}"


class HeaderMapping(models.Model):
    """What a user said that headers mean, remembered for files of a kind with the same set of headers."""

    kind = models.CharField(max_length=32)
    name = models.CharField(_("name"), max_length=100, blank=True)
    fingerprint = models.CharField(max_length=64)
    mapping = models.JSONField()
    remembered_at = models.DateTimeField()
    remembered_by = models.CharField(max_length=150)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["kind", "fingerprint"], name="a_set_of_headers_is_mapped_once"),
            models.UniqueConstraint(
                fields=["kind", "name"], condition=~Q(name=""), name="a_mapping_name_is_given_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.name or self.fingerprint[:8]}"


class Receipt(models.Model):
    """The answer that a request of a partner's system got, under the key that the system gave it.

    Written in the transaction of what the request did, so that there is either both or neither. `request_hash` is the
    SHA-256 of method, path and body. A request that is being worked on has no row: it holds a lock that ends with its
    connection (see `services/receipts.py`).
    """

    client = models.ForeignKey("accounts.ApiClient", on_delete=models.CASCADE, related_name="+")
    key = models.CharField(max_length=255)
    request_hash = models.CharField(max_length=64)
    status = models.PositiveSmallIntegerField()
    content_type = models.CharField(max_length=100)
    location = models.CharField(max_length=255, blank=True)
    body = models.BinaryField()
    answered_at = models.DateTimeField(db_index=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["client", "key"], name="a_key_of_a_client_is_one_answer")
        ]

    def __str__(self) -> str:
        return f"{self.client_id} {self.key}"


class Event(models.Model):
    """事件: something that partners' systems should know, in the words of CloudEvents. The outbox: append-only.

    Written in the transaction of what it tells, so that nothing is told that did not happen. `transaction` is
    PostgreSQL's number of it: events are read in the order (transaction, id) below the oldest transaction that is
    still running, so that no event comes late behind a reader's cursor. Negative: written before the database was
    restored into another cluster, which counts afresh. `data` holds what every reader may know: never a class, never
    a person.
    """

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    type = models.CharField(_("type"), max_length=80)
    subject = models.CharField(_("subject"), max_length=200)
    at = models.DateTimeField(_("at"))
    data = models.JSONField(default=dict)
    transaction = models.BigIntegerField(db_default=CurrentTransaction(), editable=False)

    class Meta:
        verbose_name = _("event")
        verbose_name_plural = _("events")
        ordering = ["transaction", "id"]
        indexes = [
            models.Index(fields=["subject"], name="events_of_a_subject"),
            models.Index(fields=["transaction", "id"], name="events_in_order"),
        ]

    def __str__(self) -> str:
        return f"{self.type} {self.subject}"


class EventReader(models.Model):
    """How far a partner's system (`client`: its uuid) has taken over what was told.

    Everything up to the event `cursor` (its id; 0: nothing), in the order of events.
    """

    client = models.CharField(_("system"), max_length=64, unique=True)
    cursor = models.BigIntegerField(default=0)
    at = models.DateTimeField(_("at"))

    class Meta:
        verbose_name = _("reader of events")
        verbose_name_plural = _("readers of events")

    def __str__(self) -> str:
        return f"{self.client} {self.cursor}"
