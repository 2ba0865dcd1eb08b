"""The portal: for enterprises that sign in. They see what concerns them, and nothing else."""

from __future__ import annotations

from django.urls import URLPattern

app_name = "portal"
urlpatterns: list[URLPattern] = []
