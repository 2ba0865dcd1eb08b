"""Makes sure that there is a Chromium for the browser tests: Debian's own, installed where that is allowed.

Run as a program it prints one sentence if there is none and none may be installed, and ends with 0 all the same:
the browser tests then skip, with the same sentence.
"""

from __future__ import annotations

import ctypes
import os
import shutil
import subprocess
import sys

NAMES = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")
PACKAGES = ("chromium", "fonts-noto-cjk", "libatomic1")
SECONDS = 900
FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--no-default-browser-check",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-extensions",
    "--disable-default-apps",
    "--metrics-recording-only",
)
"""Chromium then talks to nobody but the server under test."""
MISSING = (
    "There is no Chromium that can be driven on this machine, so browser tests are skipped; "
    "install it with: apt-get install chromium fonts-noto-cjk libatomic1"
)


def find() -> str | None:
    """The path of a Chromium that can be driven; None if there is none."""
    return next((path for name in NAMES if (path := shutil.which(name))), None) if can_drive() else None


def can_drive() -> bool:
    """Whether the driver that Playwright brings can start: it needs a library that a bare Debian lacks."""
    try:
        ctypes.CDLL("libatomic.so.1")
    except OSError:
        return False
    return True


def may_install() -> bool:
    """Whether this process may install packages of Debian."""
    return os.geteuid() == 0 and shutil.which("apt-get") is not None


def install() -> str | None:
    """Install Debian's Chromium and a Chinese font; the path, or None if that did not work."""
    quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for arguments in (["update", "-qq"], ["install", "-y", "-qq", "--no-install-recommends", *PACKAGES]):
        try:
            done = subprocess.run(
                ["apt-get", *arguments], env=quiet, capture_output=True, check=False, timeout=SECONDS
            )
        except subprocess.TimeoutExpired:
            return None
        if done.returncode and arguments[0] == "install":
            print(done.stderr.decode("utf-8", "replace").strip()[-300:], file=sys.stderr)
    return find()


def main() -> int:
    if find():
        return 0
    if may_install():
        print("Installing Chromium for the browser tests …", file=sys.stderr)
        if install():
            return 0
    print(MISSING, file=sys.stderr)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
