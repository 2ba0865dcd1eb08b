"""The dated rows that the gate judges by, and that a change of them is seen by the next verdict."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from tests.cast import NOW, Cast
from yicha.decide.gate import queries, services
from yicha.decide.gate.models import TriggerRule
from yicha.decide.gate.queries import reference
from yicha.decide.gate.terms import CampaignFacts, QuietFacts, TriggerFacts
from yicha.decide.gate.tests.stage import TODAY, asked, items
from yicha.kernel.refusal import Refused

TEN = {
    "complaint",
    "assigned",
    "support",
    "audit",
    "offsite-clue",
    "media",
    "recheck",
    "own-request",
    "licence",
    "emergency",
}
pytestmark = pytest.mark.django_db


def in_force() -> dict[str, TriggerRule]:
    return {row.code: row for row in queries.list_triggers_in_force(TODAY)}


def test_the_ten_named_exceptions_do_not_count_and_show_their_evidence() -> None:
    rows = in_force()
    assert {code for code, row in rows.items() if row.needs_evidence and row.exempt_from_cap} == TEN | {
        "superior-order",
        "statutory",
    }
    assert not any(rows[code].counts_toward_cap or rows[code].spareable for code in TEN)


def test_six_of_them_are_free_of_quiet_days_and_say_that_the_choice_is_ours() -> None:
    six = {code for code, row in in_force().items() if row.exempt_from_quiet}
    assert len(six) == 6 and six < TEN
    assert all(in_force()[code].is_ours for code in six)


def test_every_trigger_has_its_source() -> None:
    assert all(row.source and row.words for row in in_force().values())
    assert {
        "draw",
        "initiative",
        "campaign",
        "superior-order",
        "courtesy",
        "follow-up",
        "statutory",
    } | TEN == set(in_force())


def test_a_newer_row_counts_from_its_day_on(cast: Cast) -> None:
    items()
    tomorrow = TODAY + timedelta(days=1)
    facts = TriggerFacts(
        "initiative", "日常", True, True, False, False, False, True, True, "新规", False, tomorrow
    )
    before, _ = queries.preview(asked(cast), NOW)
    services.set_trigger(actor="t", now=NOW, facts=facts)
    today, _ = queries.preview(asked(cast), NOW)
    later, _ = queries.preview(asked(cast, from_on=tomorrow), NOW)
    assert before == today
    assert "gate.evidence-missing" in {ground.code for ground in later.grounds if ground.bars}


def test_quiet_days_are_seen_at_once_and_given_up_again(cast: Cast) -> None:
    items()
    quiet = QuietFacts("yizhuang", 1, 20, "交口县 企业宁静日", False, date(2026, 1, 1))
    assert queries.preview(asked(cast), NOW)[0].outcome == "allow"
    services.set_quiet_days(actor="t", now=NOW, facts=quiet)
    assert queries.preview(asked(cast), NOW)[0].until == date(2026, 7, 21)
    services.set_quiet_days(
        actor="t", now=NOW, facts=replace(quiet, from_day=0, until_day=0, in_force_from=TODAY)
    )
    assert queries.preview(asked(cast), NOW)[0].outcome == "allow"


def test_an_approval_of_a_campaign_is_seen_at_once(cast: Cast) -> None:
    items()
    wish = asked(cast, campaign="cold-chain")
    assert queries.preview(wish, NOW)[1].campaign is None
    facts = CampaignFacts(
        "cold-chain", "3号", "区政府", True, frozenset({"a"}), frozenset({"b"}), TODAY, TODAY
    )
    services.approve_campaign(actor="t", now=NOW, facts=facts)
    assert queries.preview(wish, NOW)[1].campaign == facts
    wrong = replace(facts, code="x", document=" ", valid_until=TODAY - timedelta(days=1))
    with pytest.raises(Refused) as error:
        services.approve_campaign(actor="t", now=NOW, facts=wrong)
    assert error.value.codes == ("gate.campaign-document", "gate.campaign-days")


def test_a_process_that_has_just_begun_reads_everything(cast: Cast) -> None:
    items()
    known = queries.preview(asked(cast), NOW)
    reference.forget()
    assert queries.preview(asked(cast), NOW) == known
