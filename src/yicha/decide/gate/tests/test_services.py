"""Applying: every outcome and every refusal."""

from __future__ import annotations

import pytest

from tests.cast import NOW, Cast
from yicha.decide.gate import queries, services
from yicha.decide.gate.tests.stage import asked, items


@pytest.fixture
def scene(cast: Cast) -> Cast:
    items()
    return cast


def test_what_may_be_gets_a_visit_and_its_code(scene: Cast) -> None:
    row = services.apply("t", NOW, asked(scene))
    assert (row.state, row.outcome) == ("granted", "allow"), row.verdict
    assert row.contact is not None and row.contact.trigger == "initiative"
    code = queries.find_live_code(row.contact)
    assert code is not None and queries.find_code(code.token) == code
    assert queries.read_verdict(row).outcome == "allow"
    assert queries.read_facts(row) == queries.read_facts(row)
