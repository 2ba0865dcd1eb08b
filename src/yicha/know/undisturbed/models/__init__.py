"""The undisturbed list: listings with their protocol, what it spares, and the rows it is found by."""

from yicha.know.undisturbed.models.discoveries import Candidate, Discovery
from yicha.know.undisturbed.models.listings import Listing, Notice, Objection, Step
from yicha.know.undisturbed.models.rows import CriterionRule, KeyTrade, SparedItem

__all__ = [
    "Candidate",
    "CriterionRule",
    "Discovery",
    "KeyTrade",
    "Listing",
    "Notice",
    "Objection",
    "SparedItem",
    "Step",
]
