"""The public site. Every area brings its own addresses (navigation.py finds them)."""

from __future__ import annotations

from django.urls import path

from yicha.doors.public.home import Home
from yicha.doors.public.navigation import area_urls

app_name = "public"
urlpatterns = [path("", Home.as_view(), name="home"), *area_urls()]
