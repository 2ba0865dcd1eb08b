"""Addresses of published plans."""

from __future__ import annotations

from django.urls import path
from django.utils.translation import gettext_lazy as _

from yicha.doors.public.navigation import Place
from yicha.doors.public.plans import views

urlpatterns = [
    path("", views.Plans.as_view(), name="list"),
    path("<str:code>/", views.OnePlan.as_view(), name="object"),
]
PLACE = Place(
    _("Plans"),
    "public:plans:list",
    "calendar-stats",
    _("What will be checked this year?"),
    _("The annual plans of all agencies: what, where, how many, in which quarter."),
    40,
)
