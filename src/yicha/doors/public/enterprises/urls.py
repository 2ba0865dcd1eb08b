"""Addresses of enterprises."""

from __future__ import annotations

from django.urls import path
from django.utils.translation import gettext_lazy as _

from yicha.doors.public.enterprises import views
from yicha.doors.public.navigation import Place

urlpatterns = [
    path("", views.Search.as_view(), name="list"),
    path("<str:uscc>/", views.OneEnterprise.as_view(), name="object"),
]
PLACE = Place(
    _("Enterprises"),
    "public:enterprises:list",
    "building-store",
    _("What was found at this firm?"),
    _("Search by name or by code: every published result of an enterprise."),
    10,
)
