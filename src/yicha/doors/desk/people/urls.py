"""Addresses of people who sign in."""

from __future__ import annotations

from django.urls import path
from django.utils.translation import gettext_lazy as _

from yicha.doors.desk.navigation import Entry
from yicha.doors.desk.people import views

urlpatterns = [
    path("", views.People.as_view(), name="list"),
    path("new/", views.NewPerson.as_view(), name="new"),
    path("<uuid:uuid>/", views.OnePerson.as_view(), name="object"),
    path("<uuid:uuid>/active/", views.SwitchActive.as_view(), name="active"),
    path("<uuid:uuid>/grant/", views.NewGrant.as_view(), name="grant"),
    path("<uuid:uuid>/withdraw/<int:grant>/", views.Withdraw.as_view(), name="withdraw"),
]
ENTRIES = [Entry(_("Who may sign in"), "desk:people:list", "accounts.view", "users", "base", 20)]
