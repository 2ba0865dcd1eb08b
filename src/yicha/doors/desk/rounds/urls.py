"""Addresses of the eight steps."""

from __future__ import annotations

from django.urls import path
from django.utils.translation import gettext_lazy as _

from yicha.doors.desk.navigation import Entry
from yicha.doors.desk.rounds import views

urlpatterns = [
    path("", views.Newest.as_view(), name="newest"),
    path("documents/<uuid:uuid>.pdf", views.Paper.as_view(), name="document"),
    path("<slug:code>/", views.Eight.as_view(), name="object"),
    path("<slug:code>/check-up/", views.CheckUp.as_view(), name="check_up"),
    path("<slug:code>/check-up/<str:trade>/", views.Trade.as_view(), name="trade"),
    path("<slug:code>/sign/<slug:step>/", views.Sign.as_view(), name="sign"),
    path("<slug:code>/sign/<slug:step>/draft.pdf", views.Draft.as_view(), name="draft"),
]
ENTRIES = [Entry(_("Eight done once"), "desk:rounds:newest", "report.view", "list-check", "decide", 38)]
