"""Addresses of the gate."""

from __future__ import annotations

from django.urls import path
from django.utils.translation import gettext_lazy as _

from yicha.doors.desk.gate import acts, apply, views, why
from yicha.doors.desk.navigation import Entry

urlpatterns = [
    path("", views.Queues.as_view(), name="queues"),
    path("all/", views.Applications.as_view(), name="list"),
    path("new/", apply.Choose.as_view(), name="choose"),
    path("new/<str:uscc>/", apply.Apply.as_view(), name="apply"),
    path("new/<str:uscc>/preview/", apply.Preview.as_view(), name="preview"),
    path("emergency/", apply.ChooseEmergency.as_view(), name="choose-emergency"),
    path("emergency/<str:uscc>/", apply.Emergency.as_view(), name="emergency"),
    path("back-entry/", apply.ChooseBackEntry.as_view(), name="choose-back-entry"),
    path("back-entry/<str:uscc>/", apply.BackEntry.as_view(), name="back-entry"),
    path("<uuid:uuid>/", views.OneApplication.as_view(), name="object"),
    path("<uuid:uuid>/code/", views.PrintedCode.as_view(), name="code"),
    path("<uuid:uuid>/do/answer/", acts.Answer.as_view(), name="answer"),
    path("<uuid:uuid>/do/approve/", acts.Approve.as_view(), name="approve"),
    path("<uuid:uuid>/do/again/", acts.AskAgain.as_view(), name="again"),
    path("<uuid:uuid>/do/papers/", acts.Papers.as_view(), name="papers"),
    path("<uuid:uuid>/do/withdraw/", acts.Withdraw.as_view(), name="withdraw"),
    path("<uuid:uuid>/do/revoke/", acts.Revoke.as_view(), name="revoke"),
    path("<uuid:uuid>/do/vary/", why.Vary.as_view(), name="vary"),
    path("<uuid:uuid>/<slug:tab>/", views.OneApplication.as_view(), name="tab"),
]
ENTRIES = [
    Entry(_("The gate"), "desk:gate:queues", "gate.view", "door-enter", "decide", 1),
    Entry(_("Apply for a visit"), "desk:gate:choose", "gate.apply", "send", "decide", 2),
    Entry(_("All applications"), "desk:gate:list", "gate.view", "list-details", "decide", 3),
]
