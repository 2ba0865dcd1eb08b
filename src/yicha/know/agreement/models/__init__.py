"""Tables of agreements, consents and conflicts of standards."""

from yicha.know.agreement.models.assistance import AssistanceRequest
from yicha.know.agreement.models.conflicts import Ruling, StandardConflict
from yicha.know.agreement.models.pacts import Agreement, Equivalence, Signature

__all__ = ["Agreement", "AssistanceRequest", "Equivalence", "Ruling", "Signature", "StandardConflict"]
