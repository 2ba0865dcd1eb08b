"""Addresses of the numbers of the law."""

from __future__ import annotations

from django.urls import path
from django.utils.translation import gettext_lazy as _

from yicha.doors.desk.navigation import Entry
from yicha.doors.desk.numbers import views

urlpatterns = [
    path("", views.Numbers.as_view(), name="list"),
    path("new/", views.NewNumber.as_view(), name="new"),
    path("rates/", views.Rates.as_view(), name="rates"),
    path("rates/new/", views.NewRate.as_view(), name="new_rate"),
]
ENTRIES = [Entry(_("Numbers and rates"), "desk:numbers:list", "catalogue.view", "scale", "know", 80)]
