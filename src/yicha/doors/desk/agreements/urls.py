"""Addresses of agreements."""

from __future__ import annotations

from django.urls import path
from django.utils.translation import gettext_lazy as _

from yicha.doors.desk.agreements import acts, views
from yicha.doors.desk.navigation import Entry

ONE = "<str:code>/<int:version>/"
urlpatterns = [
    path("", views.Agreements.as_view(), name="list"),
    path("new/", acts.NewAgreement.as_view(), name="new"),
    path(ONE, views.AgreementPage.as_view(), name="object"),
    path(f"{ONE}do/edit/", acts.EditAgreement.as_view(), name="edit"),
    path(f"{ONE}do/offer/", acts.Offer.as_view(), name="offer"),
    path(f"{ONE}do/withdraw/", acts.WithdrawAgreement.as_view(), name="withdraw"),
    path(f"{ONE}do/version/", acts.NewVersion.as_view(), name="version"),
    path(f"{ONE}do/sign/<str:region>/", acts.Sign.as_view(), name="sign"),
    path(f"{ONE}do/unsign/<str:region>/", acts.Unsign.as_view(), name="unsign"),
    path(f"{ONE}do/end/", acts.EndAgreement.as_view(), name="end"),
    path(f"{ONE}do/recognise/", acts.NewEquivalence.as_view(), name="equivalence"),
    path(f"{ONE}do/recognise/<uuid:uuid>/end/", acts.EndEquivalence.as_view(), name="end_equivalence"),
    path(f"{ONE}<slug:tab>/", views.AgreementPage.as_view(), name="tab"),
]
ENTRIES = [Entry(_("Agreements"), "desk:agreements:list", "agreement.view", "writing-sign", "know", 60)]
