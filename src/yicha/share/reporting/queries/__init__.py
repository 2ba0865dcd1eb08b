"""Reading the eight steps of a round, the check-up of its trades, and their documents."""

from yicha.share.reporting.queries.check_ups import find_round_before, get_check_up
from yicha.share.reporting.queries.documents import find_document, list_documents, set_draft
from yicha.share.reporting.queries.eight import describe, list_eight
from yicha.share.reporting.queries.facts import gather_facts, say_advice

__all__ = [
    "describe",
    "find_document",
    "find_round_before",
    "gather_facts",
    "get_check_up",
    "list_documents",
    "list_eight",
    "say_advice",
    "set_draft",
]
