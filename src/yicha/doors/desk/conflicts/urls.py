"""Addresses of the register of conflicts."""

from __future__ import annotations

from django.urls import path
from django.utils.translation import gettext_lazy as _

from yicha.doors.desk.conflicts import views
from yicha.doors.desk.navigation import Entry

urlpatterns = [
    path("", views.Conflicts.as_view(), name="list"),
    path("new/", views.NewConflict.as_view(), name="new"),
    path("<str:code>/", views.ConflictPage.as_view(), name="object"),
    path("<str:code>/do/rule/", views.RuleConflict.as_view(), name="rule"),
    path("<str:code>/do/withdraw/", views.WithdrawConflict.as_view(), name="withdraw"),
    path("<str:code>/<slug:tab>/", views.ConflictPage.as_view(), name="tab"),
]
ENTRIES = [Entry(_("Conflicts of standards"), "desk:conflicts:list", "conflict.view", "gavel", "know", 70)]
