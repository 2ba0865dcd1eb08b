"""Where codes and certificates are checked: short addresses, because they stand in printed QR codes."""

from __future__ import annotations

from django.urls import path
from django.utils.translation import gettext_lazy as _

from yicha.doors.public.navigation import Place
from yicha.doors.public.tokens import views

PREFIX = ""
PLACE = Place(
    label=_("Check a code"),
    url_name="public:tokens:code",
    icon="scan",
    question=_("Is this visit code genuine?"),
    answer=_("Who may enter, when, and what for; checked in your own browser."),
    order=10,
)

urlpatterns = [
    path(".well-known/jwks.json", views.Keys.as_view(), name="keys"),
    path("code/", views.CodePage.as_view(), name="code"),
    path("code/worker.js", views.Worker.as_view(), name="code-worker"),
    path("code/state/<str:digest>/", views.CodeState.as_view(), name="code-state"),
    path("certificate/", views.CertificatePage.as_view(), name="certificate"),
    path("certificate/worker.js", views.Worker.as_view(), name="certificate-worker"),
    path("certificate/state/<str:digest>/", views.CertificateState.as_view(), name="certificate-state"),
]
