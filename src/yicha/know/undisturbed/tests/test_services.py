"""Steps of the protocol, and every refusal by name."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import date, timedelta

import pytest
from django.db import connection, transaction
from django.db.utils import DatabaseError

from tests.cast import NOW, TODAY, Cast
from yicha.base.ledger.models import Entry
from yicha.kernel import canonical
from yicha.kernel.refusal import Refused
from yicha.know.agreement.tests.factories import draft, signed
from yicha.know.credit import services as credit
from yicha.know.credit.terms import RecordKind
from yicha.know.undisturbed import queries, services
from yicha.know.undisturbed.models import Discovery, Listing, Notice, Step
from yicha.know.undisturbed.terms import Criterion, CriterionRow, ListingState, Phase, Trigger
from yicha.know.undisturbed.tests.factories import make_fit, noon, record

pytestmark = pytest.mark.django_db
S = ListingState


@pytest.fixture
def fit(cast: Cast) -> Cast:
    """All three have class A and a report; the paint factory is in a key-safety trade."""
    for enterprise in (cast.noodle_shop, cast.chip_maker, cast.paint_factory):
        make_fit(enterprise)
    return cast


@pytest.fixture
def three(fit: Cast) -> Cast:
    """The three regions share the list under an agreement."""
    signed()
    return fit


def codes(act: Callable[[], object]) -> list[str]:
    """The codes with which an act is refused."""
    with pytest.raises(Refused) as refused:
        act()
    return list(refused.value.codes)


def nominated(cast: Cast) -> Listing:
    return services.nominate(actor="approver", now=NOW, uscc=cast.noodle_shop.uscc)


def in_window(cast: Cast) -> Listing:
    return services.review(actor="approver", now=NOW, listing=nominated(cast))


def listed(cast: Cast) -> Listing:
    """On the list since the day after the window (2026-07-08 is its last day)."""
    listing = in_window(cast)
    assert services.close_windows(actor="clock", now=noon(8)).count == 1
    listing.refresh_from_db()
    return listing


def suspended(cast: Cast) -> Listing:
    return services.suspend(
        actor="d",
        now=noon(9),
        listing=listed(cast),
        region="110115",
        trigger=Trigger.PENALTY,
        reason="京大市监罚〔2026〕7号",
    )


def effect(cast: Cast, on: date = TODAY + timedelta(days=30)) -> str | None:
    """What the gate would read of the noodle shop: the home region, or nothing."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {queries.LISTING_SQL} ->> 1 FROM registry_enterprise e, "
            f"(SELECT %s::date AS from_on) a WHERE e.uscc = %s",
            [on, cast.noodle_shop.uscc],
        )
        found: str | None = cursor.fetchone()[0]
    return found


# Getting on the list


def test_a_nomination_waits_for_the_review_and_the_enterprise_is_told(fit: Cast) -> None:
    listing = nominated(fit)
    assert (listing.state, listing.region.code) == (S.NOMINATED, "110112")
    (notice,) = queries.list_notices_of(fit.noodle_shop.uscc)
    assert queries.tell(notice.step).sentence.startswith("Your enterprise was found")
    entry = Entry.objects.get(act="undisturbed.nominate")
    assert entry.body == {"enterprise": fit.noodle_shop.uscc, "state": "nominated"}


def test_who_misses_criteria_is_not_nominated_and_all_are_named(cast: Cast) -> None:
    record(cast.paint_factory, RecordKind.PENALTY)
    found = codes(lambda: services.nominate(actor="a", now=NOW, uscc=cast.paint_factory.uscc))
    assert found == [
        "undisturbed.class",
        "undisturbed.penalty",
        "undisturbed.no-report",
        "undisturbed.key-trade",
    ]


def test_an_enterprise_is_not_nominated_twice(fit: Cast) -> None:
    nominated(fit)
    assert codes(lambda: nominated(fit)) == ["undisturbed.open"]


def test_an_application_tells_the_enterprise_nothing_about_its_class(cast: Cast) -> None:
    listing = services.apply_for(actor="owner", now=NOW, uscc=cast.noodle_shop.uscc)
    assert listing.state == S.APPLIED
    found = codes(lambda: services.review(actor="approver", now=NOW, listing=listing))
    assert found == ["undisturbed.class", "undisturbed.no-report"]


def test_a_cancelled_enterprise_does_not_apply(cast: Cast) -> None:
    cast.noodle_shop.status = "cancelled"
    cast.noodle_shop.save()
    found = codes(lambda: services.apply_for(actor="owner", now=NOW, uscc=cast.noodle_shop.uscc))
    assert found == ["undisturbed.not-active"]


def test_without_an_agreement_it_is_listed_at_home_only(fit: Cast) -> None:
    listing = in_window(fit)
    assert (listing.state, listing.partners, listing.listed_on) == (S.LISTED, [], TODAY)
    assert effect(fit) == "110112"


def test_an_agreement_that_does_not_share_the_list_opens_no_window(fit: Cast) -> None:
    signed(draft(shares=("results",)))
    assert in_window(fit).state == S.LISTED


def test_a_review_opens_a_window_of_five_working_days_for_the_other_regions(three: Cast) -> None:
    listing = in_window(three)
    assert (listing.state, listing.partners) == (S.OBJECTION, ["110115", "110302"])
    assert listing.window_until == date(2026, 7, 8)
    assert listing.agreements and effect(three) is None


def test_a_decision_needs_a_reason_that_does_not_name_the_class(fit: Cast) -> None:
    listing = nominated(fit)
    assert codes(lambda: services.decline(actor="a", now=NOW, listing=listing, reason=" ")) == [
        "undisturbed.no-reason"
    ]
    assert codes(lambda: services.decline(actor="a", now=NOW, listing=listing, reason="B类企业")) == [
        "undisturbed.names-class"
    ]
    services.decline(actor="a", now=NOW, listing=listing, reason="厂房在拆迁范围内")
    listing.refresh_from_db()
    assert listing.state == S.DECLINED
    assert nominated(fit).state == S.NOMINATED


# The objection window


def test_silence_is_consent_only_after_the_last_day(three: Cast) -> None:
    listing = in_window(three)
    assert services.close_windows(actor="clock", now=noon(7)).count == 0
    assert services.close_windows(actor="clock", now=noon(8)).count == 1
    listing.refresh_from_db()
    assert (listing.state, listing.listed_on) == (S.LISTED, date(2026, 7, 9))
    assert effect(three) == "110112"


def test_an_objection_stops_the_listing(three: Cast) -> None:
    listing = in_window(three)
    services.object_to(actor="d", now=noon(1), listing=listing, region="110115", reason="在我区有未结投诉")
    assert services.close_windows(actor="clock", now=noon(30)).count == 0
    (objection,) = queries.list_objections(listing)
    assert (objection.region.code, objection.reason) == ("110115", "在我区有未结投诉")


def test_an_objection_without_a_reason_is_refused(three: Cast) -> None:
    listing = in_window(three)
    found = codes(
        lambda: services.object_to(actor="d", now=noon(1), listing=listing, region="110115", reason="")
    )
    assert found == ["undisturbed.no-reason"]


def test_the_home_region_does_not_object_to_its_own(three: Cast) -> None:
    listing = in_window(three)
    found = codes(
        lambda: services.object_to(actor="a", now=noon(1), listing=listing, region="110112", reason="x")
    )
    assert found == ["undisturbed.not-a-member"]


def test_an_objection_after_the_window_is_refused(three: Cast) -> None:
    listing = in_window(three)
    found = codes(
        lambda: services.object_to(actor="d", now=noon(8), listing=listing, region="110115", reason="x")
    )
    assert found == ["undisturbed.window-closed"]


def test_nothing_is_objected_to_before_the_review(three: Cast) -> None:
    listing = nominated(three)
    found = codes(
        lambda: services.object_to(actor="d", now=NOW, listing=listing, region="110115", reason="x")
    )
    assert found == ["undisturbed.state"]


def test_home_may_answer_an_objection_or_withdraw(three: Cast) -> None:
    listing = in_window(three)
    services.object_to(actor="d", now=noon(1), listing=listing, region="110115", reason="在我区有未结投诉")
    again = services.review_again(actor="a", now=noon(2), listing=listing, reason="投诉已撤回")
    assert (again.state, again.window_until) == (S.OBJECTION, date(2026, 7, 10))
    gone = services.withdraw(actor="coordinator", now=noon(3), listing=listing, reason="企业申请撤回")
    assert gone.state == S.WITHDRAWN


# Suspension, restoring, removal


def test_any_member_region_suspends_at_once(three: Cast) -> None:
    listing = suspended(three)
    assert (listing.state, listing.trigger) == (S.SUSPENDED, "penalty")
    assert effect(three) is None
    told = queries.tell(queries.list_notices_of(three.noodle_shop.uscc)[0].step)
    assert told.sentence == "The listing is suspended at once because of a penalty."


def test_a_region_without_an_agreement_does_not_suspend(three: Cast) -> None:
    listing = listed(three)
    found = codes(
        lambda: services.suspend(
            actor="x", now=noon(9), listing=listing, region="310000", trigger=Trigger.ACCIDENT, reason=""
        )
    )
    assert found == ["undisturbed.no-reason", "undisturbed.not-a-member"]


def test_only_what_is_listed_is_suspended(three: Cast) -> None:
    listing = nominated(three)
    found = codes(
        lambda: services.suspend(
            actor="a", now=NOW, listing=listing, region="110112", trigger=Trigger.PENALTY, reason="x"
        )
    )
    assert found == ["undisturbed.state"]


def test_restoring_lists_again_and_forgets_what_was_weighed(three: Cast) -> None:
    listing = listed(three)
    record(three.noodle_shop, RecordKind.PENALTY, now=noon(9))
    assert effect(three) is None
    services.recheck(actor="clock", now=noon(9))
    services.restore(actor="a", now=noon(10), listing=listing, reason="处罚决定已撤销")
    listing.refresh_from_db()
    assert (listing.state, listing.listed_on) == (S.LISTED, date(2026, 7, 11))
    assert effect(three) == "110112"
    assert services.recheck(actor="clock", now=noon(11)).count == 0


def test_nobody_is_restored_while_listed_as_abnormal(three: Cast) -> None:
    listing = suspended(three)
    record(three.noodle_shop, RecordKind.ABNORMAL_LISTING, now=noon(9))
    found = codes(lambda: services.restore(actor="a", now=noon(10), listing=listing, reason="已改正"))
    assert found == ["undisturbed.abnormal"]


def test_who_was_removed_may_apply_again_after_the_days_that_a_row_says(three: Cast) -> None:
    services.remove(actor="a", now=noon(10), listing=suspended(three), reason="处罚生效")
    uscc = three.noodle_shop.uscc
    assert codes(lambda: services.apply_for(actor="owner", now=noon(189), uscc=uscc)) == [
        "undisturbed.too-soon"
    ]
    assert services.apply_for(actor="owner", now=noon(190), uscc=uscc).state == S.APPLIED


def test_removing_needs_a_reason(three: Cast) -> None:
    listing = suspended(three)
    found = codes(lambda: services.remove(actor="a", now=noon(10), listing=listing, reason=""))
    assert found == ["undisturbed.no-reason"]


# The effect at the gate


@pytest.mark.parametrize(
    "kind",
    [
        RecordKind.PENALTY,
        RecordKind.VERIFIED_COMPLAINT,
        RecordKind.ABNORMAL_LISTING,
        RecordKind.SERIOUS_VIOLATION,
        RecordKind.ACCIDENT,
    ],
)
def test_a_record_has_its_effect_before_anybody_suspends(three: Cast, kind: RecordKind) -> None:
    listing = listed(three)
    written = record(three.noodle_shop, kind, now=noon(9))
    assert effect(three) is None
    done = services.recheck(actor="clock", now=noon(10))
    listing.refresh_from_db()
    assert (done.count, listing.state, listing.trigger) == (1, S.SUSPENDED, kind.value)
    step = queries.list_steps(listing).last()
    assert step is not None and step.reference == written.code


def test_a_record_that_was_ended_has_no_effect(three: Cast) -> None:
    listed(three)
    written = record(three.noodle_shop, RecordKind.PENALTY, now=noon(9))
    credit.end(actor="t", now=noon(9), record=written, reason="撤销")
    assert effect(three) == "110112"
    assert services.recheck(actor="clock", now=noon(10)).count == 0


def test_a_filed_report_speaks_against_nobody(three: Cast) -> None:
    listed(three)
    record(three.noodle_shop, RecordKind.ANNUAL_REPORT, now=noon(9), year=2024)
    assert effect(three) == "110112"
    assert services.recheck(actor="clock", now=noon(10)).count == 0


def test_a_class_below_b_has_its_effect_at_once_and_the_enterprise_is_not_told_why(three: Cast) -> None:
    listing = listed(three)
    three.noodle_shop.risk_class = "B"
    three.noodle_shop.save()
    assert effect(three) == "110112"
    three.noodle_shop.risk_class = "C"
    three.noodle_shop.save()
    assert effect(three) is None
    assert services.recheck(actor="clock", now=noon(10)).count == 1
    listing.refresh_from_db()
    assert listing.trigger == Trigger.CLASS
    told = queries.tell(queries.list_notices_of(three.noodle_shop.uscc)[0].step)
    assert "class" not in told.sentence and not told.facts.get("reason")


def test_a_trade_that_became_a_key_trade_is_found_by_the_recheck(three: Cast) -> None:
    listing = listed(three)
    services.set_key_trade(
        actor="admin", now=NOW, prefix="H62", words="餐饮业", in_force_from=TODAY, source="ours"
    )
    assert services.recheck(actor="clock", now=noon(10)).count == 1
    listing.refresh_from_db()
    assert listing.trigger == Trigger.CRITERIA


def test_a_row_that_is_switched_off_suspends_nobody(three: Cast) -> None:
    listed(three)
    record(three.noodle_shop, RecordKind.ACCIDENT, now=noon(9))
    assert effect(three) is None
    off = CriterionRow(Phase.STAY, Criterion.ACCIDENT, "110112", "", False, TODAY, "区政府文件")
    services.set_criterion(actor="admin", now=noon(9), row=off)
    assert effect(three) == "110112"
    assert services.recheck(actor="clock", now=noon(10)).count == 0


def test_a_listing_has_no_effect_before_its_day(three: Cast) -> None:
    listed(three)
    assert effect(three, date(2026, 7, 8)) is None
    assert effect(three, date(2026, 7, 9)) == "110112"


# For many at once


def test_a_batch_is_one_act_with_the_hash_of_its_codes(three: Cast) -> None:
    services.discover(actor="c", now=NOW)
    done = services.nominate_many(actor="a", now=NOW, candidates=queries.list_candidates(), expected=2)
    names = sorted([three.noodle_shop.uscc, three.chip_maker.uscc])
    assert done.hash == hashlib.sha256(canonical.dumps(names)).hexdigest()
    entry = Entry.objects.get(act="undisturbed.nominated-many")
    assert entry.body == {"count": 2, "codes_sha256": done.hash}
    assert Notice.objects.count() == Step.objects.count() == 2
    assert queries.list_candidates().count() == 0


def test_a_batch_that_is_not_what_was_shown_is_refused(three: Cast) -> None:
    services.discover(actor="c", now=NOW)
    found = codes(
        lambda: services.nominate_many(actor="a", now=NOW, candidates=queries.list_candidates(), expected=3)
    )
    assert found == ["undisturbed.list-changed"]


def test_a_batch_leaves_who_no_longer_meets_the_criteria(three: Cast) -> None:
    services.discover(actor="c", now=NOW)
    record(three.chip_maker, RecordKind.PENALTY)
    done = services.nominate_many(actor="a", now=NOW, candidates=queries.list_candidates())
    assert (done.count, done.left) == (1, 1)
    three.noodle_shop.risk_class = "B"
    three.noodle_shop.save()
    done = services.review_many(actor="a", now=NOW, listings=queries.list_listings())
    assert (done.count, done.left) == (0, 1)


def test_a_batch_of_reviews_gives_each_region_its_window(fit: Cast) -> None:
    signed(draft(regions=("110112", "110115")))
    services.discover(actor="c", now=NOW)
    services.nominate_many(actor="a", now=NOW, candidates=queries.list_candidates())
    services.review_many(actor="a", now=NOW, listings=queries.list_listings(), expected=2)
    by_region = {
        one.region.code: (one.state, one.partners, one.window_until) for one in Listing.objects.all()
    }
    assert by_region == {
        "110112": (S.OBJECTION, ["110115"], date(2026, 7, 8)),
        "110302": (S.LISTED, [], None),
    }


def test_a_discovery_of_a_region_leaves_the_candidates_of_the_others(three: Cast) -> None:
    services.discover(actor="c", now=NOW)
    run = services.discover(actor="c", now=NOW, region="110302")
    assert (run.examined, run.found, queries.list_candidates().count()) == (1, 1, 2)


def test_who_is_on_the_way_or_was_removed_is_no_candidate(three: Cast) -> None:
    services.remove(actor="a", now=noon(10), listing=suspended(three), reason="处罚生效")
    services.nominate(actor="a", now=noon(10), uscc=three.chip_maker.uscc)
    assert services.discover(actor="c", now=noon(11)).found == 0
    assert services.discover(actor="c", now=noon(200)).found == 1


def test_a_discovery_waits_for_the_one_that_runs(cast: Cast) -> None:
    services.begin_discovery(actor="c", now=NOW)
    assert codes(lambda: services.discover(actor="c", now=NOW)) == ["undisturbed.discovery-runs"]
    assert services.discover(actor="c", now=NOW + timedelta(hours=1)).state == "done"
    assert Discovery.objects.filter(state="failed").count() == 1


def test_a_discovery_of_no_region_is_refused(cast: Cast) -> None:
    assert codes(lambda: services.discover(actor="c", now=NOW, region="999999")) == [
        "undisturbed.unknown-region"
    ]


# Rows and the log


def test_a_step_is_never_changed(fit: Cast) -> None:
    nominated(fit)
    with pytest.raises(DatabaseError, match="Cannot update"), transaction.atomic():
        Step.objects.update(reason="other")


def test_rows_of_nothing_known_are_refused(cast: Cast) -> None:
    known = {"actor": "c", "now": NOW, "in_force_from": TODAY, "source": "x"}
    found = codes(lambda: services.spare_item(item="F-1", region="110112", **known))  # type: ignore[arg-type]
    assert found == ["undisturbed.unknown-item"]
    found = codes(
        lambda: services.set_key_trade(prefix="C26", words="x", region="999999", **known)  # type: ignore[arg-type]
    )
    assert found == ["undisturbed.unknown-region"]
    late = {**known, "in_force_until": TODAY - timedelta(days=1)}
    found = codes(lambda: services.set_key_trade(prefix="26", words="x", **late))  # type: ignore[arg-type]
    assert found == ["undisturbed.trade", "undisturbed.ends-first"]


def test_the_first_reading_of_a_notice_is_kept(fit: Cast) -> None:
    nominated(fit)
    (notice,) = queries.list_notices_of(fit.noodle_shop.uscc)
    assert queries.count_unread(fit.noodle_shop.uscc) == 1
    services.read_notice(actor="owner", now=noon(1), notice=notice)
    services.read_notice(actor="clerk", now=noon(2), notice=notice)
    notice.refresh_from_db()
    assert (notice.read_by, notice.read_at) == ("owner", noon(1))
    assert queries.count_unread(fit.noodle_shop.uscc) == 0
