"""Every address of the product: each door under its own."""

from __future__ import annotations

from django.urls import include, path, re_path

from yicha.site.sign_in import closed

urlpatterns = [
    re_path(r"^account/(signup|email|confirm-email|password/reset|password/set)(/|$)", closed),
    path("account/", include("allauth.account.urls")),
    path("language/", include("django.conf.urls.i18n")),
    path("", include("yicha.doors.public.urls")),
    path("desk/", include("yicha.doors.desk.urls")),
    path("portal/", include("yicha.doors.portal.urls")),
    path("api/v1/", include("yicha.doors.partners.urls")),
]
