"""Addresses of absences."""

from __future__ import annotations

from django.urls import path
from django.utils.translation import gettext_lazy as _

from yicha.doors.desk.absences import acts, views
from yicha.doors.desk.navigation import Entry

urlpatterns = [
    path("", views.Absences.as_view(), name="list"),
    path("new/", acts.NewAbsence.as_view(), name="new"),
    path("mine/", views.MyAbsences.as_view(), name="mine"),
    path("mine/new/", acts.NewOwnAbsence.as_view(), name="new_mine"),
    path("mine/<uuid:uuid>/take-back/", acts.TakeBackOwn.as_view(), name="take_back_mine"),
    path("<uuid:uuid>/take-back/", acts.TakeBack.as_view(), name="take_back"),
]
ENTRIES = [
    Entry(_("Absences"), "desk:absences:list", "absence.edit", "calendar-off", "know", 31),
    Entry(_("My absences"), "desk:absences:mine", "calendar.own", "calendar-off", "act", 15),
]
