"""Offering, refusing, revoking and certifying, with the real gate and the real agreement."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from django.db import ProgrammingError, transaction

from tests.cast import NOW, TODAY, Cast
from yicha.act.inspection import services as inspection
from yicha.act.inspection.terms import CheckResult
from yicha.act.inspection.tests.factories import opened, part
from yicha.base.keys import queries as keys
from yicha.base.ledger import queries as ledger
from yicha.kernel.refusal import Refused
from yicha.know.visits.models import Contact, Result
from yicha.know.visits.terms import ResultCode
from yicha.share.publicity.tests.factories import closed
from yicha.share.recognition import queries, services, verify_certificate
from yicha.share.recognition.models import (
    REACH_KINDS,
    REVOCATION_KINDS,
    Certificate,
    Reach,
    Refusal,
    Revocation,
)
from yicha.share.recognition.terms import ExternalResult, ReachKind, RevocationKind, Standing
from yicha.share.recognition.tests.factories import Scene, scene

WHY = "执法记录仪时间有误"


@pytest.fixture
def play(cast: Cast) -> Scene:
    return scene(cast)


def revoke(result: Result, kind: RevocationKind = RevocationKind.CORRECTED) -> Revocation:
    return services.revoke(actor="approver", now=NOW, result=result, because=WHY, kind=kind)


def codes(call: Callable[[], object]) -> tuple[str, ...]:
    with pytest.raises(Refused) as refused:
        call()
    return refused.value.codes


def test_what_a_closed_visit_found_is_offered_once(play: Scene) -> None:
    found = {row.item_version.item.code for row in Result.objects.all()}
    assert found == {"market-001", "market-002", "fire-001"}
    assert services.offer_visit(actor="x", now=NOW, visit=play.visit.uuid) == 0
    assert services.offer_closed(actor="x", now=NOW) == 0
    assert Result.objects.count() == 3


def test_the_job_offers_everything_that_was_closed_and_not_told(cast: Cast) -> None:
    closed(cast.noodle_shop, code=ResultCode.NO_PROBLEM)
    closed(cast.paint_factory, ("110115-fire",))
    assert services.offer_closed(actor="job", now=NOW) == 4
    assert services.offer_closed(actor="job", now=NOW) == 0


def test_an_open_part_offers_nothing_and_a_closed_one_does_not_wait_for_it(cast: Cast) -> None:
    visit = inspection.start_visit(actor="officer-a", now=NOW, visit=opened(cast.noodle_shop), on=TODAY)
    fire = part(visit, "110112-fire")
    found = {check.pk: CheckResult(ResultCode.NO_PROBLEM) for check in fire.checks.all()}
    inspection.record_results(actor="officer-a", now=NOW, part=fire, results=found)
    assert services.offer_visit(actor="x", now=NOW, visit=visit.uuid) == 0
    inspection.close_part(actor="officer-a", now=NOW, part=fire)
    assert services.offer_visit(actor="x", now=NOW, visit=visit.uuid) == 1
    assert Result.objects.get().agency == cast.fire_a


def test_who_was_not_reached_is_not_offered_as_checked(cast: Cast) -> None:
    closed(cast.noodle_shop, code=ResultCode.UNREACHABLE)
    assert services.offer_closed(actor="job", now=NOW) == 0


def test_a_corrected_part_is_revoked_and_offered_anew(cast: Cast) -> None:
    visit = inspection.start_visit(actor="officer-a", now=NOW, visit=opened(cast.noodle_shop), on=TODAY)
    fire = part(visit, "110112-fire")
    check = fire.checks.get()
    inspection.record_results(
        actor="officer-a", now=NOW, part=fire, results={check.pk: CheckResult(ResultCode.NO_PROBLEM)}
    )
    inspection.close_part(actor="officer-a", now=NOW, part=fire)
    services.offer_visit(actor="officer-a", now=NOW, visit=visit.uuid)
    first = Result.objects.get()
    later = NOW + timedelta(hours=1)
    inspection.reopen_part(actor="officer-a", now=later, part=fire, because=WHY)
    revoked = services.revoke_reopened(
        actor="officer-a", now=later, contact_items=[check.contact_item_id], because=WHY
    )
    assert [(one.result_id, one.kind) for one in revoked] == [(first.pk, "corrected")]
    assert services.offer_closed(actor="job", now=later) == 0  # the part is open
    again = later + timedelta(hours=1)
    inspection.record_results(
        actor="officer-a", now=again, part=fire, results={check.pk: CheckResult(ResultCode.NO_SUCH_ACTIVITY)}
    )
    inspection.close_part(actor="officer-a", now=again, part=fire)
    assert services.offer_visit(actor="officer-a", now=again, visit=visit.uuid) == 1
    first.refresh_from_db()
    second = Result.objects.get(state="offered")
    assert first.state == "revoked" and second.result_code == "02"
    assert second.evidence_hash != first.evidence_hash


def test_what_was_set_aside_on_appeal_does_not_come_back_by_itself(play: Scene) -> None:
    revoke(play.result, RevocationKind.APPEALED)
    assert services.offer_closed(actor="job", now=NOW + timedelta(days=1)) == 0


def test_a_refusal_is_kept_with_its_reason_and_binds_one_agency(play: Scene) -> None:
    row = services.refuse(
        actor="approver-b", now=NOW, result=play.result, agency=play.cast.agency_b, because=WHY
    )
    play.result.refresh_from_db()
    assert play.result.refused_by == ["110115-fire"] and play.result.state == "offered"
    assert (row.because, row.refused_by) == (WHY, "approver-b")
    assert ledger.list_entries_of(f"result:{play.result.uuid}")[0].act == "recognition.refused"
    assert play.ask("110115-fire").outcome != "recognise"
    assert play.ask("110302-fire").outcome == "recognise"


def test_a_refusal_brings_back_the_checks_of_who_refuses(play: Scene) -> None:
    own, other = play.ask("110115-fire"), play.ask("110302-fire")
    assert (own.outcome, other.outcome) == ("recognise", "recognise")
    services.refuse(actor="b", now=NOW, result=play.result, agency=play.cast.agency_b, because=WHY)
    own.refresh_from_db()
    other.refresh_from_db()
    assert (own.state, other.state) == ("reopened", "spared")
    states = dict(Contact.objects.filter(trigger="draw").values_list("lead_agency__code", "state"))
    assert (states["110115-fire"], states["110302-fire"]) == ("planned", "spared")
    assert {one.kind for one in queries.list_reached(play.result)} == {"contact", "application"}


def test_a_refusal_without_a_ground_is_refused_by_name(play: Scene) -> None:
    def refuse(agency: object, because: str = WHY) -> object:
        return services.refuse(actor="x", now=NOW, result=play.result, agency=agency, because=because)

    assert codes(lambda: refuse(play.cast.agency_b, " ")) == ("recognition.why",)
    assert codes(lambda: refuse(play.cast.fire_a)) == ("recognition.own-result",)
    refuse(play.cast.agency_b)
    assert codes(lambda: refuse(play.cast.agency_b)) == ("recognition.refused-already",)
    assert Refusal.objects.count() == 1


def test_without_an_agreement_there_is_nothing_to_refuse(cast: Cast) -> None:
    closed(cast.noodle_shop, code=ResultCode.NO_PROBLEM)
    services.offer_closed(actor="job", now=NOW)
    result = Result.objects.get(agency=cast.fire_a)
    assert codes(
        lambda: services.refuse(actor="x", now=NOW, result=result, agency=cast.agency_b, because=WHY)
    ) == ("recognition.not-offered",)


def test_a_revocation_needs_a_reason_and_happens_once(play: Scene) -> None:
    kind = RevocationKind.CORRECTED
    assert codes(lambda: services.revoke(actor="x", now=NOW, result=play.result, because=" ", kind=kind)) == (
        "recognition.why",
    )
    revoke(play.result)
    assert codes(lambda: revoke(play.result)) == ("result.state",)
    assert Revocation.objects.count() == 1


def test_a_revocation_leaves_a_receipt_for_everything_that_it_reached(play: Scene) -> None:
    application = play.ask("110115-fire")
    certificate = services.issue(actor="planner", now=NOW, results=[play.result])
    spared = Contact.objects.get(spared_by=f"result:{play.result.uuid}")
    revoke(play.result)
    reached = {
        one.kind: (one.subject, one.agency and one.agency.code) for one in queries.list_reached(play.result)
    }
    assert reached == {
        "contact": (str(spared.uuid), "110115-fire"),
        "application": (str(application.uuid), "110115-fire"),
        "certificate": (certificate.number, "110112-fire"),
    }
    entry = ledger.list_entries_of(f"result:{play.result.uuid}")[0]
    assert entry.body["reached"] == {"contact": 1, "demand": 0, "application": 1, "certificate": 1}


@pytest.mark.parametrize("broken", ["planning", "gate", "keep"])
def test_a_revocation_is_all_or_nothing(play: Scene, monkeypatch: pytest.MonkeyPatch, broken: str) -> None:
    application = play.ask("110115-fire")
    before = Contact.objects.get(spared_by=f"result:{play.result.uuid}")
    entries = ledger.count_entries()

    def fail(*_args: object, **_options: object) -> object:
        raise RuntimeError("the machine stops here")

    if broken == "keep":
        monkeypatch.setattr(Reach.objects, "bulk_create", fail)
    elif broken == "gate":
        monkeypatch.setattr("yicha.decide.gate.services.reopen_leaning_on", fail)
    else:
        monkeypatch.setattr("yicha.decide.planning.services.reopen_spared", fail)
    with pytest.raises(RuntimeError):
        revoke(play.result)
    play.result.refresh_from_db()
    before.refresh_from_db()
    application.refresh_from_db()
    assert (play.result.state, before.state, application.state) == ("offered", "spared", "spared")
    assert ledger.count_entries() == entries and not Revocation.objects.exists()


def test_what_happened_cannot_be_rewritten(play: Scene) -> None:
    revocation = revoke(play.result)
    for change in (
        lambda: Revocation.objects.filter(pk=revocation.pk).update(because="别的"),
        lambda: Revocation.objects.filter(pk=revocation.pk).delete(),
    ):
        with pytest.raises(ProgrammingError), transaction.atomic():
            change()


EXTERNAL = ExternalResult("110112-fire", "", "fire-001", TODAY, "01", "cd" * 32, "F-2026-7")


def test_a_result_of_another_system_is_taken_once(play: Scene) -> None:
    sent = replace(EXTERNAL, uscc=play.cast.chip_maker.uscc)
    with pytest.raises(Refused):  # 110112 is competent in the zone, an unknown code is nowhere
        services.offer_external(actor="api", now=NOW, sent=replace(sent, uscc="91110112MA9999999X"))
    result, is_new = services.offer_external(actor="api", now=NOW, sent=sent)
    same, again = services.offer_external(actor="api", now=NOW, sent=sent)
    assert (is_new, again, same.pk) == (True, False, result.pk)
    assert result.valid_until == TODAY + timedelta(days=180)
    changed = replace(sent, result_code="07")
    assert codes(lambda: services.offer_external(actor="api", now=NOW, sent=changed)) == (
        "recognition.reference-taken",
    )


def test_a_result_of_another_system_is_refused_outside_its_place_and_its_item(cast: Cast) -> None:
    play = scene(cast)
    sent = replace(EXTERNAL, uscc=play.cast.paint_factory.uscc)
    assert codes(lambda: services.offer_external(actor="api", now=NOW, sent=sent)) == (
        "recognition.not-your-place",
    )
    wrong = replace(EXTERNAL, uscc=play.cast.noodle_shop.uscc, item="market-001")
    assert codes(lambda: services.offer_external(actor="api", now=NOW, sent=wrong)) == (
        "recognition.not-your-item",
    )


def test_a_certificate_says_what_was_found_and_is_believed_by_its_key(play: Scene) -> None:
    found = services.issue_all(actor="planner", now=NOW, uscc=play.cast.noodle_shop.uscc)
    assert [one.number for one in found] == ["HR-110112-fire-2026-0001", "HR-110112-market-2026-0001"]
    checked = verify_certificate.check(found[0].token, keys.list_public_keys(NOW), NOW)
    assert checked.is_good and checked.kid == found[0].kid
    assert [line["evidence"] for line in checked.payload["results"]] == [play.result.evidence_hash]
    assert checked.payload["agreements"][0]["code"] == play.agreement.code
    second = services.issue(actor="planner", now=NOW, results=[play.result])
    assert second.number == "HR-110112-fire-2026-0002"


def test_nothing_is_certified_without_results_or_after_revocation(play: Scene) -> None:
    def issue_all(uscc: str) -> object:
        return services.issue_all(actor="x", now=NOW, uscc=uscc)

    assert codes(lambda: issue_all(play.cast.chip_maker.uscc)) == ("certificate.empty",)
    results = list(Result.objects.all())
    assert codes(lambda: services.issue(actor="x", now=NOW, results=results)) == ("certificate.mixed",)
    revoke(play.result)
    assert codes(lambda: services.issue(actor="x", now=NOW, results=[play.result])) == ("certificate.over",)
    assert not Certificate.objects.exists()


def test_the_state_of_a_certificate_is_that_of_its_results(play: Scene) -> None:
    certificate = services.issue(actor="planner", now=NOW, results=[play.result])
    payload = queries.read_payload(certificate)
    good = queries.get_certificate_state(payload, TODAY)
    assert (good.is_known, good.is_good, good.is_changed) == (True, True, False)
    over = queries.get_certificate_state(payload, play.result.valid_until + timedelta(days=1))
    assert (over.is_good, over.results[0].standing) == (False, Standing.ENDED)
    revoke(play.result)
    bad = queries.find_certificate_state(certificate.digest, TODAY)
    assert (bad.is_known, bad.is_good, bad.is_changed) == (True, False, True)
    assert (bad.results[0].standing, bad.results[0].revoked_on) == (Standing.REVOKED, TODAY)
    unknown = queries.get_certificate_state({**payload, "id": "no uuid"}, TODAY)
    assert not unknown.is_known and not unknown.is_good


def test_a_kind_of_reach_has_its_words() -> None:
    assert set(REACH_KINDS) == set(ReachKind) and set(REVOCATION_KINDS) == set(RevocationKind)
