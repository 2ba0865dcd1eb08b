"""The partners' API: for agencies' own systems. What is missing answers as a problem document too."""

from __future__ import annotations

from django.urls import URLPattern, path, re_path

from yicha.doors.partners.api import api, as_problems, not_found
from yicha.doors.partners.description import describe

not_found.public = True  # type: ignore[attr-defined]

app_name = "partners"
_routes, _app, _namespace = api.urls
_views = [
    (str(found.pattern), found.callback, found.name)
    for found in _routes
    if isinstance(found, URLPattern) and found.name != "api-root"
]
urlpatterns: list[URLPattern] = [
    path("openapi.json", describe, name="description"),
    *(path(address, as_problems(view), name=name) for address, view, name in _views),
    re_path("", not_found),
]
