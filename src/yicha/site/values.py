"""Reads one value of a setting, and says what to write when it cannot be. Pure: touches nothing."""

from __future__ import annotations

import os
import re
from email.utils import parseaddr
from pathlib import Path
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from yicha.base.lake.terms import Place
from yicha.base.messages.terms import Tls

LANGUAGES = ("zh-hans", "en")
SHORTEST_SECRET = 32

_BUCKET = re.compile(r"s3://(?P<bucket>[a-z0-9][a-z0-9.-]{1,61}[a-z0-9])(?:/(?P<prefix>[A-Za-z0-9._/-]+))?")
_ENGINE = re.compile(
    r"duckdb|spark://[A-Za-z0-9.-]+:[0-9]+(,[A-Za-z0-9.-]+:[0-9]+)*|local-cluster\[[0-9]+,[0-9]+,[0-9]+\]"
)
_HOOK_SECRET = re.compile(
    r"whsec_(?:[A-Za-z0-9+/]{4}){8,}(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?"  # 24 bytes or more
)


class Wrong(Exception):
    """A value cannot be; `advice` says what to write instead."""

    def __init__(self, advice: str, **facts: object) -> None:
        super().__init__(advice)
        self.advice, self.facts = advice, facts


def path(text: str, folder: Path) -> Path:
    """A path, from a folder on."""
    if "\0" in text or "\n" in text:
        raise Wrong("write the path of a folder.")
    return Path(os.path.normpath(folder / text))


def secret(text: str) -> str:
    """Characters by chance."""
    if len(text) < SHORTEST_SECRET:
        raise Wrong("write at least %(least)s characters by chance.", least=SHORTEST_SECRET)
    return text


def url(text: str) -> str:
    """Where people reach the product."""
    return address(
        text, "write the address at which people reach the product, like https://yicha.example.cn."
    )


def endpoint(text: str) -> str:
    """Where a storage answers."""
    return address(text, "write the address of the storage, like https://storage.example.cn:9000.")


def address(text: str, advice: str) -> str:
    """An origin: scheme, host and port."""
    try:
        parts = urlsplit(text)
        good = parts.scheme in {"http", "https"} and parts.hostname and parts.path in {"", "/"}
        _ = parts.port
    except ValueError:
        good = False
    if not good or parts.query or parts.fragment or parts.username:
        raise Wrong(advice)
    return text.rstrip("/")


def tiles(text: str) -> str:
    """Where tiles of maps come from."""
    parts = urlsplit(text)
    named = all(part in text for part in ("{z}", "{x}", "{y}"))
    # The host goes into the pages' policy: nothing in it may end or widen that.
    plain = re.fullmatch(r"[A-Za-z0-9.-]+(:[0-9]{1,5})?", parts.netloc)
    if parts.scheme not in {"http", "https"} or not plain or not named:
        raise Wrong("write an address with {z}, {x} and {y}, like https://tiles.example.cn/{z}/{x}/{y}.png.")
    return text


def host(text: str) -> str:
    """The name of a mail server."""
    if not re.fullmatch(r"[A-Za-z0-9.-]+", text):
        raise Wrong("write the host name of the mail server, without a port.")
    return text


def sender(text: str) -> str:
    """An address that e-mail comes from, with or without a name."""
    if not re.fullmatch(r"[^@\s<>\"(),;:]+@[A-Za-z0-9.-]+", parseaddr(text)[1]) or "\n" in text:
        raise Wrong("write an e-mail address, like yicha@example.cn.")
    return text


def tls(text: str) -> Tls:
    """How the way to the mail server is kept secret."""
    if text.lower() not in {one.value for one in Tls}:
        raise Wrong("write one of: %(known)s.", known=", ".join(one.value for one in Tls))
    return Tls(text.lower())


def hook_url(text: str) -> str:
    """Where messages are posted to; it may have a path and a query."""
    try:
        parts = urlsplit(text)
        good = parts.scheme in {"http", "https"} and parts.hostname and not parts.username
        _ = parts.port
    except ValueError:
        good = False
    if not good or not text.isascii() or re.search(r"\s", text):
        raise Wrong("write the address that takes messages, like https://gateway.example.cn/messages.")
    return text


def hook_secret(text: str) -> str:
    """A secret of Standard Webhooks."""
    if not _HOOK_SECRET.fullmatch(text):
        raise Wrong("write whsec_ and base64 of at least 24 bytes.")
    return text


def hosts(text: str) -> tuple[str, ...]:
    """Host names."""
    hosts = tuple(host.strip() for host in text.split(",") if host.strip())
    if not hosts or any("/" in host or " " in host for host in hosts):
        raise Wrong("write host names with commas between them, without http:// and without a path.")
    return hosts


def switch(text: str) -> bool:
    """On or off."""
    known = {
        "1": True,
        "true": True,
        "yes": True,
        "on": True,
        "0": False,
        "false": False,
        "no": False,
        "off": False,
    }
    if text.lower() not in known:
        raise Wrong("write 1 or 0.")
    return known[text.lower()]


def language(text: str) -> str:
    """A language that the product speaks."""
    if text.lower() not in LANGUAGES:
        raise Wrong("write one of: %(known)s.", known=", ".join(LANGUAGES))
    return text.lower()


def time_zone(text: str) -> str:
    """The name of a time zone."""
    try:
        ZoneInfo(text)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise Wrong("write a name like Asia/Shanghai.") from None
    return text


def lake(text: str, folder: Path, var: Path) -> Place:
    """A folder, or a bucket with what is kept of it in `var`."""
    if not text.startswith("s3://"):
        return Place(path(text, folder))
    found = _BUCKET.fullmatch(text.rstrip("/"))
    if not found:
        raise Wrong("write a folder, or s3://bucket/prefix.")
    return Place(var / "lake-cache", bucket=found["bucket"], prefix=found["prefix"] or "")


def engine(text: str) -> str:
    """What computes on snapshots."""
    if not _ENGINE.fullmatch(text):
        raise Wrong("write duckdb, spark://host:port or local-cluster[workers,cores,megabytes].")
    return text


def number(text: str, least: int, most: int) -> int:
    """A whole number within bounds."""
    if not (text.isascii() and text.isdigit() and least <= int(text) <= most):
        raise Wrong("write a whole number from %(least)s to %(most)s.", least=least, most=most)
    return int(text)
