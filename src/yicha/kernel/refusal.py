"""The one way to say no: a list of reasons, each with a stable code, a sentence and its source."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Reason:
    """Why something may not be.

    `code` is stable and dotted (`draw.reveal-mismatch`). `sentence` is an English message id with
    `%(name)s` places, which a door translates; `facts` fills the places. `source` names the rule's document.
    `at_field` names the input to mend, if there is one.
    """

    code: str
    sentence: str
    source: str = ""
    facts: Mapping[str, object] = field(default_factory=dict)
    at_field: str = ""

    def __str__(self) -> str:
        return self.sentence % self.facts if self.facts else self.sentence


class Refused(Exception):
    """Raised by services with *all* reasons; every door renders it in one shape."""

    def __init__(self, reasons: Iterable[Reason]) -> None:
        self.reasons: tuple[Reason, ...] = tuple(reasons)
        super().__init__(" ".join(str(reason) for reason in self.reasons))

    @property
    def codes(self) -> tuple[str, ...]:
        """The stable codes, in the order in which the rule gave them."""
        return tuple(reason.code for reason in self.reasons)


class NotFound(Exception):
    """Missing, or not for this person: the two are never told apart."""


def refuse_if(reasons: Iterable[Reason]) -> None:
    """Raise `Refused` if there is any reason."""
    found = tuple(reasons)
    if found:
        raise Refused(found)
