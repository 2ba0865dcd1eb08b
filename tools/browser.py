"""Makes sure that there is a Chromium for the browser tests: Debian's own, installed where that is allowed.

Run as a program it prints one sentence if there is none and none may be installed, and ends with 0 all the same:
the browser tests then skip, with the same sentence.
"""

from __future__ import annotations

import ctypes
import shutil

from tools import debian

NAMES = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")
PACKAGES = ("chromium", "fonts-noto-cjk", "libatomic1")
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


if __name__ == "__main__":
    raise SystemExit(debian.ensure("Chromium for the browser tests", find, PACKAGES, MISSING))
