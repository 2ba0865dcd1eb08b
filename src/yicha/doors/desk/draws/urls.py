"""Addresses of draws."""

from __future__ import annotations

from django.urls import path
from django.utils.translation import gettext_lazy as _

from yicha.doors.desk.draws import acts, views
from yicha.doors.desk.navigation import Entry

urlpatterns = [
    path("", views.Draws.as_view(), name="list"),
    path("<str:draw_id>/", views.DrawPage.as_view(), name="object"),
    path("<str:draw_id>/do/commit/<str:agency>/", acts.Commit.as_view(), name="commit"),
    path("<str:draw_id>/do/reveal/<str:agency>/", acts.Reveal.as_view(), name="reveal"),
    path("<str:draw_id>/do/publish/", acts.Publish.as_view(), name="publish"),
    path("<str:draw_id>/do/run/", acts.Run.as_view(), name="run"),
    path("<str:draw_id>/do/void/", acts.Void.as_view(), name="void"),
    path("<str:draw_id>/do/replace/<str:key>/", acts.Replace.as_view(), name="replace"),
    path("<str:draw_id>/do/approve/<uuid:uuid>/", acts.ApproveReplacement.as_view(), name="approve"),
    path("<str:draw_id>/<slug:tab>/", views.DrawPage.as_view(), name="tab"),
]
ENTRIES = [Entry(_("Draws"), "desk:draws:list", "draw.view", "dice-5", "decide", 30)]
