"""Warnings: what raises one, whom it concerns, and how it ends."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest

from tests.cast import NOW, TODAY, Cast, enterprise
from yicha.base.ledger import queries as ledger
from yicha.kernel.refusal import Refused
from yicha.know.catalogue.models import JointList, LegalNumber
from yicha.know.credit.models import ClassRun, CreditRecord, CreditWarning, RiskModel, Standing
from yicha.know.credit.queries import warnings as queries
from yicha.know.credit.rules import warnings as rules
from yicha.know.credit.services import warnings as services
from yicha.know.credit.terms.warnings import Change
from yicha.know.registry.models import Agency, Directory, Enterprise, EnterpriseLink
from yicha.know.registry.terms import LinkKind

pytestmark = pytest.mark.django_db


def stands(who: Enterprise, letter: str, *red_lines: str) -> None:
    """Write where an enterprise stands, as a classification does."""
    model, _ = RiskModel.objects.get_or_create(
        code="test", version=1, defaults={"title": "t", "drafted_at": NOW, "drafted_by": "test"}
    )
    run, _ = ClassRun.objects.get_or_create(model=model, on=TODAY, kind="asked", defaults={"asked_at": NOW})
    Standing.objects.update_or_create(
        enterprise=who,
        defaults={
            "model": model,
            "run": run,
            "on": TODAY,
            "risk_class": letter,
            "general": 0,
            "specific": 0,
            "credit_level": 1,
            "risk_level": 1,
            "contributions": [],
            "red_lines": list(red_lines),
            "computed_at": NOW,
        },
    )
    Enterprise.objects.filter(pk=who.pk).update(risk_class=letter)


def turned(
    who: Enterprise,
    before: str,
    after: str,
    *crossed: str,
    because: str = "run:1",
    still: tuple[str, ...] = (),
) -> int:
    """An enterprise whose class became another, told to the warnings."""
    stands(who, after, *crossed, *still)
    changes = [Change(who.pk, before, after, because, crossed)]
    return services.raise_warnings(actor="test", now=NOW, changes=changes)


def share(kind: LinkKind, *members: Enterprise, key: str = "k") -> None:
    for member in members:
        EnterpriseLink.objects.create(enterprise=member, kind=kind.value, key=key, words="")


def record_of(who: Enterprise, agency: Agency, code: str = "110112-fire/1") -> CreditRecord:
    return CreditRecord.objects.create(
        code=code,
        enterprise=who,
        kind="penalty",
        severity="serious",
        agency=agency,
        reference=code.rpartition("/")[2],
        happened_on=TODAY,
        effective_from=TODAY,
        recorded_at=NOW,
        recorded_by="test",
    )


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ("A", "B", True),
        ("A", "D", True),
        ("C", "D", True),
        ("B", "B", False),
        ("C", "A", False),
        ("D", "D", False),
        ("", "D", True),
        ("", "C", False),
    ],
)
def test_a_worse_class_warns_and_a_better_one_does_not(before: str, after: str, expected: bool) -> None:
    assert rules.warns(before, after) is expected


def test_a_worse_class_is_told_to_market_regulation_of_the_region(cast: Cast) -> None:
    assert turned(cast.noodle_shop, "B", "C") == 1
    warning = CreditWarning.objects.get()
    assert (warning.kind, warning.state, warning.agencies) == ("class-change", "raised", ["110112-market"])
    assert warning.facts == {"from": "B", "to": "C", "because": "run:1"}


def test_where_a_region_has_no_market_regulation_the_one_above_is_told(cast: Cast) -> None:
    assert turned(cast.paint_factory, "B", "C") == 1
    assert CreditWarning.objects.get().agencies == [], "110115 has only a fire brigade, and 110000 has nobody"


def test_those_who_check_it_by_a_joint_list_are_told_instead(cast: Cast) -> None:
    directory = Directory.objects.create(
        code="noodles", name="餐饮", mode="rule", rule={"industries": ["H62"]}
    )
    JointList.objects.create(code="noodles", name="餐饮", lead_kind=cast.fire_a.kind, directory=directory)
    turned(cast.noodle_shop, "B", "C")
    assert CreditWarning.objects.get().agencies == ["110112-fire"]


def test_the_source_of_the_record_that_did_it_is_told_too(cast: Cast) -> None:
    record_of(cast.noodle_shop, cast.agency_b, "110115-fire/1")
    turned(cast.noodle_shop, "B", "C", because="credit:110115-fire/1")
    assert CreditWarning.objects.get().agencies == ["110112-market", "110115-fire"]


def test_a_red_line_is_told_by_its_name_and_not_as_a_change_of_class_too(cast: Cast) -> None:
    assert turned(cast.noodle_shop, "B", "D", "fatal-accident") == 1
    warning = CreditWarning.objects.get()
    assert warning.kind == "red-line"
    assert warning.facts["line"] == "fatal-accident"


def test_a_red_line_warns_even_where_the_class_was_d_already(cast: Cast) -> None:
    turned(cast.noodle_shop, "D", "D", "fatal-accident")
    assert CreditWarning.objects.get().kind == "red-line"


def test_the_same_thing_warns_once_while_it_is_open(cast: Cast) -> None:
    assert turned(cast.noodle_shop, "B", "C") == 1
    assert turned(cast.noodle_shop, "B", "C") == 0
    services.close(actor="a", now=NOW, warning=CreditWarning.objects.get(), words="visited")
    assert turned(cast.noodle_shop, "B", "C") == 1


def test_going_further_down_warns_again(cast: Cast) -> None:
    turned(cast.noodle_shop, "A", "C")
    turned(cast.noodle_shop, "C", "D")
    assert [w.facts["to"] for w in CreditWarning.objects.order_by("pk")] == ["C", "D"]


def test_a_better_class_closes_what_no_longer_holds(cast: Cast) -> None:
    turned(cast.noodle_shop, "A", "D", "fatal-accident")
    turned(cast.noodle_shop, "A", "D")
    assert turned(cast.noodle_shop, "D", "C") == 0
    assert {w.state for w in CreditWarning.objects.all()} == {"closed"}
    assert {w.words for w in CreditWarning.objects.all()} == {services.OVER}


@pytest.mark.parametrize("kind", LinkKind)
def test_three_that_share_something_with_one_of_class_d_are_a_cluster(cast: Cast, kind: LinkKind) -> None:
    """The same premises, the same legal representative, the same supplier."""
    third = enterprise(77, "北京第三家公司", "110112")
    share(kind, cast.noodle_shop, cast.paint_factory, third)
    turned(third, "B", "D")
    warning = CreditWarning.objects.get(kind="cluster")
    assert warning.enterprise == third
    assert sorted(warning.others) == sorted([cast.noodle_shop.uscc, cast.paint_factory.uscc])
    assert warning.facts["count"] == 3
    assert warning.agencies == ["110112-market"]
    assert [one.uscc for one in queries.list_members(warning)] == sorted([third.uscc, *warning.others])


def test_two_are_no_cluster_and_another_number_makes_them_one(cast: Cast) -> None:
    share(LinkKind.SUPPLIER, cast.noodle_shop, cast.paint_factory)
    turned(cast.noodle_shop, "B", "D")
    assert not CreditWarning.objects.filter(kind="cluster").exists()
    LegalNumber.objects.create(
        code="cluster-least",
        value=2,
        unit="enterprises",
        words="x",
        source="test",
        in_force_from=date(2026, 1, 1),
    )
    assert services.watch(actor="test", now=NOW) == 1


def test_a_closed_down_enterprise_makes_no_cluster(cast: Cast) -> None:
    third = enterprise(77, "北京第三家公司", "110112", status="cancelled")
    share(LinkKind.SUPPLIER, cast.noodle_shop, cast.paint_factory, third)
    turned(cast.noodle_shop, "B", "D")
    assert not CreditWarning.objects.filter(kind="cluster").exists()


def test_who_hangs_together_without_anybody_bad_is_left_alone(cast: Cast) -> None:
    share(LinkKind.SUPPLIER, cast.noodle_shop, cast.paint_factory, cast.chip_maker)
    turned(cast.noodle_shop, "B", "C")
    assert services.watch(actor="test", now=NOW) == 0


def test_a_cluster_that_grew_says_so_in_its_open_warning(cast: Cast) -> None:
    share(LinkKind.SUPPLIER, cast.noodle_shop, cast.paint_factory, cast.chip_maker)
    turned(cast.noodle_shop, "B", "D")
    share(LinkKind.SUPPLIER, enterprise(77, "北京第四家公司", "110112"))
    assert services.watch(actor="test", now=NOW) == 0
    assert CreditWarning.objects.get(kind="cluster").facts["count"] == 4


def test_a_cluster_ends_when_nobody_in_it_is_bad_any_more(cast: Cast) -> None:
    share(LinkKind.SUPPLIER, cast.noodle_shop, cast.paint_factory, cast.chip_maker)
    turned(cast.noodle_shop, "B", "D")
    turned(cast.noodle_shop, "D", "B")
    assert CreditWarning.objects.get(kind="cluster").state == "closed"


def test_what_rests_on_an_ended_record_alone_is_closed(cast: Cast) -> None:
    record = record_of(cast.noodle_shop, cast.fire_a)
    turned(cast.noodle_shop, "B", "D", "serious-penalty", because=f"credit:{record.code}")
    stands(cast.noodle_shop, "B")
    assert services.let_go(actor="repair", now=NOW, record=record.code) == 1
    warning = CreditWarning.objects.get()
    assert (warning.state, warning.closed_by, warning.words) == ("closed", "repair", services.RECORD_ENDED)


def test_what_still_holds_for_other_reasons_stays_and_names_the_record_no_more(cast: Cast) -> None:
    record = record_of(cast.noodle_shop, cast.fire_a)
    turned(cast.noodle_shop, "B", "C", because=f"credit:{record.code}")
    assert services.let_go(actor="repair", now=NOW, record=record.code) == 1
    warning = CreditWarning.objects.get()
    assert warning.state == "raised"
    assert "because" not in warning.facts
    assert services.let_go(actor="repair", now=NOW, record=record.code) == 0


def test_a_warning_is_seen_then_closed_with_words_and_the_ledger_has_both(cast: Cast) -> None:
    turned(cast.noodle_shop, "B", "C")
    warning = services.see(actor="officer-a", now=NOW, warning=CreditWarning.objects.get())
    assert (warning.state, warning.seen_by) == ("seen", "officer-a")
    warning = services.close(actor="officer-a", now=NOW, warning=warning, words=" visited, put right ")
    assert (warning.state, warning.words) == ("closed", "visited, put right")
    acts = [entry.act for entry in ledger.list_entries_of(f"warning:{warning.uuid}")]
    assert sorted(acts) == ["warning.closed", "warning.seen"]


def test_a_warning_is_not_closed_without_words(cast: Cast) -> None:
    turned(cast.noodle_shop, "B", "C")
    with pytest.raises(Refused) as refused:
        services.close(actor="a", now=NOW, warning=CreditWarning.objects.get(), words="  ")
    assert refused.value.codes == ("warning.no-words",)


@pytest.mark.parametrize("act", [services.see, lambda **given: services.close(**given, words="again")])
def test_a_closed_warning_stays_closed(cast: Cast, act: Callable[..., object]) -> None:
    turned(cast.noodle_shop, "B", "C")
    warning = CreditWarning.objects.get()
    services.close(actor="a", now=NOW, warning=warning, words="done")
    with pytest.raises(Refused) as refused:
        act(actor="b", now=NOW, warning=warning)
    assert refused.value.codes == ("warning.state",)


def test_a_seen_warning_is_not_seen_again(cast: Cast) -> None:
    turned(cast.noodle_shop, "B", "C")
    warning = CreditWarning.objects.get()
    services.see(actor="a", now=NOW, warning=warning)
    with pytest.raises(Refused) as refused:
        services.see(actor="a", now=NOW, warning=warning)
    assert refused.value.codes == ("warning.state",)


def test_many_changes_take_as_many_statements_as_few(
    cast: Cast, django_assert_max_num_queries: object
) -> None:
    many = Enterprise.objects.bulk_create(
        [
            Enterprise(
                uscc=f"{number:015d}", name=f"n{number}", kind="company", region=cast.noodle_shop.region
            )
            for number in range(300)
        ]
    )
    changes = [Change(one.pk, "B", "D", "run:1") for one in many]
    with django_assert_max_num_queries(25):  # type: ignore[operator]
        assert services.raise_warnings(actor="test", now=NOW, changes=changes) == 300


def test_my_own_stand_first_and_the_closed_last(cast: Cast) -> None:
    turned(cast.chip_maker, "B", "C")
    turned(cast.noodle_shop, "B", "C")
    turned(cast.paint_factory, "B", "C")
    closed = CreditWarning.objects.get(enterprise=cast.paint_factory)
    services.close(actor="a", now=NOW, warning=closed, words="done")
    rows = queries.mine_first(queries.list_warnings(), ["110112-market"])
    assert [one.enterprise for one in rows] == [cast.noodle_shop, cast.chip_maker, cast.paint_factory]
