"""Addresses of repair."""

from __future__ import annotations

from django.urls import path
from django.utils.translation import pgettext_lazy

from yicha.doors.desk.navigation import Entry
from yicha.doors.desk.repairs import acts, views

urlpatterns = [
    path("", views.Repairs.as_view(), name="list"),
    path("new/", acts.ApplyFor.as_view(), name="new"),
    path("<uuid:uuid>/accept/", acts.Accept.as_view(), name="accept"),
    path("<uuid:uuid>/return/", acts.SendBack.as_view(), name="send_back"),
    path("<uuid:uuid>/decide/", acts.Decide.as_view(), name="decide"),
    path("<uuid:uuid>/answer/", acts.Answer.as_view(), name="answer"),
    path("<uuid:uuid>/", views.RepairPage.as_view(), name="object"),
    path("<uuid:uuid>/<slug:tab>/", views.RepairPage.as_view(), name="tab"),
]
ENTRIES = [Entry(pgettext_lazy("area", "Repair"), "desk:repairs:list", "repair.view", "rotate-2", "know", 67)]
