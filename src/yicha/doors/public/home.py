"""The public home: a search, and the questions that people bring."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _

from yicha.doors.public.pages import PublicPage


class Home(PublicPage):
    """Search by name or code, and one card per question."""

    title = _("Supervision in the open")
    template_name = "public/home.html"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return self.show()
