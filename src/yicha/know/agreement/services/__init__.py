"""The only writers of agreements, consents and conflicts of standards; every act is in the ledger."""

from yicha.know.agreement.services.assistance import (
    answer_assistance,
    ask_assistance,
    revoke_consent,
    withdraw_assistance,
)
from yicha.know.agreement.services.conflicts import file_conflict, rule_conflict, withdraw_conflict
from yicha.know.agreement.services.drafting import (
    draft_agreement,
    edit_agreement,
    new_version,
    offer,
    withdraw_agreement,
)
from yicha.know.agreement.services.equivalences import declare_equivalence, end_equivalence
from yicha.know.agreement.services.signing import end_agreement, sign, turn_day, withdraw_signature

__all__ = [
    "answer_assistance",
    "ask_assistance",
    "declare_equivalence",
    "draft_agreement",
    "edit_agreement",
    "end_agreement",
    "end_equivalence",
    "file_conflict",
    "new_version",
    "offer",
    "revoke_consent",
    "rule_conflict",
    "sign",
    "turn_day",
    "withdraw_agreement",
    "withdraw_assistance",
    "withdraw_conflict",
    "withdraw_signature",
]
