"""The page of the public door: no sign-in, nothing personal, one question per page."""

from __future__ import annotations

from typing import Any, ClassVar

from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils.functional import Promise
from django.views import View

from yicha.doors.public import navigation
from yicha.kernel.refusal import NotFound


class PublicPage(View):
    """What every public page has. `public` says on purpose that nobody is asked who they are."""

    public: ClassVar[bool] = True
    http_method_names = ["get", "head", "options"]
    title: str | Promise = ""
    template_name: str = "public/base.html"

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        try:
            return super().dispatch(request, *args, **kwargs)
        except NotFound:
            raise Http404 from None

    def show(
        self, template: str = "", context: dict[str, Any] | None = None, *, status: int = 200
    ) -> HttpResponse:
        """A page in the public frame."""
        frame = {"title": self.title, "places": navigation.places(self.request)}
        return render(
            self.request, template or self.template_name, {**frame, **(context or {})}, status=status
        )
