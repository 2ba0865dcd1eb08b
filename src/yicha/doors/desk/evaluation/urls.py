"""Addresses of evaluation."""

from __future__ import annotations

from django.urls import path
from django.utils.translation import gettext_lazy as _

from yicha.doors.desk.evaluation import officers, ordering
from yicha.doors.desk.navigation import Entry

urlpatterns = [
    path("ordering/", ordering.NewEvaluation.as_view(), name="ordering"),
    path("ordering/report/", ordering.Report.as_view(), name="report"),
    path("officers/", officers.Officers.as_view(), name="officers"),
]
ENTRIES = [
    Entry(_("Orderings measured"), "desk:evaluation:ordering", "evaluation.run", "trending-up", "act", 80),
    Entry(_("Officers compared"), "desk:evaluation:officers", "evaluation.officers", "scale", "act", 85),
]
