"""Addresses of an officer's own days."""

from __future__ import annotations

from django.urls import path, register_converter
from django.utils.translation import gettext_lazy as _

from yicha.doors.desk.my_days import views
from yicha.doors.desk.my_days.day_of_path import DayOfPath
from yicha.doors.desk.navigation import Entry

register_converter(DayOfPath, "day")

urlpatterns = [
    path("", views.MyDays.as_view(), name="list"),
    path("<day:day>.pdf", views.DaySheet.as_view(), name="sheet"),
    path("calendar/", views.MakeFeed.as_view(), name="make_feed"),
    path("calendar/revoke/", views.RevokeFeed.as_view(), name="revoke_feed"),
]
ENTRIES = [Entry(_("My days"), "desk:my_days:list", "calendar.own", "calendar-stats", "act", 6)]
