"""Reading for evaluation: how officers compare, and reports as JSON."""

from yicha.share.evaluation.queries.documents import dump

__all__ = ["dump"]
