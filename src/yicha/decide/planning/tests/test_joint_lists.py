"""Making a joint list: every refusal by its name."""

from __future__ import annotations

from typing import Any

import pytest

from tests.cast import NOW, Cast
from yicha.base.ledger import queries as ledger
from yicha.decide.planning.tests import factories
from yicha.kernel.refusal import Refused
from yicha.know.catalogue import services
from yicha.know.catalogue.models import JointList

GIVEN: dict[str, Any] = {
    "code": "kitchens",
    "name": "后厨一件事",
    "lead_kind": "market",
    "directory": "catering",
    "items": ["gas-01", "fire-09"],
}


@pytest.fixture
def items(cast: Cast) -> None:
    """Two items of two kinds of agency, and a directory."""
    factories.ground()
    factories.item("gas-01", "market")
    factories.item("fire-09", "fire")


def refused(**changed: Any) -> tuple[str, ...]:
    with pytest.raises(Refused) as caught:
        services.make_joint_list(actor="office", now=NOW, **{**GIVEN, **changed})
    assert (
        not JointList.objects.filter(code=changed.get("code", "kitchens")).exclude(code="catering").exists()
    )
    return caught.value.codes


def test_a_joint_list_is_made_and_written_down(items: None) -> None:
    made = services.make_joint_list(actor="office", now=NOW, **GIVEN)
    assert {item.code for item in made.items.all()} == {"gas-01", "fire-09"}
    assert [entry.act for entry in ledger.list_entries_of("joint-list:kitchens")] == ["joint-list.made"]


def test_a_code_is_given_once(items: None) -> None:
    assert refused(code="catering") == ("joint-list.exists",)


def test_a_code_has_small_letters(items: None) -> None:
    assert refused(code="Küche 1") == ("joint-list.code",)


def test_a_list_has_a_name(items: None) -> None:
    assert refused(name="  ") == ("joint-list.name",)


def test_one_item_is_no_joint_list(items: None) -> None:
    assert refused(items=["gas-01"]) == ("joint-list.few",)


def test_an_unknown_item_is_named(items: None) -> None:
    assert "joint-list.unknown-item" in refused(items=["gas-01", "fire-09", "moon-01"])


def test_who_leads_checks_something(items: None) -> None:
    assert refused(lead_kind="water") == ("joint-list.lead",)


def test_an_unknown_directory_is_named(items: None) -> None:
    assert refused(directory="moon") == ("joint-list.unknown-directory",)
