"""Facts about the machine and the database server, and where things go."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

SOURCE = "docs/decisions/0003-embedded-postgresql.md"
OWNER_ROLE = "postgres"
"""The bootstrap superuser: used by the launcher alone."""
PRODUCT_ROLE = "yicha"
"""The role of the product: may create databases, may not read files or run programs."""
PRODUCT_DATABASE = "yicha"
PORT = 5432
"""Names the socket file only: no port is opened."""
SOCKET_PATH_LIMIT = 107
"""Bytes of `sockaddr_un.sun_path` without its closing zero (unix(7))."""
OLDEST_SERVER = 15
"""Major version of the oldest PostgreSQL that the product supports."""


@dataclass(frozen=True, slots=True)
class FolderFacts:
    """One folder on a path: permission bits and owner, as `stat` gives them."""

    mode: int
    uid: int
    gid: int


@dataclass(frozen=True, slots=True)
class RunAs:
    """The user under whom the server runs. None as `uid`: the user who runs the product."""

    name: str
    uid: int | None = None
    gid: int | None = None


@dataclass(frozen=True, slots=True)
class Location:
    """Where one cluster lives.

    `var` is the product's folder; `control` holds the lock files (product's user);
    `home` holds `data` and the log (server's user); `socket` is the folder of the socket;
    `binaries` the folder with bin, lib, share.
    """

    var: Path
    control: Path
    home: Path
    socket: Path
    binaries: Path
    run_as: RunAs

    @property
    def data(self) -> Path:
        return self.home / "data"

    @property
    def log(self) -> Path:
        return self.home / "log"


@dataclass(frozen=True, slots=True)
class ConnectionFacts:
    """How to reach a database: what `DATABASE_URL` or the launcher says."""

    name: str
    user: str = ""
    password: str = ""
    host: str = ""
    port: int | None = None
    options: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ServerFacts:
    """What a server says of itself."""

    version: int
    """As `server_version_num`: 150004 is 15.4."""
    encoding: str
    similarity: float
    """`similarity('北京', '北京')`; 0 where the locale does not know Chinese letters. -1: pg_trgm is missing."""


@dataclass(frozen=True, slots=True)
class Status:
    """What `yicha database status` prints."""

    running: bool
    pid: int | None
    location: Location
    version: str
