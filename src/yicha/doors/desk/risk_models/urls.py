"""Addresses of the models of classes."""

from __future__ import annotations

from django.urls import path
from django.utils.translation import gettext_lazy as _

from yicha.doors.desk.navigation import Entry
from yicha.doors.desk.risk_models import acts, editor, trials, views

ONE = "<uuid:uuid>/"
urlpatterns = [
    path("", views.Models.as_view(), name="list"),
    path("new/", acts.NewModel.as_view(), name="new"),
    path(ONE, views.ModelPage.as_view(), name="object"),
    path(f"{ONE}do/edit/", editor.EditModel.as_view(), name="edit"),
    path(f"{ONE}do/submit/", acts.Submit.as_view(), name="submit"),
    path(f"{ONE}do/sign/", acts.Sign.as_view(), name="sign"),
    path(f"{ONE}do/withdraw/", acts.Withdraw.as_view(), name="withdraw"),
    path(f"{ONE}do/force/", acts.PutInForce.as_view(), name="force"),
    path(f"{ONE}do/try/", trials.AskTrial.as_view(), name="try"),
    path("trials/<uuid:run>/progress/", trials.TrialProgress.as_view(), name="progress"),
    path("trials/<uuid:run>/moves/", trials.Moves.as_view(), name="moves"),
    path(f"{ONE}<slug:tab>/", views.ModelPage.as_view(), name="tab"),
]
ENTRIES = [Entry(_("Models of classes"), "desk:risk_models:list", "model.view", "scale", "know", 72)]
