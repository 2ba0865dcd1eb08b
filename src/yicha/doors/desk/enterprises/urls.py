"""Addresses of enterprises."""

from __future__ import annotations

from django.urls import path
from django.utils.translation import gettext_lazy as _

from yicha.doors.desk.enterprises import views
from yicha.doors.desk.navigation import Entry

urlpatterns = [
    path("", views.Enterprises.as_view(), name="list"),
    path("<str:uscc>/", views.OneEnterprise.as_view(), name="object"),
    path("<str:uscc>/<slug:tab>/", views.OneEnterprise.as_view(), name="tab"),
]
ENTRIES = [Entry(_("Enterprises"), "desk:enterprises:list", "registry.view", "building-store", "know", 10)]
