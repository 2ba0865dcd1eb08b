"""Addresses of the ledger."""

from __future__ import annotations

from django.urls import path
from django.utils.translation import gettext_lazy as _

from yicha.doors.desk.ledger import views
from yicha.doors.desk.navigation import Entry

urlpatterns = [
    path("", views.Ledger.as_view(), name="list"),
    path("<int:seq>/", views.OneEntry.as_view(), name="object"),
]
ENTRIES = [Entry(_("Ledger"), "desk:ledger:list", "ledger.view", "notebook", "base", 10)]
