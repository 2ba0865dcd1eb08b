"""What may become of a version of a model, who signs it, and when it may take force.

Signed by two roles, so that who weighs and who answers for it are not the same: who coordinates, and who approves.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date, timedelta

from yicha.base.accounts.terms import Role
from yicha.kernel.refusal import Reason
from yicha.kernel.transitions import Transitions
from yicha.know.catalogue.terms import NumberFacts
from yicha.know.credit.terms.classes import ModelState

LIFE: Transitions[ModelState] = Transitions(
    "model",
    {
        "edit": (frozenset({ModelState.DRAFT}), ModelState.DRAFT),
        "submit": (frozenset({ModelState.DRAFT}), ModelState.SUBMITTED),
        "sign": (frozenset({ModelState.SUBMITTED}), ModelState.SUBMITTED),
        "complete": (frozenset({ModelState.SUBMITTED}), ModelState.SIGNED),
        "put-in-force": (frozenset({ModelState.SIGNED}), ModelState.IN_FORCE),
        "supersede": (frozenset({ModelState.IN_FORCE}), ModelState.SUPERSEDED),
        "withdraw": (
            frozenset({ModelState.DRAFT, ModelState.SUBMITTED, ModelState.SIGNED}),
            ModelState.WITHDRAWN,
        ),
    },
)
SIGNING = (Role.COORDINATOR, Role.APPROVER)
"""The roles that sign a version, each once."""
TRIED = frozenset({ModelState.DRAFT, ModelState.SUBMITTED, ModelState.SIGNED, ModelState.IN_FORCE})
"""States in which a version may be tried: what is over need not be."""


def next_role(held: Collection[Role], signed: Mapping[Role, str]) -> Role | None:
    """The role as which a person signs: the first that they hold and that nobody signed as. None: there is none."""
    return next((role for role in SIGNING if role in held and role not in signed), None)


def check_signature(held: Collection[Role], by: str, signed: Mapping[Role, str]) -> tuple[Reason, ...]:
    """Why a person may not sign. `signed`: who signed as which role."""
    if not set(held) & set(SIGNING):
        return (Reason("model.role", "A model is signed by who coordinates and by who approves."),)
    if by in signed.values():
        return (Reason("model.signed-by-you", "You have signed; the other signature is another person's."),)
    if next_role(held, signed) is None:
        return (Reason("model.signed-as-role", "Your role has signed; the other role is missing."),)
    return ()


def is_complete(signed: Mapping[Role, str]) -> bool:
    """Whether every role has signed."""
    return set(SIGNING) <= set(signed)


def check_edit(version: int, seen: str, kept: str) -> tuple[Reason, ...]:
    """Why a draft may not be changed. `seen`: hash of the text that the person read; `kept`: of what is there."""
    if version == 0:
        return (
            Reason(
                "model.shipped",
                "Version 0 is what the product ships and stays as it is: draft a new version.",
            ),
        )
    if seen != kept:
        return (
            Reason(
                "model.changed-meanwhile",
                "Somebody else has changed this draft since you opened it. Your text is still here: compare it with "
                "theirs, then save again to replace theirs.",
                at_field="text",
            ),
        )
    return ()


def check_submission(code: str, own_code: str, sha256: str, in_force: str) -> tuple[Reason, ...]:
    """Why a document that is sound may not be submitted. `in_force`: the hash of the text that is in force, if any."""
    found = []
    if code != own_code:
        found.append(
            Reason(
                "model.other-code",
                "The document names itself “%(code)s”; a version of this model is “%(own)s”: write that.",
                facts={"code": code, "own": own_code},
                at_field="text",
            )
        )
    if sha256 == in_force:
        found.append(Reason("model.no-change", "The document is the one in force, letter by letter."))
    return tuple(found)


def check_force(tried_on: date | None, today: date, number: NumberFacts) -> tuple[Reason, ...]:
    """Why a version may not take force: its very text was not tried, or too long ago.

    `tried_on`: the day of the snapshot of its last finished trial.
    """
    if tried_on is None:
        return (
            Reason("model.not-tried", "This text was not tried yet: try it on the current snapshot first."),
        )
    if tried_on + timedelta(days=int(number.value)) < today:
        facts = {"on": tried_on.isoformat(), "days": int(number.value)}
        return (
            Reason(
                "model.trial-old",
                "It was tried on the snapshot of %(on)s, more than %(days)s days ago: try it again.",
                source=number.source,
                facts=facts,
            ),
        )
    return ()
