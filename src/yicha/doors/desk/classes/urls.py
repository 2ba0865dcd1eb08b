"""Addresses of classes."""

from __future__ import annotations

from django.urls import path
from django.utils.translation import gettext_lazy as _

from yicha.doors.desk.classes import views
from yicha.doors.desk.navigation import Entry

urlpatterns = [
    path("", views.Spread.as_view(), name="spread"),
    path("flows/", views.Flows.as_view(), name="flows"),
    path("changes/", views.Changes.as_view(), name="changes"),
    path("runs/", views.Runs.as_view(), name="runs"),
    path("runs/now/", views.ClassifyNow.as_view(), name="now"),
    path("runs/<uuid:uuid>/", views.RunPage.as_view(), name="run"),
    path("runs/<uuid:uuid>/progress/", views.RunProgress.as_view(), name="progress"),
]
ENTRIES = [Entry(_("Classes"), "desk:classes:spread", "class.view", "chart-bar", "know", 66)]
