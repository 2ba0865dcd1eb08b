"""Addresses of plans."""

from __future__ import annotations

from django.urls import path
from django.utils.translation import gettext_lazy as _

from yicha.doors.desk.navigation import Entry
from yicha.doors.desk.plans import acts, checking, comments, coverage, entries, merging, views, years

urlpatterns = [
    path("", views.Plans.as_view(), name="list"),
    path("new/", acts.NewPlan.as_view(), name="new"),
    path("coverage/", coverage.Coverage.as_view(), name="coverage"),
    path("year/", years.Year.as_view(), name="year"),
    path("do/publish/", years.PublishAll.as_view(), name="publish-all"),
    path("workbook/", years.Workbook.as_view(), name="workbook-of-year"),
    path("merge/", merging.Merge.as_view(), name="merge"),
    path("merge/<int:year>/<slug:first>/<slug:second>/", merging.Rule.as_view(), name="rule"),
    path("<uuid:uuid>/", views.PlanPage.as_view(), name="object"),
    path("<uuid:uuid>/do/entry/", entries.NewEntry.as_view(), name="entry"),
    path("<uuid:uuid>/do/change/<uuid:entry>/", entries.ChangeEntry.as_view(), name="change"),
    path("<uuid:uuid>/do/comment/", comments.Comment.as_view(), name="comment"),
    path("<uuid:uuid>/do/answer/<uuid:comment>/", comments.Answer.as_view(), name="answer"),
    path("<uuid:uuid>/do/accept/<slug:breach>/", checking.Accept.as_view(), name="accept"),
    path("<uuid:uuid>/workbook/", years.Workbook.as_view(), name="workbook"),
    path("<uuid:uuid>/disturbed/<slug:what>/", checking.DisturbedFirms.as_view(), name="disturbed"),
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
    Entry(_("The year on one page"), "desk:plans:year", "plan.view", "calendar", "decide", 12),
    Entry(_("Merging plans"), "desk:plans:merge", "plan.view", "arrows-join", "decide", 14),
    Entry(_("Coverage"), "desk:plans:coverage", "plan.view", "percentage", "decide", 20),
]
