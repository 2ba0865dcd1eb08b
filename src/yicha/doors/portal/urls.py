"""The portal: for enterprises that sign in. They see what concerns them, and nothing else."""

from __future__ import annotations

from django.urls import path

from yicha.doors.portal import views

app_name = "portal"
urlpatterns = [
    path("", views.Start.as_view(), name="start"),
    path("<str:uscc>/", views.Home.as_view(), name="home"),
    path("<str:uscc>/visits/", views.Visits.as_view(), name="visits"),
    path("<str:uscc>/visits/<uuid:uuid>/", views.OneVisit.as_view(), name="visit"),
]
