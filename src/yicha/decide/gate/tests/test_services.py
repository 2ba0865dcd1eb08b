"""Applying: every outcome, what follows from it, and every refusal."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from tests.cast import NOW, Cast
from yicha.base.accounts import queries as accounts
from yicha.base.ledger.models import Entry
from yicha.decide.gate import queries, services
from yicha.decide.gate.models import Application, VisitCode
from yicha.decide.gate.services import turns
from yicha.decide.gate.terms import CampaignFacts, QuietFacts, TriggerFacts
from yicha.decide.gate.tests.stage import (
    LATER,
    TODAY,
    acts_on,
    asked,
    at,
    contact_of,
    items,
    refused,
    result,
    token_of,
    visit,
)
from yicha.know.catalogue.models import ItemVersion
from yicha.know.registry.models import Premises
from yicha.know.visits.models import Contact
from yicha.know.visits.terms import ContactKind

YESTERDAY = TODAY - timedelta(days=1)
pytestmark = pytest.mark.django_db


@pytest.fixture
def known(cast: Cast) -> dict[str, ItemVersion]:
    return items()


def test_what_may_be_gets_a_visit_a_code_and_its_place_in_the_ledger(
    cast: Cast, known: dict[str, ItemVersion]
) -> None:
    row = services.apply("officer-a", NOW, asked(cast))
    assert (row.state, row.outcome) == ("granted", "allow")
    assert (contact_of(row).trigger, contact_of(row).counts_toward_cap) == ("initiative", True)
    assert (contact_of(row).window_from, contact_of(row).window_to) == (TODAY, TODAY + timedelta(days=6))
    assert token_of(row) == {
        "v": 1,
        "visit": str(contact_of(row).uuid),
        "uscc": cast.noodle_shop.uscc,
        "items": ["food"],
        "officers": ["T-0001", "T-0002"],
        "agencies": ["110112-market"],
        "jti": str(VisitCode.objects.get().uuid),
        "iat": int(NOW.timestamp()),
        "nbf": int(at(TODAY).timestamp()) - 9 * 3600,
        "exp": int(at(TODAY + timedelta(days=7)).timestamp()) - 9 * 3600,
    }
    assert acts_on(f"gate:{row.uuid}") == ["gate.applied"]
    assert acts_on(f"visit:{contact_of(row).uuid}") == ["visit.planned", "code.issued"]
    assert contact_of(row).items.get().source == f"gate:{row.uuid}"


def test_what_was_stored_is_read_back_as_it_was(cast: Cast, known: dict[str, ItemVersion]) -> None:
    verdict, facts = queries.preview(asked(cast), NOW)
    row = services.apply("t", NOW, asked(cast))
    row.refresh_from_db()
    assert queries.read_facts(row) == facts
    assert queries.read_verdict(row) == verdict
    assert queries.read_asked(row) == asked(cast)


def test_a_preview_writes_nothing(cast: Cast, known: dict[str, ItemVersion]) -> None:
    before = Entry.objects.count()
    queries.preview(asked(cast), NOW)
    assert (Application.objects.count(), Contact.objects.count(), Entry.objects.count()) == (0, 0, before)


def test_a_refusal_is_stored_with_its_reasons(cast: Cast, known: dict[str, ItemVersion]) -> None:
    row = services.apply("t", NOW, asked(cast, items=("hose",)))
    assert (row.state, row.outcome, row.contact) == ("refused", "refuse", None)
    assert acts_on(f"gate:{row.uuid}") == ["gate.applied"]
    assert any(ground.bars for ground in queries.read_verdict(row).grounds)
    assert not VisitCode.objects.exists()


def test_who_comes_later_joins_and_the_visit_gets_one_code_over_all(
    cast: Cast, known: dict[str, ItemVersion]
) -> None:
    first = services.apply("t", NOW, asked(cast))
    second = services.apply(
        "t",
        LATER,
        asked(cast, agency=cast.fire_a.code, items=("hose",), officers=("T-0003", "T-0004")),
    )
    assert (second.outcome, contact_of(second)) == ("merge", contact_of(first))
    assert Contact.objects.count() == 1
    says = token_of(second)
    assert says["items"] == ["food", "hose"]
    assert says["officers"] == ["T-0001", "T-0002", "T-0003", "T-0004"]
    assert says["agencies"] == ["110112-fire", "110112-market"]
    assert sorted(VisitCode.objects.values_list("state", flat=True)) == ["live", "replaced"]


def test_whoever_was_drawn_stays_in_the_code_when_an_agency_joins_and_leaves_again(
    cast: Cast, known: dict[str, ItemVersion]
) -> None:
    first = services.apply("t", NOW, asked(cast))
    services.issue_code(actor="t", now=NOW, contact=contact_of(first), officers=["D-0001"])
    hose = asked(cast, agency=cast.fire_a.code, items=("hose",), officers=("T-0003", "T-0004"))
    second = services.apply("t", LATER, hose)
    assert token_of(second)["officers"] == ["T-0001", "T-0002", "T-0003", "T-0004", "D-0001"]
    services.withdraw("t", LATER, second, "不再需要")
    assert token_of(first)["officers"] == ["T-0001", "T-0002", "D-0001"]


def test_who_joins_with_nothing_new_leaves_the_code_as_it_is(
    cast: Cast, known: dict[str, ItemVersion]
) -> None:
    first = services.apply("t", NOW, asked(cast))
    second = services.apply("t", LATER, asked(cast))
    assert (second.outcome, contact_of(second)) == ("merge", contact_of(first))
    assert list(VisitCode.objects.values_list("state", flat=True)) == ["live"]


def test_a_result_that_exists_spares_the_visit(cast: Cast, known: dict[str, ItemVersion]) -> None:
    found = result(cast.noodle_shop, cast.agency_a, known["food"], date(2026, 6, 1))
    row = services.apply("t", NOW, asked(cast))
    assert (row.state, row.outcome, row.leans_on) == ("spared", "recognise", [found.uuid])
    spared = Contact.objects.get()
    assert (spared.state, spared.spared_by) == ("spared", f"result:{found.uuid}")
    assert not VisitCode.objects.exists()


def test_what_a_result_covers_is_spared_and_the_rest_is_visited(
    cast: Cast, known: dict[str, ItemVersion]
) -> None:
    result(cast.noodle_shop, cast.agency_a, known["food"], date(2026, 6, 1))
    row = services.apply("t", NOW, asked(cast, items=("food", "label")))
    assert (row.state, row.outcome) == ("granted", "allow")
    assert sorted(Contact.objects.values_list("state", flat=True)) == ["planned", "spared"]
    assert token_of(row)["items"] == ["label"]


def test_what_waits_for_better_days_is_deferred_and_asked_again(
    cast: Cast, known: dict[str, ItemVersion]
) -> None:
    services.set_quiet_days(
        actor="t", now=NOW, facts=QuietFacts("110112", 1, 20, "交口县 企业宁静日", False, date(2026, 1, 1))
    )
    row = services.apply("t", NOW, asked(cast))
    assert (row.state, row.until_on) == ("deferred", date(2026, 7, 21))
    assert list(queries.list_deferred(date(2026, 7, 20))) == []
    assert list(queries.list_deferred(date(2026, 7, 21))) == [row]
    again = services.ask_again("t", at(date(2026, 7, 21)), row, date(2026, 7, 21), date(2026, 7, 22))
    assert (again.state, again.until_on) == ("granted", None)
    assert acts_on(f"gate:{row.uuid}") == ["gate.applied", "gate.judged-again"]


def test_a_budget_that_is_used_defers_to_the_next_year(cast: Cast, known: dict[str, ItemVersion]) -> None:
    for month in (2, 4):
        visit(cast.noodle_shop, cast.agency_a, date(2026, month, 3), known["label"])
    row = services.apply("t", NOW, asked(cast))
    assert (row.state, row.until_on) == ("deferred", date(2027, 1, 1))


def test_an_approval_that_is_wanted_is_given_later(cast: Cast, known: dict[str, ItemVersion]) -> None:
    row = services.apply("t", NOW, asked(cast, approved_by=""))
    assert row.state == "waiting"
    assert queries.read_verdict(row).wants == ("gate.approval-missing",)
    assert list(queries.list_waiting()) == [row]
    done = services.complete("head", LATER, row, {}, approved_by="局长")
    assert (done.state, done.approved_by, contact_of(done).state) == ("granted", "局长", "planned")


def test_judging_again_sees_what_has_happened_meanwhile(cast: Cast, known: dict[str, ItemVersion]) -> None:
    row = services.apply("t", NOW, asked(cast, approved_by=""))
    for month in (2, 4):
        visit(cast.noodle_shop, cast.agency_a, date(2026, month, 3), known["label"])
    assert services.complete("head", LATER, row, {}, approved_by="局长").state == "deferred"


def test_only_what_waits_is_completed(cast: Cast, known: dict[str, ItemVersion]) -> None:
    row = services.apply("t", NOW, asked(cast))
    assert refused(lambda: services.complete("t", NOW, row, {}, "局长")) == ("gate.state",)
    assert refused(lambda: services.ask_again("t", NOW, row)) == ("gate.state",)


def test_without_agency_enterprise_or_premises_nothing_can_be_kept(
    cast: Cast, known: dict[str, ItemVersion]
) -> None:
    assert refused(lambda: services.apply("t", NOW, asked(cast, uscc="9" * 18))) == (
        "gate.unknown-enterprise",
    )
    assert refused(lambda: services.apply("t", NOW, asked(cast, agency="x"))) == ("gate.unknown-agency",)
    nowhere = asked(cast, premises="0f0e0d0c-0000-4000-8000-000000000000")
    assert refused(lambda: services.apply("t", NOW, nowhere)) == ("gate.unknown-premises",)
    assert not Application.objects.exists()


def test_a_visit_may_be_to_one_of_several_premises(cast: Cast, known: dict[str, ItemVersion]) -> None:
    site = Premises.objects.create(
        enterprise=cast.noodle_shop, name="二店", address="通州区台湖镇", region=cast.noodle_shop.region
    )
    row = services.apply("t", NOW, asked(cast, premises=str(site.uuid).upper()))
    assert (row.state, row.premises, contact_of(row).premises) == ("granted", site, site)


@pytest.mark.parametrize(
    ("field", "value", "code"),
    [
        ("evidence", "12345\0号", "gate.unreadable-text"),
        ("officers", ("\ud800",), "gate.unreadable-text"),
        ("evidence", "长" * 201, "gate.text-too-long"),
        ("items", tuple(f"i{n}" for n in range(201)), "gate.too-many"),
        ("uscc", "\ud83d", "gate.unreadable-text"),
    ],
)
def test_texts_that_cannot_be_kept_are_refused_by_name(
    cast: Cast, field: str, value: object, code: str
) -> None:
    assert refused(lambda: services.apply("t", NOW, asked(cast, **{field: value}))) == (code,)


def test_a_preview_of_texts_that_cannot_be_is_an_answer(cast: Cast) -> None:
    strange = replace(asked(cast), uscc="\0", agency="\ud800", premises="x", officers=("\0",), items=("\0",))
    verdict, facts = queries.preview(strange, NOW)
    assert (verdict.outcome, facts.agency, facts.enterprise) == ("refuse", None, None)


def test_a_courtesy_call_is_recorded_and_uses_no_budget(cast: Cast, known: dict[str, ItemVersion]) -> None:
    call = asked(cast, kind=ContactKind.COURTESY, trigger="courtesy", items=())
    row = services.apply("t", NOW, call)
    assert (row.state, contact_of(row).counts_toward_cap) == ("granted", False)
    services.withdraw("t", NOW, row, "改期")
    assert Contact.objects.get().state == "cancelled"


def test_a_campaign_needs_an_approval_on_record(cast: Cast, known: dict[str, ItemVersion]) -> None:
    campaign = asked(
        cast, kind=ContactKind.SPECIAL, trigger="campaign", evidence="方案", campaign="cold-chain"
    )
    assert services.apply("t", NOW, campaign).state != "granted"
    facts = CampaignFacts(
        "cold-chain",
        "京政办〔2026〕3号",
        "区政府",
        False,
        frozenset({cast.agency_a.code}),
        frozenset(),
        TODAY,
        TODAY + timedelta(days=30),
    )
    services.approve_campaign(actor="t", now=NOW, facts=facts)
    assert services.apply("t", NOW, campaign).state == "granted"
    assert refused(lambda: services.approve_campaign(actor="t", now=NOW, facts=facts)) == (
        "gate.campaign-known",
    )


def test_rows_need_a_source_and_days_that_can_be(cast: Cast) -> None:
    quiet = QuietFacts("nowhere", 20, 1, " ", False, TODAY)
    assert refused(lambda: services.set_quiet_days(actor="t", now=NOW, facts=quiet)) == (
        "gate.row-source",
        "gate.quiet-days",
        "gate.unknown-region",
    )
    trigger = TriggerFacts("x", "x", False, True, False, False, False, False, False, "", True, TODAY)
    assert refused(lambda: services.set_trigger(actor="t", now=NOW, facts=trigger)) == ("gate.row-source",)


def test_the_budget_says_what_counted_and_what_is_left(cast: Cast, known: dict[str, ItemVersion]) -> None:
    visit(cast.noodle_shop, cast.agency_a, date(2026, 3, 3), known["food"])
    visit(
        cast.noodle_shop,
        cast.agency_a,
        date(2026, 4, 3),
        known["food"],
        trigger="complaint",
        counts_toward_cap=False,
    )
    visit(cast.noodle_shop, cast.agency_a, date(2025, 4, 3), known["food"])
    budget = queries.get_budget(cast.noodle_shop.uscc.lower(), TODAY)
    assert [(line.level, line.used, line.allowed) for line in budget.lines] == [
        (None, 1, 4),
        ("district", 1, 2),
        ("city", 0, 2),
    ]
    assert [row.counted for row in budget.visits] == ["counts", "exception"]
    assert all(line.row is not None and line.row.source for line in budget.lines)


def test_a_visit_that_was_made_meanwhile_is_not_joined(
    cast: Cast, known: dict[str, ItemVersion], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever records a visit takes no turn: between reading and joining it may have been made, again and again."""
    monkeypatch.setattr(turns, "PAUSE", 0)
    services.apply("t", NOW, asked(cast))
    read = queries.get_facts

    def get_facts(*given: Any) -> Any:
        facts = read(*given)
        Contact.objects.update(state="made", made_on=TODAY)
        return facts

    monkeypatch.setattr(queries, "get_facts", get_facts)
    wish = asked(cast, agency=cast.fire_a.code, items=("hose",), officers=("T-0003", "T-0004"))
    assert refused(lambda: services.apply("t", NOW, wish)) == ("gate.visit-gone",)


def test_an_application_is_seen_by_its_agency_its_enterprise_and_the_coordinator(
    cast: Cast, known: dict[str, ItemVersion]
) -> None:
    row = services.apply("t", NOW, asked(cast))
    code = queries.find_live_code(contact_of(row))
    assert code is not None
    for person, sees in (
        (cast.officer_a, True),
        (cast.coordinator, True),
        (cast.officer_b, False),
        (cast.stranger, False),
    ):
        assert accounts.scoped(queries.list_applications(), person, "gate.view").exists() is sees
        assert accounts.scoped(queries.list_codes(), person, "gate.view").exists() is sees
        assert accounts.may(person, "gate.view", row.scope) is sees
        assert accounts.may(person, "gate.view", code.scope) is sees
    assert accounts.scoped(queries.list_applications(), cast.owner, "enterprise.own").get() == row
    assert accounts.may(cast.owner, "enterprise.own", row.scope)


def test_lists_hold_what_they_say(cast: Cast, known: dict[str, ItemVersion]) -> None:
    granted = services.apply("t", NOW, asked(cast))
    waiting = services.apply("t", LATER, asked(cast, approved_by=""))
    assert list(queries.list_applications()) == [waiting, granted]
    assert list(queries.list_applications_of(cast.noodle_shop.uscc.lower())) == [waiting, granted]
    assert list(queries.list_applications_of(cast.paint_factory.uscc)) == []
    assert queries.find_application(granted.uuid) == granted
    assert list(queries.list_codes_of(contact_of(granted))) == list(queries.list_codes())
    assert "complete papers" not in queries.list_acts(granted) and "withdraw" in queries.list_acts(granted)
    assert queries.find_code("nonsense") is None
