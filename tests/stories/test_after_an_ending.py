"""The invariant of repair: after a record's effect has ended, nothing in the product leans on it.

An enterprise is built of whom one record is used by everything: its class, a warning, its listing, a verdict of the
gate, planned visits of a round, the public page, the portal, partners. Then the record ends, and the whole product is
searched: every table for a mention of it, every address for a page that shows it. Only history may name it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from tests.cast import Cast, person
from yicha.base.accounts.models import User
from yicha.base.accounts.terms import GrantFacts, Role
from yicha.base.workdays import services as workdays
from yicha.decide.gate import queries as gate
from yicha.decide.gate import services as gate_services
from yicha.decide.gate.models import Application, VisitCode
from yicha.decide.gate.tests.stage import asked, items, visit
from yicha.decide.planning import queries as planning_queries
from yicha.decide.planning import services as planning
from yicha.decide.planning.models import Demand, Round
from yicha.decide.planning.terms import EntryDraft, PlanOwner
from yicha.doors.partners.tests.factories import System, system
from yicha.ingest.exchange import queries as exchange
from yicha.kernel import clock
from yicha.know.catalogue.models import ItemVersion
from yicha.know.credit import queries as credit
from yicha.know.credit import services as credit_services
from yicha.know.credit.models import CreditRecord, CreditWarning, Ending, RiskModel
from yicha.know.credit.queries import classes
from yicha.know.credit.queries.models import get_shipped
from yicha.know.credit.services import classing, repairs
from yicha.know.credit.terms import RecordFacts, RecordKind, Severity
from yicha.know.credit.terms.classes import RunKind
from yicha.know.credit.terms.repairs import RepairRequest, Use
from yicha.know.registry import services as registry
from yicha.know.undisturbed import services as undisturbed
from yicha.know.undisturbed.models import Listing
from yicha.know.visits.models import Contact
from yicha.share.repair import queries as receipts
from yicha.share.repair import services

REFERENCE = "京通市监罚〔2025〕731号"
WORDS = "虚假宣传一案"
DAY = timedelta(days=1)


@dataclass
class Used:
    """A record that everything leans on, and who looks."""

    cast: Cast
    record: CreditRecord
    listing: Listing
    application: Application
    round: Round
    partner: System
    approver: User
    now: datetime


@dataclass(frozen=True)
class Case:
    """What kind of record, how long it is published, and how it ends."""

    kind: RecordKind
    severity: Severity
    days: int
    how: str


CASES = {
    "a listing for serious violations is repaired": Case(
        RecordKind.SERIOUS_VIOLATION, Severity.SERIOUS, 400, "repair"
    ),
    "a penalty is repaired": Case(RecordKind.PENALTY, Severity.GENERAL, 120, "repair"),
    "an abnormal listing is removed": Case(RecordKind.ABNORMAL_LISTING, Severity.GENERAL, 5, "repair"),
    "a record comes to its maximum": Case(RecordKind.SERIOUS_VIOLATION, Severity.SERIOUS, 1090, "maximum"),
    "its agency lifts the decision": Case(RecordKind.SERIOUS_VIOLATION, Severity.SERIOUS, 40, "agency"),
}


@pytest.fixture
def used(cast: Cast, case: Case) -> Used:
    """Everything leans on the record: asserted here, so that the search later can fail."""
    now = clock.now()
    today = clock.today(now)
    approver = person("approver", "审批人", GrantFacts(Role.APPROVER, "110112-market", "110112"))
    partner = system()
    item = items()["food"]
    undisturbed.spare_item(
        actor="t",
        now=now,
        item=item.item.code,
        region="110112",
        in_force_from=today - 60 * DAY,
        source="办法",
    )
    listing = list_at_home(cast, now - 30 * DAY)
    RiskModel.objects.filter(pk=get_shipped().pk).update(state="in-force", in_force_from=today - 60 * DAY)
    classing.classify_all(actor="t", now=now - 20 * DAY, kind=RunKind.ASKED)
    record = credit_services.record(actor="t", now=now - 4 * DAY, facts=facts(cast, case, today))
    undisturbed.recheck(actor="t", now=now - 3 * DAY)
    listing.refresh_from_db()
    application = gate_services.apply(
        "t", now - DAY, asked(cast, from_on=today + 12 * DAY, until_on=today + 20 * DAY)
    )
    round_ = matched(cast, now, today)
    found = Used(cast, record, listing, application, round_, partner, approver, now)
    assert_everything_leans(found)
    return found


def list_at_home(cast: Cast, now: datetime) -> Listing:
    """On the undisturbed list, as a firm of the best class that files its reports."""
    shop, year = cast.noodle_shop, clock.today(now).year
    shop.risk_class, shop.registered_on = "A", date(2015, 5, 1)
    shop.save()
    for report in range(year - 3, year):
        on = date(report + 1, 3, 1)
        credit_services.record(
            actor="t",
            now=now,
            facts=RecordFacts(
                shop.uscc, RecordKind.ANNUAL_REPORT, "110112-market", f"年报{report}", on, on, year=report
            ),
        )
    made = undisturbed.nominate(actor="t", now=now, uscc=shop.uscc)
    return undisturbed.review(actor="t", now=now, listing=made)


def matched(cast: Cast, now: datetime, today: date) -> Round:
    """A round whose checks have their visits: one joins that of the application, the other one has its own.

    The shop was visited two months ago: of the best class, it would be left alone for a year.
    """
    workdays.seed(years=range(today.year, today.year + 2))
    versions = {row.item.code: row for row in ItemVersion.objects.select_related("item")}
    visit(cast.noodle_shop, cast.agency_a, today - 60 * DAY, versions["food"])
    registry.save_directory(
        actor="t", now=now, code="catering", name="餐饮服务单位", rule={"industries": ["H62"]}
    )
    quarter = (today.month + 2) // 3
    round_ = planning.open_round(actor="t", now=now, year=today.year, quarter=quarter, organiser="yizhuang")
    for agency, item, first in ((cast.agency_a, "label", 0), (cast.fire_a, "hose", 21)):
        made = planning.create_plan(
            actor="t",
            now=now,
            year=today.year,
            title="抽查计划",
            owner=PlanOwner(agency=agency.code),
            entries=[EntryDraft(quarter=quarter, directory="catering", items=(item,))],
        )
        Demand.objects.create(
            round=round_,
            entry=made.entries.get(),
            draw_id=f"d-{item}",
            enterprise=cast.noodle_shop,
            agency=agency,
            item_version=versions[item],
            window_from=today + first * DAY,
            window_to=today + (first + 20) * DAY,
            state="waiting",
        )
    planning.match(actor="t", now=now, round_=round_, partial=True)
    return round_


def facts(cast: Cast, case: Case, today: date) -> RecordFacts:
    day = today - timedelta(days=case.days)
    return RecordFacts(
        uscc=cast.noodle_shop.uscc,
        kind=case.kind,
        agency="110112-market",
        reference=REFERENCE,
        happened_on=day,
        effective_from=day,
        severity=case.severity,
        words=WORDS,
        is_published=True,
        published_on=day,
    )


def assert_everything_leans(used: Used) -> None:
    """The scene is worth searching."""
    assert used.listing.state == "suspended"
    assert used.application.state == "granted"
    visits = dict(Demand.objects.order_by("pk").values_list("draw_id", "contact"))
    assert used.application.contact_id == visits["d-label"] != visits["d-hose"]
    assert set(Contact.objects.exclude(state="made").values_list("state", flat=True)) == {"planned"}
    assert REFERENCE in public_page(used)
    assert REFERENCE in portal_page(used)
    assert REFERENCE in used.partner.get("/credit-records").content.decode()
    assert (
        credit.list_in_effect(used.cast.noodle_shop.uscc, clock.today(used.now))
        .filter(pk=used.record.pk)
        .exists()
    )
    explained = classes.explain(used.cast.noodle_shop.uscc, clock.today(used.now))
    assert f"credit:{used.record.code}" in repr(explained)
    used.cast.noodle_shop.refresh_from_db()
    assert used.cast.noodle_shop.risk_class in "BCD"


def public_page(used: Used) -> str:
    return Client().get(f"/enterprises/{used.cast.noodle_shop.uscc}/").content.decode()


def portal_page(used: Used) -> str:
    client = Client()
    client.force_login(used.cast.owner)
    return client.get(f"/portal/{used.cast.noodle_shop.uscc}/records/").content.decode()


def end(used: Used, how: str) -> None:
    """The record ends: repaired, at its maximum, or by its agency with the sweep that follows."""
    now = used.now
    if how == "maximum":
        used.now = now + 10 * DAY
        assert services.end_due(actor="yicha", now=used.now) == 1
        return
    if how == "agency":
        credit_services.end(actor="clerk", now=now, record=used.record, reason="处罚决定撤销")
        assert services.propagate_open(actor="yicha", now=now) == 1
        return
    request = RepairRequest("已改正", "企业档案", "a" * 64, True)
    repair = repairs.apply(
        actor="owner", now=now, record=used.record, uscc=used.cast.noodle_shop.uscc, request=request
    )
    repair = repairs.accept(actor="clerk", now=now, repair=repair)
    services.decide(actor="boss", now=now, repair=repair, is_granted=True, words="准予修复")
    assert repairs.answer(actor="clerk", now=now, repair=repair, words="已送达").state == "propagated"


pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("case", CASES.values(), ids=CASES.keys())
def test_after_an_ending_nothing_leans_on_the_record(used: Used, case: Case) -> None:
    end(used, case.how)
    assert_every_use_gave_its_receipt(used)
    assert_no_answer_leans(used)
    assert_only_history_names_it(used)
    assert_no_page_shows_it(used)
    assert services.propagate_open(actor="yicha", now=used.now) == 0


def assert_every_use_gave_its_receipt(used: Used) -> None:
    ending = Ending.objects.get(record=used.record)
    shown = {one.use: one for one in receipts.list_receipts(ending)}
    assert all(one.at is not None for one in shown.values())
    assert shown[Use.CLASS].detail["changed"] is True
    assert shown[Use.LISTING].detail["state"] == "listed"
    assert shown[Use.GATE].detail["applications"] == [str(used.application.uuid)]
    assert (shown[Use.VISITS].detail["demands"], shown[Use.VISITS].detail["changed"]) == (2, 2)
    assert len(shown[Use.VISITS].detail["cancelled"]) == 2
    assert shown[Use.PUBLIC].detail == {"was_published": True}
    told = exchange.find_event(shown[Use.PARTNERS].detail["event"])
    assert told is not None and told.type == "cn.yicha.credit-record.ended"
    assert "class" not in repr(told.data)


def assert_no_answer_leans(used: Used) -> None:
    """What is asked now, is answered without the record."""
    uscc, today = used.cast.noodle_shop.uscc, clock.today(used.now)
    code = f"credit:{used.record.code}"
    assert not credit.list_in_effect(uscc, today).filter(code=used.record.code).exists()
    assert code not in repr(classes.explain(uscc, today))
    standing = classes.find_standing(uscc)
    assert standing is not None and standing.red_lines == []
    assert not CreditWarning.objects.exclude(state="closed").filter(enterprise=used.cast.noodle_shop).exists()
    used.listing.refresh_from_db()
    assert (used.listing.state, used.listing.trigger) == ("listed", "")
    used.application.refresh_from_db()
    assert used.application.state == "reopened"
    assert not VisitCode.objects.filter(state="live").exists()
    others = Contact.objects.exclude(state="made").values_list("state", "spared_by")
    assert {state if not by else by.split(":")[0] for state, by in others} == {"cancelled", "deferred"}
    for demand in used.round.demands.select_related("screening"):
        assert demand.state == "deferred" and demand.screening is not None
        grounds = planning_queries.read_verdict(demand.screening).grounds
        assert "gate.class-a-rest" in {one.code for one in grounds}
    verdict, _facts = gate.preview(gate.read_asked(used.application), used.now)
    assert verdict.outcome == "refuse" and "gate.undisturbed" in {one.code for one in verdict.grounds}
    before = used.cast.noodle_shop.risk_class
    classing.classify_all(actor="t", now=used.now + DAY, kind=RunKind.ASKED)
    used.cast.noodle_shop.refresh_from_db()
    after = used.cast.noodle_shop.risk_class
    assert (before >= after, after) == (True, classes.find_standing(uscc).risk_class)  # type: ignore[union-attr]


HISTORY = {
    "ledger_entry": "",
    "credit_creditrecord": "state = 'in-effect'",
    "credit_ending": "",
    "credit_repair": "",
    "credit_repairstep": "",
    "credit_receipt": "",
    "credit_classchange": "",
    "credit_creditwarning": "state <> 'closed'",
    "exchange_event": "",
    "undisturbed_step": "",
}
"""Tables that may name the record, and which of their rows may not: those that still have an effect."""


def assert_only_history_names_it(used: Used) -> None:
    """Every column of every table, as text; and every row that refers to the record by a foreign key."""
    found = set()
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            effect = HISTORY.get(table)
            where = "" if not effect else f" AND {effect}"
            cursor.execute(
                f'SELECT count(*) FROM "{table}" t WHERE t::text ~ %s{where}',
                [f"{re.escape(REFERENCE)}|{used.record.uuid}"],
            )
            if cursor.fetchone()[0] and (effect is None or effect):
                found.add(table)
        cursor.execute(
            "SELECT conrelid::regclass::text FROM pg_constraint "
            "WHERE confrelid = 'credit_creditrecord'::regclass AND contype = 'f'"
        )
        referring = {table for (table,) in cursor.fetchall()}
    assert found == set(), "still names the record"
    assert referring <= set(HISTORY), "refers to records and is not known as history"


MAY_SHOW = re.compile(
    r"^(/desk/(credit|repairs|ledger|warnings|classes/changes)/|/desk/undisturbed/[0-9a-f-]{36}/"
    r"|/portal/[^/]+/(records|repairs)/)"
)
"""Pages of history: what was recorded and how it ended, steps that were taken, changes of class, who did what."""


def routes(resolver: URLResolver, before: str = "") -> Iterator[str]:
    for pattern in resolver.url_patterns:
        route = before + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from routes(pattern, route)
        elif isinstance(pattern, URLPattern):
            yield route


def addresses(used: Used) -> Iterator[str]:
    """Every address that is about this enterprise, about its application or listing, or about everybody."""
    given = {"uscc": used.cast.noodle_shop.uscc}
    objects = [used.application.uuid, used.listing.uuid, used.record.uuid]
    for route in routes(get_resolver()):
        names = set(re.findall(r"<(?:\w+:)?(\w+)>", route))
        if not names <= {"uscc", "uuid"} or re.search(r"[\\^$]", route):
            continue
        plain = re.sub(r"<(?:\w+:)?uscc>", given["uscc"], route)
        for one in objects if "uuid" in names else [""]:
            yield "/" + re.sub(r"<(?:\w+:)?uuid>", str(one), plain)


def assert_no_page_shows_it(used: Used) -> None:
    """As the public, as the owner, as an approver of the agency and as the coordinator: no page but history."""
    shown, seen = set(), 0
    desk = ("/portal/", "/account/", "/api/")
    closed = {None: ("/desk/", *desk), used.cast.owner: ("/desk/", "/account/", "/api/")}
    for user in (None, used.cast.owner, used.approver, used.cast.coordinator):
        client = Client()
        if user is not None:
            client.force_login(user)
        for address in sorted(set(addresses(used))):
            if address.startswith(closed.get(user, desk)):
                continue
            answer = client.get(address)
            text = answer.content.decode(errors="ignore") if not answer.streaming else ""
            seen += answer.status_code == 200
            if (REFERENCE in text or WORDS in text) and not MAY_SHOW.match(address):
                shown.add(address)
    assert seen > 60
    assert shown == set()
    assert REFERENCE not in public_page(used)
    assert REFERENCE not in used.partner.get("/credit-records").content.decode()
    whole = f"/enterprises/{used.cast.noodle_shop.uscc}"
    assert_answers_without(used.partner, whole)


def assert_answers_without(partner: System, path: str) -> None:
    answer: Any = partner.get(path)
    assert REFERENCE not in answer.content.decode() and WORDS not in answer.content.decode()
