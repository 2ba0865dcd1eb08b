from __future__ import annotations

from datetime import date, datetime, timedelta
from uuid import UUID

import pytest
from django.db import connection

from tests.cast import NOW, TODAY, Cast, code
from yicha.base.ledger import queries as ledger
from yicha.kernel.refusal import NotFound, Refused
from yicha.know.agreement import queries, services
from yicha.know.agreement.models import Agreement, AssistanceRequest, StandardConflict
from yicha.know.agreement.terms import ConflictFiling, RulingOutcome, SideFacts, Standard
from yicha.know.agreement.tests.factories import (
    draft,
    offered,
    published_item,
    sign_all,
    signed,
)
from yicha.know.catalogue.models import ItemVersion
from yicha.know.registry import services as registry


def in_force(day: date = TODAY) -> list[tuple[str, int]]:
    return [(one.code, one.version) for one in queries.list_agreements_in_force(day)]


def stamp() -> UUID:
    with connection.cursor() as cursor:
        cursor.execute("SELECT version FROM yicha_stamp")
        found: UUID = cursor.fetchone()[0]
    return found


def later(days: int) -> datetime:
    return NOW + timedelta(days=days)


def sign(agreement: Agreement, region: str, now: datetime = NOW) -> Agreement:
    return services.sign(actor="approver", now=now, agreement=agreement, region=region)


def test_two_of_three_signatures_let_nothing_cross_the_third_does(cast: Cast) -> None:
    agreement = offered()
    for region in ("110112", "110115"):
        agreement = sign(agreement, region)
        assert in_force() == [] and agreement.state == "offered"
    assert sign(agreement, "110302").state == "in-force"
    assert in_force() == [("HZ-2026-0001", 1)]
    (facts,) = queries.list_agreement_facts()
    assert facts.regions == {"110112", "110115", "110302"} and facts.valid_from == TODAY
    assert queries.list_agreements_in_force(TODAY, ["110112", "330100"]) == []


def test_what_was_signed_is_in_the_ledger_with_its_hash(cast: Cast) -> None:
    agreement = signed()
    acts = [entry.act for entry in ledger.list_entries_of(f"agreement:{agreement.code}")]
    assert sorted(acts) == sorted(
        ["agreement.drafted", "agreement.offered", *["agreement.signed"] * 3, "agreement.begun"]
    )
    hashes = set(agreement.signatures.values_list("text_hash", flat=True))
    assert len(hashes) == 1 and len(hashes.pop()) == 64


def test_signed_ahead_it_holds_from_its_first_day(cast: Cast) -> None:
    agreement = signed(draft(valid_from=date(2026, 8, 1)))
    assert agreement.state == "signed"
    assert in_force(date(2026, 7, 31)) == [] and in_force(date(2026, 8, 1)) != []
    assert services.turn_day(actor="yicha", now=NOW) == 0
    assert services.turn_day(actor="yicha", now=datetime(2026, 8, 1, 0, 5, tzinfo=NOW.tzinfo)) == 1
    agreement.refresh_from_db()
    assert agreement.state == "in-force"


def test_a_signature_is_taken_back_before_the_first_day_and_not_after(cast: Cast) -> None:
    agreement = signed(draft(valid_from=date(2026, 8, 1)))
    agreement = services.withdraw_signature(
        actor="approver", now=NOW, agreement=agreement, region="110115", reason="条款待议"
    )
    assert agreement.state == "offered" and queries.list_agreement_facts() == []
    agreement = sign(agreement, "110115", later(60))
    with pytest.raises(Refused) as refused:
        services.withdraw_signature(actor="approver", now=later(61), agreement=agreement, region="110115")
    assert refused.value.codes == ("agreement.state",)


def test_on_its_first_day_it_holds_before_any_job_has_run(cast: Cast) -> None:
    agreement = signed(draft(valid_from=date(2026, 8, 1)))
    assert agreement.state == "signed"
    with pytest.raises(Refused) as refused:
        services.withdraw_signature(actor="approver", now=later(31), agreement=agreement, region="110115")
    assert refused.value.codes == ("agreement.has-begun",)


def test_a_stranger_cannot_sign(cast: Cast) -> None:
    with pytest.raises(Refused) as refused:
        sign(offered(draft(regions=("110112", "110115"))), "110302")
    assert refused.value.codes == ("agreement.not-a-member",)


def test_what_is_offered_keeps_its_words(cast: Cast) -> None:
    with pytest.raises(Refused) as refused:
        services.edit_agreement(actor="coordinator", now=NOW, agreement=offered(), draft=draft(name="改名"))
    assert refused.value.codes == ("agreement.state",)


def test_an_unknown_region_or_item_is_refused_and_nothing_is_kept(cast: Cast) -> None:
    for words, field in (
        (draft(regions=("110112", "999999")), "regions"),
        (draft(kinds=("witchcraft",)), "kinds"),
        (draft(items=("nothing-1",)), "items"),
    ):
        with pytest.raises(Refused) as refused:
            services.draft_agreement(actor="coordinator", now=NOW, draft=words)
        assert refused.value.codes == ("agreement.unknown-code",)
        assert refused.value.reasons[0].at_field == field
    assert not Agreement.objects.exists()


def test_a_draft_is_changed_offered_or_withdrawn(cast: Cast) -> None:
    made = services.draft_agreement(actor="coordinator", now=NOW, draft=draft())
    changed = services.edit_agreement(
        actor="coordinator", now=NOW, agreement=made, draft=draft(name="新名", regions=("110112", "110115"))
    )
    assert changed.name == "新名" and changed.regions.count() == 2
    assert services.withdraw_agreement(actor="coordinator", now=NOW, agreement=made).state == "withdrawn"


def test_a_new_version_takes_the_place_of_the_former_on_its_first_day(cast: Cast) -> None:
    first = signed()
    second = services.new_version(actor="coordinator", now=NOW, agreement=first)
    second = services.edit_agreement(
        actor="coordinator",
        now=NOW,
        agreement=second,
        draft=draft(valid_from=date(2026, 9, 1), shares=("results",)),
    )
    second = sign_all(services.offer(actor="coordinator", now=NOW, agreement=second))
    assert in_force(date(2026, 8, 31)) == [(first.code, 1)]
    assert in_force(date(2026, 9, 1)) == [(first.code, 2)]
    assert services.turn_day(actor="yicha", now=later(62)) == 2
    states = dict(Agreement.objects.values_list("version", "state"))
    assert states == {1: "superseded", 2: "in-force"}


def test_there_is_one_next_version_at_a_time(cast: Cast) -> None:
    first = signed()
    services.new_version(actor="coordinator", now=NOW, agreement=first)
    with pytest.raises(Refused) as refused:
        services.new_version(actor="coordinator", now=NOW, agreement=first)
    assert refused.value.codes == ("agreement.version-on-its-way",)


def test_who_is_left_out_of_the_next_version_signs_it_too(cast: Cast) -> None:
    second = services.new_version(actor="coordinator", now=NOW, agreement=signed())
    services.edit_agreement(
        actor="coordinator",
        now=NOW,
        agreement=second,
        draft=draft(regions=("110112", "110115"), valid_from=date(2026, 7, 2)),
    )
    second = services.offer(actor="coordinator", now=NOW, agreement=second)
    assert set(second.signatures.values_list("region__code", flat=True)) == {"110112", "110115", "110302"}


def test_an_agreement_ends_after_notice(cast: Cast) -> None:
    agreement = signed()
    services.end_agreement(actor="approver", now=NOW, agreement=agreement, region="110115", reason="机构调整")
    assert in_force(date(2026, 7, 31)) != [] and in_force(date(2026, 8, 1)) == []
    assert services.turn_day(actor="yicha", now=later(31)) == 1
    agreement.refresh_from_db()
    assert agreement.state == "ended"


def test_notice_that_is_too_short_is_refused(cast: Cast) -> None:
    with pytest.raises(Refused) as refused:
        services.end_agreement(
            actor="approver", now=NOW, agreement=signed(), region="110115", reason="x", last_on=TODAY
        )
    assert refused.value.codes == ("agreement.notice-too-short",)


def test_every_change_of_an_agreement_changes_the_stamp(cast: Cast) -> None:
    agreement, seen = offered(), {stamp()}
    for region in ("110112", "110115", "110302"):
        agreement = sign(agreement, region)
        seen.add(stamp())
    published_item("fire-001")
    published_item("fire-007")
    before = stamp()
    equivalent(agreement)
    assert len(seen) == 4 and stamp() != before


def equivalent(agreement: Agreement, both_ways: bool = True) -> object:
    return services.declare_equivalence(
        actor="coordinator",
        now=NOW,
        agreement=agreement,
        own=Standard("fire-001", "110112"),
        other=Standard("fire-007", "110115"),
        source="京津对照表第3号",
        both_ways=both_ways,
    )


@pytest.fixture
def items(cast: Cast) -> tuple[ItemVersion, ItemVersion]:
    return published_item("fire-001"), published_item("fire-007", name="灭火器")


def test_items_count_as_the_same_in_both_directions_until_that_ends(
    items: tuple[ItemVersion, ItemVersion],
) -> None:
    agreement = signed()
    row = equivalent(agreement)
    forth = (agreement.code, "fire-001", "110112", "fire-007", "110115")
    back = (agreement.code, "fire-007", "110115", "fire-001", "110112")
    assert queries.list_equivalences() == [forth, back]
    services.end_equivalence(actor="coordinator", now=NOW, equivalence=row, reason="标准已修订")  # type: ignore[arg-type]
    assert queries.list_equivalences() == []


def test_one_direction_is_one_direction(items: tuple[ItemVersion, ItemVersion]) -> None:
    agreement = signed()
    equivalent(agreement, both_ways=False)
    assert queries.list_equivalences() == [(agreement.code, "fire-001", "110112", "fire-007", "110115")]


def test_standards_are_recognised_under_a_signed_agreement_alone(
    items: tuple[ItemVersion, ItemVersion],
) -> None:
    with pytest.raises(Refused) as refused:
        equivalent(offered())
    assert refused.value.codes == ("equivalence.not-signed",)


def test_an_equivalence_names_its_document_and_its_end_a_reason(
    items: tuple[ItemVersion, ItemVersion],
) -> None:
    agreement = signed()
    with pytest.raises(Refused) as refused:
        services.declare_equivalence(
            actor="coordinator",
            now=NOW,
            agreement=agreement,
            own=Standard("fire-001", "110112"),
            other=Standard("fire-007", "110115"),
            source=" ",
        )
    assert refused.value.codes == ("equivalence.no-source",)
    row = equivalent(agreement)
    with pytest.raises(Refused) as refused:
        services.end_equivalence(actor="coordinator", now=NOW, equivalence=row, reason="")  # type: ignore[arg-type]
    assert refused.value.codes == ("equivalence.no-reason",)


def ask(cast: Cast, uscc: str = "", first: date = TODAY, region: str = "") -> AssistanceRequest:
    return services.ask_assistance(
        actor="planner",
        now=NOW,
        agency=cast.fire_a.code,
        uscc=uscc or cast.paint_factory.uscc,
        from_on=first,
        until_on=first + timedelta(days=2),
        purpose="协查同一批次油漆",
        region=region,
    )


def consents(cast: Cast, from_on: date = TODAY) -> list[list[str]]:
    """What the gate's one statement would get."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {queries.CONSENTS_SQL} FROM registry_enterprise e, "
            "(SELECT %s::bigint AS agency_id, %s::date AS from_on) a WHERE e.uscc = %s",
            [cast.fire_a.pk, from_on, cast.paint_factory.uscc],
        )
        found: list[list[str]] = cursor.fetchone()[0]
    return found


def test_a_consent_reaches_the_gate_with_the_next_statement_and_leaves_it_so(cast: Cast) -> None:
    request = ask(cast)
    assert request.code == "XZ-2026-0001" and consents(cast) == []
    services.answer_assistance(actor="approver", now=NOW, request=request, consent=True)
    assert consents(cast) == [[str(request.uuid), "110115", "2026-07-01", "2026-07-03"]]
    assert consents(cast, date(2026, 7, 4)) == []
    services.revoke_consent(actor="approver", now=NOW, request=request, reason="案件已移交")
    assert consents(cast) == []


def test_a_request_is_due_before_it_begins_or_after_five_working_days(cast: Cast) -> None:
    assert ask(cast).due_on == TODAY
    assert ask(cast, first=date(2026, 7, 3)).due_on == date(2026, 7, 3)
    assert ask(cast, first=date(2026, 7, 30)).due_on == date(2026, 7, 8)


def test_who_declines_gives_a_reason(cast: Cast) -> None:
    request = ask(cast)
    with pytest.raises(Refused) as refused:
        services.answer_assistance(actor="approver", now=NOW, request=request, consent=False)
    assert refused.value.codes == ("assistance.no-reason",)
    declined = services.answer_assistance(
        actor="approver", now=NOW, request=request, consent=False, words="本地已安排检查"
    )
    assert declined.state == "declined" and consents(cast) == []


def test_a_request_is_answered_once_and_withdrawn_by_the_agency(cast: Cast) -> None:
    request = ask(cast)
    services.withdraw_assistance(actor="planner", now=NOW, request=request)
    with pytest.raises(Refused) as refused:
        services.answer_assistance(actor="approver", now=NOW, request=request, consent=True)
    assert refused.value.codes == ("assistance.state",)


def test_an_inspection_that_began_long_ago_cannot_be_filed(cast: Cast) -> None:
    with pytest.raises(Refused) as refused:
        ask(cast, first=TODAY - timedelta(days=21))
    assert refused.value.codes == ("assistance.filed-too-late",)
    assert refused.value.reasons[0].facts["days"] == 20


def test_nobody_asks_for_consent_at_home_or_at_an_unknown_place(cast: Cast) -> None:
    for uscc, reason in (
        (cast.noodle_shop.uscc, "assistance.own-region"),
        (code(9), "assistance.unknown-enterprise"),
    ):
        with pytest.raises(Refused) as refused:
            ask(cast, uscc)
        assert refused.value.codes == (reason,)
    assert not AssistanceRequest.objects.exists()


def test_a_site_in_another_region_is_asked_for_there(cast: Cast) -> None:
    site = (cast.noodle_shop.uscc, "大兴分店", "北京市大兴区黄村镇")
    registry.add_premises(actor="test", now=NOW, rows=[site])
    assert ask(cast, cast.noodle_shop.uscc, region="110115").region.code == "110115"
    with pytest.raises(Refused) as refused:
        ask(cast, cast.noodle_shop.uscc, region="110302")
    assert refused.value.codes == ("assistance.no-site-there",)


def test_a_ruling_changes_the_stamp_and_a_consent_does_not(
    items: tuple[ItemVersion, ItemVersion], cast: Cast
) -> None:
    conflict, request, before = file(), ask(cast), stamp()
    services.answer_assistance(actor="approver", now=NOW, request=request, consent=True)
    assert stamp() == before
    rule(conflict, RulingOutcome.A_HOLDS)
    assert stamp() != before


def filing(**more: str) -> ConflictFiling:
    return ConflictFiling(
        title="灭火器检查周期",
        a=SideFacts("fire-001", "每年检一次", "110112-fire"),
        b=SideFacts("fire-007", "每月检一次", "110115-fire"),
        region="110112",
        evidence="2026-06-12 检查记录",
        **more,
    )


def file(**more: str) -> StandardConflict:
    return services.file_conflict(actor="officer-a", now=NOW, filing=filing(**more))


def rule(conflict: StandardConflict, outcome: RulingOutcome, words: str = "以前者为准。") -> object:
    return services.rule_conflict(
        actor="coordinator", now=NOW, conflict=conflict, outcome=outcome, words=words
    )


def test_a_ruling_binds_the_version_that_yields(items: tuple[ItemVersion, ItemVersion]) -> None:
    a, b = items
    conflict = file()
    assert queries.list_rulings() == []
    rule(conflict, RulingOutcome.A_HOLDS)
    assert queries.list_rulings() == [(b.pk, "CJ-2026-0001 以前者为准。")]
    assert [one.code for one in queries.list_rulings_of_item("fire-001")] == ["CJ-2026-0001"]
    acts = [entry.act for entry in ledger.list_entries_of(f"conflict:{conflict.code}")]
    assert sorted(acts) == ["conflict.filed", "conflict.ruled"] and a.pk != b.pk


def test_a_later_ruling_sets_the_former_aside(items: tuple[ItemVersion, ItemVersion]) -> None:
    a, _b = items
    conflict = file()
    first = rule(conflict, RulingOutcome.A_HOLDS)
    second = rule(conflict, RulingOutcome.B_HOLDS, "复议后以后者为准。")
    assert queries.list_rulings() == [(a.pk, "CJ-2026-0002 复议后以后者为准。")]
    first.refresh_from_db()  # type: ignore[attr-defined]
    assert (first.state, first.set_aside_by) == ("set-aside", second)  # type: ignore[attr-defined]


def test_both_hold_and_nothing_yields(items: tuple[ItemVersion, ItemVersion]) -> None:
    rule(file(), RulingOutcome.BOTH_HOLD)
    assert queries.list_rulings() == []


def test_who_filed_a_conflict_does_not_rule_on_it(items: tuple[ItemVersion, ItemVersion]) -> None:
    conflict = file()
    with pytest.raises(Refused) as refused:
        services.rule_conflict(
            actor="officer-a", now=NOW, conflict=conflict, outcome=RulingOutcome.A_HOLDS, words="x"
        )
    assert refused.value.codes == ("conflict.own-filing",)


def test_an_owner_files_for_the_enterprise(items: tuple[ItemVersion, ItemVersion], cast: Cast) -> None:
    conflict = services.file_conflict(actor="owner", now=NOW, filing=filing(enterprise=cast.noodle_shop.uscc))
    assert list(queries.list_conflicts_of(cast.noodle_shop.uscc)) == [conflict]
    with pytest.raises(NotFound):
        file(enterprise=code(9))


def test_only_what_may_be_checked_can_contradict(cast: Cast) -> None:
    published_item("fire-001")
    with pytest.raises(Refused) as refused:
        file()
    assert refused.value.codes == ("conflict.unknown-item",)
    assert refused.value.reasons[0].at_field == "b_item"


def test_a_conflict_is_withdrawn_by_who_filed_it(items: tuple[ItemVersion, ItemVersion]) -> None:
    conflict = file()
    with pytest.raises(NotFound):
        services.withdraw_conflict(actor="stranger", now=NOW, conflict=conflict)
    services.withdraw_conflict(actor="officer-a", now=NOW, conflict=conflict)
    with pytest.raises(Refused) as refused:
        rule(conflict, RulingOutcome.A_HOLDS)
    assert refused.value.codes == ("conflict.state",)
