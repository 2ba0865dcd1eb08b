from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.db import ProgrammingError, transaction

from tests.cast import NOW, TODAY, Cast
from yicha.base.accounts import queries as accounts
from yicha.base.ledger import queries as ledger
from yicha.base.workdays import queries as workdays
from yicha.base.workdays import services as special_days
from yicha.kernel.refusal import Refused
from yicha.know.registry.models import Enterprise
from yicha.know.visits.terms import ResultCode
from yicha.share.publicity import queries, services
from yicha.share.publicity.models import Publication
from yicha.share.publicity.tests.factories import SECRET_WORDS, closed


@pytest.fixture
def calendar(db: None) -> None:
    special_days.seed(years=range(2026, 2027))


def published(cast: Cast) -> Publication:
    closed(cast.paint_factory, ("110115-fire",))
    services.publish_due(actor="planner", now=NOW)
    return queries.list_published()[0]


def test_the_clock_runs_twenty_working_days_from_the_closing(cast: Cast, calendar: None) -> None:
    closed(cast.noodle_shop)
    assert services.register_closed(now=NOW) == 1
    assert services.register_closed(now=NOW + timedelta(days=3)) == 0
    row = queries.list_due()[0]
    assert (row.closed_on, row.due_on) == (TODAY, date(2026, 7, 29))
    assert row.due_certain or row.due_on.year not in workdays.get_calendar().known


def test_a_year_without_holidays_is_not_certain(cast: Cast) -> None:
    closed(cast.noodle_shop)
    services.register_closed(now=NOW)
    assert not queries.list_due()[0].due_certain


def test_nothing_is_public_before_it_is_published(cast: Cast) -> None:
    closed(cast.paint_factory, ("110115-fire",))
    services.register_closed(now=NOW)
    assert not queries.list_published().exists()
    assert not queries.search_published("油漆").exists()


def test_what_is_public_was_frozen(cast: Cast) -> None:
    row = published(cast)
    Enterprise.objects.filter(pk=cast.paint_factory.pk).update(name="改名有限公司", risk_class="D")
    again = queries.list_published_of(cast.paint_factory.uscc)[0]
    assert (again.name, again.content) == ("北京红星油漆厂有限公司", row.content)
    assert SECRET_WORDS not in str(row.content)
    assert row.problems == 1
    with pytest.raises(ProgrammingError), transaction.atomic():
        Publication.objects.filter(pk=row.pk).update(name="…")
    with pytest.raises(ProgrammingError), transaction.atomic():
        row.delete()


def test_the_ledger_remembers_the_hash_of_what_was_published(cast: Cast) -> None:
    row = published(cast)
    entry = ledger.list_entries_of(f"result:{row.uuid}")[0]
    assert (entry.act, entry.body["content_sha256"]) == ("result.published", row.content_hash)
    assert entry.body["late"] is False


def test_a_result_is_published_once(cast: Cast) -> None:
    row = published(cast)
    with pytest.raises(Refused) as refused:
        services.publish(actor="planner", now=NOW, publications=[row])
    assert refused.value.codes == ("publication.state",)


def test_search_by_name_and_code_and_never_by_the_name_of_a_sole_proprietor(cast: Cast) -> None:
    closed(cast.noodle_shop)
    closed(cast.paint_factory, ("110115-fire",))
    services.publish_due(actor="planner", now=NOW)

    def codes(text: str) -> list[str]:
        return [row.uscc for row in queries.search_published(text)]

    assert codes("油漆") == [cast.paint_factory.uscc]
    assert codes(" ".join(cast.paint_factory.uscc)) == [cast.paint_factory.uscc]
    assert codes(cast.paint_factory.uscc.lower()) == [cast.paint_factory.uscc]
    assert codes("老面馆") == []
    assert codes(cast.noodle_shop.uscc[-8:]) == [cast.noodle_shop.uscc]
    assert queries.list_published_of(f" {cast.noodle_shop.uscc.lower()} ").count() == 1


def test_only_what_must_be_public_by_a_day(cast: Cast) -> None:
    closed(cast.noodle_shop)
    closed(cast.paint_factory, ("110115-fire",), code=ResultCode.NO_PROBLEM, now=NOW + timedelta(days=30))
    services.register_closed(now=NOW + timedelta(days=30))
    first, second = queries.list_due()
    assert services.publish_due(actor="p", now=NOW + timedelta(days=30), due_by=first.due_on) == 1
    assert list(queries.list_due()) == [second]


def test_the_clock_in_numbers(cast: Cast, calendar: None) -> None:
    closed(cast.noodle_shop)
    services.register_closed(now=NOW)
    on_time = queries.get_clock_numbers(date(2026, 7, 29))
    assert (on_time.due, on_time.late) == (1, 0)
    assert queries.get_clock_numbers(date(2026, 7, 30)).late == 1
    assert [row.visit.contact.enterprise for row in queries.list_late(date(2026, 7, 30))] == [
        cast.noodle_shop
    ]
    services.publish_due(actor="p", now=NOW + timedelta(days=29))
    after = queries.get_clock_numbers(date(2026, 7, 30))
    assert (after.published, after.published_in_time, after.due, after.late) == (1, 0, 0, 0)
    entry = ledger.list_entries().filter(act="result.published")[0]
    assert entry.body["late"] is True


def test_officials_see_the_clock_of_their_own(cast: Cast) -> None:
    closed(cast.noodle_shop)
    services.register_closed(now=NOW)
    for person, count in ((cast.planner, 1), (cast.officer_b, 0), (cast.coordinator, 1), (cast.owner, 0)):
        seen = accounts.scoped(queries.list_publications(), person, "result.view")
        assert seen.count() == count, person.username
    assert accounts.may(cast.planner, "result.publish", queries.list_due()[0].scope)
    assert not accounts.may(cast.officer_a, "result.publish", queries.list_due()[0].scope)


def test_days_left_are_working_days(cast: Cast, calendar: None) -> None:
    known = workdays.get_calendar()
    assert queries.count_days_left(date(2026, 7, 29), date(2026, 7, 27), known) == 2
    assert queries.count_days_left(date(2026, 7, 29), date(2026, 7, 31), known) == -2


def test_the_number_of_days_has_its_source(cast: Cast) -> None:
    number = queries.get_publish_within(TODAY)
    assert (int(number.value), number.is_ours) == (20, False) and "双随机" in number.source
