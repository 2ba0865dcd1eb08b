"""How people get in: nobody opens an account for themselves; an administrator does, and grants what it may do."""

from __future__ import annotations

from allauth.account.adapter import DefaultAccountAdapter
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse

from yicha.base.accounts import queries as accounts


class ClosedAdapter(DefaultAccountAdapter):
    """Sign-in without sign-up."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def get_login_redirect_url(self, request: HttpRequest) -> str:
        """Officials to the desk; who is here for an enterprise alone, to the portal."""
        is_official = accounts.may(request.user, "registry.view") or accounts.may(
            request.user, "accounts.view"
        )
        if not is_official and accounts.may(request.user, "enterprise.own"):
            return reverse("portal:start")
        return str(settings.LOGIN_REDIRECT_URL)


def closed(request: HttpRequest, *parts: str) -> HttpResponse:
    """Pages of allauth that nobody here needs: who forgot the password asks an administrator."""
    raise Http404
