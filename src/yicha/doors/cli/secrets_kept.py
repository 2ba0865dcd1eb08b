"""An agency's secret for a draw: made and kept on its own machine, in a file that only its user may read."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

from yicha.kernel.refusal import Reason, Refused


def make(folder: Path, draw_id: str, agency: str) -> tuple[Path, str]:
    """A new secret in a new file (0600); returns the file and the commitment. An old one is never overwritten."""
    from yicha.decide.drawing.verify_draw import commitment_of

    path = _path(folder, draw_id, agency)
    reveal = secrets.token_hex(32)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        sentence = "%(file)s is there already: this agency has committed. Remove it only if that was refused."
        raise Refused([Reason("draw.secret-kept", sentence, facts={"file": path})]) from None
    with os.fdopen(handle, "w", encoding="ascii") as file:
        file.write(f"{reveal}\n")
    return path, commitment_of(draw_id, agency, reveal)


def read(folder: Path, draw_id: str, agency: str) -> str:
    """The secret that `make` kept."""
    path = _path(folder, draw_id, agency)
    try:
        return path.read_text(encoding="ascii").strip()
    except FileNotFoundError:
        sentence = "%(file)s is not there: reveal where the agency committed, or say with --keep where its secrets are."
        raise Refused([Reason("draw.secret-missing", sentence, facts={"file": path})]) from None


def _path(folder: Path, draw_id: str, agency: str) -> Path:
    name = f"{draw_id}.{agency}.reveal"
    if "/" in name or "\0" in name:
        raise Refused([Reason("draw.agency-form", "A draw and an agency have no “/” in their codes.")])
    return folder / name
