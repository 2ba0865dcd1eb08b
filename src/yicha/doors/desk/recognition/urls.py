"""Addresses of results for others and their certificates."""

from __future__ import annotations

from django.urls import path
from django.utils.translation import gettext_lazy as _

from yicha.doors.desk.navigation import Entry
from yicha.doors.desk.recognition import acts, certificates, views

urlpatterns = [
    path("", views.SharedResults.as_view(), name="list"),
    path("certificates/", certificates.Certificates.as_view(), name="certificates"),
    path("certificates/<str:number>/", certificates.OneCertificate.as_view(), name="certificate"),
    path("certificates/<str:number>/page.pdf", certificates.Page.as_view(), name="pdf"),
    path("certificates/<str:number>/signed.json", certificates.SignedFile.as_view(), name="json"),
    path("<uuid:uuid>/refuse/", acts.Refuse.as_view(), name="refuse"),
    path("<uuid:uuid>/revoke/", acts.Revoke.as_view(), name="revoke"),
    path("<uuid:uuid>/certify/", acts.Certify.as_view(), name="certify"),
    path("<uuid:uuid>/", views.OneResult.as_view(), name="object"),
    path("<uuid:uuid>/<slug:tab>/", views.OneResult.as_view(), name="tab"),
]
ENTRIES = [Entry(_("Results for others"), "desk:recognition:list", "recognition.view", "link", "act", 30)]
