"""Reading for evaluation: how officers compare, who may know, and reports as JSON."""

from yicha.share.evaluation.queries.documents import dump, keep, restore
from yicha.share.evaluation.queries.officers import compare_officers, list_names, list_readable_agencies

__all__ = [
    "compare_officers",
    "dump",
    "keep",
    "list_names",
    "list_readable_agencies",
    "restore",
]
