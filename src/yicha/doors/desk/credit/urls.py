"""Addresses of credit records."""

from __future__ import annotations

from django.urls import path
from django.utils.translation import gettext_lazy as _

from yicha.doors.desk.credit import views
from yicha.doors.desk.navigation import Entry

urlpatterns = [
    path("", views.Records.as_view(), name="list"),
    path("new/", views.NewRecord.as_view(), name="new"),
]
ENTRIES = [Entry(_("Credit records"), "desk:credit:list", "credit.view", "file-description", "know", 65)]
