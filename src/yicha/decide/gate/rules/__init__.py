"""Pure rules of the gate: `judge` finds the verdict, `what_would_change` and `vary` answer "why not?"."""

from yicha.decide.gate.rules.changes import vary, what_would_change
from yicha.decide.gate.rules.verdicts import judge

__all__ = ["judge", "vary", "what_would_change"]
