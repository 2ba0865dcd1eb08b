"""Installs Debian's packages where that is allowed: what a pip package cannot bring, for tests that need it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence

SECONDS = 900


def may_install() -> bool:
    """Whether this process may install packages of Debian."""
    return os.geteuid() == 0 and shutil.which("apt-get") is not None


def install(packages: Sequence[str]) -> None:
    """Install the packages; what went wrong is printed in short."""
    quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for arguments in (["update", "-qq"], ["install", "-y", "-qq", "--no-install-recommends", *packages]):
        try:
            done = subprocess.run(
                ["apt-get", *arguments], env=quiet, capture_output=True, check=False, timeout=SECONDS
            )
        except subprocess.TimeoutExpired:
            return
        if done.returncode and arguments[0] == "install":
            print(done.stderr.decode("utf-8", "replace").strip()[-300:], file=sys.stderr)


def ensure(name: str, find: Callable[[], str | None], packages: Sequence[str], missing: str) -> int:
    """Install what `find` does not find; where that may not be or does not help, say so. Ends with 0 all the same."""
    if not find() and may_install():
        print(f"Installing {name} …", file=sys.stderr)
        install(packages)
    if not find():
        print(missing, file=sys.stderr)
    return 0
