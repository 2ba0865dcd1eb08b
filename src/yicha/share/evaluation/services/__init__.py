"""Evaluations that are computed from a table that somebody brings. They write nothing."""

from yicha.share.evaluation.services.ordering import evaluate_ordering

__all__ = ["evaluate_ordering"]
