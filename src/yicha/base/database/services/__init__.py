"""Starts, shares and stops the embedded PostgreSQL.

**Who stops it.** Every process that uses the server holds a shared lock on the file `in-use` for as long
as it lives; the kernel gives the lock back however the process ends, `kill -9` included. The server is
the child of a *keeper*, a small process of ours that waits for an exclusive lock on the same file: it gets
it when the last user has gone, and then stops the server. So any number of processes may share a server,
none has to know of the others, and none can leave it behind. `release` waits until the keeper has
finished, if it was the last. While somebody uses the server and it dies, the keeper starts it again.

**Who starts it.** Under an exclusive lock on `starting`, so that two processes that begin at once make one
cluster and one server. A cluster is made in a folder of its own and renamed when it is complete. The
keeper holds a lock on `keeper` for life; if the keeper was killed, the next start gets a new one, which
adopts the running server.

Nothing is believed because a file says so: a process id counts if that process is a server that works in
our data folder. Leftovers of a killed server are ended before a new one starts, and only they.
"""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path
from typing import Any

from yicha.base.database import queries, rules
from yicha.base.database.rules import read_url
from yicha.base.database.services import cluster, keeper
from yicha.base.database.services.locks import (
    STOP_SECONDS,
    in_use,
    keeper_alive,
    keeper_pid,
    keeper_stays,
    locked,
    make_control,
    refusal,
    share,
    until,
)
from yicha.base.database.terms import (
    OWNER_ROLE,
    PORT,
    PRODUCT_DATABASE,
    PRODUCT_ROLE,
    ConnectionFacts,
    Location,
    ServerFacts,
)

__all__ = [
    "connection_facts",
    "connection_parameters",
    "ensure_running",
    "read_url",
    "release",
    "require_usable",
    "stay",
    "stop",
]

ATTEMPTS = 3
START_SECONDS = 120
"""How long a start may take; replaying a long log after a crash is the slow case."""

_held: dict[Path, int] = {}
"""By data folder: the file descriptor of the shared lock that this process holds."""


def connection_facts(var: Path) -> ConnectionFacts:
    """How to reach the embedded database of a data folder, whether it runs or not."""
    socket = queries.get_location(var).socket
    return ConnectionFacts(name=PRODUCT_DATABASE, user=PRODUCT_ROLE, host=str(socket), port=PORT)


def ensure_running(var: Path) -> ConnectionFacts:
    """Start the embedded server unless it runs, and hold it until `release` or the end of this process.

    Safe to call twice and from two processes at once. Raises `Refused` with a sentence if it cannot be.
    """
    location = queries.get_location(var)
    make_control(location)
    with locked(location.control / "starting"):
        if location.var not in _held:
            _held[location.var] = share(location)
        fresh = _start(location)
        _make_roles(location)
    facts = connection_facts(var)
    if fresh:
        require_usable(facts)
    return facts


def release(var: Path) -> None:
    """Let go of the server; if nobody else uses it, return when it has stopped."""
    location = queries.get_location(var)
    descriptor = _held.pop(location.var, None)
    if descriptor is None:
        return
    os.close(descriptor)  # not LOCK_UN: a forked child that still uses the server keeps the lock
    until(lambda: not keeper_alive(location) or in_use(location), seconds=STOP_SECONDS)


def stay(var: Path) -> None:
    """Make the running server stay when nobody uses it, until `stop`."""
    location = queries.get_location(var)
    pid = keeper_pid(location)
    if pid is None:
        return
    os.kill(pid, signal.SIGHUP)
    until(lambda: keeper_stays(location), seconds=10)


def stop(var: Path, *, now: bool = False) -> bool:
    """Stop the server; False if it did not run. While others use it, it is refused unless `now`."""
    location = queries.get_location(var)
    pid = keeper_pid(location)
    if pid is None:
        running = queries.find_postmaster(location.data)
        if running is None:
            return False
        keeper.end_server(running, location)
        return True
    os.kill(pid, signal.SIGINT if now else signal.SIGTERM)
    until(lambda: now or not keeper_stays(location), seconds=10)
    until(lambda: not keeper_alive(location) or (not now and in_use(location)), seconds=STOP_SECONDS)
    if keeper_alive(location):
        raise refusal(
            "in-use",
            "Other processes use the database; it stops when they end, or at once with --now.",
        )
    return True


def require_usable(facts: ConnectionFacts) -> None:
    """Refuse a database of somebody else's server that the product could not work with."""
    import psycopg

    try:
        with psycopg.connect(
            **connection_parameters(facts), connect_timeout=10, autocommit=True
        ) as connection:
            version = connection.info.server_version
            encoding = str(connection.execute("SHOW server_encoding").fetchone()[0])  # type: ignore[index]
            similarity = _similarity(connection)
    except psycopg.OperationalError as error:
        raise refusal(
            "unreachable",
            "The database does not answer (%(reason)s): look at DATABASE_URL, or at the server's log.",
            reason=" ".join(str(error).split()).rstrip("."),
        ) from None
    rules.require_usable(ServerFacts(version, encoding, similarity))


def connection_parameters(facts: ConnectionFacts) -> dict[str, Any]:
    """The facts as psycopg's keyword arguments."""
    named = {
        "dbname": facts.name,
        "user": facts.user,
        "password": facts.password,
        "host": facts.host,
        "port": facts.port,
    }
    return {**{name: value for name, value in named.items() if value}, **facts.options}


def _similarity(connection: Any) -> float:
    import psycopg

    try:
        connection.execute("CREATE EXTENSION IF NOT EXISTS pg_trgm")
        return float(connection.execute("SELECT similarity('北京', '北京')").fetchone()[0])
    except psycopg.Error:
        return -1.0


def _start(location: Location) -> bool:
    """Start the server unless it runs, and wait until it answers; True if it was started here."""
    fresh = False
    for _ in range(ATTEMPTS):  # a keeper that was killed may hold its lock for a moment yet
        if not keeper_alive(location):
            cluster.prepare(location)
            keeper.spawn(location)
            fresh = True
        if _answers_in_time(location):
            return fresh
    log = location.control / "start.log"
    raise refusal(
        "start",
        "The database did not start: %(reason)s (more in %(log)s).",
        reason=cluster.last_line(log.read_text("utf-8", "replace") if log.exists() else "").rstrip("."),
        log=location.log,
    )


def _answers_in_time(location: Location) -> bool:
    """Wait until the server takes a connection; False if its keeper has ended, or it takes too long."""
    import psycopg

    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        try:
            psycopg.connect(host=str(location.socket), port=PORT, user=OWNER_ROLE, dbname="postgres").close()
            return True
        except psycopg.OperationalError:
            if not keeper_alive(location):
                return False
        time.sleep(0.03)
    return False


def _make_roles(location: Location) -> None:
    import psycopg
    from psycopg import sql

    role, database = sql.Identifier(PRODUCT_ROLE), sql.Identifier(PRODUCT_DATABASE)
    with psycopg.connect(
        host=str(location.socket), port=PORT, user=OWNER_ROLE, dbname="postgres", autocommit=True
    ) as connection:
        if not connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [PRODUCT_ROLE]).fetchone():
            connection.execute(sql.SQL("CREATE ROLE {} LOGIN CREATEDB").format(role))
        if not connection.execute(
            "SELECT 1 FROM pg_database WHERE datname = %s", [PRODUCT_DATABASE]
        ).fetchone():
            connection.execute(
                sql.SQL(
                    "CREATE DATABASE {} OWNER {} ENCODING 'UTF8' LOCALE 'C.UTF-8' TEMPLATE template0"
                ).format(database, role)
            )
