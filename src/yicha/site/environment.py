"""Reads every setting from the environment, and refuses a wrong one in a sentence. Pure: touches nothing.

The table in docs/guide/run.md says the same in words; a test holds the two together.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeVar
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from yicha.base.database.services import read_url
from yicha.base.database.terms import ConnectionFacts
from yicha.base.lake.terms import Place
from yicha.kernel.refusal import Reason, Refused, refuse_if

T = TypeVar("T")

LANGUAGES = ("zh-hans", "en")
LOCAL_HOSTS = ("localhost", "127.0.0.1", "[::1]")
SHORTEST_SECRET = 32
SOURCE = "docs/guide/run.md"


@dataclass(frozen=True, slots=True)
class Environment:
    """The settings after reading; what each means is in docs/guide/run.md."""

    var: Path
    database: ConnectionFacts | None
    """None: the embedded PostgreSQL in `var`."""
    secret_key: str
    """Empty: the one kept in `var`."""
    url: str
    hosts: tuple[str, ...]
    debug: bool
    language: str
    time_zone: str
    proxies: int
    upload_bytes: int
    ledger_key: Path | None
    """None: the key that signs the ledger's checkpoints is made and kept in `var`."""
    keys: Path | None
    """None: the keys that sign codes and certificates are in `keys` in `var`."""
    static_root: Path | None
    """None: files are served from where they are, without hashes in their names."""
    lake: Place
    engine: str
    """`duckdb`, or the address of a Spark."""
    map_tiles: str
    """Where the tiles of maps come from, with {z}, {x} and {y}; empty: maps have a plain background."""
    map_attribution: str
    """Whose map it is; the map says it."""

    @property
    def https(self) -> bool:
        return self.url.startswith("https://")

    @property
    def map_origin(self) -> str:
        """The origin that a page with a map must be allowed to load pictures from; empty without tiles."""
        parts = urlsplit(self.map_tiles)
        return f"{parts.scheme}://{parts.netloc}" if self.map_tiles else ""


class _Wrong(Exception):
    """A value cannot be; `advice` says what to write instead."""

    def __init__(self, advice: str, **facts: object) -> None:
        super().__init__(advice)
        self.advice, self.facts = advice, facts


def read(environ: Mapping[str, str], folder: Path) -> Environment:
    """The settings; `folder` is what relative paths are relative to. Raises `Refused` with every wrong one."""
    reasons: list[Reason] = []

    def take(name: str, parse: Callable[[str], T], default: T) -> T:
        text = environ.get(name, "").strip()
        if not text:
            return default
        try:
            return parse(text)
        except _Wrong as wrong:
            facts = {"name": name, "value": _shown(name, text), **wrong.facts}
            sentence = "%(name)s is “%(value)s”, and that cannot be: " + wrong.advice
            reasons.append(Reason("settings.wrong", sentence, SOURCE, facts, at_field=name))
        except Refused as refused:
            reasons.extend(refused.reasons)
        return default

    var = take("YICHA_VAR", lambda text: _path(text, folder), folder / "var")
    url = take("YICHA_URL", _url, "http://127.0.0.1:8000")
    own_host = urlsplit(url).hostname or ""
    found = Environment(
        var=var,
        database=take("DATABASE_URL", read_url, None),
        secret_key=take("YICHA_SECRET_KEY", _secret, ""),
        url=url,
        hosts=take("YICHA_HOSTS", _hosts, tuple(dict.fromkeys((own_host, *LOCAL_HOSTS)))),
        debug=take("YICHA_DEBUG", _switch, False),
        language=take("YICHA_LANGUAGE", _language, "zh-hans"),
        time_zone=take("YICHA_TIME_ZONE", _time_zone, "Asia/Shanghai"),
        proxies=take("YICHA_PROXIES", lambda text: _number(text, 0, 10), 0),
        upload_bytes=take("YICHA_UPLOAD_MB", lambda text: _number(text, 1, 4096), 512) * 1024 * 1024,
        ledger_key=take("YICHA_LEDGER_KEY", lambda text: _path(text, folder), None),
        keys=take("YICHA_KEYS", lambda text: _path(text, folder), None),
        static_root=take("YICHA_STATIC_ROOT", lambda text: _path(text, folder), None),
        lake=replace(
            take("YICHA_LAKE", lambda text: _lake(text, folder, var), Place(var / "lake")),
            endpoint=take("YICHA_LAKE_S3_ENDPOINT", _endpoint, ""),
            region=take("YICHA_LAKE_S3_REGION", str, "us-east-1"),
            key=take("YICHA_LAKE_S3_KEY", str, ""),
            secret=take("YICHA_LAKE_S3_SECRET", str, ""),
        ),
        engine=take("YICHA_ENGINE", _engine, "duckdb"),
        map_tiles=take("YICHA_MAP_TILES", _tiles, ""),
        map_attribution=take("YICHA_MAP_ATTRIBUTION", str, ""),
    )
    if found.lake.bucket and not (found.lake.key and found.lake.secret):
        reasons.append(_NO_KEY)
    reasons.extend(_unknown(environ))
    refuse_if(reasons)
    return found


NAMES = (
    "YICHA_VAR",
    "DATABASE_URL",
    "YICHA_SECRET_KEY",
    "YICHA_URL",
    "YICHA_HOSTS",
    "YICHA_DEBUG",
    "YICHA_LANGUAGE",
    "YICHA_TIME_ZONE",
    "YICHA_PROXIES",
    "YICHA_UPLOAD_MB",
    "YICHA_LEDGER_KEY",
    "YICHA_KEYS",
    "YICHA_STATIC_ROOT",
    "YICHA_LAKE",
    "YICHA_LAKE_S3_ENDPOINT",
    "YICHA_LAKE_S3_REGION",
    "YICHA_LAKE_S3_KEY",
    "YICHA_LAKE_S3_SECRET",
    "YICHA_ENGINE",
    "YICHA_MAP_TILES",
    "YICHA_MAP_ATTRIBUTION",
)
"""Every setting there is."""
SECRETS = ("YICHA_SECRET_KEY", "YICHA_LAKE_S3_KEY", "YICHA_LAKE_S3_SECRET")
"""Never shown."""
NOT_SETTINGS = ("YICHA_REAL_DATA",)
"""Read by tests, not by the product."""


_BUCKET = re.compile(r"s3://(?P<bucket>[a-z0-9][a-z0-9.-]{1,61}[a-z0-9])(?:/(?P<prefix>[A-Za-z0-9._/-]+))?")
_ENGINE = re.compile(
    r"duckdb|spark://[A-Za-z0-9.-]+:[0-9]+(,[A-Za-z0-9.-]+:[0-9]+)*|local-cluster\[[0-9]+,[0-9]+,[0-9]+\]"
)
_NO_KEY = Reason(
    "settings.lake-key",
    "The lake is in a bucket: YICHA_LAKE_S3_KEY and YICHA_LAKE_S3_SECRET must say who may read and write it.",
    SOURCE,
    at_field="YICHA_LAKE_S3_KEY",
)


def _unknown(environ: Mapping[str, str]) -> list[Reason]:
    """A misspelt name would otherwise be silently without effect."""
    return [
        Reason(
            "settings.unknown",
            "%(name)s is not a setting of yicha; there are: %(names)s.",
            SOURCE,
            {"name": name, "names": ", ".join(NAMES)},
            at_field=name,
        )
        for name in sorted(environ)
        if name.startswith("YICHA_") and name not in NAMES and name not in NOT_SETTINGS
    ]


def _shown(name: str, text: str) -> str:
    """The value as a message may show it: a secret is never shown."""
    return "…" if name in SECRETS else text


def _path(text: str, folder: Path) -> Path:
    if "\0" in text or "\n" in text:
        raise _Wrong("write the path of a folder.")
    return Path(os.path.normpath(folder / text))


def _secret(text: str) -> str:
    if len(text) < SHORTEST_SECRET:
        raise _Wrong("write at least %(least)s characters by chance.", least=SHORTEST_SECRET)
    return text


def _url(text: str) -> str:
    return _address(
        text, "write the address at which people reach the product, like https://yicha.example.cn."
    )


def _endpoint(text: str) -> str:
    return _address(text, "write the address of the storage, like https://storage.example.cn:9000.")


def _address(text: str, advice: str) -> str:
    try:
        parts = urlsplit(text)
        good = parts.scheme in {"http", "https"} and parts.hostname and parts.path in {"", "/"}
        _ = parts.port
    except ValueError:
        good = False
    if not good or parts.query or parts.fragment or parts.username:
        raise _Wrong(advice)
    return text.rstrip("/")


def _tiles(text: str) -> str:
    parts = urlsplit(text)
    named = all(part in text for part in ("{z}", "{x}", "{y}"))
    # The host goes into the pages' policy: nothing in it may end or widen that.
    plain = re.fullmatch(r"[A-Za-z0-9.-]+(:[0-9]{1,5})?", parts.netloc)
    if parts.scheme not in {"http", "https"} or not plain or not named:
        raise _Wrong("write an address with {z}, {x} and {y}, like https://tiles.example.cn/{z}/{x}/{y}.png.")
    return text


def _hosts(text: str) -> tuple[str, ...]:
    hosts = tuple(host.strip() for host in text.split(",") if host.strip())
    if not hosts or any("/" in host or " " in host for host in hosts):
        raise _Wrong("write host names with commas between them, without http:// and without a path.")
    return hosts


def _switch(text: str) -> bool:
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
        raise _Wrong("write 1 or 0.")
    return known[text.lower()]


def _language(text: str) -> str:
    if text.lower() not in LANGUAGES:
        raise _Wrong("write one of: %(known)s.", known=", ".join(LANGUAGES))
    return text.lower()


def _time_zone(text: str) -> str:
    try:
        ZoneInfo(text)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise _Wrong("write a name like Asia/Shanghai.") from None
    return text


def _lake(text: str, folder: Path, var: Path) -> Place:
    if not text.startswith("s3://"):
        return Place(_path(text, folder))
    found = _BUCKET.fullmatch(text.rstrip("/"))
    if not found:
        raise _Wrong("write a folder, or s3://bucket/prefix.")
    return Place(var / "lake-cache", bucket=found["bucket"], prefix=found["prefix"] or "")


def _engine(text: str) -> str:
    if not _ENGINE.fullmatch(text):
        raise _Wrong("write duckdb, spark://host:port or local-cluster[workers,cores,megabytes].")
    return text


def _number(text: str, least: int, most: int) -> int:
    if not (text.isascii() and text.isdigit() and least <= int(text) <= most):
        raise _Wrong("write a whole number from %(least)s to %(most)s.", least=least, most=most)
    return int(text)
