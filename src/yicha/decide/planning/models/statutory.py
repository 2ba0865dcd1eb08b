"""Checks that the law itself prescribes, once in so many months."""

from __future__ import annotations

import uuid

from django.db import models
from django.utils.translation import gettext_lazy as _

from yicha.base.accounts.terms import ANYWHERE, Scope, ScopeFields


class StatutoryCheck(models.Model):
    """法定检查: an item that the law wants checked at every member of a directory, once in `every_months`.

    A dated row: of an item and a directory the newest in force holds; `every_months` 0: not wanted any more.
    """

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    item = models.ForeignKey(
        "catalogue.Item", on_delete=models.PROTECT, related_name="+", verbose_name=_("item")
    )
    directory = models.ForeignKey(
        "registry.Directory", on_delete=models.PROTECT, related_name="+", verbose_name=_("directory")
    )
    every_months = models.PositiveSmallIntegerField(_("once in so many months"))
    source = models.CharField(_("source"), max_length=200)
    in_force_from = models.DateField(_("in force from"))

    scope_fields = ScopeFields()

    class Meta:
        verbose_name = _("statutory check")
        verbose_name_plural = _("statutory checks")
        ordering = ["item__code", "directory__code", "-in_force_from"]
        constraints = [
            models.UniqueConstraint(
                fields=["item", "directory", "in_force_from"],
                name="a_statutory_check_has_one_row_a_day",
            )
        ]

    def __str__(self) -> str:
        return f"{self.item_id} {self.directory_id} {self.every_months}"

    @property
    def scope(self) -> Scope:
        """The law is everybody's."""
        return ANYWHERE
