"""Addresses of clients of the API."""

from __future__ import annotations

from django.urls import path
from django.utils.translation import gettext_lazy as _

from yicha.doors.desk.navigation import Entry
from yicha.doors.desk.partners import views

urlpatterns = [
    path("", views.Clients.as_view(), name="list"),
    path("new/", views.NewClient.as_view(), name="new"),
    path("<uuid:uuid>/", views.OneClient.as_view(), name="object"),
    path("<uuid:uuid>/change/", views.ChangeClient.as_view(), name="change"),
    path("<uuid:uuid>/rotate/", views.Rotate.as_view(), name="rotate"),
    path("<uuid:uuid>/revoke/", views.Revoke.as_view(), name="revoke"),
]
ENTRIES = [Entry(_("Systems of agencies"), "desk:partners:list", "partner.view", "world-share", "base", 25)]
