"""How people get in: nobody opens an account for themselves; an administrator does, and grants what it may do."""

from __future__ import annotations

from allauth.account.adapter import DefaultAccountAdapter
from django.http import Http404, HttpRequest, HttpResponse


class ClosedAdapter(DefaultAccountAdapter):
    """Sign-in without sign-up."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False


def closed(request: HttpRequest, *parts: str) -> HttpResponse:
    """Pages of allauth that nobody here needs: who forgot the password asks an administrator."""
    raise Http404
