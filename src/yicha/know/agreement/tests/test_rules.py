"""Rules of agreements without a database: every refusal by its name."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from yicha.kernel.refusal import Reason, Refused
from yicha.know.agreement import rules
from yicha.know.agreement.terms import (
    AgreementDraft,
    AgreementFacts,
    AgreementState,
    AssistanceFacts,
    ConflictFiling,
    EquivalenceFacts,
    RulingOutcome,
    SideFacts,
    Standard,
    VersionFacts,
)

TODAY = date(2026, 7, 1)
THREE = frozenset({"110112", "110115", "110302"})
DRAFT = AgreementDraft("协议", "互认检查结果", THREE, frozenset({"results"}), TODAY, 30)


def codes(reasons: Iterable[Reason]) -> list[str]:
    return [reason.code for reason in reasons]


def version(number: int = 1, **more: object) -> VersionFacts:
    """An offered version that nobody has signed, unless it says otherwise."""
    facts = VersionFacts("HZ-2026-0001", number, AgreementState.OFFERED, DRAFT, must_sign=THREE)
    return replace(facts, **more)  # type: ignore[arg-type]


def in_force(number: int = 1, since: date = TODAY, **more: object) -> VersionFacts:
    signed = dict.fromkeys(THREE, since)
    return version(number, state=AgreementState.IN_FORCE, signed=signed, begins_on=since, **more)


def test_a_whole_draft_is_not_refused() -> None:
    assert codes(rules.check_draft(DRAFT)) == []


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"name": " "}, "agreement.no-name"),
        ({"text": ""}, "agreement.no-text"),
        ({"regions": frozenset({"110112"})}, "agreement.one-region"),
        ({"shares": frozenset()}, "agreement.no-share"),
        ({"shares": frozenset({"results", "secrets"})}, "agreement.no-share"),
        ({"valid_until": TODAY - timedelta(days=1)}, "agreement.ends-before-it-begins"),
    ],
)
def test_a_draft_is_refused_by_name(change: dict[str, object], code: str) -> None:
    assert codes(rules.check_draft(replace(DRAFT, **change))) == [code]  # type: ignore[arg-type]


def test_an_agreement_that_has_passed_is_not_offered() -> None:
    passed = replace(DRAFT, valid_from=date(2025, 1, 1), valid_until=date(2025, 12, 31))
    assert codes(rules.check_offer(version(draft=passed), [], TODAY)) == ["agreement.has-passed"]


def test_a_version_that_does_not_begin_after_the_former_is_not_offered() -> None:
    assert codes(rules.check_offer(version(2), [in_force()], TODAY)) == ["agreement.versions-overlap"]
    later = version(2, draft=replace(DRAFT, valid_from=TODAY + timedelta(days=1)))
    assert codes(rules.check_offer(later, [in_force()], TODAY)) == []


def test_every_member_must_sign() -> None:
    assert rules.list_signers(version(), []) == THREE


def test_who_is_left_out_of_the_next_version_must_sign_it_too() -> None:
    smaller = version(2, draft=replace(DRAFT, regions=frozenset({"110112", "110115"})))
    assert rules.list_signers(smaller, [in_force()]) == THREE
    ended = replace(in_force(), state=AgreementState.ENDED)
    assert rules.list_signers(smaller, [ended]) == {"110112", "110115"}


def test_a_stranger_does_not_sign() -> None:
    assert codes(rules.check_signature(version(), "330100")) == ["agreement.not-a-member"]


def test_nobody_signs_twice() -> None:
    signed = version(signed={"110112": TODAY})
    assert codes(rules.check_signature(signed, "110112")) == ["agreement.signed-already"]


def test_who_has_not_signed_cannot_take_a_signature_back() -> None:
    assert codes(rules.check_withdrawal(version(), "110112", TODAY)) == ["agreement.not-signed"]
    assert codes(rules.check_withdrawal(version(), "330100", TODAY)) == ["agreement.not-a-member"]


def test_on_its_first_day_no_signature_is_taken_back_whatever_the_stored_state() -> None:
    signed = replace(in_force(), state=AgreementState.SIGNED)
    assert codes(rules.check_withdrawal(signed, "110112", TODAY)) == ["agreement.has-begun"]
    assert codes(rules.check_withdrawal(signed, "110112", TODAY - timedelta(days=1))) == []


def test_one_missing_signature_keeps_it_from_holding() -> None:
    two = dict.fromkeys(["110112", "110115"], TODAY)
    assert rules.find_first_day(version(signed=two)) is None
    assert rules.find_first_day(version(signed={**two, "110302": TODAY})) == TODAY


def test_signed_late_it_holds_from_the_last_signature_on() -> None:
    late = {"110112": TODAY, "110115": TODAY, "110302": date(2026, 8, 3)}
    assert rules.find_first_day(version(signed=late)) == date(2026, 8, 3)


def test_an_agreement_without_signatories_never_holds() -> None:
    assert rules.find_first_day(version(must_sign=frozenset())) is None


def test_the_last_day_is_the_earliest_of_what_was_agreed_noticed_and_followed() -> None:
    agreed = in_force(draft=replace(DRAFT, valid_until=date(2026, 12, 31)))
    assert rules.find_last_day(agreed, []) == date(2026, 12, 31)
    noticed = replace(agreed, notice_until=date(2026, 10, 1))
    assert rules.find_last_day(noticed, []) == date(2026, 10, 1)
    assert rules.find_last_day(noticed, [in_force(2, date(2026, 9, 1))]) == date(2026, 8, 31)
    assert rules.find_last_day(in_force(), []) is None


def test_a_new_day_begins_supersedes_and_ends() -> None:
    signed = replace(in_force(), state=AgreementState.SIGNED)
    assert rules.find_turn(signed, [], TODAY) == "begin"
    assert rules.find_turn(signed, [], TODAY - timedelta(days=1)) is None
    following = in_force(2, date(2026, 9, 1))
    assert rules.find_turn(in_force(), [following], date(2026, 9, 1)) == "supersede"
    assert rules.find_turn(in_force(), [following], date(2026, 8, 31)) is None
    noticed = in_force(notice_until=TODAY)
    assert rules.find_turn(noticed, [], TODAY) is None
    assert rules.find_turn(noticed, [], TODAY + timedelta(days=1)) == "end"
    assert rules.find_turn(version(), [], TODAY) is None


DAYS = st.dates(date(2026, 1, 1), date(2026, 12, 31))


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.lists(st.tuples(st.none() | DAYS, st.none() | DAYS, st.none() | DAYS), max_size=5),
    DAYS,
)
def test_on_no_day_two_versions_of_an_agreement_hold(
    given_days: list[tuple[date | None, date | None, date | None]], day: date
) -> None:
    versions = [
        version(number, begins_on=begins, notice_until=notice, draft=replace(DRAFT, valid_until=until))
        for number, (begins, until, notice) in enumerate(given_days, start=1)
    ]
    periods = rules.list_periods(versions)
    assert len([one for one in periods if rules.is_in_force(one, day)]) <= 1
    assert {one.version for one in periods} <= {one.version for one in versions if one.begins_on}


def test_a_period_begins_and_ends_with_its_days() -> None:
    facts = AgreementFacts(
        "c", 1, "n", THREE, frozenset(), frozenset(), frozenset({"results"}), TODAY, date(2026, 7, 3)
    )
    held = [day for day in range(1, 6) if rules.is_in_force(facts, date(2026, 7, day))]
    assert held == [1, 2, 3] and not rules.is_in_force(facts, date(2026, 6, 30))


def test_notice_is_given_by_a_member_with_a_reason_and_in_time() -> None:
    soon, enough = TODAY + timedelta(days=29), TODAY + timedelta(days=30)
    check = rules.check_notice
    assert codes(check(in_force(), "110112", enough, TODAY, "事由")) == []
    assert codes(check(in_force(), "330100", enough, TODAY, "事由")) == ["agreement.not-a-member"]
    assert codes(check(in_force(), "110112", enough, TODAY, " ")) == ["agreement.no-reason"]
    assert codes(check(in_force(), "110112", soon, TODAY, "事由")) == ["agreement.notice-too-short"]
    noticed = in_force(notice_until=enough)
    assert codes(check(noticed, "110115", enough, TODAY, "事由")) == ["agreement.notice-given-already"]


def test_one_next_version_at_a_time() -> None:
    first = in_force()
    assert codes(rules.check_new_version(first, [first])) == []
    drafted = version(2, state=AgreementState.DRAFT)
    assert codes(rules.check_new_version(first, [first, drafted])) == ["agreement.version-on-its-way"]


def test_the_next_draft_begins_after_this_one() -> None:
    last = replace(DRAFT, valid_until=date(2026, 6, 30))
    fresh = rules.next_draft(in_force(draft=last), TODAY)
    assert (fresh.valid_from, fresh.valid_until) == (date(2026, 7, 2), None)
    assert fresh.text == DRAFT.text


def test_what_is_signed_changes_with_every_word() -> None:
    text = rules.signed_text(DRAFT)
    assert rules.signed_text(replace(DRAFT, text="别的")) != text
    assert rules.signed_text(replace(DRAFT, items=frozenset({"fire-001"}))) != text


@pytest.mark.parametrize("act", ["edit", "offer", "complete", "withdraw"])
def test_what_is_in_force_is_not_changed(act: str) -> None:
    with pytest.raises(Refused) as refused:
        rules.LIFE.after(AgreementState.IN_FORCE, act)
    assert refused.value.codes == ("agreement.state",)


SAME = EquivalenceFacts("HZ-2026-0001", Standard("fire-001", "110112"), Standard("fire-7", "110115"), True)


def equivalence(facts: EquivalenceFacts = SAME, **more: object) -> list[str]:
    under = in_force(**more)  # type: ignore[arg-type]
    return codes(rules.check_equivalence(facts, under, {"fire"}, []))


def test_two_items_of_two_members_may_count_as_the_same() -> None:
    assert equivalence() == []


def test_standards_are_not_recognised_before_everybody_has_signed() -> None:
    assert codes(rules.check_equivalence(SAME, version(), {"fire"}, [])) == ["equivalence.not-signed"]


def test_an_item_is_not_recognised_as_itself_or_within_one_region() -> None:
    itself = replace(SAME, other=Standard("fire-001", "110115"))
    at_home = replace(SAME, other=Standard("fire-7", "110112"))
    assert equivalence(itself) == equivalence(at_home) == ["equivalence.same"]


def test_a_region_outside_the_agreement_has_no_equivalence() -> None:
    assert equivalence(replace(SAME, other=Standard("fire-7", "330100"))) == ["equivalence.not-a-member"]


def test_items_and_kinds_that_the_agreement_does_not_cover_are_not_recognised() -> None:
    assert equivalence(draft=replace(DRAFT, items=frozenset({"fire-001"}))) == ["equivalence.not-covered"]
    assert equivalence(draft=replace(DRAFT, kinds=frozenset({"market"}))) == ["equivalence.not-covered"]


def test_an_equivalence_is_declared_once_in_whatever_direction() -> None:
    turned = replace(SAME, own=SAME.other, other=SAME.own)
    one_way = replace(SAME, both_ways=False)

    def check(facts: EquivalenceFacts, known: EquivalenceFacts) -> list[str]:
        return codes(rules.check_equivalence(facts, in_force(), {"fire"}, [known]))

    assert check(SAME, SAME) == check(turned, SAME) == check(one_way, SAME) == ["equivalence.known"]
    assert check(SAME, one_way) == check(replace(turned, both_ways=False), one_way) == []


ASKED = AssistanceFacts("110112", ("110115", "110000"), TODAY, TODAY, "协查同一案件")


def test_consent_may_be_asked_for_another_region() -> None:
    assert codes(rules.check_assistance(ASKED, TODAY, 20)) == []


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"place_regions": ()}, "assistance.place-unknown"),
        ({"agency_region": "110115"}, "assistance.own-region"),
        ({"agency_region": "110000"}, "assistance.own-region"),
        ({"purpose": ""}, "assistance.no-purpose"),
        ({"until_on": TODAY - timedelta(days=1)}, "assistance.ends-before-it-begins"),
        ({"from_on": TODAY - timedelta(days=21)}, "assistance.filed-too-late"),
    ],
)
def test_a_request_for_consent_is_refused_by_name(change: dict[str, object], code: str) -> None:
    assert codes(rules.check_assistance(replace(ASKED, **change), TODAY, 20)) == [code]  # type: ignore[arg-type]


def test_twenty_days_after_its_first_day_an_inspection_may_still_be_filed() -> None:
    began = replace(ASKED, from_on=TODAY - timedelta(days=20))
    assert codes(rules.check_assistance(began, TODAY, 20)) == []


FILED = ConflictFiling(
    "灭火器", SideFacts("fire-001", "每年检"), SideFacts("market-01", "每月检"), "110112", "记录"
)


def test_a_whole_filing_is_not_refused() -> None:
    assert codes(rules.check_filing(FILED)) == []
    two_readings = replace(FILED, a=SideFacts("x", "a", "110112-fire"), b=SideFacts("x", "b", "110115-fire"))
    assert codes(rules.check_filing(two_readings)) == []


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"title": ""}, "conflict.no-title"),
        ({"a": SideFacts("fire-001", "")}, "conflict.no-words"),
        ({"evidence": ""}, "conflict.no-evidence"),
        ({"b": SideFacts("fire-001", "每月检")}, "conflict.one-side"),
    ],
)
def test_a_filing_is_refused_by_name(change: dict[str, object], code: str) -> None:
    assert codes(rules.check_filing(replace(FILED, **change))) == [code]  # type: ignore[arg-type]


def test_who_filed_does_not_rule() -> None:
    check = rules.check_ruling
    assert codes(check("zhang", "zhang", "裁定", RulingOutcome.A_HOLDS, False)) == ["conflict.own-filing"]


def test_a_ruling_has_words() -> None:
    check = rules.check_ruling
    assert codes(check("li", "zhang", " ", RulingOutcome.A_HOLDS, False)) == ["conflict.no-ruling"]


def test_of_two_readings_of_one_text_one_holds_at_least() -> None:
    check = rules.check_ruling
    assert codes(check("li", "zhang", "裁定", RulingOutcome.NEITHER_HOLDS, True)) == ["conflict.same-text"]
    assert codes(check("li", "zhang", "裁定", RulingOutcome.A_HOLDS, True)) == []


def test_what_does_not_hold_yields() -> None:
    yields = {outcome: rules.find_yielding(outcome, 1, 2) for outcome in RulingOutcome}
    assert yields == {
        RulingOutcome.A_HOLDS: {2},
        RulingOutcome.B_HOLDS: {1},
        RulingOutcome.BOTH_HOLD: frozenset(),
        RulingOutcome.NEITHER_HOLDS: {1, 2},
    }
    assert rules.find_yielding(RulingOutcome.A_HOLDS, 1, 1) == frozenset()
