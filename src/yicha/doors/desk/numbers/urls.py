"""Addresses of the numbers of the law."""

from __future__ import annotations

from django.urls import path
from django.utils.translation import gettext_lazy as _

from yicha.doors.desk.navigation import Entry
from yicha.doors.desk.numbers import gate_rows, simulator, views

urlpatterns = [
    path("", views.Numbers.as_view(), name="list"),
    path("new/", views.NewNumber.as_view(), name="new"),
    path("rates/", views.Rates.as_view(), name="rates"),
    path("rates/new/", views.NewRate.as_view(), name="new_rate"),
    path("rates/simulator/", simulator.Simulator.as_view(), name="simulator"),
    path("triggers/", gate_rows.Triggers.as_view(), name="triggers"),
    path("triggers/new/", gate_rows.NewTrigger.as_view(), name="new_trigger"),
    path("quiet-days/", gate_rows.Quiet.as_view(), name="quiet"),
    path("quiet-days/new/", gate_rows.NewQuiet.as_view(), name="new_quiet"),
    path("campaigns/", gate_rows.Campaigns.as_view(), name="campaigns"),
    path("campaigns/new/", gate_rows.NewCampaign.as_view(), name="new_campaign"),
]
ENTRIES = [Entry(_("Numbers and rates"), "desk:numbers:list", "catalogue.view", "scale", "know", 80)]
