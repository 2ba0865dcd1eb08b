"""The key that signs sessions, made once and kept in the data folder."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

from yicha.kernel.refusal import Reason, Refused


def secret_key(var: Path) -> str:
    """The key in `var/secret-key`, made by chance (mode 0600) if there is none yet.

    Two processes that begin at once get the same key: the file appears complete or not at all.
    """
    path = var / "secret-key"
    try:
        if not path.exists():
            _make(path)
        return path.read_text("ascii").strip()
    except OSError as error:
        raise Refused(
            [
                Reason(
                    "settings.secret",
                    "The key file %(path)s cannot be read or made (%(reason)s): set YICHA_VAR to a folder "
                    "that this user may write, or set YICHA_SECRET_KEY.",
                    "docs/guide/run.md",
                    {"path": path, "reason": error.strerror},
                )
            ]
        ) from None


def _make(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_name(f".{path.name}-{os.getpid()}-{secrets.token_hex(4)}")
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    try:
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(secrets.token_urlsafe(48) + "\n")
        try:
            os.link(fresh, path)
        except FileExistsError:
            return  # another process was first: its key is the key
    finally:
        fresh.unlink()
