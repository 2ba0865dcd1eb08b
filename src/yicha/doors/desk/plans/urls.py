"""Addresses of plans."""

from __future__ import annotations

from django.urls import path
from django.utils.translation import gettext_lazy as _

from yicha.doors.desk.navigation import Entry
from yicha.doors.desk.plans import acts, views

urlpatterns = [
    path("", views.Plans.as_view(), name="list"),
    path("new/", acts.NewPlan.as_view(), name="new"),
    path("coverage/", views.Coverage.as_view(), name="coverage"),
    path("<uuid:uuid>/", views.PlanPage.as_view(), name="object"),
    path("<uuid:uuid>/do/entry/", acts.NewEntry.as_view(), name="entry"),
    path("<uuid:uuid>/do/remove/<int:number>/", acts.RemoveEntry.as_view(), name="remove"),
    path("<uuid:uuid>/do/draw/<int:number>/", acts.OpenDraw.as_view(), name="draw"),
    path("<uuid:uuid>/do/submit/", acts.Submit.as_view(), name="submit"),
    path("<uuid:uuid>/do/approve/", acts.Approve.as_view(), name="approve"),
    path("<uuid:uuid>/do/return/", acts.Return.as_view(), name="return"),
    path("<uuid:uuid>/do/publish/", acts.Publish.as_view(), name="publish"),
    path("<uuid:uuid>/do/amend/", acts.Amend.as_view(), name="amend"),
    path("<uuid:uuid>/<slug:tab>/", views.PlanPage.as_view(), name="tab"),
]
ENTRIES = [
    Entry(_("Annual plans"), "desk:plans:list", "plan.view", "calendar-stats", "decide", 10),
    Entry(_("Coverage"), "desk:plans:coverage", "plan.view", "percentage", "decide", 20),
]
