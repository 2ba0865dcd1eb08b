"""The only writers of draws. Each locks the draw, decides by `rules`, saves, and appends to the ledger."""

from yicha.decide.drawing.rules.tickets import commitment_of
from yicha.decide.drawing.services.after import (
    announce_supplement,
    approve_replacement,
    propose_replacement,
    refuse_replacement,
    run_supplement,
    signatures_needed,
    void,
)
from yicha.decide.drawing.services.exporting import export
from yicha.decide.drawing.services.opening import (
    commit,
    commit_all,
    freeze_objects,
    freeze_officers,
    open_draw,
    publish,
)
from yicha.decide.drawing.services.running import reveal, reveal_all, run

__all__ = [
    "announce_supplement",
    "approve_replacement",
    "commit",
    "commit_all",
    "commitment_of",
    "export",
    "freeze_objects",
    "freeze_officers",
    "open_draw",
    "propose_replacement",
    "publish",
    "refuse_replacement",
    "reveal",
    "reveal_all",
    "run",
    "run_supplement",
    "signatures_needed",
    "void",
]
