"""The Django app of annual plans, rounds and matching."""

from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PlanningConfig(AppConfig):
    name = "yicha.decide.planning"
    label = "planning"
    verbose_name = _("planning")
