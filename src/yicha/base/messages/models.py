"""Messages and their deliveries."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from yicha.base.messages.terms import Channel, DeliveryState

CHANNELS = {
    Channel.INSIDE: _("inside"),
    Channel.EMAIL: _("e-mail"),
    Channel.SMS: _("SMS"),
    Channel.ROBOT: _("robot"),
}
STATES = {
    DeliveryState.QUEUED: _("queued"),
    DeliveryState.SENT: pgettext_lazy("delivery", "sent"),
    DeliveryState.FAILED: pgettext_lazy("delivery", "failed"),
}


class Message(models.Model):
    """What was said, to whom, about what. Never changed.

    `audience` is whom it is for: `enterprise:<uscc>`, `agency:<code>`, `officer:<certificate>`; `subject_key` what it
    is about, as in the ledger (`visit:<uuid>`); `kind` a short code (`notice`, `reminder`, `moved`). `document` is a
    PDF that goes along, empty when there is none. `read_at`: when its audience first opened it, and
    `read_by` who of it did.
    """

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    audience = models.CharField(max_length=80)
    kind = models.CharField(max_length=20)
    subject_key = models.CharField(max_length=120)
    title = models.CharField(_("title"), max_length=200)
    text = models.TextField(_("text"))
    document = models.BinaryField(default=bytes)
    document_name = models.CharField(max_length=120, blank=True)
    said_at = models.DateTimeField(_("said at"))
    read_at = models.DateTimeField(_("read at"), null=True)
    read_by = models.CharField(_("read by"), max_length=150, blank=True)

    class Meta:
        verbose_name = _("message")
        verbose_name_plural = _("messages")
        ordering = ["-said_at", "-id"]
        indexes = [
            models.Index(fields=["audience", "-said_at"], name="messages_of_an_audience"),
            models.Index(fields=["subject_key"], name="messages_about_something"),
        ]

    def __str__(self) -> str:
        return f"{self.audience} {self.kind}"


class Delivery(models.Model):
    """One channel's try to bring a message to an address. The address is personal data: it is never logged.

    `tries` counts those that were begun; `next_at` is when the next one is due, null once there is none. `error` is the
    code of the last failure (`smtp 550`, `http 410`, `no answer TimeoutError`), `receipt` the other side's.
    """

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    message = models.ForeignKey(Message, on_delete=models.CASCADE, related_name="deliveries")
    channel = models.CharField(
        _("channel"), max_length=6, choices=[(k.value, v) for k, v in CHANNELS.items()]
    )
    address = models.CharField(max_length=254)
    state = models.CharField(_("state"), max_length=6, choices=[(k.value, v) for k, v in STATES.items()])
    tries = models.PositiveSmallIntegerField(default=0)
    next_at = models.DateTimeField(_("next try"), null=True)
    sent_at = models.DateTimeField(_("sent at"), null=True)
    receipt = models.CharField(max_length=200, blank=True)
    error = models.CharField(max_length=300, blank=True)

    class Meta:
        verbose_name = _("delivery")
        verbose_name_plural = _("deliveries")
        constraints = [
            models.UniqueConstraint(
                fields=["message", "channel", "address"], name="a_message_goes_once_to_an_address"
            )
        ]
        indexes = [models.Index(fields=["next_at"], name="deliveries_to_try", condition=Q(state="queued"))]

    def __str__(self) -> str:
        return f"{self.message_id} {self.channel} {self.state}"


class Address(models.Model):
    """Where an audience wants its messages, besides inside."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    audience = models.CharField(max_length=80)
    channel = models.CharField(
        _("channel"), max_length=6, choices=[(k.value, v) for k, v in CHANNELS.items()]
    )
    address = models.CharField(_("address"), max_length=254)
    since = models.DateTimeField()

    class Meta:
        verbose_name = _("address")
        verbose_name_plural = _("addresses")
        constraints = [
            models.UniqueConstraint(fields=["audience", "channel", "address"], name="an_address_is_kept_once")
        ]

    def __str__(self) -> str:
        return f"{self.audience} {self.channel}"
