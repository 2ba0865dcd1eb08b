"""Addresses of published results."""

from __future__ import annotations

from django.urls import path
from django.utils.translation import gettext_lazy as _

from yicha.doors.public.navigation import Place
from yicha.doors.public.results import views

urlpatterns = [
    path("", views.Results.as_view(), name="list"),
    path("results.csv", views.ResultsFile.as_view(), name="file"),
    path("<uuid:uuid>/", views.OneResult.as_view(), name="object"),
    path("<uuid:uuid>/result.json", views.ResultJson.as_view(), name="json"),
]
PLACE = Place(
    _("Results"),
    "public:results:list",
    "clipboard-check",
    _("Are results published in time?"),
    _("Every result with its clock of 20 working days, and what is late."),
    30,
)
