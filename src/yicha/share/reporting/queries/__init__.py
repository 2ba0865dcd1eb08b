"""Reading the eight steps of a round, and their documents."""

from yicha.share.reporting.queries.documents import find_document, list_documents, print_document
from yicha.share.reporting.queries.eight import list_check_ups, list_eight
from yicha.share.reporting.queries.facts import gather_facts

__all__ = [
    "find_document",
    "gather_facts",
    "list_check_ups",
    "list_documents",
    "list_eight",
    "print_document",
]
