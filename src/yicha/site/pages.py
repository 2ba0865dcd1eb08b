"""Middleware that only pages need: sessions, sign-in, messages, forms. The API has none of these, and does not pay.

Each name is one of settings.MIDDLEWARE; for addresses under /api/ it hands the request on (docs/decisions/0020).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib.auth.middleware import AuthenticationMiddleware
from django.contrib.messages.middleware import MessageMiddleware
from django.contrib.sessions.middleware import SessionMiddleware
from django.http import HttpRequest
from django.middleware.clickjacking import XFrameOptionsMiddleware
from django.middleware.csrf import CsrfViewMiddleware
from django_htmx.middleware import HtmxMiddleware
from pghistory.middleware import HistoryMiddleware

from yicha.site.middleware import Language, UploadLimit

API = "/api/"
HOOKS = ("process_view", "process_exception", "process_template_response")
Factory = Callable[[Any], Any]


def pages_only(factory: Factory) -> Factory:
    """The same middleware, which requests to the API pass by. Its hooks, which Django looks for, pass by too."""

    def middleware(get_response: Callable[[HttpRequest], Any]) -> Callable[[HttpRequest], Any]:
        whole = factory(get_response)

        def answer(request: HttpRequest) -> Any:
            return (get_response if request.path_info.startswith(API) else whole)(request)

        for name in HOOKS:
            if hasattr(whole, name):
                setattr(answer, name, _passing_by(getattr(whole, name)))
        return answer

    return middleware


def _passing_by(hook: Callable[..., Any]) -> Callable[..., Any]:
    def passing_by(request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        return None if request.path_info.startswith(API) else hook(request, *args, **kwargs)

    return passing_by


language = pages_only(Language)
upload_limit = pages_only(UploadLimit)
sessions = pages_only(SessionMiddleware)
csrf = pages_only(CsrfViewMiddleware)
authentication = pages_only(AuthenticationMiddleware)
messages = pages_only(MessageMiddleware)
frames = pages_only(XFrameOptionsMiddleware)
htmx = pages_only(HtmxMiddleware)
history = pages_only(HistoryMiddleware)
