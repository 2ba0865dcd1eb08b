"""Classes are internal. Whatever they are, nothing that is told outside changes, and nothing of it names one.

The same world is asked with every enterprise of one class after the other (A and D; the long tests add B and C), and
with other scores, reasons, warnings and models inside: every answer must be the same, byte for byte. So nobody outside
can learn a class, not even from what is missing. That the test can fail is tested too: leaks are planted, and caught.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import Client
from pytest_django.fixtures import Settings

from tests.cast import NOW, Cast
from tests.stories.outside import DOORS, Outside, answers, list_uuids, never_taken, unanswered
from yicha.act.dispatch import services as dispatching
from yicha.act.dispatch.tests import factories as dispatch
from yicha.base.accounts import services as accounts
from yicha.base.accounts.models import User
from yicha.base.accounts.terms import GrantFacts, Role
from yicha.base.messages import services as messages
from yicha.base.messages.queries import audience_of
from yicha.base.messages.terms import Channel, MailServer, Tls
from yicha.decide.gate.models import VisitCode
from yicha.decide.planning.tests import factories as planning
from yicha.doors.partners import problems
from yicha.doors.partners.policies import BUCKETS, POLICIES
from yicha.doors.partners.tests.factories import system
from yicha.doors.portal.pages import PortalView
from yicha.doors.public.pages import PublicPage
from yicha.ingest.exchange.models import Event
from yicha.kernel import clock
from yicha.kernel.internal import names_class
from yicha.kernel.refusal import Reason, Refused
from yicha.know.agreement import services as agreement
from yicha.know.agreement.terms import ConflictFiling, SideFacts
from yicha.know.credit import services as credit
from yicha.know.credit.models import ClassChange, ClassRun, CreditRecord, CreditWarning, RiskModel, Standing
from yicha.know.credit.services import repairs
from yicha.know.credit.terms import RecordFacts, RecordKind, Severity
from yicha.know.credit.terms.repairs import RepairRequest
from yicha.know.registry import services as registry
from yicha.know.registry.models import Enterprise, Officer
from yicha.know.registry.terms import DayPart, WishFacts, WishKind
from yicha.know.undisturbed import services as undisturbed
from yicha.know.undisturbed.models import Listing
from yicha.know.visits.models import Result
from yicha.share.publicity import services as publicity
from yicha.share.publicity.tests.factories import closed
from yicha.share.recognition.models import Certificate
from yicha.share.recognition.tests.factories import scene

LATER = NOW + timedelta(days=3)
SCORE = {"A": 710101, "B": 720202, "C": 730303, "D": 740404}
"""Points that stand nowhere else in the world, by class."""
PENALTY = "京通消罚〔2026〕%s号"
MODEL_WORDS = "只在模型里出现的话"
NOTHING_TO_DO = {("POST", "/gate/applications/{uuid}/completion")}
"""What is refused in this world, whatever is sent: its refusals are compared like all answers."""
INSIDE = re.compile(
    r"risk_class|class-letter|risk-class|credit_level|risk_level|contributions|red_lines"
    rf"|{MODEL_WORDS}|" + "|".join(map(str, SCORE.values()))
)
"""Names and numbers that only the inside knows."""


@pytest.fixture
def outside(cast: Cast, monkeypatch: pytest.MonkeyPatch, settings: Settings) -> Outside:
    """A world in which there is something on every page, and the day on which it is read."""
    mail = MailServer("127.0.0.1", 25, "yicha@example.org", Tls.OFF)
    settings.YICHA = replace(settings.YICHA, mail=mail)  # so that addresses can be given
    BUCKETS.forget()
    scene(cast, NOW)
    closed(cast.paint_factory, ("110115-fire",), now=NOW)
    publicity.publish_due(actor="planner", now=NOW)
    planning.ground(2)
    plan = planning.published()
    planning.opened()
    planning.drawn(plan)
    monkeypatch.setattr(clock, "now", lambda: LATER)
    feed = _announce_visit(cast)
    owner = _owner_of_all(cast)
    _say_when_and_where(cast, owner)
    _tell_records(cast, owner)
    _ask_for_lists(cast, owner)
    _file_conflict(cast, owner)
    own = system("110112-fire")
    own.post("/gate/applications", _application(cast.noodle_shop.uscc))
    own.post("/certificates", _certificate(cast.noodle_shop.uscc))
    Event.objects.update(
        transaction=1
    )  # as if told before this test's own transaction, so that they are readable
    read = own.get("/events").json()["cursor"]
    bodies = {**BODIES, "/events/acknowledgement": lambda code: {"cursor": read}}
    listed = Listing.objects.filter(state="listed").values_list("enterprise__uscc", flat=True)
    forms = {**FORMS, **{f"public:tokens:{name}": {"token": token} for name, token in _tokens()}}
    return Outside(cast, _signed_in(owner), own, bodies, forms, feed, frozenset(listed))


def _tokens() -> Iterator[tuple[str, str]]:
    """A code and a certificate, by the page on which they are checked."""
    yield "code", VisitCode.objects.latest("pk").token
    yield "certificate", Certificate.objects.latest("pk").token


def _owner_of_all(cast: Cast) -> User:
    for enterprise in Enterprise.objects.exclude(pk=cast.noodle_shop.pk):
        facts = GrantFacts(Role.ENTERPRISE, enterprise=enterprise.uscc)
        accounts.grant(actor="test", now=NOW, user=cast.owner, facts=facts)
    return User.objects.get(pk=cast.owner.pk)


def _signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def _announce_visit(cast: Cast) -> str:
    """A visit to come with its notice and its half day, and the secret of the calendar of who comes."""
    dispatch.notified(dispatch.ready(cast.paint_factory, ("110115-fire",)), now=LATER)
    return dispatching.make_feed(
        actor="officer-b", now=LATER, officer=Officer.objects.get(certificate="D-0001")
    )


def _say_when_and_where(cast: Cast, owner: User) -> None:
    """Half days that would suit, and an address for messages."""
    who, uscc = owner.username, cast.noodle_shop.uscc
    wish = WishFacts(WishKind.PREFERRED, 2, None, None, DayPart.AFTERNOON)
    registry.say_wish(actor=who, now=LATER, uscc=uscc, wish=wish, because="午市忙", most_closed=5)
    audience, channel = audience_of("enterprise", uscc), Channel.EMAIL
    messages.add_address(actor=who, now=LATER, audience=audience, channel=channel, address="shop@example.org")


def _tell_records(cast: Cast, owner: User) -> None:
    """Published records of two enterprises: one whose repair was asked for and sent back, one that has ended."""
    day = clock.today(NOW) - timedelta(days=20)
    for number, who in enumerate((cast.noodle_shop, cast.paint_factory, cast.paint_factory), start=1):
        facts = RecordFacts(
            uscc=who.uscc,
            kind=RecordKind.PENALTY,
            agency="110112-fire",
            reference=PENALTY % number,
            happened_on=day,
            effective_from=day,
            words="占用消防车通道",
            severity=Severity.MINOR,
            amount=Decimal(5000),
            is_published=True,
        )
        record = credit.record(actor="test", now=NOW, facts=facts)
    credit.end(actor="test", now=LATER, record=record, reason="复议撤销")
    request = RepairRequest("已改正", "照片三张", "0" * 64, has_pledged=True)
    first = CreditRecord.objects.get(enterprise=cast.noodle_shop)
    repair = repairs.apply(
        actor=owner.username, now=LATER, record=first, uscc=cast.noodle_shop.uscc, request=request
    )
    repairs.send_back(actor="clerk", now=LATER, repair=repair, words="缺少缴款书")


def _ask_for_lists(cast: Cast, owner: User) -> None:
    """One enterprise is on the undisturbed list, one has asked for it."""
    undisturbed.apply_for(actor=owner.username, now=LATER, uscc=cast.paint_factory.uscc, reason="五年无处罚")
    listed = Enterprise.objects.get(name="110112 饭店 0")
    Listing.objects.create(
        enterprise=listed,
        region=listed.region,  # type: ignore[misc]
        state="listed",
        since=NOW,
        weighed_at=NOW,
        listed_on=clock.today(NOW),
    )


def _file_conflict(cast: Cast, owner: User) -> None:
    first, second = SideFacts("fire-001", "门应上锁", ""), SideFacts("market-001", "门应敞开", "")
    filing = ConflictFiling("后门上锁还是敞开", first, second, "110112", "现场照片", cast.noodle_shop.uscc)
    agreement.file_conflict(actor=owner.username, now=LATER, filing=filing)


def _application(code: str) -> dict[str, Any]:
    today = clock.today(clock.now()).isoformat()
    return {
        "uscc": code,
        "items": ["fire-001"],
        "kind": "case",
        "trigger": "complaint",
        "evidence": "12345-20260702-1",
        "from_on": today,
        "until_on": today,
        "officers": ["T-0003", "T-0004"],
        "approved_by": "支队长",
    }


def _certificate(code: str) -> dict[str, Any]:
    found = Result.objects.filter(enterprise__uscc=code, agency__code="110112-fire")
    return {"results": [str(one.uuid) for one in found[:6]] or ["00000000-0000-0000-0000-000000000000"]}


def _record(code: str) -> dict[str, Any]:
    day = (clock.today(clock.now()) - timedelta(days=1)).isoformat()
    return {
        "uscc": code,
        "kind": "penalty",
        "reference": "新〔2026〕1号",
        "happened_on": day,
        "severity": "serious",
    }


def _result(code: str) -> dict[str, Any]:
    day = clock.today(clock.now()).isoformat()
    sent = {"item": "fire-001", "found_on": day, "result_code": "01", "evidence_sha256": "0" * 64}
    return {"uscc": code, "reference": "r-1", **sent}


BODIES: dict[str, Callable[[str], object]] = {
    "/gate/preview": _application,
    "/gate/applications": _application,
    "/gate/applications/{uuid}/completion": lambda code: {"approved_by": "支队长"},
    "/results": _result,
    "/certificates": _certificate,
    "/credit-records": _record,
    "/credit-records/{uuid}/correction": lambda code: {
        **_record(code),
        "reference": PENALTY % 1,
        "reason": "金额有误",
    },
    "/credit-records/{uuid}/ending": lambda code: {"reason": "复议撤销"},
}


HANDED_IN = {"grounds": "已改正", "evidence": "照片三张", "evidence_hash": "0" * 64, "has_pledged": "on"}
FORMS: dict[str, dict[str, str]] = {
    "portal:apply": {"reason": "五年无处罚"},
    "portal:read": {},
    "portal:ask_repair": HANDED_IN,
    "portal:repair_again": HANDED_IN,
    "portal:repair_withdraw": {},
    "portal:message_read": {},
    "portal:message_file": {},
    "portal:ask_slot": {"slot": "2026-07-21 am", "because": "当天盘点"},
    "portal:wish_add": {"kind": "preferred", "weekday": "3", "part": "am"},
    "portal:wish_remove": {},
    "portal:address_add": {"channel": "email", "address": "other@example.org"},
    "portal:address_remove": {},
    "portal:file": {
        "title": "后门上锁还是敞开",
        "a_item": "fire-001",
        "a_words": "门应上锁",
        "b_item": "market-001",
        "b_words": "门应敞开",
        "evidence": "现场照片",
    },
}


def classify(letter: str) -> None:
    """Everybody is of this class, with all that the inside keeps about it."""
    model, _ = RiskModel.objects.get_or_create(
        code="secret", version=1, defaults={"title": "t", "drafted_at": NOW, "drafted_by": "test"}
    )
    RiskModel.objects.filter(pk=model.pk).update(
        text=f"{MODEL_WORDS} {letter}", title=f"{MODEL_WORDS} {letter}"
    )
    run, _ = ClassRun.objects.get_or_create(model=model, on=clock.today(NOW), kind="asked", asked_at=NOW)
    Enterprise.objects.update(risk_class=letter)
    Standing.objects.all().delete()
    CreditWarning.objects.all().delete()
    ClassChange.objects.all().delete()
    for who in Enterprise.objects.all():
        given = {"enterprise": who, "model": model}
        score = SCORE[letter]
        Standing.objects.create(
            **given,
            run=run,
            on=run.on,
            risk_class=letter,
            general=score,
            specific=score,
            credit_level=1 + "ABCD".index(letter),
            risk_level=1 + "ABCD".index(letter),
            contributions=[score],
            red_lines=[MODEL_WORDS] if letter == "D" else [],
            computed_at=NOW,
        )
        if letter != "B":
            changed = {"from_class": "B", "to_class": letter, "on": run.on, "at": NOW, "because": "run:1"}
            ClassChange.objects.create(**given, **changed)
            facts = {"from": "B", "to": letter, "because": "run:1"}
            CreditWarning.objects.create(
                enterprise=who, kind="class-change", key=who.uscc, facts=facts, state="raised", raised_at=NOW
            )


def differences(
    outside: Outside, *doors: str, letters: str = "D", only: str = ""
) -> Iterator[tuple[str, str]]:
    """Addresses whose answers depend on the class, and the class with which they differ from class A."""
    classify("A")
    first = answers(outside, doors, only)
    for letter in letters:
        classify(letter)
        found = answers(outside, doors, only)
        for address in sorted(first.keys() | found.keys()):
            if first.get(address) != found.get(address):
                yield letter, address


def telling(found: dict[str, str]) -> list[tuple[str, str]]:
    """Addresses whose answers name a class, a score, or anything else that only the inside knows."""
    said = []
    for address, text in found.items():
        words = INSIDE.search(text)
        if words:
            said.append((address, words[0]))
        elif names_class(re.sub(r"<[^>]*>", " ", text)):
            said.append((address, "names a class"))
    return said


@pytest.mark.parametrize("letters", ["D", pytest.param("BC", marks=pytest.mark.slow)])
def test_no_answer_depends_on_a_class(outside: Outside, letters: str) -> None:
    assert list(differences(outside, *DOORS, letters=letters)) == []


def test_everything_is_asked_and_nothing_names_a_class(outside: Outside) -> None:
    """Every page of both doors showed something, every form and every route of the API were answered with success.

    None of all these answers names a class.
    """
    classify("C")
    found = answers(outside, DOORS)
    assert telling(found) == []
    assert unanswered("public", outside, found) == []
    assert unanswered("portal", outside, found) == []
    assert never_taken("portal", outside, found) == []
    for page in ("code", "certificate"):
        assert 'data-found="genuine"' in found[f"public fills /{page}/"]
    routes = {(method, route) for method, route in POLICIES if route != "/token"}
    succeeded = {
        (method, route)
        for method, route in routes
        if any(
            re.fullmatch(rf"api {method} {re.sub('{[^}]*}', '[^/ ]+', route)}( .*)?", address)
            and text[:1] == "2"
            for address, text in found.items()
        )
    }
    assert routes - succeeded == NOTHING_TO_DO
    assert len(list_uuids()) > 20
    assert '"cn.yicha.credit-record.published"' in found["api GET /events"]
    assert any(address.endswith("result.json") for address in found)


def test_a_listing_that_ends_with_the_class_does_not_say_why(outside: Outside) -> None:
    """The undisturbed list is for class A: who loses the class loses its effect, as by a penalty or a complaint."""
    (code,) = outside.listed
    for letter in "AD":
        classify(letter)
        answer = outside.system.post("/gate/preview", _application(code))
        assert answer.status_code == 200
        assert telling({letter: answer.content.decode()}) == []


# That the test can fail


def _class_of(code: str) -> str:
    found = Enterprise.objects.filter(uscc=code).first()
    return found.risk_class if found else ""


def test_a_class_on_a_page_of_the_portal_is_caught(outside: Outside, monkeypatch: pytest.MonkeyPatch) -> None:
    show = PortalView.show

    def leaking(self: Any, *given: Any, **more: Any) -> HttpResponse:
        answer = show(self, *given, **more)
        answer.content += f"<!-- {_class_of(self.kwargs.get('uscc', ''))} -->".encode()
        return answer

    monkeypatch.setattr(PortalView, "show", leaking)
    assert any(True for _found in differences(outside, "portal", only="portal:records"))


def test_a_refusal_of_a_form_that_depends_on_the_class_is_caught(
    outside: Outside, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Such as a list for class A whose application says at once whether it has a chance."""
    apply_for = undisturbed.apply_for

    def leaking(*, uscc: str, **given: Any) -> Any:
        if _class_of(uscc) == "D":
            raise Refused([Reason("test.no", "It has no chance.")])
        return apply_for(uscc=uscc, **given)

    monkeypatch.setattr(undisturbed, "apply_for", leaking)
    assert any(True for _found in differences(outside, "portal", only="portal:apply"))


def test_a_hint_in_what_is_missing_on_a_public_page_is_caught(
    outside: Outside, monkeypatch: pytest.MonkeyPatch
) -> None:
    show = PublicPage.show

    def leaking(self: Any, *given: Any, **more: Any) -> HttpResponse:
        if _class_of(self.kwargs.get("uscc", "")) == "D":
            return HttpResponse(status=404)
        return show(self, *given, **more)

    monkeypatch.setattr(PublicPage, "show", leaking)
    assert any(True for _found in differences(outside, "public"))


def test_a_class_in_an_answer_of_the_api_is_caught(outside: Outside, monkeypatch: pytest.MonkeyPatch) -> None:
    def leaking(value: dict[str, Any], *given: Any, **more: Any) -> HttpResponse:
        return problems.show({**value, "level": _class_of(str(value.get("uscc", "")))}, *given, **more)

    monkeypatch.setattr("yicha.doors.partners.routes.enterprises.show", leaking)
    assert any("/enterprises/" in address for _letter, address in differences(outside, "api"))


def test_words_that_are_the_same_for_every_class_are_caught_too(
    outside: Outside, monkeypatch: pytest.MonkeyPatch
) -> None:
    dispatch, planted = PublicPage.dispatch, [""]

    def leaking(self: Any, request: HttpRequest, *given: Any, **more: Any) -> Any:
        answer: Any = dispatch(self, request, *given, **more)
        if not answer.streaming and answer.status_code == 200:
            answer.content += planted[0].encode()
        return answer

    monkeypatch.setattr(PublicPage, "dispatch", leaking)
    classify("C")
    assert not telling({"/": Client().get("/").content.decode()})
    for words in ('<i class="class-letter">x</i>', "贵单位属于C类", "730303", MODEL_WORDS, "信用等级"):
        planted[0] = words
        assert telling({"/": Client().get("/").content.decode()}), words
