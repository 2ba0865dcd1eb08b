"""Decisions of the launcher, without touching the machine."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from urllib.parse import parse_qsl, unquote, urlsplit

from yicha.base.database.terms import (
    OLDEST_SERVER,
    OWNER_ROLE,
    PORT,
    PRODUCT_ROLE,
    SOCKET_PATH_LIMIT,
    SOURCE,
    ConnectionFacts,
    FolderFacts,
    Location,
    ServerFacts,
)
from yicha.kernel.refusal import Reason, Refused

_SCHEMES = ("postgresql", "postgres")
_URL_OPTIONS = frozenset(
    {
        "application_name",
        "channel_binding",
        "connect_timeout",
        "keepalives",
        "keepalives_idle",
        "options",
        "sslcert",
        "sslcrl",
        "sslkey",
        "sslmode",
        "sslrootcert",
        "target_session_attrs",
    }
)


def _refused(code: str, sentence: str, **facts: object) -> Refused:
    return Refused([Reason(code=f"database.{code}", sentence=sentence, source=SOURCE, facts=facts)])


def read_url(url: str) -> ConnectionFacts:
    """The parts of a `DATABASE_URL`; raises `Refused` with one sentence that never shows the password."""
    try:
        parts = urlsplit(url.strip())
        port = parts.port
    except ValueError as error:
        raise _refused("url-broken", "DATABASE_URL cannot be read as an address (it must look like "
                       "postgresql://user:password@host:5432/name).") from error  # fmt: skip
    if parts.scheme not in _SCHEMES:
        raise _refused(
            "url-scheme",
            "DATABASE_URL begins with “%(scheme)s”, but only PostgreSQL is supported: "
            "write postgresql://user:password@host:5432/name.",
            scheme=parts.scheme or "no scheme",
        )
    name = unquote(parts.path.lstrip("/"))
    if not name or "/" in name:
        raise _refused(
            "url-name",
            "DATABASE_URL names no single database after the host: "
            "write postgresql://user:password@host:5432/name.",
        )
    options = dict(parse_qsl(parts.query, keep_blank_values=True))
    host = options.pop("host", "") or unquote(parts.hostname or "")
    unknown = sorted(set(options) - _URL_OPTIONS)
    if unknown:
        raise _refused(
            "url-option",
            "DATABASE_URL carries an option that is not supported: %(options)s; supported are: %(known)s.",
            options=", ".join(unknown),
            known=", ".join(sorted(_URL_OPTIONS)),
        )
    return ConnectionFacts(
        name=name,
        user=unquote(parts.username or ""),
        password=unquote(parts.password or ""),
        host=host,
        port=port,
        options=options,
    )


def may_enter(folders: Sequence[FolderFacts], uid: int, gid: int) -> bool:
    """Whether a user without other groups may pass through every folder of a path (search permission)."""
    return all(_has(folder, uid, gid, 0o1) for folder in folders)


def may_read(folder: FolderFacts, uid: int, gid: int) -> bool:
    """Whether that user may read and run or list what the facts describe."""
    return _has(folder, uid, gid, 0o5)


def _has(facts: FolderFacts, uid: int, gid: int, bits: int) -> bool:
    if uid == facts.uid:
        shift = 6
    elif gid == facts.gid:
        shift = 3
    else:
        shift = 0
    return (facts.mode >> shift) & bits == bits


def token(var: Path) -> str:
    """A short name for a data folder, stable for its path."""
    return hashlib.sha256(str(var).encode("utf-8", "surrogateescape")).hexdigest()[:12]


def socket_fits(folder: Path) -> bool:
    """Whether the socket's path fits into a socket address, and into a list of folders or hosts with commas."""
    text = str(folder / f".s.PGSQL.{PORT}")
    return len(text.encode("utf-8", "surrogateescape")) <= SOCKET_PATH_LIMIT and not set(text) & set(',"\\')


def initdb_arguments(location: Location, into: Path) -> list[str]:
    """The command that makes a cluster: UTF-8, C.UTF-8 (Chinese letters are letters), checksums."""
    return [
        str(location.binaries / "bin" / "initdb"),
        f"--pgdata={into}",
        "--encoding=UTF8",
        "--locale=C.UTF-8",
        "--data-checksums",
        f"--username={OWNER_ROLE}",
        "--auth=reject",
    ]


def shared_buffers(memory: int) -> int:
    """MiB that the server keeps pages in: an eighth of a machine's memory (bytes), from 128 to 1024.

    PostgreSQL's guide says a quarter for a machine of its own; this one is shared with the product.
    """
    return max(128, min(1024, memory // 8 // 1024**2))


def postgres_arguments(location: Location, *, small_shared_memory: bool, memory: int) -> list[str]:
    """The command that runs the server: on a socket only, durable. `memory`: of the machine, in bytes.

    `small_shared_memory`: parallel queries then exchange rows through files, because a container's
    64 MB of /dev/shm are too few.
    """
    settings = {
        "listen_addresses": "",
        "port": str(PORT),
        "unix_socket_directories": str(location.socket),
        "fsync": "on",
        "synchronous_commit": "on",
        "full_page_writes": "on",
        "max_connections": "200",
        "shared_buffers": f"{shared_buffers(memory)}MB",
        "work_mem": "16MB",
        "maintenance_work_mem": "128MB",
        "max_wal_size": "2GB",
        "random_page_cost": "1.1",
        "jit": "off",
        "timezone": "UTC",
        "log_timezone": "UTC",
        "lc_messages": "C",
        "dynamic_shared_memory_type": "mmap" if small_shared_memory else "posix",
        "logging_collector": "on",
        "log_directory": str(location.log),
        "log_filename": "postgresql-%a.log",
        "log_truncate_on_rotation": "on",
        "log_rotation_age": "1d",
        "log_rotation_size": "0",
    }
    command = [str(location.binaries / "bin" / "postgres"), "-D", str(location.data)]
    for name, value in settings.items():
        command += ["-c", f"{name}={value}"]
    return command


def access_file() -> str:
    """pg_hba.conf: the socket alone, and only operating system users whom the map names."""
    return "local all all peer map=product\n"


def access_map(users: Sequence[str]) -> str:
    """pg_ident.conf: which operating system users may be the owner and the product's role."""
    lines = [f'product "{user}" {role}\n' for user in users for role in (OWNER_ROLE, PRODUCT_ROLE)]
    return "".join(lines)


def require_same_major(found: str, binaries: str, data: Path) -> None:
    """Refuse a data folder that another major version of PostgreSQL has written."""
    if found.strip() != binaries.strip():
        raise _refused(
            "major",
            "The data folder %(data)s was written by PostgreSQL %(found)s, and this installation brings "
            "PostgreSQL %(binaries)s: dump it with the old version (pg_dump) and load it into a new folder, "
            "or set DATABASE_URL.",
            data=data,
            found=found.strip() or "of an unknown version",
            binaries=binaries.strip(),
        )


def require_usable(facts: ServerFacts) -> None:
    """Refuse a server that is too old or whose locale breaks search in Chinese."""
    if facts.version // 10000 < OLDEST_SERVER:
        raise _refused(
            "old",
            "The PostgreSQL server is version %(found)s, and %(oldest)s or newer is needed.",
            found=facts.version // 10000,
            oldest=OLDEST_SERVER,
        )
    if facts.encoding != "UTF8":
        raise _refused(
            "encoding",
            "The database is encoded in %(encoding)s, and UTF8 is needed: "
            "create it with ENCODING 'UTF8' LOCALE 'C.UTF-8' TEMPLATE template0.",
            encoding=facts.encoding,
        )
    if facts.similarity < 0:
        raise _refused(
            "trigram",
            "The extension pg_trgm is not in the database and could not be made: "
            "install PostgreSQL's contrib package and run CREATE EXTENSION pg_trgm in it.",
        )
    if facts.similarity < 1:
        raise _refused(
            "locale",
            "In the database's locale Chinese characters are not letters, so names could not be searched: "
            "create it with ENCODING 'UTF8' LOCALE 'C.UTF-8' TEMPLATE template0.",
        )


def server_environment(environ: Mapping[str, str]) -> dict[str, str]:
    """What the server may see of the environment: no secrets, no PG… variables, and a UTF-8 locale."""
    kept = {name: value for name, value in environ.items() if name in {"PATH", "TMPDIR"}}
    return {**kept, "LANG": "C.UTF-8", "LC_ALL": "C.UTF-8", "TZ": "UTC"}
