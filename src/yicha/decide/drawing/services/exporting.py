"""Writing the public files of a draw into a folder."""

from __future__ import annotations

from pathlib import Path

from yicha.decide.drawing import queries
from yicha.decide.drawing.models import Draw
from yicha.decide.drawing.rules import privacy
from yicha.decide.drawing.terms import VERIFIER
from yicha.kernel.refusal import Reason, refuse_if


def export(*, draw: Draw, folder: Path) -> list[Path]:
    """Write everything that is published of a draw, and the program that verifies it; returns what was written.

    Refused before the publication, and when anything looks like an identity card or a mobile number. Files of
    an earlier export of the same draw are replaced.
    """
    found = queries.list_public_files(draw)
    if not found:
        refuse_if(
            [
                Reason(
                    "draw.not-published",
                    "Draw %(draw)s has no public files yet: freeze and publish it first.",
                    source="yicha-draw/1, Order of events",
                    facts={"draw": draw.draw_id},
                )
            ]
        )
    refuse_if(
        reason
        for name, content in found.items()
        if name != VERIFIER
        for reason in privacy.check_public(name, content)
    )
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for name, content in found.items():
        (folder / name).write_bytes(content)
        written.append(folder / name)
    return written
