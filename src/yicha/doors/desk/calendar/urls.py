"""Addresses of the calendar."""

from __future__ import annotations

from django.urls import path
from django.utils.translation import gettext_lazy as _

from yicha.doors.desk.calendar import day, enterprises, moving, replanning, runs, views
from yicha.doors.desk.navigation import Entry

urlpatterns = [
    path("", views.Days.as_view(), name="list"),
    path("officers/", views.Officers.as_view(), name="officers"),
    path("enterprises/", enterprises.Enterprises.as_view(), name="enterprises"),
    path("enterprises/<str:uscc>/", enterprises.EnterprisePage.as_view(), name="enterprise"),
    path("day/<str:on>/", day.DayPage.as_view(), name="day"),
    path("visits/<uuid:uuid>/", moving.VisitPage.as_view(), name="visit"),
    path("visits/<uuid:uuid>/move/", moving.Move.as_view(), name="move"),
    path("visits/<uuid:uuid>/try/", moving.Try.as_view(), name="try"),
    path("visits/<uuid:uuid>/drop/", moving.Drop.as_view(), name="drop"),
    path("visits/<uuid:uuid>/pin/", moving.PinIt.as_view(), name="pin"),
    path("visits/<uuid:uuid>/unpin/", moving.Unpin.as_view(), name="unpin"),
    path("visits/<uuid:uuid>/wish/", replanning.Wish.as_view(), name="wish"),
    path("made/", runs.Runs.as_view(), name="runs"),
    path("made/<slug:code>/", runs.Runs.as_view(), name="round"),
    path("made/<slug:code>/new/", runs.Make.as_view(), name="make"),
    path("made/<slug:code>/officer/", replanning.OfficerAbsent.as_view(), name="absent"),
    path("made/<slug:code>/day/", replanning.DayLost.as_view(), name="lost"),
    path("run/<uuid:uuid>/", runs.RunPage.as_view(), name="run"),
    path("run/<uuid:uuid>/progress/", runs.Progress.as_view(), name="progress"),
    path("run/<uuid:uuid>/stop/", runs.Stop.as_view(), name="stop"),
    path("run/<uuid:uuid>/keep/", runs.Keep.as_view(), name="keep"),
    path("run/<uuid:uuid>/discard/", runs.Discard.as_view(), name="discard"),
]
ENTRIES = [Entry(_("Calendar of visits"), "desk:calendar:list", "schedule.view", "calendar", "decide", 45)]
