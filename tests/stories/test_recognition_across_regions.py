"""What 通州 found spares checks in two other regions; it is revoked, and everything that leaned on it comes back."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import OperationalError, connection, transaction
from django.test import Client
from django.urls import reverse

from tests.cast import Cast, person
from yicha.act.inspection import queries as inspection
from yicha.act.inspection.tests import factories as visits_of_cast
from yicha.base.accounts.models import User
from yicha.base.accounts.terms import GrantFacts, Role
from yicha.decide.gate.models import Application
from yicha.kernel import clock
from yicha.know.visits import services as visit_services
from yicha.know.visits.models import Contact, Result
from yicha.know.visits.terms import ContactKind, PlannedItem, SparedContact
from yicha.share.recognition import queries, services
from yicha.share.recognition.models import Certificate, Reach, Revocation
from yicha.share.recognition.terms import RevocationKind
from yicha.share.recognition.tests.factories import Scene, scene

WHY = "现场记录时间有误，检查结果更正"
REGIONS = ("110115-fire", "110302-fire")


@pytest.fixture
def play(cast: Cast) -> Scene:
    return scene(cast, clock.now())


def as_(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def approver(agency: str) -> User:
    """Who may refuse and revoke for an agency."""
    return person(f"approver-{agency}", "审批人", GrantFacts(Role.APPROVER, agency, agency[:6]))


def revoke(play: Scene) -> Revocation:
    return services.revoke(
        actor="approver", now=play.now, result=play.result, because=WHY, kind=RevocationKind.CORRECTED
    )


def text(client: Client, url: str) -> str:
    response = client.get(url)
    assert response.status_code == 200, (url, response.status_code)
    return str(response.content.decode())


def test_a_revocation_reaches_every_region_that_leaned_on_the_result(play: Scene) -> None:
    asked = [play.ask(agency) for agency in REGIONS]
    spared = Contact.objects.filter(spared_by=f"result:{play.result.uuid}")
    assert [one.outcome for one in asked] == ["recognise", "recognise"]
    assert sorted(spared.values_list("lead_agency__code", flat=True)) == sorted(REGIONS)
    checks = list(spared)

    revoke(play)

    for check in checks:
        check.refresh_from_db()
        assert (check.state, check.spared_by) == ("planned", ""), "a check that was spared is planned again"
        assert check.planned_on is not None and check.window_from <= check.planned_on <= check.window_to
    for application in asked:
        application.refresh_from_db()
        assert application.state == "reopened", "a verdict that leaned on it says so"
    reached = Reach.objects.filter(revocation__result=play.result)
    assert sorted(reached.values_list("kind", flat=True)) == ["application"] * 2 + ["contact"] * 2
    assert set(reached.values_list("agency__code", flat=True)) == set(REGIONS)
    again = play.ask("110115-fire")
    assert again.outcome != "recognise", "the next verdict does not recognise it"
    assert str(play.result.uuid) not in [str(one) for one in again.leans_on]


@pytest.mark.django_db(transaction=True)
def test_a_connection_that_dies_in_the_middle_leaves_nothing_behind(
    play: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = play.ask("110115-fire")

    def die(*_args: object, **_options: object) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_terminate_backend(pg_backend_pid())")

    monkeypatch.setattr(Reach.objects, "bulk_create", die)
    with pytest.raises(OperationalError):
        revoke(play)
    connection.close()
    play.result.refresh_from_db()
    asked.refresh_from_db()
    assert (play.result.state, asked.state) == ("offered", "spared")
    assert Contact.objects.filter(spared_by=f"result:{play.result.uuid}").count() == 1
    assert not Revocation.objects.exists()
    monkeypatch.undo()
    revoke(play)
    asked.refresh_from_db()
    assert asked.state == "reopened" and Reach.objects.count() == 2


class _Deadlock(Exception):
    sqlstate = "40P01"


@pytest.mark.django_db(transaction=True)
def test_a_revocation_that_met_a_deadlock_is_done_again_from_the_beginning(
    play: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    play.ask("110115-fire")
    keep = Reach.objects.bulk_create
    tried: list[int] = []

    def twice(*args: Any, **options: Any) -> Any:
        tried.append(1)
        if len(tried) < 3:
            raise OperationalError from _Deadlock()
        return keep(*args, **options)

    monkeypatch.setattr(Reach.objects, "bulk_create", twice)
    revoke(play)
    assert len(tried) == 3 and Reach.objects.count() == 2
    assert Revocation.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_a_check_that_is_being_spared_while_the_result_is_revoked_is_not_missed(play: Scene) -> None:
    """Whoever spares a check holds the result: the revocation waits for it, and then finds it."""
    today = clock.today(play.now)
    wish = SparedContact(
        uscc=play.cast.noodle_shop.uscc,
        agency="110115-fire",
        kind=ContactKind.DAILY,
        trigger="draw",
        window_from=today,
        window_to=today + timedelta(days=30),
        items=[PlannedItem("110115-fire", play.result.item_version_id, "gate:x")],
        spared_by=f"result:{play.result.uuid}",
    )
    failed: list[Exception] = []
    with transaction.atomic():
        visit_services.spare_contacts(actor="b", now=play.now, spared=[wish])
        thread = threading.Thread(target=_in_thread(lambda: revoke(play), failed))
        thread.start()
        assert _somebody_waits(), "the revocation did not wait for the check"
    thread.join(30)
    assert not failed and not thread.is_alive()
    assert Contact.objects.get(trigger="draw", lead_agency__code="110115-fire").state == "planned"


def _in_thread(work: Callable[[], object], failed: list[Exception]) -> Callable[[], None]:
    def run() -> None:
        try:
            work()
        except Exception as error:
            failed.append(error)
        finally:
            connection.close()

    return run


def _somebody_waits() -> bool:
    for _ in range(2400):
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT count(*) FROM pg_stat_activity "
                "WHERE wait_event_type = 'Lock' AND datname = current_database()"
            )
            if cursor.fetchone()[0]:
                return True
        time.sleep(0.05)
    return False


def test_an_agency_of_a_member_region_sees_the_result_and_refuses_it_on_the_desk(play: Scene) -> None:
    client = as_(approver("110115-fire"))
    url = reverse("desk:recognition:object", args=[play.result.uuid])
    listed = text(client, reverse("desk:recognition:list"))
    assert url in listed and "老面馆" in listed
    assert url in text(client, reverse("desk:recognition:list") + "?whose=offered&state=valid")
    assert url not in text(client, reverse("desk:recognition:list") + "?whose=own")
    assert play.result.evidence_hash[:4] in text(client, url)
    form = reverse("desk:recognition:refuse", args=[play.result.uuid])
    empty = client.post(form, {"agency": "110115-fire", "because": " "})
    assert empty.status_code == 422
    assert client.post(form, {"agency": "110115-fire", "because": WHY})["Location"] == url
    assert WHY in text(client, url)
    assert client.get(form).status_code == 404, "an agency refuses once"
    assert client.get(reverse("desk:recognition:revoke", args=[play.result.uuid])).status_code == 404


def test_without_an_agreement_another_region_sees_nothing(cast: Cast) -> None:
    now = clock.now()
    play = scene(cast, now)
    play.agreement.shares = ["undisturbed"]
    play.agreement.save()
    client = as_(approver("110115-fire"))
    url = reverse("desk:recognition:object", args=[play.result.uuid])
    assert client.get(url).status_code == 404
    assert url not in text(client, reverse("desk:recognition:list"))
    assert as_(cast.stranger).get(url).status_code == 404
    assert as_(cast.owner).get(url).status_code == 404


def test_who_found_it_revokes_it_on_the_desk_and_reads_whom_it_reached(play: Scene) -> None:
    asked = play.ask("110115-fire")
    client = as_(approver("110112-fire"))
    form = reverse("desk:recognition:revoke", args=[play.result.uuid])
    assert client.get(form).status_code == 200
    assert client.post(form, {"kind": "corrected", "because": ""}).status_code == 422
    url = client.post(form, {"kind": "corrected", "because": WHY})["Location"]
    page = text(client, url)
    assert WHY in page and str(asked.uuid) in page and "大兴区消防救援支队" in page
    assert client.post(form, {"kind": "corrected", "because": WHY}).status_code == 409
    for tab in ("happened", "history"):
        text(client, reverse("desk:recognition:tab", args=[play.result.uuid, tab]))


def test_a_planner_issues_a_certificate_and_takes_both_files(play: Scene) -> None:
    planner = person("planner-fire", "计划员", GrantFacts(Role.PLANNER, "110112-fire", "110112"))
    client = as_(planner)
    form = reverse("desk:recognition:certify", args=[play.result.uuid])
    text(client, form)
    url = client.post(form, {"results": [str(play.result.uuid)]})["Location"]
    number = Certificate.objects.get().number
    assert number in text(client, url)
    pdf = client.get(reverse("desk:recognition:pdf", args=[number]))
    assert pdf["Content-Type"] == "application/pdf" and pdf.content.startswith(b"%PDF")
    signed = json.loads(client.get(reverse("desk:recognition:json", args=[number])).content)
    assert signed["certificate"]["number"] == number
    other = as_(approver("110115-fire"))
    assert number in text(other, url), "a member region reads what was certified of an offered result"
    assert other.post(form, {"results": [str(play.result.uuid)]}).status_code == 404
    assert as_(play.cast.stranger).get(url).status_code == 404
    revoke(play)
    assert "不再有效" in text(client, url)


def test_closing_a_part_on_the_desk_offers_it_and_opening_it_again_revokes_it(cast: Cast) -> None:
    today = clock.today(clock.now())
    visit = visits_of_cast.opened(cast.noodle_shop, on=today)
    client = as_(cast.officer_a)
    client.post(reverse("desk:visits:start", args=[visit.uuid]), {"visited_on": today.isoformat()})
    part = visits_of_cast.part(visit, "110112-market")
    answers = {f"check-{check.pk}": "01" for check in part.checks.all()}
    record = reverse("desk:visits:record", args=[visit.uuid, "110112-market"])
    assert client.post(record, {**answers, "close": "1"}).status_code == 302
    assert set(Result.objects.values_list("state", flat=True)) == {"offered"}
    assert Result.objects.count() == len(answers)
    again = reverse("desk:visits:reopen", args=[visit.uuid, "110112-market"])
    assert client.post(again, {"because": WHY}).status_code == 302
    assert set(Result.objects.values_list("state", flat=True)) == {"revoked"}
    assert client.post(record, {**answers, "close": "1"}).status_code == 302
    states = sorted(Result.objects.values_list("state", flat=True))
    assert states == ["offered"] * len(answers) + ["revoked"] * len(answers)
    assert inspection.find_visit(visit.uuid) is not None


def test_a_result_that_nobody_leaned_on_reaches_nobody(play: Scene) -> None:
    asked = play.ask("110115-fire")
    assert [str(one) for one in asked.leans_on] == [str(play.result.uuid)]
    other = Result.objects.exclude(pk=play.result.pk).first()
    assert other is not None
    services.revoke(actor="x", now=play.now, result=other, because=WHY, kind=RevocationKind.APPEALED)
    asked.refresh_from_db()
    assert asked.state == "spared"
    assert not queries.list_reached(other).exists()
    assert Application.objects.filter(state="reopened").count() == 0
