"""Every address of the product: each door under its own."""

from __future__ import annotations

from django.urls import include, path

urlpatterns = [
    path("account/", include("allauth.account.urls")),
    path("language/", include("django.conf.urls.i18n")),
    path("", include("yicha.doors.public.urls")),
    path("desk/", include("yicha.doors.desk.urls")),
]
