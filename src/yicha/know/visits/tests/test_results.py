"""Results that others may use, and the checks that lean on them."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction

from tests.cast import NOW, TODAY, Cast
from yicha.base.ledger import queries as ledger
from yicha.kernel.refusal import Refused
from yicha.know.catalogue import services as catalogue
from yicha.know.catalogue.models import ItemVersion
from yicha.know.catalogue.terms import NumberFacts
from yicha.know.catalogue.tests.test_services import version
from yicha.know.visits import queries, rules, services
from yicha.know.visits.models import Contact, Result
from yicha.know.visits.terms import ContactKind, OfferedResult, PlannedItem, ResultCode, SparedContact

EVIDENCE = "ab" * 32


@pytest.fixture
def item(cast: Cast) -> ItemVersion:
    return version(cast, 1)


def offered(cast: Cast, item: ItemVersion, reference: str = "A-1") -> OfferedResult:
    return OfferedResult(
        cast.noodle_shop.uscc,
        cast.agency_a.code,
        item.pk,
        ResultCode.NO_PROBLEM,
        TODAY,
        EVIDENCE,
        reference=reference,
    )


def offer(cast: Cast, item: ItemVersion, reference: str = "A-1") -> Result:
    return services.offer_results(actor="test", now=NOW, offered=[offered(cast, item, reference)])[0]


def spared(cast: Cast, item: ItemVersion, result: Result, until: date = date(2026, 9, 30)) -> SparedContact:
    return SparedContact(
        uscc=cast.noodle_shop.uscc,
        agency=cast.agency_b.code,
        kind=ContactKind.DAILY,
        trigger="draw",
        window_from=until - timedelta(days=30),
        window_to=until,
        items=[PlannedItem(cast.agency_b.code, item.pk, "gate:x")],
        spared_by=f"result:{result.uuid}",
    )


def test_a_result_holds_as_long_as_its_item_says(cast: Cast, item: ItemVersion) -> None:
    ItemVersion.objects.filter(pk=item.pk).update(valid_days=30)
    assert offer(cast, item).valid_until == TODAY + timedelta(days=30)


def test_without_a_word_of_the_item_the_number_of_the_place_counts(cast: Cast, item: ItemVersion) -> None:
    assert offer(cast, item, "A-1").valid_until == TODAY + timedelta(days=180)
    ninety = NumberFacts(
        "result-valid-days", Decimal(90), "days", "通州 规〔2026〕1号", False, TODAY, "110112"
    )
    catalogue.set_number(actor="test", now=NOW, facts=ninety, words="…")
    assert offer(cast, item, "A-2").valid_until == TODAY + timedelta(days=90)


def test_offering_twice_leaves_one_result_and_one_act(cast: Cast, item: ItemVersion) -> None:
    result = offer(cast, item)
    assert services.offer_results(actor="test", now=NOW, offered=[offered(cast, item)]) == []
    assert Result.objects.count() == 1
    assert [entry.act for entry in ledger.list_entries_of(f"result:{result.uuid}")] == ["recognition.offered"]


def test_a_result_about_an_unknown_enterprise_is_refused(cast: Cast, item: ItemVersion) -> None:
    stranger = replace(offered(cast, item), uscc="91110112MA9999999X")
    with pytest.raises(Refused) as refused:
        services.offer_results(actor="test", now=NOW, offered=[offered(cast, item), stranger])
    assert refused.value.codes == ("visits.unknown-enterprise",)
    assert not Result.objects.exists()


def test_an_agency_that_refused_cannot_be_spared_and_others_can(cast: Cast, item: ItemVersion) -> None:
    result = offer(cast, item)
    services.refuse_result(result=result, agency=cast.agency_b.code)
    services.refuse_result(result=result, agency=cast.agency_b.code)
    result.refresh_from_db()
    assert result.refused_by == [cast.agency_b.code]
    with pytest.raises(Refused) as refused:
        services.spare_contacts(actor="test", now=NOW, spared=[spared(cast, item, result)])
    assert refused.value.codes == ("visits.result-not-usable",)
    other = replace(spared(cast, item, result), agency=cast.fire_a.code, items=[])
    assert services.spare_contacts(actor="test", now=NOW, spared=[other])


def test_a_revoked_result_spares_nothing_and_is_not_revoked_twice(cast: Cast, item: ItemVersion) -> None:
    result = services.revoke_result(now=NOW, result=offer(cast, item), because="记错了")
    with pytest.raises(Refused) as again:
        services.revoke_result(now=NOW, result=result, because="又来")
    assert again.value.codes == ("result.state",)
    with pytest.raises(Refused) as refused:
        services.spare_contacts(actor="test", now=NOW, spared=[spared(cast, item, result)])
    assert refused.value.codes == ("visits.result-not-usable",)
    assert not Contact.objects.exists()


def test_an_item_has_one_result_in_force_and_after_a_correction_another(
    cast: Cast, item: ItemVersion
) -> None:
    contact = services.spare_contacts(
        actor="test", now=NOW, spared=[replace(spared(cast, item, offer(cast, item)), spared_by="offsite:x")]
    )[0]
    own = replace(offered(cast, item, ""), contact_item_id=contact.items.get().pk)
    first = services.offer_results(actor="test", now=NOW, offered=[own])[0]
    assert services.offer_results(actor="test", now=NOW, offered=[own]) == []
    with pytest.raises(IntegrityError), transaction.atomic():
        Result.objects.create(**{**first_fields(first), "reference": "x"})
    services.revoke_result(now=NOW, result=first, because="记错了")
    assert len(services.offer_results(actor="test", now=NOW, offered=[own])) == 1


def first_fields(row: Result) -> dict[str, object]:
    kept = ("enterprise_id", "item_version_id", "agency_id", "contact_item_id", "result_code", "found_on")
    more = ("valid_until", "evidence_hash", "state", "offered_at")
    return {name: getattr(row, name) for name in (*kept, *more)}


def test_what_a_result_spared_is_planned_again_and_counts(cast: Cast, item: ItemVersion) -> None:
    result = offer(cast, item)
    contact = services.spare_contacts(actor="test", now=NOW, spared=[spared(cast, item, result)])[0]
    assert list(queries.list_spared_by(result)) == [contact]
    assert queries.count_toward_cap(cast.noodle_shop.uscc, 2026) == 0
    again = services.reopen_spared(actor="test", now=NOW, spared_by=f"result:{result.uuid}", because="记错了")
    contact.refresh_from_db()
    assert again == [contact]
    assert (contact.state, contact.spared_by, contact.window_to) == ("planned", "", date(2026, 9, 30))
    assert contact.planned_on == contact.window_from == date(2026, 8, 31)
    assert queries.count_toward_cap(cast.noodle_shop.uscc, 2026) == 1
    acts = [entry.act for entry in ledger.list_entries_of(f"visit:{contact.uuid}")]
    assert acts == ["visit.reopened", "visit.spared"]


def test_only_the_checks_of_one_agency_are_reopened_when_asked(cast: Cast, item: ItemVersion) -> None:
    result = offer(cast, item)
    own = spared(cast, item, result)
    services.spare_contacts(
        actor="test", now=NOW, spared=[own, replace(own, agency=cast.fire_a.code, items=[])]
    )
    found = services.reopen_spared(
        actor="test",
        now=NOW,
        spared_by=f"result:{result.uuid}",
        because="x",
        agency=cast.fire_a.code,
    )
    assert [one.lead_agency_id for one in found] == [cast.fire_a.pk]
    assert queries.list_spared_by(result).count() == 1


def test_a_window_that_is_over_begins_again_today() -> None:
    assert rules.reopened_window(date(2026, 1, 1), date(2026, 3, 31), TODAY) == (TODAY, date(2026, 9, 28))
    assert rules.reopened_window(TODAY, TODAY, TODAY) == (TODAY, TODAY)


def test_a_special_from_above_that_is_reopened_does_not_count(cast: Cast, item: ItemVersion) -> None:
    result = offer(cast, item)
    special = replace(spared(cast, item, result), kind=ContactKind.SPECIAL, trigger="superior-order")
    services.spare_contacts(actor="test", now=NOW, spared=[special])
    found = services.reopen_spared(actor="test", now=NOW, spared_by=f"result:{result.uuid}", because="x")
    assert [one.counts_toward_cap for one in found] == [False]
