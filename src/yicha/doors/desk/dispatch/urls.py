"""Addresses of dispatch."""

from __future__ import annotations

from django.urls import path
from django.utils.translation import gettext_lazy as _

from yicha.doors.desk.dispatch import acts, bulk, views
from yicha.doors.desk.navigation import Entry

urlpatterns = [
    path("", views.Dispatches.as_view(), name="list"),
    path("approve/", bulk.ApproveMany.as_view(), name="approve_many"),
    path("notify/", bulk.NotifyMany.as_view(), name="notify_many"),
    path("prepare/", views.ToPrepare.as_view(), name="to_prepare"),
    path("prepare/all/", bulk.PrepareMany.as_view(), name="prepare_many"),
    path("prepare/<uuid:uuid>/", acts.PrepareOne.as_view(), name="prepare_one"),
    path("<uuid:uuid>/approve/<str:agency>/", acts.Approve.as_view(), name="approve"),
    path("<uuid:uuid>/notify/", acts.Notify.as_view(), name="notify"),
    path("<uuid:uuid>/withdraw/", acts.Withdraw.as_view(), name="withdraw"),
    path("<uuid:uuid>/approval.pdf", views.ApprovalPaper.as_view(), name="approval_pdf"),
    path("<uuid:uuid>/notice-<int:version>.pdf", views.NoticePaper.as_view(), name="notice_pdf"),
    path("<uuid:uuid>/", views.OneDispatch.as_view(), name="object"),
    path("<uuid:uuid>/<slug:tab>/", views.OneDispatch.as_view(), name="tab"),
]
ENTRIES = [Entry(_("Dispatch"), "desk:dispatch:list", "dispatch.view", "send", "act", 8)]
