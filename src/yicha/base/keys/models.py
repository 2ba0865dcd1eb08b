"""Public keys. The private ones are files that only this product's user may read."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from yicha.base.keys.terms import Purpose

PURPOSES = {Purpose.VISIT_CODE: _("visit codes"), Purpose.CERTIFICATE: _("recognition certificates")}


class Key(models.Model):
    """The public half of a key. `kid` is its thumbprint (RFC 7638), `public` its 32 bytes in base64url.

    `retired_at` null: it signs. A retired key signs nothing more; what it signed is believed until it ends.
    """

    kid = models.CharField(_("key"), max_length=43, unique=True)
    purpose = models.CharField(_("signs"), max_length=16, choices=[(k.value, v) for k, v in PURPOSES.items()])
    public = models.CharField(_("public key"), max_length=43)
    valid_from = models.DateTimeField(_("valid from"))
    retired_at = models.DateTimeField(_("retired at"), null=True)

    class Meta:
        verbose_name = _("key")
        verbose_name_plural = _("keys")
        ordering = ["purpose", "-valid_from"]

    def __str__(self) -> str:
        return f"{self.purpose} {self.kid}"
