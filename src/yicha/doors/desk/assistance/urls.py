"""Addresses of assistance across regions."""

from __future__ import annotations

from django.urls import path
from django.utils.translation import gettext_lazy as _

from yicha.doors.desk.assistance import views
from yicha.doors.desk.navigation import Entry

urlpatterns = [
    path("", views.Requests.as_view(), name="list"),
    path("new/", views.Ask.as_view(), name="new"),
    path("<str:code>/", views.RequestPage.as_view(), name="object"),
    path("<str:code>/do/answer/", views.Answer.as_view(), name="answer"),
    path("<str:code>/do/revoke/", views.Revoke.as_view(), name="revoke"),
    path("<str:code>/do/withdraw/", views.Withdraw.as_view(), name="withdraw"),
]
ENTRIES = [
    Entry(_("Assistance across regions"), "desk:assistance:list", "agreement.view", "route", "decide", 60)
]
