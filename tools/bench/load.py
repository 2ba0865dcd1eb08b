"""A real server on a free port, and somebody who asks it: over connections that stay open, one request at a time."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from urllib.parse import quote

from tools.bench import Bench

BENCHES: dict[str, Bench] = {}
READY_SECONDS = 90


@contextmanager
def server(database: str, workers: int) -> Iterator[int]:
    """The product served by granian as `yicha serve` does it, on a database of this cluster; its port."""
    from django.db import connection

    from yicha.doors.cli.serving import web_command

    known = connection.settings_dict
    host = quote(str(known["HOST"] or ""), safe="")
    url = f"postgresql://{quote(known['USER'])}:{quote(known['PASSWORD'])}@/{database}?host={host}"
    if not str(known["HOST"]).startswith("/"):
        url = f"postgresql://{quote(known['USER'])}:{quote(known['PASSWORD'])}@{known['HOST']}:{known['PORT']}/{database}"
    port = _free_port()
    with tempfile.TemporaryDirectory() as static:
        environment = {**os.environ, "DATABASE_URL": url, "YICHA_STATIC_ROOT": static}
        process = subprocess.Popen(
            web_command("127.0.0.1", port, workers),
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,  # a line for each request is written, and nobody reads it
            start_new_session=True,
        )
        try:
            _wait(port, process)
            yield port
        finally:
            os.killpg(process.pid, signal.SIGTERM)
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _wait(port: int, process: subprocess.Popen[bytes]) -> None:
    """Until an answer comes: the port is open before the workers have loaded the product."""
    ask = request("GET", "/api/v1/keys", {})
    deadline = time.monotonic() + READY_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        try:
            with socket.create_connection(("127.0.0.1", port), READY_SECONDS) as line:
                line.sendall(ask)
                if _read(line).startswith(b"HTTP/1.1 200 "):
                    return
        except (OSError, RuntimeError):
            time.sleep(0.2)
    raise RuntimeError("the server did not start")


def request(method: str, path: str, headers: Mapping[str, str], body: bytes = b"") -> bytes:
    """A request as bytes, made before the time is taken."""
    lines = [
        f"{method} {path} HTTP/1.1",
        "Host: 127.0.0.1",
        *(f"{name}: {value}" for name, value in headers.items()),
    ]
    if body:
        lines += ["Content-Type: application/json", f"Content-Length: {len(body)}"]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


@dataclass(frozen=True)
class Round:
    """What a round gave: the seconds of every answer, and how many answers a second there were in all."""

    seconds: Sequence[float]
    rate: float


def hammer(port: int, make: Callable[[int], bytes], connections: int, duration: float) -> Round:
    """Ask for some seconds over connections that stay open. `make` gives the next request for a number."""
    taken: list[list[float]] = [[] for _one in range(connections)]
    failures: list[str] = []
    begun = time.perf_counter()

    def ask(own: int) -> None:
        try:
            _ask(port, make, own, connections, begun + duration, taken[own])
        except (OSError, RuntimeError) as error:
            failures.append(str(error))

    threads = [threading.Thread(target=ask, args=(own,)) for own in range(connections)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failures:
        raise RuntimeError(failures[0])
    seconds = [one for own in taken for one in own]
    return Round(seconds, len(seconds) / (time.perf_counter() - begun))


def take_turns(
    ports: Sequence[int], makes: Sequence[Callable[[int], bytes]], number: int
) -> list[list[float]]:
    """Ask several servers one after another, so many times: what else the machine does meanwhile meets all alike.

    The seconds of every answer, by server.
    """
    taken: list[list[float]] = [[] for _port in ports]
    lines = [_connect(port) for port in ports]
    try:
        for one in range(number):
            for line, make, own in zip(lines, makes, taken, strict=True):
                own.append(_exchange(line, make(one)))
    finally:
        for line in lines:
            line.close()
    return taken


def _ask(
    port: int, make: Callable[[int], bytes], own: int, step: int, until: float, taken: list[float]
) -> None:
    number = own
    with _connect(port) as line:
        while time.perf_counter() < until:
            taken.append(_exchange(line, make(number)))
            number += step


def _connect(port: int) -> socket.socket:
    line = socket.create_connection(("127.0.0.1", port), READY_SECONDS)
    line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return line


def _exchange(line: socket.socket, ask: bytes) -> float:
    """Send, and read the whole answer; the seconds that it took."""
    begun = time.perf_counter()
    line.sendall(ask)
    answer = _read(line)
    seconds = time.perf_counter() - begun
    if not answer.startswith(b"HTTP/1.1 200 "):
        raise RuntimeError(f"answered {answer[:400]!r}")
    return seconds


def _read(line: socket.socket) -> bytes:
    """One whole answer; every one says how long it is."""
    found = line.recv(65536)
    while (end := found.find(b"\r\n\r\n")) < 0:
        found += _more(line)
    head = found[:end].lower()
    at = head.index(b"content-length:") + 15
    stop = head.find(b"\r\n", at)
    whole = end + 4 + int(head[at : stop if stop >= 0 else None])
    while len(found) < whole:
        found += _more(line)
    return found


def _more(line: socket.socket) -> bytes:
    more = line.recv(65536)
    if not more:
        raise RuntimeError("the server hung up")
    return more
