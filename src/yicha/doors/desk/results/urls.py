"""Addresses of results."""

from __future__ import annotations

from django.urls import path
from django.utils.translation import gettext_lazy as _

from yicha.doors.desk.navigation import Entry
from yicha.doors.desk.results import views

urlpatterns = [
    path("", views.Results.as_view(), name="list"),
    path("publish/", views.Publish.as_view(), name="publish"),
]
ENTRIES = [Entry(_("Results to publish"), "desk:results:list", "result.view", "world-share", "act", 20)]
