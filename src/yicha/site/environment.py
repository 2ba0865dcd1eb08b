"""Reads every setting from the environment, and refuses a wrong one in a sentence. Pure: touches nothing.

The table in docs/guide/run.md says the same in words; a test holds the two together.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol, TypeVar
from urllib.parse import urlsplit

from yicha.base.database.services import read_url
from yicha.base.database.terms import ConnectionFacts
from yicha.base.lake.terms import Place
from yicha.base.messages.terms import Hook, MailServer, Tls
from yicha.kernel.refusal import Reason, Refused, refuse_if
from yicha.site import values

T = TypeVar("T")

LOCAL_HOSTS = ("localhost", "127.0.0.1", "[::1]")
SOURCE = "docs/guide/run.md"


@dataclass(frozen=True, slots=True)
class Environment:
    """The settings after reading; what each means is in docs/guide/run.md."""

    var: Path
    database: ConnectionFacts | None
    """None: the embedded PostgreSQL in `var`."""
    database_pool: int
    """So many connections a process holds at most."""
    database_patience: int
    """So many seconds a request waits for one of them, before it fails."""
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
    mail: MailServer | None
    """None: messages are not sent by e-mail."""
    sms: Hook | None
    """None: messages are not sent to telephones."""
    robot: Hook | None
    """None: messages are not sent to robots of chat groups."""

    @property
    def https(self) -> bool:
        return self.url.startswith("https://")

    @property
    def map_origin(self) -> str:
        """The origin that a page with a map must be allowed to load pictures from; empty without tiles."""
        parts = urlsplit(self.map_tiles)
        return f"{parts.scheme}://{parts.netloc}" if self.map_tiles else ""


def read(environ: Mapping[str, str], folder: Path) -> Environment:
    """The settings; `folder` is what relative paths are relative to. Raises `Refused` with every wrong one."""
    reasons: list[Reason] = []

    def take(name: str, parse: Callable[[str], T], default: T) -> T:
        """One setting; what is wrong with it is added to the reasons."""
        text = environ.get(name, "").strip()
        if not text:
            return default
        try:
            return parse(text)
        except values.Wrong as wrong:
            facts = {"name": name, "value": _shown(name, text), **wrong.facts}
            sentence = "%(name)s is “%(value)s”, and that cannot be: " + wrong.advice
            reasons.append(Reason("settings.wrong", sentence, SOURCE, facts, at_field=name))
        except Refused as refused:
            reasons.extend(refused.reasons)
        return default

    var = take("YICHA_VAR", lambda text: values.path(text, folder), folder / "var")
    url = take("YICHA_URL", values.url, "http://127.0.0.1:8000")
    own_host = urlsplit(url).hostname or ""
    found = Environment(
        var=var,
        database=take("DATABASE_URL", read_url, None),
        database_pool=take("YICHA_DATABASE_POOL", lambda text: values.number(text, 1, 100), 8),
        database_patience=take("YICHA_DATABASE_PATIENCE", lambda text: values.number(text, 1, 600), 20),
        secret_key=take("YICHA_SECRET_KEY", values.secret, ""),
        url=url,
        hosts=take("YICHA_HOSTS", values.hosts, tuple(dict.fromkeys((own_host, *LOCAL_HOSTS)))),
        debug=take("YICHA_DEBUG", values.switch, False),
        language=take("YICHA_LANGUAGE", values.language, "zh-hans"),
        time_zone=take("YICHA_TIME_ZONE", values.time_zone, "Asia/Shanghai"),
        proxies=take("YICHA_PROXIES", lambda text: values.number(text, 0, 10), 0),
        upload_bytes=take("YICHA_UPLOAD_MB", lambda text: values.number(text, 1, 4096), 512) * 1024 * 1024,
        ledger_key=take("YICHA_LEDGER_KEY", lambda text: values.path(text, folder), None),
        keys=take("YICHA_KEYS", lambda text: values.path(text, folder), None),
        static_root=take("YICHA_STATIC_ROOT", lambda text: values.path(text, folder), None),
        lake=_lake(take, folder, var),
        engine=take("YICHA_ENGINE", values.engine, "duckdb"),
        map_tiles=take("YICHA_MAP_TILES", values.tiles, ""),
        map_attribution=take("YICHA_MAP_ATTRIBUTION", str, ""),
        mail=_mail(take),
        sms=_hook(take, "SMS"),
        robot=_hook(take, "ROBOT"),
    )
    reasons.extend([*_left_out(found), *_unknown(environ)])
    refuse_if(reasons)
    return found


def _lake(take: _Take, folder: Path, var: Path) -> Place:
    return replace(
        take("YICHA_LAKE", lambda text: values.lake(text, folder, var), Place(var / "lake")),
        endpoint=take("YICHA_LAKE_S3_ENDPOINT", values.endpoint, ""),
        region=take("YICHA_LAKE_S3_REGION", str, "us-east-1"),
        key=take("YICHA_LAKE_S3_KEY", str, ""),
        secret=take("YICHA_LAKE_S3_SECRET", str, ""),
    )


def _left_out(found: Environment) -> list[Reason]:
    """Settings that others need beside them."""
    reasons = []
    if found.lake.bucket and not (found.lake.key and found.lake.secret):
        reasons.append(_NO_KEY)
    if found.mail and not found.mail.sender:
        reasons.append(_NO_SENDER)
    hooks = (("SMS", found.sms), ("ROBOT", found.robot))
    return reasons + [_no_secret(name) for name, hook in hooks if hook and not hook.secret]


NAMES = (
    "YICHA_VAR",
    "DATABASE_URL",
    "YICHA_DATABASE_POOL",
    "YICHA_DATABASE_PATIENCE",
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
    "YICHA_EMAIL_HOST",
    "YICHA_EMAIL_PORT",
    "YICHA_EMAIL_USER",
    "YICHA_EMAIL_PASSWORD",
    "YICHA_EMAIL_FROM",
    "YICHA_EMAIL_TLS",
    "YICHA_MESSAGE_SMS_URL",
    "YICHA_MESSAGE_SMS_SECRET",
    "YICHA_MESSAGE_ROBOT_URL",
    "YICHA_MESSAGE_ROBOT_SECRET",
)
"""Every setting there is."""
SECRETS = (
    "YICHA_SECRET_KEY",
    "YICHA_LAKE_S3_KEY",
    "YICHA_LAKE_S3_SECRET",
    "YICHA_EMAIL_PASSWORD",
    "YICHA_MESSAGE_SMS_URL",
    "YICHA_MESSAGE_SMS_SECRET",
    "YICHA_MESSAGE_ROBOT_URL",
    "YICHA_MESSAGE_ROBOT_SECRET",
)
"""Never shown. The address of a robot often holds its key."""
NOT_SETTINGS = ("YICHA_REAL_DATA",)
"""Read by tests, not by the product."""


_NO_KEY = Reason(
    "settings.lake-key",
    "The lake is in a bucket: YICHA_LAKE_S3_KEY and YICHA_LAKE_S3_SECRET must say who may read and write it.",
    SOURCE,
    at_field="YICHA_LAKE_S3_KEY",
)
_NO_SENDER = Reason(
    "settings.mail-sender",
    "E-mail is sent through YICHA_EMAIL_HOST: YICHA_EMAIL_FROM must say from which address.",
    SOURCE,
    at_field="YICHA_EMAIL_FROM",
)
_PORTS = {Tls.STARTTLS: 587, Tls.TLS: 465, Tls.OFF: 25}


class _Take(Protocol):
    """Takes one setting."""

    def __call__(self, name: str, parse: Callable[[str], T], default: T) -> T: ...


def _mail(take: _Take) -> MailServer | None:
    """The mail server; every setting of it is read, so that a wrong one is told."""
    host = take("YICHA_EMAIL_HOST", values.host, "")
    tls = take("YICHA_EMAIL_TLS", values.tls, Tls.STARTTLS)
    server = MailServer(
        host=host,
        port=take("YICHA_EMAIL_PORT", lambda text: values.number(text, 1, 65535), _PORTS[tls]),
        sender=take("YICHA_EMAIL_FROM", values.sender, ""),
        tls=tls,
        user=take("YICHA_EMAIL_USER", str, ""),
        password=take("YICHA_EMAIL_PASSWORD", str, ""),
    )
    return server if host else None


def _hook(take: _Take, name: str) -> Hook | None:
    """Where the messages of a channel are posted to."""
    url = take(f"YICHA_MESSAGE_{name}_URL", values.hook_url, "")
    secret = take(f"YICHA_MESSAGE_{name}_SECRET", values.hook_secret, "")
    return Hook(url, secret) if url else None


def _no_secret(name: str) -> Reason:
    return Reason(
        "settings.message-secret",
        "Messages are posted to %(url)s: %(secret)s must hold the secret that signs them, whsec_ and base64 of at "
        "least 24 bytes.",
        SOURCE,
        {"url": f"YICHA_MESSAGE_{name}_URL", "secret": f"YICHA_MESSAGE_{name}_SECRET"},
        at_field=f"YICHA_MESSAGE_{name}_SECRET",
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
