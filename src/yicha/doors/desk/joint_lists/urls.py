"""Addresses of joint lists."""

from __future__ import annotations

from django.urls import path
from django.utils.translation import gettext_lazy as _

from yicha.doors.desk.joint_lists import proposals, views
from yicha.doors.desk.navigation import Entry

urlpatterns = [
    path("", views.JointLists.as_view(), name="list"),
    path("proposals/", proposals.Proposals.as_view(), name="proposals"),
    path("new/", proposals.NewJointList.as_view(), name="new"),
    path("<slug:code>/", views.OneJointList.as_view(), name="object"),
]
ENTRIES = [Entry(_("Joint lists"), "desk:joint_lists:list", "catalogue.view", "list-details", "know", 60)]
