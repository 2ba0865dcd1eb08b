"""Addresses of directories."""

from __future__ import annotations

from django.urls import path
from django.utils.translation import gettext_lazy as _

from yicha.doors.desk.directories import views
from yicha.doors.desk.navigation import Entry

urlpatterns = [
    path("", views.Directories.as_view(), name="list"),
    path("<slug:code>/", views.OneDirectory.as_view(), name="object"),
]
ENTRIES = [Entry(_("Directories"), "desk:directories:list", "registry.view", "folder", "know", 40)]
