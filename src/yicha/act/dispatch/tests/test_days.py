"""Officers' days: the calendar behind a secret, and what it says and does not say."""

from __future__ import annotations

from datetime import date

from tests.cast import NOW, Cast
from yicha.act.dispatch import queries, services
from yicha.act.dispatch.tests.factories import (
    BOTH,
    DAY,
    approved,
    notified,
    prepared,
    ready,
    reschedule,
)
from yicha.base.accounts.models import User
from yicha.base.ledger import queries as ledger
from yicha.base.ledger.models import Entry
from yicha.know.registry.models import Officer
from yicha.know.registry.terms import DayPart
from yicha.know.visits import services as contacts


def feed_of(officer: Officer) -> str:
    return queries.write_feed(officer, NOW, ledger.count_by_subject)


def test_an_officer_has_a_calendar_behind_a_secret_that_can_be_revoked(cast: Cast) -> None:
    contact = ready(cast.noodle_shop)
    notified(contact)
    officer = Officer.objects.get(certificate="T-0001")
    secret = services.make_feed(actor="officer-a", now=NOW, officer=officer)
    found = queries.find_feed_officer(secret)
    assert found == officer and queries.find_feed_officer(secret + "x") is None
    text = feed_of(found).replace("\r\n ", "")
    assert f"UID:{contact.uuid}@yicha" in text and cast.noodle_shop.name in text and "T-0002" in text
    assert "甲一" not in text and "甲二" not in text and "STATUS:CONFIRMED" in text
    again = services.make_feed(actor="officer-a", now=NOW, officer=officer)
    assert queries.find_feed_officer(secret) is None and queries.find_feed_officer(again) == officer
    assert services.revoke_feed(actor="officer-a", now=NOW, officer=officer)
    assert queries.find_feed_officer(again) is None
    assert not services.revoke_feed(actor="officer-a", now=NOW, officer=officer)
    assert secret not in str(list(Entry.objects.values_list("body", flat=True)))


def test_an_officer_out_of_service_has_no_calendar(cast: Cast) -> None:
    officer = Officer.objects.get(certificate="T-0001")
    secret = services.make_feed(actor="officer-a", now=NOW, officer=officer)
    Officer.objects.filter(pk=officer.pk).update(active=False)
    assert queries.find_feed_officer(secret) is None
    Officer.objects.filter(pk=officer.pk).update(active=True)
    assert queries.find_feed_officer(secret) == officer
    User.objects.filter(certificate="T-0001").update(is_active=False)
    assert queries.find_feed_officer(secret) is None, "nor who may not sign in any more"


def sequence_of(feed: str) -> int:
    return int(feed.partition("SEQUENCE:")[2].split()[0])


def test_a_calendar_says_what_is_sure_and_numbers_what_changes(cast: Cast) -> None:
    contact = ready(cast.noodle_shop)
    row, officer = prepared(contact), Officer.objects.get(certificate="T-0001")
    first = feed_of(officer)
    assert "STATUS:TENTATIVE" in first and feed_of(officer) == first
    for agency in BOTH:
        services.approve(actor="head", now=NOW, dispatches=[row], agency=agency)
    reschedule(contact, date(2026, 7, 22), DayPart.AFTERNOON)
    moved = feed_of(officer)
    assert "DTSTART:20260722T060000Z" in moved and sequence_of(moved) > sequence_of(first)
    contacts.cancel_contacts(actor="office", now=NOW, because={contact.pk: "…"})
    ended = feed_of(officer)
    assert "STATUS:CANCELLED" in ended and f"UID:{contact.uuid}@yicha" in ended
    assert sequence_of(ended) > sequence_of(moved) and queries.list_visits_of(officer, DAY, DAY) == []


def test_a_calendar_betrays_no_visit_without_notice(cast: Cast) -> None:
    contact = ready(cast.noodle_shop, trigger="complaint")
    row = approved(contact, unannounced_because="投诉核查")
    feed = feed_of(Officer.objects.get(certificate="T-0001")).replace("\r\n ", "")
    assert row.number in feed and "不事先通知的检查" in feed
    assert cast.noodle_shop.name not in feed and "LOCATION" not in feed and "T-0002" not in feed
