"""Addresses of messages."""

from __future__ import annotations

from django.urls import path
from django.utils.translation import gettext_lazy as _

from yicha.doors.desk.messages import deliveries, inbox
from yicha.doors.desk.navigation import Entry

urlpatterns = [
    path("", inbox.Inbox.as_view(), name="list"),
    path("<uuid:uuid>/", inbox.OneMessage.as_view(), name="object"),
    path("<uuid:uuid>/read/", inbox.Read.as_view(), name="read"),
    path("deliveries/", deliveries.Deliveries.as_view(), name="deliveries"),
    path("deliveries/retry/", deliveries.RetryAll.as_view(), name="retry_all"),
    path("deliveries/<uuid:uuid>/", deliveries.OneDelivery.as_view(), name="delivery"),
    path("deliveries/<uuid:uuid>/retry/", deliveries.Retry.as_view(), name="retry"),
]
ENTRIES = [
    Entry(_("Messages"), "desk:messages:list", "dispatch.view", "inbox", "home", 20),
    Entry(_("Deliveries"), "desk:messages:deliveries", "message.view", "send", "base", 40),
]
