"""The desk: for officials. Every area brings its own addresses (navigation.py finds them)."""

from __future__ import annotations

from django.urls import path

from yicha.doors.desk.home import Home
from yicha.doors.desk.navigation import area_urls

app_name = "desk"
urlpatterns = [path("", Home.as_view(), name="home"), *area_urls()]
