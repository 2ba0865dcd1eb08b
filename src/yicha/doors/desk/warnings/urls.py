"""Addresses of warnings."""

from __future__ import annotations

from django.urls import path
from django.utils.translation import gettext_lazy as _

from yicha.doors.desk.navigation import Entry
from yicha.doors.desk.warnings import views

urlpatterns = [
    path("", views.Warnings.as_view(), name="list"),
    path("<uuid:uuid>/see/", views.See.as_view(), name="see"),
    path("<uuid:uuid>/close/", views.Close.as_view(), name="close"),
    path("<uuid:uuid>/", views.WarningPage.as_view(), name="object"),
    path("<uuid:uuid>/<slug:tab>/", views.WarningPage.as_view(), name="tab"),
]
ENTRIES = [Entry(_("Warnings"), "desk:warnings:list", "warning.view", "bell", "know", 68)]
