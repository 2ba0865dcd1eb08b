"""Addresses of calendar feeds. No place in the navigation: whoever has no secret has nothing to look for here."""

from __future__ import annotations

from django.urls import path

from yicha.doors.public.calendar import views

urlpatterns = [path("<slug:secret>.ics", views.OfficerCalendar.as_view(), name="officer")]
