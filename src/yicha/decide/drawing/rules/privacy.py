"""Nothing in a published file may look like an identity card or a mobile number (yicha-draw/1, Privacy)."""

from __future__ import annotations

from yicha.kernel.personal import find_personal
from yicha.kernel.refusal import Reason


def check_public(name: str, content: bytes) -> list[Reason]:
    """Why a file may not be published. The number itself is not repeated: the refusal is shown and logged."""
    text = content.decode("utf-8")
    return [
        Reason(
            "draw.personal-data",
            "%(file)s has what looks like an %(kind)s at %(where)s; nothing personal is published.",
            source="yicha-draw/1, Privacy",
            facts={"file": name, "kind": kind, "where": where},
        )
        for kind, where in find_personal(text)
    ]
