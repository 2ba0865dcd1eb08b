"""Addresses of officers."""

from __future__ import annotations

from django.urls import path
from django.utils.translation import gettext_lazy as _

from yicha.doors.desk.navigation import Entry
from yicha.doors.desk.officers import views

urlpatterns = [
    path("", views.Officers.as_view(), name="list"),
    path("<str:certificate>/", views.OneOfficer.as_view(), name="object"),
    path("<str:certificate>/recuse/", views.Recuse.as_view(), name="recuse"),
    path("<str:certificate>/<slug:tab>/", views.OneOfficer.as_view(), name="tab"),
]
ENTRIES = [Entry(_("Officers"), "desk:officers:list", "registry.view", "id-badge-2", "know", 30)]
