"""Addresses of visits."""

from __future__ import annotations

from django.urls import path
from django.utils.translation import gettext_lazy as _

from yicha.doors.desk.navigation import Entry
from yicha.doors.desk.visits import carrying_out, views

urlpatterns = [
    path("", views.Visits.as_view(), name="list"),
    path("today/", views.MyDay.as_view(), name="today"),
    path("<uuid:uuid>/start/", carrying_out.Start.as_view(), name="start"),
    path("<uuid:uuid>/close/", carrying_out.CloseVisit.as_view(), name="close"),
    path("<uuid:uuid>/call-off/", carrying_out.CallOff.as_view(), name="call_off"),
    path("<uuid:uuid>/parts/<str:agency>/", carrying_out.RecordPart.as_view(), name="record"),
    path("<uuid:uuid>/parts/<str:agency>/reopen/", carrying_out.Reopen.as_view(), name="reopen"),
    path(
        "<uuid:uuid>/parts/<str:agency>/corrections/", carrying_out.Corrections.as_view(), name="corrections"
    ),
    path("<uuid:uuid>/parts/<str:agency>/officers/", carrying_out.ChangeOfficers.as_view(), name="officers"),
    path("<uuid:uuid>/", carrying_out.OneVisit.as_view(), name="object"),
    path("<uuid:uuid>/<slug:tab>/", carrying_out.OneVisit.as_view(), name="tab"),
]
ENTRIES = [
    Entry(_("My visits today"), "desk:visits:today", "visit.record", "calendar-event", "act", 5),
    Entry(_("Visits"), "desk:visits:list", "visit.view", "clipboard-check", "act", 10),
]
