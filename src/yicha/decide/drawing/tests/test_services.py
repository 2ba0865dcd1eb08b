"""A draw step by step: what each step does, records and refuses."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import IntegrityError, transaction

from yicha.base.ledger import queries as ledger
from yicha.decide.drawing import queries, services, verify_draw
from yicha.decide.drawing.models import Draw
from yicha.decide.drawing.rules import objects, quotas
from yicha.decide.drawing.services import engine
from yicha.decide.drawing.terms import BeaconKind, BeaconSpec, DrawKind, Member, StratumSpec
from yicha.decide.drawing.tests import factories
from yicha.decide.drawing.tests.factories import ACTOR, AFTER, AGENCIES, BEACON, DEADLINE, NOW, STRATA
from yicha.kernel.refusal import Refused

pytestmark = pytest.mark.django_db


def codes(refused: pytest.ExceptionInfo[Refused]) -> tuple[str, ...]:
    return refused.value.codes


def acts(draw: Draw) -> list[str]:
    return [entry.act for entry in ledger.list_entries_of(f"draw:{draw.draw_id}").order_by("seq")]


def holds(draw: Draw, folder: Path) -> bool:
    services.export(draw=draw, folder=folder)
    return all(holds for holds, _, _ in verify_draw.verify(folder, draw.manifest_hash))


def test_a_draw_from_its_number_to_its_verified_files(tmp_path: Path) -> None:
    draw = factories.drawn(factories.published())
    assert (draw.draw_id, draw.state) == ("110302-2026-0001", "drawn")
    members = [Member(*row) for row in factories.population()]
    strata = quotas.with_quotas([(row.id, row.rate) for row in STRATA], objects.sizes_of(members))
    expected = objects.select(draw.seed, members, strata)
    assert [row[:3] for row in queries.list_selection(draw)] == [tuple(row) for row in expected]
    assert queries.list_targets(draw) == queries.list_selection(draw)
    assert acts(draw) == [
        f"draw.{act}" for act in ("opened", "committed", "frozen", "published", "revealed", "drawn")
    ]
    assert holds(draw, tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "SHA256SUMS",
        "exclusions.tsv",
        "manifest.json",
        "population.tsv",
        "result.json",
        "verify_draw.py",
    ]
    frozen = ledger.list_entries_of(f"draw:{draw.draw_id}").get(act="draw.frozen")
    assert frozen.body["manifest_hash"] == draw.manifest_hash


def test_a_draw_of_officers(tmp_path: Path) -> None:
    draw = factories.drawn(factories.published_officers())
    assert len(queries.list_assignment(draw)) == sum(task.need for task in factories.tasks())
    assert holds(draw, tmp_path)
    assert not (tmp_path / "reasons.tsv").exists()
    ((commitment, salt, *why),) = queries.list_reasons(draw)
    assert why == ["v000", "110112-fire", "fire-0", "recusal"]
    assert salt not in "".join(path.read_text(encoding="utf-8") for path in tmp_path.iterdir())
    assert len(commitment) == 64


def test_large_populations_go_through_the_engine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine, "FROM_ROWS", 10)
    assert holds(factories.drawn(factories.published()), tmp_path)


def test_numbers_have_no_gaps_and_name_the_draw_before() -> None:
    first, second = factories.published(), factories.published()
    assert (second.number, second.previous) == (2, first)
    assert queries.get_manifest(second)["previous_draw"] == {
        "draw_id": first.draw_id,
        "manifest_hash": first.manifest_hash,
    }
    year_later = services.open_draw(
        actor=ACTOR,
        now=NOW.replace(year=2027),
        organiser="110302",
        kind=DrawKind.OBJECTS,
        title="t",
        plan_id="p",
        participants=AGENCIES,
        beacon=factories.DEMONSTRATION,
        reveal_deadline=DEADLINE.replace(year=2027),
    )
    assert (year_later.draw_id, year_later.previous) == ("110302-2027-0001", second)


def test_the_draw_before_must_be_frozen_or_void(tmp_path: Path) -> None:
    first, second = factories.opened(), factories.committed(factories.opened())
    freeze = {
        "actor": ACTOR,
        "now": NOW,
        "draw": second,
        "population": factories.population(),
        "exclusions": [],
        "strata": STRATA,
    }
    with pytest.raises(Refused) as refused:
        services.freeze_objects(**freeze)  # type: ignore[arg-type]
    assert codes(refused) == ("draw.previous-open",)
    services.void(actor=ACTOR, now=NOW, draw=first, agency=AGENCIES[0], reason="opened by mistake")
    draw = services.freeze_objects(**freeze)  # type: ignore[arg-type]
    assert queries.get_manifest(draw)["previous_draw"] == {"draw_id": first.draw_id, "manifest_hash": None}
    assert holds(services.publish(actor=ACTOR, now=NOW, draw=draw), tmp_path)


def test_what_cannot_open_is_refused() -> None:
    with pytest.raises(Refused) as refused:
        services.open_draw(
            actor=ACTOR,
            now=NOW,
            organiser="市 局",
            kind=DrawKind.OBJECTS,
            title=" ",
            plan_id="p",
            participants=[],
            beacon=BeaconSpec(BeaconKind.LOTTERY, "双色球 2026075", "6/33+1/16"),
            reveal_deadline=NOW,
        )
    assert codes(refused) == (
        "draw.words",
        "draw.agency-form",
        "draw.participants",
        "draw.deadline",
        "draw.entropy",
    )


def test_commitments_are_given_once() -> None:
    draw = factories.committed(factories.opened())
    with pytest.raises(Refused) as refused:
        services.commit(actor=ACTOR, now=NOW, draw=draw, agency=AGENCIES[0], commitment="0" * 64)
    assert codes(refused) == ("draw.committed",)
    with pytest.raises(Refused) as refused:
        services.commit(actor=ACTOR, now=NOW, draw=draw, agency="stranger", commitment="x")
    assert codes(refused) == ("draw.commitment-form", "draw.participant-unknown")


def test_who_has_not_committed_is_named_or_left_out(tmp_path: Path) -> None:
    draw = factories.opened()
    for agency in AGENCIES[:2]:
        text = services.commitment_of(draw.draw_id, agency, factories.reveal_of(agency))
        services.commit(actor=agency, now=NOW, draw=draw, agency=agency, commitment=text)
    with pytest.raises(Refused) as refused:
        services.freeze_objects(
            actor=ACTOR, now=NOW, draw=draw, population=factories.population(), exclusions=[], strata=STRATA
        )
    assert codes(refused) == ("draw.not-committed",)
    assert "110302-health" in str(refused.value)
    services.freeze_objects(
        actor=ACTOR,
        now=NOW,
        draw=draw,
        population=factories.population(),
        exclusions=[],
        strata=STRATA,
        leave_out=AGENCIES[2:],
    )
    services.publish(actor=ACTOR, now=NOW, draw=draw)
    with pytest.raises(Refused) as refused:
        services.reveal(actor=ACTOR, now=NOW, draw=draw, agency=AGENCIES[2], reveal="0" * 64)
    assert codes(refused) == ("draw.participant-unknown",)
    for agency in AGENCIES[:2]:
        services.reveal(actor=agency, now=NOW, draw=draw, agency=agency, reveal=factories.reveal_of(agency))
    assert holds(services.run(actor=ACTOR, now=NOW, draw=draw, beacon=BEACON), tmp_path)


def test_everything_wrong_with_a_freeze_is_named_at_once() -> None:
    draw = factories.committed(factories.opened())
    with pytest.raises(Refused) as refused:
        services.freeze_objects(
            actor=ACTOR,
            now=NOW,
            draw=draw,
            population=[("k1", "s"), ("K1", "s"), ("k2", "t")],
            exclusions=[("k3", "friend")],
            strata=[StratumSpec("s", "", "w", "5%")],
        )
    assert codes(refused) == (
        "draw.key-case",
        "draw.rate",
        "draw.stratum-unknown",
        "draw.words",
        "draw.exclusion-code",
    )
    with pytest.raises(Refused) as refused:
        services.freeze_officers(
            actor=ACTOR,
            now=NOW,
            draw=draw,
            tasks=[("v", "a", 2)],
            eligibility=[("v", "a", "p"), ("v", "a", "q")],
            reasons=[("v", "a", "r", "friend")],
            load_cap=1,
        )
    assert codes(refused) == ("draw.kind", "draw.reason-code")


def test_an_infeasible_draw_of_officers_is_refused_before_the_seed() -> None:
    draw = factories.committed(factories.opened(DrawKind.OFFICERS))
    with pytest.raises(Refused) as refused:
        services.freeze_officers(
            actor=ACTOR,
            now=NOW,
            draw=draw,
            tasks=[("v1", "a", 2), ("v2", "a", 2)],
            eligibility=[("v1", "a", "p"), ("v1", "a", "q"), ("v2", "a", "p")],
            reasons=[],
            load_cap=2,
        )
    assert codes(refused) == ("draw.infeasible",)
    assert "visits: v2" in str(refused.value)


def test_nothing_personal_is_frozen() -> None:
    draw = factories.committed(factories.opened())
    with pytest.raises(Refused) as refused:
        services.freeze_objects(
            actor=ACTOR,
            now=NOW,
            draw=draw,
            population=[("110101199003071233", "s"), ("13812345678", "s")],
            exclusions=[],
            strata=[StratumSpec("s", "电话 13812345678", "w", "1")],
        )
    assert codes(refused) == ("draw.personal-data",) * 3
    assert "13812345678" not in str(refused.value)


def test_reveals_are_taken_until_the_deadline_and_must_match() -> None:
    draw = factories.published()
    agency = AGENCIES[0]
    with pytest.raises(Refused) as refused:
        services.reveal(actor=agency, now=NOW, draw=draw, agency=agency, reveal="0" * 64)
    assert codes(refused) == ("draw.reveal-mismatch",)
    services.reveal(actor=agency, now=NOW, draw=draw, agency=agency, reveal=factories.reveal_of(agency))
    with pytest.raises(Refused) as refused:
        services.run(actor=ACTOR, now=DEADLINE, draw=draw, beacon=BEACON)
    assert codes(refused) == ("draw.reveals-open",)
    late = DEADLINE + timedelta(seconds=1)
    with pytest.raises(Refused) as refused:
        services.reveal(
            actor=ACTOR, now=late, draw=draw, agency=AGENCIES[1], reveal=factories.reveal_of(AGENCIES[1])
        )
    assert codes(refused) == ("draw.reveal-late",)
    draw = services.run(actor=ACTOR, now=late, draw=draw, beacon=BEACON)
    result = json.loads(queries.find_result(draw) or b"")
    assert [row["reveal"] == "withheld" for row in result["reveals"]] == [False, True, True]


def test_a_draw_runs_once() -> None:
    draw = factories.published()
    assert queries.list_selection(draw) == []
    assert queries.find_result(draw) is None
    draw = factories.drawn(draw)
    with pytest.raises(Refused) as refused:
        services.run(actor=ACTOR, now=AFTER, draw=draw, beacon="another")
    assert codes(refused) == ("draw.state",)


def test_a_beacon_in_another_form_is_refused() -> None:
    draw = factories.published()
    with pytest.raises(Refused) as refused:
        services.run(actor=ACTOR, now=AFTER, draw=draw, beacon="two\nlines")
    assert codes(refused) == ("draw.beacon-form",)


def replace(draw: Draw, key: str, code: str = "closed") -> str:
    proposal = services.propose_replacement(
        actor="officer", now=AFTER, draw=draw, key=key, code=code, evidence="photo 7"
    )
    for person in ("approver-1", "approver-2"):
        proposal = services.approve_replacement(actor=person, now=AFTER, replacement=proposal)
    return proposal.by


def test_replacement_then_supplement(tmp_path: Path) -> None:
    draw = factories.drawn(factories.published())
    key = next(row.key for row in queries.list_selection(draw) if row.stratum == "110112-1")
    chain = [key]
    while chain[-1]:
        chain.append(replace(draw, chain[-1]))
    size = draw.strata.get(code="110112-1").size
    assert len(chain) - 2 == size // 20 == 2
    assert holds(draw, tmp_path)
    before = len(queries.list_targets(draw))
    supplement = services.announce_supplement(
        actor=ACTOR, now=AFTER, draw=draw, beacon=BeaconSpec(BeaconKind.DICE, "dice at the office")
    )
    assert supplement.quotas == {"110112-1": 1}
    assert holds(draw, tmp_path)
    with pytest.raises(Refused) as refused:
        services.announce_supplement(actor=ACTOR, now=AFTER, draw=draw, beacon=factories.DEMONSTRATION)
    assert codes(refused) == ("draw.supplement-empty", "draw.supplement-open")
    services.run_supplement(actor=ACTOR, now=AFTER, supplement=supplement, beacon="01234567890123456789")
    (found,) = [row for row in queries.list_targets(draw) if row.origin == "supplement-1"]
    assert found.key not in chain
    assert len(queries.list_targets(draw)) == before + 1
    assert replace(draw, found.key) == ""
    assert holds(draw, tmp_path)
    with pytest.raises(Refused) as refused:
        services.run_supplement(actor=ACTOR, now=AFTER, supplement=supplement, beacon="x")
    assert codes(refused) == ("draw.beacon-form", "draw.supplement-drawn")


def test_a_replacement_needs_two_others() -> None:
    draw = factories.drawn(factories.published())
    key = queries.list_selection(draw)[0].key
    with pytest.raises(Refused) as refused:
        services.propose_replacement(
            actor="officer", now=AFTER, draw=draw, key="nobody", code="friend", evidence=""
        )
    assert codes(refused) == ("draw.replacement-code", "draw.replacement-key", "draw.words")
    proposal = services.propose_replacement(
        actor="officer", now=AFTER, draw=draw, key=key, code="closed", evidence="photo"
    )
    for person in ("officer", "approver", "approver"):
        if person == "officer":
            with pytest.raises(Refused) as refused:
                services.approve_replacement(actor=person, now=AFTER, replacement=proposal)
            assert codes(refused) == ("draw.replacement-person",)
    services.approve_replacement(actor="approver", now=AFTER, replacement=proposal)
    with pytest.raises(Refused) as refused:
        services.approve_replacement(actor="approver", now=AFTER, replacement=proposal)
    assert codes(refused) == ("draw.replacement-person",)
    with pytest.raises(Refused) as refused:
        services.propose_replacement(
            actor="officer", now=AFTER, draw=draw, key=key, code="closed", evidence="photo"
        )
    assert codes(refused) == ("draw.replacement-open",)
    assert queries.list_targets(draw) == queries.list_selection(draw)
    services.refuse_replacement(actor="approver", now=AFTER, replacement=proposal)
    with pytest.raises(Refused) as refused:
        services.approve_replacement(actor="other", now=AFTER, replacement=proposal)
    assert codes(refused) == ("draw.replacement-closed",)
    assert replace(draw, key, "moved")


def test_a_void_draw_stays_in_public(tmp_path: Path) -> None:
    draw = factories.drawn(factories.published())
    with pytest.raises(Refused) as refused:
        services.void(actor=ACTOR, now=AFTER, draw=draw, agency="stranger", reason="电话 13812345678")
    assert codes(refused) == ("draw.personal-data", "draw.participant-unknown")
    draw = services.void(actor=ACTOR, now=AFTER, draw=draw, agency=AGENCIES[0], reason="the wrong population")
    assert draw.state == "void"
    assert holds(draw, tmp_path)
    assert {"void.json", "result.json"} <= {path.name for path in tmp_path.iterdir()}
    assert queries.list_selection(draw)
    assert draw in queries.list_public_draws()
    with pytest.raises(Refused):
        services.propose_replacement(actor=ACTOR, now=AFTER, draw=draw, key="k", code="closed", evidence="e")


def test_two_agencies_sign_the_second_void_of_a_plan() -> None:
    for expected in (["void"], ["opened", "void"]):
        draw = factories.opened(plan_id="the same")
        states = [
            services.void(actor=ACTOR, now=NOW, draw=draw, agency=agency, reason="once more").state
            for agency in AGENCIES[: len(expected)]
        ]
        assert states == expected
    draw = factories.opened(plan_id="the same")
    services.void(actor=ACTOR, now=NOW, draw=draw, agency=AGENCIES[0], reason="r")
    with pytest.raises(Refused) as refused:
        services.void(actor=ACTOR, now=NOW, draw=draw, agency=AGENCIES[0], reason="r")
    assert codes(refused) == ("draw.void-signed",)


def test_nothing_is_exported_before_the_publication(tmp_path: Path) -> None:
    draw = factories.committed(factories.opened())
    with pytest.raises(Refused) as refused:
        services.export(draw=draw, folder=tmp_path)
    assert codes(refused) == ("draw.not-published",)
    assert queries.find_public_draw(draw.draw_id) is None
    assert draw not in queries.list_public_draws()


def test_the_export_looks_once_more_for_personal_numbers(tmp_path: Path) -> None:
    draw = factories.drawn(factories.published())
    draw = services.void(actor=ACTOR, now=AFTER, draw=draw, agency=AGENCIES[0], reason="the wrong population")
    draw.void_signatures.update(reason="ask 13812345678")
    with pytest.raises(Refused) as refused:
        services.export(draw=draw, folder=tmp_path / "out")
    assert codes(refused) == ("draw.personal-data",)
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("state", ["opened", "published", "drawn", "void"])
def test_steps_out_of_order_are_refused(state: str) -> None:
    makers: dict[str, Callable[[], Draw]] = {
        "opened": factories.opened,
        "published": factories.published,
        "drawn": lambda: factories.drawn(factories.published()),
        "void": lambda: services.void(
            actor=ACTOR, now=NOW, draw=factories.opened(), agency=AGENCIES[0], reason="r"
        ),
    }
    draw = makers[state]()
    steps: dict[str, Callable[[], object]] = {
        "commit": lambda: services.commit_all(actor=ACTOR, now=NOW, draw=draw, commitments={}),
        "publish": lambda: services.publish(actor=ACTOR, now=NOW, draw=draw),
        "reveal": lambda: services.reveal_all(actor=ACTOR, now=NOW, draw=draw, reveals={}),
        "run": lambda: services.run(actor=ACTOR, now=AFTER, draw=draw, beacon=BEACON),
        "supplement": lambda: services.announce_supplement(
            actor=ACTOR, now=AFTER, draw=draw, beacon=factories.DEMONSTRATION
        ),
    }
    possible: dict[str, set[str]] = {
        "opened": {"commit"},
        "published": {"reveal", "run"},
        "drawn": {"supplement"},
        "void": set(),
    }
    for name, do in steps.items():
        if name not in possible[state]:
            with pytest.raises(Refused) as refused:
                do()
            assert codes(refused) == ("draw.state",), name


def test_the_database_refuses_a_drawn_draw_without_seed() -> None:
    draw = factories.published()
    with pytest.raises(IntegrityError), transaction.atomic():
        Draw.objects.filter(pk=draw.pk).update(state="drawn")
