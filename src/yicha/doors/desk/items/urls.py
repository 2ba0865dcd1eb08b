"""Addresses of items."""

from __future__ import annotations

from django.urls import path
from django.utils.translation import gettext_lazy as _

from yicha.doors.desk.items import views
from yicha.doors.desk.navigation import Entry

urlpatterns = [
    path("", views.Items.as_view(), name="list"),
    path("<str:code>/", views.OneItem.as_view(), name="object"),
]
ENTRIES = [Entry(_("Items"), "desk:items:list", "catalogue.view", "checklist", "know", 50)]
