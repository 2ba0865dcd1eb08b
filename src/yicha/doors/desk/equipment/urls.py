"""Addresses of equipment."""

from __future__ import annotations

from django.urls import path
from django.utils.translation import gettext_lazy as _

from yicha.doors.desk.equipment import views
from yicha.doors.desk.navigation import Entry

urlpatterns = [
    path("", views.EquipmentList.as_view(), name="list"),
    path("new/", views.NewEquipment.as_view(), name="new"),
    path("<str:agency>/<slug:code>/", views.ChangeEquipment.as_view(), name="edit"),
    path("<str:agency>/<slug:code>/remove/", views.RemoveEquipment.as_view(), name="remove"),
]
ENTRIES = [Entry(_("Vehicles and equipment"), "desk:equipment:list", "registry.view", "car", "know", 32)]
