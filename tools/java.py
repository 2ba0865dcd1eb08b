"""Makes sure that there is a Java for the tests with Spark: Debian's own, installed where that is allowed.

Run as a program it prints one sentence if there is none and none may be installed, and ends with 0 all the same:
the tests with Spark then skip, with the same sentence.
"""

from __future__ import annotations

import re
import shutil
import subprocess

from tools import debian

PACKAGE = "openjdk-17-jre-headless"
OLDEST = 17
MISSING = (
    "There is no Java 17 or newer on this machine, so tests with Spark are skipped; "
    f"install it with: apt-get install {PACKAGE}"
)


def find() -> str | None:
    """The path of a Java that Spark can run on; None if there is none."""
    java = shutil.which("java")
    if java is None:
        return None
    said = subprocess.run([java, "-version"], capture_output=True, text=True, check=False, timeout=60)
    version = re.search(r'version "(\d+)', said.stderr + said.stdout)
    return java if version and int(version.group(1)) >= OLDEST else None


if __name__ == "__main__":
    raise SystemExit(debian.ensure("Java for the tests with Spark", find, (PACKAGE,), MISSING))
