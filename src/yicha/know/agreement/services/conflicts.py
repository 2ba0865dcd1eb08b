"""Filing conflicts of standards, and ruling on them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction

from yicha.base.ledger import services as ledger
from yicha.base.ledger.terms import JSON
from yicha.kernel import clock
from yicha.kernel.refusal import NotFound, Reason, Refused, refuse_if
from yicha.know.agreement import rules
from yicha.know.agreement.models import Ruling, StandardConflict
from yicha.know.agreement.services.records import all_of, next_number, region_of
from yicha.know.agreement.terms import (
    ConflictFiling,
    ConflictState,
    RulingOutcome,
    RulingState,
    SideFacts,
)
from yicha.know.catalogue import queries as catalogue
from yicha.know.registry import queries as registry


@transaction.atomic
def file_conflict(*, actor: str, now: datetime, filing: ConflictFiling) -> StandardConflict:
    """File "A says X, B says Y", by an official or, with `filing.enterprise`, by the owner of one.

    The caller has asked whether this person may file: "conflict.file", or "enterprise.own" of that enterprise.
    """
    refuse_if(rules.check_filing(filing))
    enterprise = registry.find_enterprise(filing.enterprise) if filing.enterprise else None
    if filing.enterprise and enterprise is None:
        raise NotFound
    today = clock.today(now)
    row = StandardConflict.objects.create(
        code=next_number(StandardConflict.objects.all(), "CT", now),
        title=filing.title.strip(),
        region=region_of(filing.region),
        enterprise=enterprise,
        a_version=_version(filing.a, today, "a_item"),
        a_agency=_agency(filing.a, "a_agency"),
        a_words=filing.a.words.strip(),
        b_version=_version(filing.b, today, "b_item"),
        b_agency=_agency(filing.b, "b_agency"),
        b_words=filing.b.words.strip(),
        evidence=filing.evidence.strip(),
        state=ConflictState.FILED.value,
        filed_at=now,
        filed_by=actor,
    )
    body: dict[str, JSON] = {
        "a": f"{row.a_version.item.code}.v{row.a_version.version}",
        "b": f"{row.b_version.item.code}.v{row.b_version.version}",
        "region": filing.region,
        "enterprise": enterprise.uscc if enterprise else "",
    }
    ledger.append(actor=actor, now=now, act="conflict.filed", subject=f"conflict:{row.code}", body=body)
    return row


@transaction.atomic
def rule_conflict(
    *, actor: str, now: datetime, conflict: StandardConflict, outcome: RulingOutcome, words: str
) -> Ruling:
    """Rule which text holds. It binds the item versions at once; a former ruling on the conflict is set aside."""
    locked = _lock(conflict)
    locked.state = rules.CONFLICT_LIFE.after(ConflictState(locked.state), "rule").value
    same = locked.a_version_id == locked.b_version_id
    refuse_if(rules.check_ruling(actor, locked.filed_by, words, outcome, same))
    former = locked.rulings.select_for_update().filter(state=RulingState.BINDS.value).first()
    if former is not None:
        former.state = rules.RULING_LIFE.after(RulingState(former.state), "set-aside").value
        former.save(update_fields=["state"])
    ruling = Ruling.objects.create(
        code=next_number(Ruling.objects.all(), "CJ", now),
        conflict=locked,
        outcome=outcome.value,
        words=words.strip(),
        state=RulingState.BINDS.value,
        ruled_at=now,
        ruled_by=actor,
    )
    yielding = rules.find_yielding(outcome, locked.a_version_id, locked.b_version_id)
    ruling.yields.set(yielding)
    if former is not None:
        former.set_aside_by = ruling
        former.save(update_fields=["set_aside_by"])
    locked.save(update_fields=["state"])
    body: dict[str, JSON] = {
        "ruling": ruling.code,
        "outcome": outcome.value,
        "words": ruling.words,
        "yields": [f"{one.item.code}.v{one.version}" for one in ruling.yields.select_related("item")],
        "sets_aside": former.code if former else "",
    }
    ledger.append(actor=actor, now=now, act="conflict.ruled", subject=f"conflict:{locked.code}", body=body)
    return ruling


@transaction.atomic
def withdraw_conflict(*, actor: str, now: datetime, conflict: StandardConflict) -> StandardConflict:
    """Who filed it takes it back, before it was ruled on."""
    locked = _lock(conflict)
    locked.state = rules.CONFLICT_LIFE.after(ConflictState(locked.state), "withdraw").value
    if actor != locked.filed_by:
        raise NotFound
    locked.save(update_fields=["state"])
    ledger.append(actor=actor, now=now, act="conflict.withdrawn", subject=f"conflict:{locked.code}", body={})
    return locked


def _lock(conflict: StandardConflict) -> StandardConflict:
    return StandardConflict.objects.select_for_update().get(pk=conflict.pk)


def _version(side: SideFacts, today: Any, at_field: str) -> Any:
    """The version that is checked today: only what may be checked can contradict."""
    found = catalogue.list_versions_in_force(today).filter(item__code=side.item).first()
    if found is None:
        raise Refused(
            [
                Reason(
                    "conflict.unknown-item",
                    "No version of the item “%(code)s” is in force; choose another.",
                    facts={"code": side.item},
                    at_field=at_field,
                )
            ]
        )
    return found


def _agency(side: SideFacts, at_field: str) -> Any:
    return all_of(registry.list_agencies(), [side.agency], at_field)[0] if side.agency else None
