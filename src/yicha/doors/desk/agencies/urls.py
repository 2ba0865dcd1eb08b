"""Addresses of agencies."""

from __future__ import annotations

from django.urls import path
from django.utils.translation import gettext_lazy as _

from yicha.doors.desk.agencies import views
from yicha.doors.desk.navigation import Entry

urlpatterns = [
    path("", views.Agencies.as_view(), name="list"),
    path("<str:code>/", views.OneAgency.as_view(), name="object"),
    path("<str:code>/<slug:tab>/", views.OneAgency.as_view(), name="tab"),
]
ENTRIES = [Entry(_("Agencies"), "desk:agencies:list", "registry.view", "building-bank", "know", 20)]
