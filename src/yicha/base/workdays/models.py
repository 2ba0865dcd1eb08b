"""Days that differ from their weekday."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class SpecialDay(models.Model):
    """A holiday, or a weekend day worked instead of one (`worked`). Days without a row follow their weekday."""

    day = models.DateField(_("day"), primary_key=True)
    worked = models.BooleanField(_("worked"))
    name = models.CharField(_("name"), max_length=40)
    source = models.CharField(_("source"), max_length=200)

    class Meta:
        verbose_name = _("special day")
        verbose_name_plural = _("special days")

    def __str__(self) -> str:
        return f"{self.day} {self.name}"
