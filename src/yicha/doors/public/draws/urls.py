"""Where the draws are."""

from __future__ import annotations

from django.urls import path
from django.utils.translation import gettext_lazy as _

from yicha.doors.public.draws import views
from yicha.doors.public.navigation import Place

PLACE = Place(
    label=_("Draws"),
    url_name="public:draws:list",
    icon="dice-5",
    question=_("Was this draw fair?"),
    answer=_("Recompute every draw in your own browser, from the published files."),
    order=20,
)

urlpatterns = [
    path("", views.Draws.as_view(), name="list"),
    path("<str:draw_id>/", views.Draw.as_view(), name="draw"),
    path("<str:draw_id>/<str:name>", views.File.as_view(), name="file"),
]
