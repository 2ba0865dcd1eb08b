"""The only writers of the gate: applications with their verdicts, visit codes, and the rows that it judges by."""

from yicha.decide.gate.services.after import complete_papers, reopen_leaning_on, reopen_overtaken, withdraw
from yicha.decide.gate.services.asking import apply, ask_again, back_enter, complete, enter_emergency
from yicha.decide.gate.services.codes import issue_code, revoke_code
from yicha.decide.gate.services.rows import approve_campaign, set_quiet_days, set_trigger
from yicha.decide.gate.services.turns import in_turn, take_turns

__all__ = [
    "apply",
    "approve_campaign",
    "ask_again",
    "back_enter",
    "complete",
    "complete_papers",
    "enter_emergency",
    "in_turn",
    "issue_code",
    "reopen_leaning_on",
    "reopen_overtaken",
    "revoke_code",
    "set_quiet_days",
    "set_trigger",
    "take_turns",
    "withdraw",
]
