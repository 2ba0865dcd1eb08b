"""Addresses of agencies' answers."""

from __future__ import annotations

from django.urls import path
from django.utils.translation import gettext_lazy as _

from yicha.doors.desk.answers import acts, views
from yicha.doors.desk.navigation import Entry

urlpatterns = [
    path("", views.Answers.as_view(), name="list"),
    path("accept/", acts.AcceptPicked.as_view(), name="accept_picked"),
    path("accept-all/", acts.AcceptMany.as_view(), name="accept_many"),
    path("<uuid:uuid>/", views.AnswerPage.as_view(), name="object"),
    path("<uuid:uuid>/accept/", acts.Accept.as_view(), name="accept"),
    path("<uuid:uuid>/decline/", acts.Decline.as_view(), name="decline"),
    path("<uuid:uuid>/off-site/", acts.MoveOffSite.as_view(), name="off_site"),
    path("<uuid:uuid>/let-fall/", acts.LetFall.as_view(), name="let_fall"),
]
ENTRIES = [Entry(_("Our parts of visits"), "desk:answers:list", "schedule.view", "checklist", "decide", 46)]
