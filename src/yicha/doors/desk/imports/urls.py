"""Addresses of imports."""

from __future__ import annotations

from django.urls import path
from django.utils.translation import gettext_lazy as _

from yicha.doors.desk.imports import acts, views
from yicha.doors.desk.navigation import Entry

urlpatterns = [
    path("", views.Imports.as_view(), name="list"),
    path("new/", acts.NewImport.as_view(), name="new"),
    path("<uuid:uuid>/", views.OneImport.as_view(), name="object"),
    path("<uuid:uuid>/do/mapping/", acts.Mapping.as_view(), name="mapping"),
    path("<uuid:uuid>/do/check/", acts.Check.as_view(), name="check"),
    path("<uuid:uuid>/do/apply/", acts.Apply.as_view(), name="apply"),
    path("<uuid:uuid>/do/undo/", acts.Undo.as_view(), name="undo"),
    path("<uuid:uuid>/do/discard/", acts.Discard.as_view(), name="discard"),
    path("<uuid:uuid>/do/report/", views.Report.as_view(), name="report"),
    path("<uuid:uuid>/do/progress/", views.Progress.as_view(), name="progress"),
    path("<uuid:uuid>/<slug:tab>/", views.OneImport.as_view(), name="tab"),
]
ENTRIES = [Entry(_("Imports"), "desk:imports:list", "import.view", "file-import", "know", 90)]
