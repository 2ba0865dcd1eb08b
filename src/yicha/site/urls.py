"""Every address of the product: each door under its own."""

from __future__ import annotations

from importlib.util import find_spec

from django.urls import include, path

urlpatterns = [
    path("account/", include("allauth.account.urls")),
    path("language/", include("django.conf.urls.i18n")),
]
if find_spec("yicha.doors.public") and find_spec("yicha.doors.public.urls"):
    urlpatterns.append(path("", include("yicha.doors.public.urls")))
if find_spec("yicha.doors.desk") and find_spec("yicha.doors.desk.urls"):
    urlpatterns.append(path("desk/", include("yicha.doors.desk.urls")))
