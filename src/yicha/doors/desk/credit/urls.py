"""Addresses of credit records."""

from __future__ import annotations

from django.urls import path
from django.utils.translation import gettext_lazy as _

from yicha.doors.desk.credit import acts, views
from yicha.doors.desk.navigation import Entry

urlpatterns = [
    path("", views.Records.as_view(), name="list"),
    path("new/", acts.NewRecord.as_view(), name="new"),
    path("<uuid:uuid>/publish/", acts.Publish.as_view(), name="publish"),
    path("<uuid:uuid>/correct/", acts.Correct.as_view(), name="correct"),
    path("<uuid:uuid>/end/", acts.End.as_view(), name="end"),
    path("<uuid:uuid>/", views.RecordPage.as_view(), name="object"),
    path("<uuid:uuid>/<slug:tab>/", views.RecordPage.as_view(), name="tab"),
]
ENTRIES = [Entry(_("Credit records"), "desk:credit:list", "credit.view", "file-description", "know", 65)]
