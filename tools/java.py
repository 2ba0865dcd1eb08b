"""Makes sure that there is a Java for the tests with Spark: Debian's own, installed where that is allowed.

Run as a program it prints one sentence if there is none and none may be installed, and ends with 0 all the same:
the tests with Spark then skip, with the same sentence.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys

from tools.browser import may_install

PACKAGE = "openjdk-17-jre-headless"
OLDEST = 17
SECONDS = 900
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


def install() -> str | None:
    """Install Debian's Java without windows; the path, or None if that did not work."""
    quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for arguments in (["update", "-qq"], ["install", "-y", "-qq", "--no-install-recommends", PACKAGE]):
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
        print("Installing Java for the tests with Spark …", file=sys.stderr)
        if install():
            return 0
    print(MISSING, file=sys.stderr)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
