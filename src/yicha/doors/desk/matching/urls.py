"""Addresses of rounds and matching."""

from __future__ import annotations

from django.urls import path
from django.utils.translation import gettext_lazy as _

from yicha.doors.desk.matching import acts, gate, statutory, views
from yicha.doors.desk.navigation import Entry

urlpatterns = [
    path("", views.Rounds.as_view(), name="list"),
    path("open/", acts.OpenRound.as_view(), name="open"),
    path("statutory/", statutory.Statutory.as_view(), name="statutory"),
    path("statutory/new/", statutory.NewStatutory.as_view(), name="new_statutory"),
    path("<slug:code>/", views.RoundPage.as_view(), name="object"),
    path("<slug:code>/demands/", views.Demands.as_view(), name="demands"),
    path("<slug:code>/visits/", views.Visits.as_view(), name="visits"),
    path("<slug:code>/visits/<uuid:uuid>/", views.VisitPage.as_view(), name="visit"),
    path("<slug:code>/verdicts/<uuid:uuid>/", gate.VerdictPage.as_view(), name="verdict"),
    path("<slug:code>/do/screen/", acts.Screen.as_view(), name="screen"),
    path("<slug:code>/run/<uuid:uuid>/", views.RunProgress.as_view(), name="progress"),
    path("<slug:code>/do/match/", acts.Match.as_view(), name="match"),
    path("<slug:code>/do/open/", acts.OpenAll.as_view(), name="open_all"),
    path("<slug:code>/do/freeze/", acts.FreezeAll.as_view(), name="freeze_all"),
    path("<slug:code>/do/freeze/<str:draw_id>/", acts.Freeze.as_view(), name="freeze"),
    path("<slug:code>/do/officers/", acts.StartOfficers.as_view(), name="officers"),
    path("<slug:code>/do/officers/freeze/", acts.FreezeOfficers.as_view(), name="freeze_officers"),
    path("<slug:code>/do/officers/apply/", acts.ApplyOfficers.as_view(), name="apply_officers"),
    path("<slug:code>/do/fall/", acts.LetFall.as_view(), name="let_fall"),
    path("<slug:code>/do/close/", acts.Close.as_view(), name="close"),
    path("<slug:code>/<slug:tab>/", views.RoundPage.as_view(), name="tab"),
]
ENTRIES = [Entry(_("Rounds"), "desk:matching:list", "match.view", "link", "decide", 40)]
