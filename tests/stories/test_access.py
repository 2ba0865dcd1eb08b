"""Who may see what, in single objects and in lists: two spellings of one rule."""

from __future__ import annotations

from itertools import product
from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser

from tests.cast import NOW, Cast
from yicha.base.accounts import queries, services
from yicha.base.accounts.models import User
from yicha.base.accounts.rules import EVERY_ACTION
from yicha.base.accounts.terms import GrantFacts, Role
from yicha.base.ledger import queries as ledger
from yicha.kernel.refusal import NotFound, Refused
from yicha.know.registry.models import Enterprise, Officer


def people(cast: Cast) -> list[User]:
    return [cast.officer_a, cast.officer_b, cast.planner, cast.coordinator, cast.owner, cast.stranger]


def test_a_list_and_a_single_object_give_the_same_answer(cast: Cast) -> None:
    """`scoped` in SQL and `may` in Python are two spellings of one rule."""
    checked = 0
    lists: list[Any] = [Enterprise.objects.all(), Officer.objects.all()]
    for person, action, rows in product(people(cast), sorted(EVERY_ACTION), lists):
        listed = set(queries.scoped(rows, person, action).values_list("pk", flat=True))
        single = {row.pk for row in rows if queries.may(person, action, row.scope)}
        assert listed == single, (person.username, action, rows.model)
        checked += len(listed)
    assert checked


def test_a_foreign_object_and_a_missing_one_are_not_told_apart(cast: Cast) -> None:
    with pytest.raises(NotFound) as foreign:
        queries.get_allowed(cast.paint_factory, cast.officer_a, "registry.view")
    with pytest.raises(NotFound) as missing:
        queries.get_allowed(None, cast.officer_a, "registry.view")
    assert foreign.value.args == missing.value.args


def test_who_has_not_signed_in_may_nothing(cast: Cast) -> None:
    assert not queries.may(AnonymousUser(), "registry.view")
    assert not queries.scoped(Enterprise.objects.all(), AnonymousUser(), "registry.view").exists()


def test_who_was_switched_off_may_nothing(cast: Cast) -> None:
    cast.coordinator.is_active = False
    assert not queries.may(cast.coordinator, "registry.view")


def test_a_grant_and_its_withdrawal_are_in_the_ledger(cast: Cast) -> None:
    given = services.grant(actor="boss", now=NOW, user=cast.stranger, facts=GrantFacts(Role.AUDITOR))
    services.withdraw(actor="boss", now=NOW, given=given)
    acts = [entry.act for entry in ledger.list_entries_of(f"user:{cast.stranger.uuid}")]
    assert acts == ["accounts.withdrawn", "accounts.granted", "accounts.created"]


def test_the_same_grant_twice_is_one(cast: Cast) -> None:
    for _ in range(2):
        services.grant(actor="boss", now=NOW, user=cast.stranger, facts=GrantFacts(Role.AUDITOR))
    assert cast.stranger.grants.count() == 1


def test_a_taken_sign_in_name_is_refused(cast: Cast) -> None:
    with pytest.raises(Refused) as refused:
        services.create_user(actor="boss", now=NOW, username="planner", password="another-long-one")
    assert refused.value.codes == ("accounts.username-taken",)
