"""Doors: every page says what one must be allowed to do, or says on purpose that it is public."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, resolve, reverse

from tests.cast import Cast
from tools.messages import ROOT
from yicha.base.accounts.rules import EVERY_ACTION
from yicha.doors.desk import navigation, tones
from yicha.doors.desk.pages import DeskView
from yicha.doors.portal.pages import PortalView
from yicha.doors.public.pages import PublicPage
from yicha.doors.public.tokens.views import TokenPage

FOREIGN = ("account", "language", "__debug__", "api/")
"""Who asks for themselves: sign-in, the switch of languages; the API has its own table and test_partners.py."""
DUMMIES = {
    "str": "x",
    "slug": "x",
    "int": "1",
    "uuid": "00000000-0000-0000-0000-000000000000",
    "path": "x",
    "day": "2026-07-01",
}


def walk(resolver: URLResolver, before: str = "") -> Iterator[tuple[str, Any]]:
    """Every address as (pattern, view class or function)."""
    for pattern in resolver.url_patterns:
        route = before + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from walk(pattern, route)
        elif isinstance(pattern, URLPattern):
            yield route, getattr(pattern.callback, "view_class", pattern.callback)


def own_pages() -> list[tuple[str, Any]]:
    return [
        (route, view) for route, view in walk(get_resolver()) if not route.lstrip("^").startswith(FOREIGN)
    ]


def test_there_are_pages() -> None:
    assert len(own_pages()) > 20


@pytest.mark.parametrize(
    ("route", "view"), own_pages(), ids=lambda value: value if isinstance(value, str) else ""
)
def test_every_page_declares_its_action_or_is_public(route: str, view: Any) -> None:
    if route.startswith("desk/"):
        assert issubclass(view, DeskView), f"{route}: a view of the desk is one of desk/pages.py"
        assert view.action in EVERY_ACTION, f"{route}: no role may do “{view.action}”"
    elif route.startswith("portal/"):
        assert issubclass(view, PortalView), f"{route}: a view of the portal is one of portal/pages.py"
        assert view.action in EVERY_ACTION, f"{route}: no role may do “{view.action}”"
    else:
        public = getattr(view, "public", False)
        assert public is True, f"{route}: say `public = True`, or move it behind the desk"
        assert not issubclass(view, DeskView)


def test_public_pages_only_read() -> None:
    """The pages that check codes take a pasted one by POST, in a transaction that can only read."""
    for route, view in own_pages():
        if isinstance(view, type) and issubclass(view, PublicPage):
            posts = {"post"} if issubclass(view, TokenPage) else set()
            assert set(view.http_method_names) <= {"get", "head", "options"} | posts, route


def _address(route: str) -> str:
    return "/" + re.sub(r"<(?:(\w+):)?\w+>", lambda found: DUMMIES[found.group(1) or "str"], route)


def test_a_stranger_gets_the_same_404_everywhere(cast: Cast, client: Client) -> None:
    client.force_login(cast.stranger)
    for route, view in own_pages():
        if not route.startswith(("desk/", "portal/")):
            continue
        address = _address(route)
        if not hasattr(resolve(address).func, "view_class"):
            continue
        method = client.post if "get" not in view.http_method_names else client.get
        assert method(address).status_code == 404, route


def test_who_has_not_signed_in_is_sent_to_the_sign_in(client: Client, db: None) -> None:
    for route, _view in own_pages():
        if route.startswith(("desk/", "portal/")):
            answer = client.get(_address(route))
            assert answer.status_code == 302 and reverse("account_login") in answer["Location"], route


def test_every_icon_that_a_page_names_is_in_the_sprite() -> None:
    known = set(json.loads((ROOT / "frontend" / "icons.json").read_text("utf-8")))
    named = {entry.icon for entry in navigation.all_entries([navigation.HOME])}
    tables = [table for name, table in vars(tones).items() if name.isupper()]
    named |= {icon for table in tables for _tone, icon in table.values()}
    for template in (ROOT / "src" / "yicha" / "doors").rglob("templates/**/*.html"):
        for tag in re.findall(r"<c-[\w.-]+[^>]*>", template.read_text("utf-8")):
            attribute = "(?:icon|name)" if tag.startswith("<c-icon") else "icon"
            for value in re.findall(rf'\s{attribute}="([^"]*)"', tag):
                named |= set(re.findall(r"(?:^|%\})([a-z0-9-]+)(?:$|\{%)", value))
    assert named - known == set()


def test_templates_hold_no_inline_script_or_style() -> None:
    """The policy of the pages would not run them anyway."""
    for template in (ROOT / "src" / "yicha" / "doors").rglob("templates/**/*.html"):
        text = template.read_text("utf-8")
        assert not re.search(
            r"<style|\sstyle=|\son\w+=|<script(?![^>]*\ssrc=)(?![^>]*application/json)", text
        ), template
