"""Pure rules of the gate: `judge` finds the verdict, `what_would_change` and `vary` answer "why not?"."""

from yicha.decide.gate.rules.verdicts import judge

__all__ = ["judge"]
