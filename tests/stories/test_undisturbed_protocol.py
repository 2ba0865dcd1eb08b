"""Three regions, one list: found, reviewed, objected to, silent, suspended by another, restored, removed, again."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.db import connection

from tests.cast import NOW, Cast
from yicha.base.ledger.models import Entry
from yicha.doors.cli import main as cli
from yicha.kernel import clock
from yicha.kernel.refusal import Refused
from yicha.know.agreement.tests.factories import signed
from yicha.know.credit.terms import RecordKind
from yicha.know.registry.models import Enterprise
from yicha.know.undisturbed import queries, services
from yicha.know.undisturbed.models import Listing
from yicha.know.undisturbed.terms import ListingState as S
from yicha.know.undisturbed.terms import Trigger
from yicha.know.undisturbed.tests.factories import make_fit, noon, record

pytestmark = pytest.mark.django_db


@pytest.fixture
def zone(cast: Cast) -> Cast:
    """The three regions of the zone signed; the noodle shop and the chip maker are compliant."""
    signed()
    make_fit(cast.noodle_shop)
    make_fit(cast.chip_maker)
    return cast


def seen_by_the_gate(enterprise: Enterprise, on: date) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {queries.LISTING_SQL} IS NOT NULL FROM registry_enterprise e, "
            f"(SELECT %s::date AS from_on) a WHERE e.id = %s",
            [on, enterprise.pk],
        )
        return bool(cursor.fetchone()[0])


def state_of(enterprise: Enterprise) -> str:
    return Listing.objects.filter(enterprise=enterprise).latest("id").state


def test_one_enterprise_goes_the_whole_way_twice(zone: Cast) -> None:
    shop, day = zone.noodle_shop, NOW.date()
    # 通州 finds it, a person nominates and reviews; 大兴 objects, 通州 answers, and then everybody is silent.
    services.discover(actor="coordinator", now=NOW)
    mine = queries.list_candidates().filter(region__code="110112")
    assert services.nominate_many(actor="approver", now=NOW, candidates=mine, expected=1).count == 1
    assert services.review_many(actor="approver", now=NOW, listings=queries.list_listings()).count == 1
    listing = queries.find_open(shop.uscc)
    assert listing is not None and listing.state == S.OBJECTION
    services.object_to(actor="d", now=noon(1), listing=listing, region="110115", reason="在我区有未结投诉")
    services.review_again(actor="approver", now=noon(2), listing=listing, reason="投诉经核实不属实")
    assert services.close_windows(actor="yicha", now=noon(9)).count == 0
    assert services.close_windows(actor="yicha", now=noon(10)).count == 1
    assert seen_by_the_gate(shop, day + timedelta(days=10))

    # A verified complaint: the gate sees it at once, 大兴 suspends, and 通州 restores.
    record(shop, RecordKind.VERIFIED_COMPLAINT, now=noon(20))
    assert not seen_by_the_gate(shop, day + timedelta(days=20))
    services.suspend(
        actor="d",
        now=noon(20),
        listing=listing,
        region="110115",
        trigger=Trigger.VERIFIED_COMPLAINT,
        reason="查实",
    )
    assert state_of(shop) == S.SUSPENDED
    services.restore(actor="approver", now=noon(25), listing=listing, reason="整改完成, 复核通过")
    assert seen_by_the_gate(shop, day + timedelta(days=25))

    # A penalty ends it; half a year later the enterprise applies itself.
    record(shop, RecordKind.PENALTY, now=noon(30), until=day + timedelta(days=120))
    assert services.recheck(actor="yicha", now=noon(31)).count == 1
    services.remove(actor="approver", now=noon(32), listing=listing, reason="行政处罚生效")
    assert services.discover(actor="coordinator", now=noon(33), region="110112").found == 0
    again = services.apply_for(actor="owner", now=noon(32 + 180), uscc=shop.uscc)
    services.review(actor="approver", now=noon(213), listing=again)
    assert services.close_windows(actor="yicha", now=noon(230)).count == 1
    assert state_of(shop) == S.LISTED

    # Every step is in the ledger, one by one or as a batch, and the enterprise was told each of them.
    steps = [step.act for one in queries.list_listings_of(shop.uscc) for step in queries.list_steps(one)]
    assert len(steps) == 12 == queries.list_notices_of(shop.uscc).count()
    acts = Entry.objects.filter(act__startswith="undisturbed.").values_list("act", flat=True)
    assert sum(act.endswith("-many") for act in acts) == 5
    told = " ".join(queries.tell(notice.step).sentence for notice in queries.list_notices_of(shop.uscc))
    assert "class" not in told


def run(*words: str) -> int:
    """A command, inside the test's transaction."""
    args = cli.build_parser().parse_args(["undisturbed", *words, "--actor", "c"])
    assert args.needs_database
    return int(args.run(args))


def test_the_command_discovers_and_rechecks(
    zone: Cast, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clock, "now", lambda: NOW)
    assert run("discover") == 0
    assert capsys.readouterr().out == "examined\t3\nfound\t2\n110112\t1\n110302\t1\n"
    services.nominate_many(actor="a", now=NOW, candidates=queries.list_candidates())
    services.review_many(actor="a", now=NOW, listings=queries.list_listings())
    monkeypatch.setattr(clock, "now", lambda: noon(9))
    assert run("close") == 0
    assert capsys.readouterr().out == "listed\t2\n"
    Enterprise.objects.filter(pk=zone.chip_maker.pk).update(risk_class="D")
    assert run("recheck") == 0
    assert capsys.readouterr().out == "suspended\t1\n"


def test_a_region_that_does_not_exist_is_refused(cast: Cast) -> None:
    with pytest.raises(Refused) as refused:
        run("discover", "--region", "999999")
    assert refused.value.codes == ("undisturbed.unknown-region",)
