"""A state machine is one table: from a state, by an act, to a state."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Generic, TypeVar

from yicha.kernel.refusal import Reason, Refused

S = TypeVar("S", bound=StrEnum)


@dataclass(frozen=True)
class Transitions(Generic[S]):
    """`table[act]` says from which states the act may be done, and to which state it leads."""

    subject: str
    table: Mapping[str, tuple[frozenset[S], S]]

    def after(self, state: S, act: str) -> S:
        """The state after `act`; raises `Refused` when the table has no such step from `state`."""
        sources, target = self.table[act]
        if state not in sources:
            raise Refused(
                [
                    Reason(
                        code=f"{self.subject}.state",
                        sentence="“%(act)s” is not possible while the state is “%(state)s”; "
                        "it is possible from: %(sources)s.",
                        facts={"act": act, "state": state.value, "sources": ", ".join(sorted(sources))},
                    )
                ]
            )
        return target

    def acts_from(self, state: S) -> tuple[str, ...]:
        """The acts that are possible now, in the table's order: what a page may offer."""
        return tuple(act for act, (sources, _) in self.table.items() if state in sources)
