"""Everything that is told outside: what the public, the owners of enterprises and partners' systems can read.

`answers` asks all of it and gives every answer as text under its address: every page, every form sent empty and
filled in, every route of the API. It writes nothing that stays, so that it can be asked again after something inside
has changed: the answers are then the same, byte for byte, or something leaked. What is random in an answer (tokens
against forgery, new UUIDs, signatures) is put out of sight first; what a signed token says is laid open.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any
from urllib.parse import urljoin

from django.apps import apps
from django.db import models, transaction
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from tests.cast import Cast
from yicha.decide.drawing import queries as drawing
from yicha.doors.partners.description import PREFIX
from yicha.doors.partners.policies import POLICIES
from yicha.doors.partners.tests.factories import System

DOORS = ("public", "portal", "api")
"""The doors whose readers are outside."""
UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
JWS = re.compile(r"eyJ[\w-]+\.([\w-]+)\.[\w-]+")
RANDOM = (
    re.compile(r'name="csrfmiddlewaretoken" value="\w+"'),
    re.compile(r'<meta name="csrf-token" content="\w*">'),
)
TAKEN = ("302", "200")
"""Beginnings of answers to a form that was taken. A form that is not is shown again with 409 or 422."""
TEXTS = ("text/", "json", "xml", "javascript")
ENTERPRISES, OF_A_KIND = 4, 3
"""So many enterprises, and so many objects of each kind, are asked for by address; links lead to all others."""
OWNERS = 2
"""Enterprises of whom there are objects: the first ones of the cast."""
NOT_SHOWN = {"accounts", "catalogue", "lake", "registry", "classrun", "creditwarning", "riskmodel"}
"""Apps and models whose objects have no page of their own outside."""
SHOWN = {"visitwish"}
"""Models of those apps whose objects have one."""
ELSEWHERE = ("/desk", "/account", "/static", "/language", "http", "data:", "mailto:")


@dataclass(frozen=True)
class Outside:
    """Who asks: nobody in particular, the owner of all enterprises, an agency's system with every scope."""

    cast: Cast
    owner: Client
    system: System
    bodies: Mapping[str, Callable[[str], object]]
    """What is sent to the API's POST routes, by path; each is given the code of an enterprise."""
    forms: Mapping[str, Mapping[str, str]]
    """What is filled into the forms of pages, by the name of their route."""
    feed: str = ""
    """The secret of an officer's calendar."""
    listed: frozenset[str] = frozenset()
    """Who is on the undisturbed list. It ends with the class, at once: what the gate says of them may differ."""


@dataclass(frozen=True)
class Route:
    """An address of a door: its name, the kinds of its arguments, the route with %s in their places; whether it shows
    a page, and whether something can be sent to it."""

    name: str
    places: list[str]
    route: str
    shows: bool
    takes: bool


def answers(outside: Outside, doors: Sequence[str], only: str = "") -> dict[str, str]:
    """Every answer that anybody outside can get at some doors, by who asks and where. Nothing of it stays.

    `only` is the name of a route, where one page is enough.
    """

    def look(door: str, client: Client, start: str) -> dict[str, str]:
        return _read(door, client, outside, only) | ({} if only else _walk(door, client, start))

    ask: dict[str, Callable[[], dict[str, str]]] = {
        "public": lambda: look("public", Client(), "/"),
        "portal": lambda: look("portal", outside.owner, "/portal/"),
        "api": lambda: _ask_api(outside),
    }
    known = frozenset(list_uuids())
    found: dict[str, str] = {}
    with transaction.atomic():
        for door in doors:
            found |= ask[door]()
        transaction.set_rollback(True)
    return {address: _settled(text, known) for address, text in found.items()}


def routes_of(namespace: str) -> Iterator[Route]:
    """Every address of a door."""
    for resolver in get_resolver().url_patterns:
        if isinstance(resolver, URLResolver) and resolver.namespace == namespace:
            yield from _routes(resolver, str(resolver.pattern), namespace)


def pages_of(namespace: str, outside: Outside) -> dict[str, list[str]]:
    """Addresses by the name of their route, with what exists in the places of their arguments."""
    pool = {**_arguments(), "secret": [outside.feed]}
    found: dict[str, list[str]] = {}
    for one in routes_of(namespace):
        given = [pool[place] for place in one.places]
        if "uuid" in one.places and "uscc" in one.places:
            given[one.places.index("uscc")] = list_codes()[:OWNERS]
        found[one.name] = [f"/{one.route % values}" for values in product(*given)]
    return found


def unanswered(namespace: str, outside: Outside, found: Mapping[str, str]) -> list[str]:
    """Names of routes of a door that never answered anything but "not found": the scene lacks what they show."""
    return [
        name
        for name, addresses in pages_of(namespace, outside).items()
        if not any(
            f"{namespace} {address}" in found or f"{namespace} sends {address}" in found
            for address in addresses
        )
    ]


def never_taken(namespace: str, outside: Outside, found: Mapping[str, str]) -> list[str]:
    """Names of forms of a door that were refused whatever was sent; what gives a file is no refusal."""
    pages = pages_of(namespace, outside)
    return [
        one.name
        for one in routes_of(namespace)
        if one.takes
        and not any(
            found.get(f"{namespace} fills {address}", "").startswith(TAKEN) for address in pages[one.name]
        )
    ]


def list_uuids(most: int | None = None) -> list[str]:
    """The UUIDs of the objects that there are; of each kind at most so many, the first."""
    found: list[str] = []
    for model in apps.get_models():
        fields = [one for one in model._meta.concrete_fields if isinstance(one, models.UUIDField)]
        named = {model._meta.app_label, model._meta.model_name}
        hidden = named & NOT_SHOWN and not named & SHOWN
        if hidden or not model.__module__.startswith("yicha."):
            continue
        if fields:
            rows = model._default_manager.order_by("pk").values_list(*(one.attname for one in fields))
            found += [str(one) for row in rows[:most] for one in row if one]
    return sorted(set(found))


def list_codes() -> list[str]:
    """Codes of enterprises: of those of whom there is something to tell, and of one that was drawn."""
    rows = apps.get_model("registry", "Enterprise").objects.order_by("pk").values_list("uscc", flat=True)
    return list(rows[:ENTERPRISES])


def _routes(resolver: URLResolver, prefix: str, name: str) -> Iterator[Route]:
    for one in resolver.url_patterns:
        route = prefix + str(one.pattern)
        if isinstance(one, URLResolver):
            yield from _routes(one, route, f"{name}:{one.namespace}" if one.namespace else name)
        elif isinstance(one, URLPattern):
            places = re.findall(r"<\w+:(\w+)>", route)
            view = getattr(one.callback, "view_class", None)
            methods = getattr(view, "http_method_names", ["get"])
            yield Route(
                name=f"{name}:{one.name}",
                places=places,
                route=re.sub(r"<\w+:\w+>", "%s", route),
                shows="get" in methods,
                takes="post" in methods and hasattr(view, "post"),
            )


def _arguments() -> dict[str, list[str]]:
    """What stands in an address, by the name of its place."""
    draws = apps.get_model("drawing", "Draw").objects.values_list("draw_id", flat=True)
    plans = apps.get_model("planning", "AnnualPlan").objects.values_list("code", flat=True)
    names = {name for draw in drawing.list_public_draws() for name in drawing.list_public_names(draw)}
    tokens = [
        *apps.get_model("gate", "VisitCode").objects.values_list("digest", flat=True),
        *apps.get_model("recognition", "Certificate").objects.values_list("digest", flat=True),
    ]
    return {
        "uscc": list_codes(),
        "uuid": list_uuids(OF_A_KIND),
        "draw_id": list(draws),
        "name": sorted(names),
        "code": list(plans),
        "digest": tokens,
    }


def _read(door: str, client: Client, outside: Outside, only: str) -> dict[str, str]:
    """Every address of a door that shows something, and what it answers to a form: an empty one, and one filled in."""
    found, pages = {}, pages_of(door, outside)
    for one in routes_of(door):
        for address in pages[one.name] if only in ("", one.name) else ():
            if one.shows:
                answer = client.get(address)
                if answer.status_code == 404:
                    continue
                found[f"{door} {address}"] = _text(answer)
            if not one.takes:
                continue
            empty = _send(client, address, {})
            if not empty.startswith("404"):
                found[f"{door} sends {address}"] = empty
                filled = outside.forms[one.name]
                found[f"{door} fills {address}"] = _send(client, address, filled) if filled else empty
    return found


def _send(client: Client, address: str, form: Mapping[str, str]) -> str:
    """The answer to a form, and the page that it leads to; what was written is taken back."""
    with transaction.atomic():
        answer = client.post(address, form)
        text = f"{answer.status_code} {_text(answer)}"
        if answer.status_code == 302:
            text += _text(client.get(answer["Location"]))
        transaction.set_rollback(True)
    return text


def _walk(who: str, client: Client, start: str) -> dict[str, str]:
    """Every page and file that can be reached by links and forms that ask."""
    found, seen, queue = {}, {start}, [start]
    while queue:
        url = queue.pop(0)
        answer = client.get(url)
        text = _text(answer)
        found[f"{who} walking {url}"] = text
        links = [answer["Location"]] if answer.status_code in (301, 302) else _links(answer, text)
        for link in links:
            target = urljoin(url, link.replace("&amp;", "&")).partition("#")[0]
            if not target.startswith(ELSEWHERE) and target not in seen:
                seen.add(target)
                queue.append(target)
    return found


def _links(answer: Any, text: str) -> list[str]:
    return re.findall(r'(?:href|src)="([^"#]+)', text) if "html" in answer.get("Content-Type", "") else []


def _ask_api(outside: Outside) -> dict[str, str]:
    """Every route of the API, for every enterprise and every object; what writes is taken back at once."""
    pool = {"uscc": list_codes(), "uuid": list_uuids(OF_A_KIND)}
    found = {"api description": _text(Client().get(f"{PREFIX}/openapi.json"))}
    for method, route in sorted(POLICIES):
        if route == "/token":
            continue
        places = re.findall(r"{(\w+)}", route)
        for values in product(*(pool[place] for place in places)):
            path = route.format(**dict(zip(places, values, strict=True)))
            codes = list_codes()[:1] if places else list_codes()
            for code in codes if method == "POST" else [""]:
                if route.startswith("/gate/") and code in outside.listed:
                    continue
                answer = _ask(outside, method, route, path, code)
                if answer.status_code != 404:
                    found[f"api {method} {path} {code}".strip()] = f"{answer.status_code} {_text(answer)}"
    return found


def _ask(outside: Outside, method: str, route: str, path: str, code: str) -> Any:
    if method == "GET":
        return outside.system.get(path)
    with transaction.atomic():
        answer = outside.system.post(path, outside.bodies[route](code))
        transaction.set_rollback(True)
    return answer


def _text(answer: Any) -> str:
    """What an answer says; of what is no text, its bytes in base64."""
    streaming = getattr(answer, "streaming", False)
    data: bytes = b"".join(answer.streaming_content) if streaming else answer.content
    kind: str = answer.get("Content-Type", "")
    location: str = answer.get("Location", "")
    if any(one in kind for one in TEXTS) or not kind:
        return location + data.decode("utf-8-sig")
    return location + base64.b64encode(data).decode()


def _settled(text: str, known: frozenset[str]) -> str:
    """Without what is random."""
    for pattern in RANDOM:
        text = pattern.sub("", text)
    text = JWS.sub(lambda token: _payload(token[1]), text)
    return UUID.sub(lambda uuid: uuid[0] if uuid[0] in known else "some-uuid", text)


def _payload(part: str) -> str:
    """What a signed token says."""
    try:
        return json.dumps(
            json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))), ensure_ascii=False
        )
    except ValueError:
        return part
